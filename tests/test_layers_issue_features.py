"""An issue as GeoJSON: what it says, what is null, and what hangs on the time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from cities import small_city
from hypothesis import given
from hypothesis import strategies as st
from stores import NOON, an_issue

from layers.generation import load_live
from layers.issue_features import Names, collection, feature, head, names_of, tail
from layers.life_cycle import State
from layers.time_limits import HOUR_US, is_overdue
from layers.times import time_text

NAMES = Names({"0118": {"zh": "路灯", "en": "Street light"}}, {"A/A00": "格00"}, {"lamps": "路灯管理所"})
ISSUE = an_issue(due_us=NOON + HOUR_US, flags="far,photo_elsewhere")


def _said(issue: object = ISSUE, now_us: int = NOON) -> dict:  # type: ignore[type-arg]
    return json.loads(feature(issue, NAMES, now_us))  # type: ignore[arg-type,no-any-return]


def test_a_feature_says_what_the_issue_is_and_what_its_codes_are_called() -> None:
    """All of it: so nothing else can slip in."""
    assert _said() == {
        "type": "Feature",
        "id": ISSUE.uid,
        "geometry": {"type": "Point", "coordinates": [120.8, 32.0]},
        "properties": {
            "number": ISSUE.number, "status": "received", "queue": "to_dispatch",
            "category": "0118", "category_name": {"zh": "路灯", "en": "Street light"},
            "cell_code": "A00", "cell_name": "格00", "cell_path": "A/A00",
            "owner_id": "lamps", "owner_name": "路灯管理所",
            "asset_kind": "street_light", "asset_id": "L1",
            "certainty": "certain", "owner_share": 0.97, "generation": "0001",
            "flags": ["far", "photo_elsewhere"], "merged_into": None, "report_count": 1,
            "claimed_by": None, "claimed_until": None, "version": 1, "seq": 1,
            "created_at": "2026-11-21T04:00:00.000000Z", "updated_at": "2026-11-21T04:00:00.000000Z",
            "due_at": "2026-11-21T05:00:00.000000Z", "overdue": False,
        },
    }  # fmt: skip


def test_what_there_is_none_of_and_what_has_no_name_is_null() -> None:
    bare = an_issue(
        category="", lng=None, lat=None, cell_code="", cell_path="", owner_id=None, asset_kind=None,
        asset_id=None, certainty="", owner_share=None, generation="",
    )  # fmt: skip
    said = _said(bare)
    assert said["geometry"] is None
    known = {"number", "status", "queue", "flags", "report_count", "version", "seq", "overdue"}
    known |= {"created_at", "updated_at"}
    assert {name for name, value in said["properties"].items() if value is not None} == known
    assert said["properties"]["queue"] == "unassigned"
    strange = _said(an_issue(category="9999", cell_path="Z/Z1", owner_id="of another generation"))
    names = ("category_name", "cell_name", "owner_name")
    assert [strange["properties"][name] for name in names] == [None] * 3


def test_zero_degrees_are_a_place() -> None:
    assert _said(an_issue(lng=0.0, lat=0.0))["geometry"]["coordinates"] == [0.0, 0.0]


@pytest.mark.parametrize(
    "shape",
    [
        shapely.LineString([(120.1, 32.123456789012345), (120.2, 32.1)]),
        shapely.box(0, 0, 1, 1).difference(shapely.box(0.2, 0.2, 0.4, 0.4)),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]),
    ],
)
def test_a_line_or_an_area_stands_for_the_position_to_the_last_digit(shape: shapely.Geometry) -> None:
    said = _said(an_issue(geometry=shapely.to_wkb(shape)))["geometry"]
    assert shapely.from_geojson(json.dumps(said)).equals_exact(shape, tolerance=0.0)


@given(
    st.sampled_from([*State]), st.none() | st.integers(NOON - 2, NOON + 2), st.integers(NOON - 3, NOON + 3)
)
def test_only_the_tail_hangs_on_the_time(status: State, due_us: int | None, now_us: int) -> None:
    issue = an_issue(status=status.value, due_us=due_us)
    late = is_overdue(status, due_us, now_us)
    assert feature(issue, NAMES, now_us) == head(issue, NAMES) + tail(late)
    assert _said(issue, now_us)["properties"]["overdue"] is late


def test_a_collection_has_its_members_and_the_features_as_they_are() -> None:
    features = [feature(ISSUE, NAMES, NOON), feature(replace(ISSUE, uid="other"), NAMES, NOON)]
    said = collection(features, cursor="bzE", next=None, number_returned=2)
    assert all(each in said for each in features)
    assert json.loads(said) == {
        "type": "FeatureCollection", "cursor": "bzE", "next": None, "number_returned": 2,
        "features": [json.loads(each) for each in features],
    }  # fmt: skip
    assert json.loads(collection([])) == {"type": "FeatureCollection", "features": []}


@given(st.integers(0, 4 * 10**15), st.integers(0, 4 * 10**15))
def test_times_sort_as_texts(one: int, other: int) -> None:
    assert (time_text(one) < time_text(other)) == (one < other)


def test_a_generation_names_its_categories_cells_and_owners(tmp_path: Path) -> None:
    names = names_of(load_live(small_city(tmp_path)))
    assert names.cells["B/B13"] == "格13"
    assert names.owners["lamps"] == "路灯管理所"
    assert names.categories["0118"]["zh"]
    assert set(names.categories["0118"]) == {"zh", "en"}


def test_a_claim_says_whose_it_is_and_until_when() -> None:
    said = _said(an_issue(claimed_by="Li", claimed_us=NOON))["properties"]
    assert (said["claimed_by"], said["claimed_until"]) == ("Li", "2026-11-21T04:30:00.000000Z")
