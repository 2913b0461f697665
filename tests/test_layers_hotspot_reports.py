"""Hotspots of what a city has stored: merged issues are one, rejected ones none, moved ones lie elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cities import at
from issue_desk import IssueDesk
from stores import NOON, desk, new_issue, new_report, opened

from geo.errors import CityError
from layers.coded import coded_words
from layers.generation import Generation
from layers.hotspot_analysis import Beside, analyse
from layers.hotspot_question import ask
from layers.hotspot_reports import NOBODY, ReportedPoints, people
from layers.hotspot_stored import read_reported, stored_reports
from layers.store import Store
from layers.store.filing import Filing, file_report
from layers.store.values import Private


def read(store: Store) -> ReportedPoints:
    with store.reading() as connection:
        return read_reported(connection)


def told(store: Store, uid: str, **said: object) -> None:
    """Another report of an issue."""
    filing = Filing(new_report(**said), uid)
    store.write(lambda connection: file_report(connection, filing, desk()))


def names(points: ReportedPoints) -> list[str]:
    return [str(name) for name in points.issue_ids[points.issue]]


def test_a_report_says_where_when_of_what_by_whom_and_of_which_asset(at_desk: IssueDesk) -> None:
    uid = at_desk.report(at(0.5, 0.5))
    points = read(at_desk.store)
    assert len(points) == 1
    assert (points.lng[0], points.lat[0]) == at(0.5, 0.5)
    assert points.occurred_us[0] == NOON
    assert points.category.decoded().tolist() == ["0118"]
    assert points.channel.decoded().tolist() == ["wechat"]
    assert points.asset.decoded().tolist() == ["street_light L0"]
    assert names(points) == [at_desk.issue(uid).number]
    assert points.reporter[0] == NOBODY


def test_reports_of_one_issue_share_it_and_people_are_told_apart(at_desk: IssueDesk) -> None:
    uid = at_desk.report(at(0.5, 0.5))
    for who in ("ann", "bob", "ann", ""):
        told(at_desk.store, uid, private=Private(reporter=who))
    points = read(at_desk.store)
    assert len(points) == 5
    assert len(set(points.issue)) == 1
    assert points.reporter[1] == points.reporter[3] != points.reporter[2]
    assert points.reporter[[0, 4]].tolist() == [NOBODY, NOBODY]


def test_rejected_issues_do_not_count(at_desk: IssueDesk) -> None:
    uid = at_desk.report(at(0.5, 0.5))
    other = at_desk.report(at(1.5, 0.5))
    at_desk.do(uid, "reject", reason="no such lamp")
    assert names(read(at_desk.store)) == [at_desk.issue(other).number]


def test_merged_issues_count_as_the_one_they_were_merged_into_however_often(at_desk: IssueDesk) -> None:
    first, second, third = (at_desk.report(at(0.5 + step, 0.5)) for step in (0, 0.001, 0.002))
    at_desk.do(third, "merge", into=second)
    at_desk.do(second, "merge", into=first)
    points = read(at_desk.store)
    assert len(points) == 3
    assert set(names(points)) == {at_desk.issue(first).number}
    assert set(points.lng) == {at(0.5, 0)[0]}
    at_desk.do(first, "reject", reason="no such lamp")
    assert len(read(at_desk.store)) == 0


def test_a_moved_issue_lies_where_it_was_moved_to(at_desk: IssueDesk) -> None:
    uid = at_desk.report(at(0.5, 0.5))
    lng, lat = at(3.5, 1.2)
    at_desk.do(uid, "move", lng=lng, lat=lat)
    points = read(at_desk.store)
    assert (points.lng[0], points.lat[0]) == (lng, lat)
    found = analyse(at_desk.generation, points, ask("Asia/Shanghai"), Beside(False, False, False))
    frame = found.tables[0].frame.set_index("cell_code")
    assert frame.loc["B13", "reports"] == 1
    assert frame["reports"].sum() == 1


def test_an_issue_without_a_position_lies_nowhere(at_desk: IssueDesk) -> None:
    filing = Filing(new_report(lng=None, lat=None), new_issue(lng=None, lat=None, cell_code="", cell_path=""))
    at_desk.store.write(lambda connection: file_report(connection, filing, desk()))
    points = read(at_desk.store)
    assert np.isnan(points.lng).tolist() == [True]
    found = analyse(at_desk.generation, points, ask("Asia/Shanghai"))
    assert found.tables[0].frame["reports"].sum() == 0


def test_a_store_without_reports_has_none(generation: Generation, tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        points = read(store)
    assert len(points) == len(points.issue_ids) == 0
    assert len(stored_reports(tmp_path)) == 0
    found = analyse(generation, points, ask("Asia/Shanghai", categories=["each"]))
    assert set(found.tables[0].frame["class"]) == {"not significant"}


def test_a_city_that_nothing_was_reported_to_says_so(tmp_path: Path) -> None:
    with pytest.raises(CityError):
        stored_reports(tmp_path)


def test_stored_reports_are_read_while_the_service_writes(at_desk: IssueDesk, tmp_path: Path) -> None:
    uid = at_desk.report(at(0.5, 0.5))
    assert len(stored_reports(tmp_path)) == 1
    told(at_desk.store, uid)
    assert len(stored_reports(tmp_path)) == 2


def test_people_are_numbered_by_name_whatever_the_order_of_rows() -> None:
    names_ = ["zoe", "", "ann", "zoe", "bob"]
    one, other = people(coded_words(names_)), people(coded_words(names_[::-1]))[::-1]
    assert one.tolist() == other.tolist()
    assert one[1] == NOBODY
    assert one[0] == one[3] != one[2]
