"""An issue says of its place and owner what the answer says, and nothing where that says nothing."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from layers.answers import answer_frame
from layers.assign import Assignments, assign
from layers.generation import Generation
from layers.issue_fields import fields_of
from layers.proof import prove
from layers.store.values import IssueChanges, NewIssue
from tests.cities import at


def fields(answers: Assignments, row: int = 0) -> IssueChanges:
    return fields_of(answers, row, prove(answers, row))


def test_the_fields_say_what_the_columns_of_answers_say(generation: Generation) -> None:
    places = np.array([at(1.5, 0.5), at(0.2, 1.5), at(3.4, 0.6), at(1.99, 1.2)])
    answers = assign(generation, *places.T, category=["0118", "E0105", "", "0118"], accuracy_m=[0, 20, 0, 60])
    frame = answer_frame(answers)
    for row, said in enumerate(frame.to_dict("records")):
        found = fields(answers, row)
        for name in ("cell_code", "cell_path", "certainty", "lng", "lat"):
            assert found[name] == said[name], (row, name)  # type: ignore[literal-required]
        for name in ("owner_id", "asset_kind", "asset_id"):
            assert (found[name] or "") == said[name], (row, name)  # type: ignore[literal-required]
        assert found["owner_share"] == pytest.approx(said["owner_share"], abs=6e-4)


def test_an_issue_without_a_position_is_nobodys(generation: Generation) -> None:
    found = fields(assign(generation, [np.nan], [np.nan], category=["0118"]))
    assert (found["lng"], found["lat"], found["geometry"]) == (None, None, None)
    assert (found["cell_code"], found["cell_path"], found["certainty"]) == ("", "", "")
    assert (found["owner_id"], found["owner_share"], found["asset_kind"], found["asset_id"]) == (None,) * 4


def test_a_reported_line_is_the_geometry_and_an_area_to_search_in_is_not(generation: Generation) -> None:
    line = shapely.LineString([at(0.2, 0.5), at(0.8, 0.5)])
    area = shapely.box(*at(0.2, 0.2), *at(0.6, 0.6))
    nowhere = [np.nan, np.nan]
    answers = assign(generation, nowhere, nowhere, shape=[line, area], extent=[True, False])
    assert shapely.from_wkb(fields(answers, 0)["geometry"]) == line
    assert fields(answers, 1)["geometry"] is None
    assert fields(answers, 1)["lng"] is not None  # a point of it is the position


def test_the_fields_are_those_of_a_new_issue(generation: Generation) -> None:
    found = fields(assign(generation, *np.atleast_2d(at(0.5, 0.5)).T))
    assert NewIssue(**found).generation == "draft"
    assert NewIssue(**found).assignment == found["assignment"]
