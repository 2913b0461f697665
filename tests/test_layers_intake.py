"""Reports come in: nothing is lost, nothing is stored twice, and every answer says whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cities import at
from live_cities import NOON, ZONE, live_city, report, words_only
from photo_files import photo_at

from api.report_model import ReportIn
from geo.errors import ConflictError, NotFoundError, ReusedKeyError, StoreUnavailableError
from layers.intake import Outcome, RequestKey, file_reports, propose
from layers.live import LiveCity
from layers.store.filters import IssueFilter
from layers.store.issues import read_issue
from layers.store.private import read_privates


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveCity]:
    with live_city(tmp_path / "city") as city:
        yield city


def file_one(live: LiveCity, *reports: object, **options: object) -> Outcome:
    (outcome,) = file_reports(live, list(reports), actor="desk", at_us=NOON, **options)  # type: ignore[arg-type]
    return outcome


def open_numbers(live: LiveCity) -> int:
    return len(live.open.page(IssueFilter(status=("received",)), now_us=NOON).features)


def test_a_report_is_answered_and_stored_with_whose_it_is(live: LiveCity) -> None:
    outcome = file_one(live, report(text="路灯不亮", reporter="u1", contact="138"))
    assert outcome.outcome == "opened"
    assert outcome.issue is not None
    assert (outcome.issue.owner_id, outcome.issue.cell_path) == ("lamps", "A/A00")
    assert (outcome.issue.asset_kind, outcome.issue.asset_id) == ("street_light", "L0")
    assert outcome.due_us == outcome.issue.due_us
    with live.store.reading() as connection:
        record = read_issue(connection, outcome.issue.number)
        (private,) = read_privates(connection, outcome.issue.uid).values()
    assert record is not None
    assert record.issue == outcome.issue
    assert (private.text, private.reporter, private.contact) == ("路灯不亮", "u1", "138")
    assert open_numbers(live) == 1


def test_what_cannot_be_located_waits_without_an_owner(live: LiveCity) -> None:
    outcome = file_one(live, words_only("不知道在哪里"))
    assert outcome.issue is not None
    assert outcome.issue.owner_id is None
    assert live.open.page(IssueFilter(status=("received",), unassigned=True), now_us=NOON).features


def test_a_name_in_the_text_is_a_place_where_nothing_else_is(live: LiveCity) -> None:
    outcome = file_one(live, words_only("怡居小区门口有垃圾", category="0126"))
    assert outcome.issue is not None
    assert outcome.issue.owner_id == "wuye"


def test_a_photo_gives_the_position_where_none_is_declared(live: LiveCity) -> None:
    photo = photo_at(*at(0.5, 0.5))
    outcome = file_one(live, ReportIn(category="0118").incoming(ZONE, [photo]))
    assert outcome.issue is not None
    assert outcome.issue.cell_code == "A00"
    assert (live.photos / photo.file_name).read_bytes() == photo.data


def test_a_photo_from_elsewhere_is_flagged_and_both_places_kept(live: LiveCity) -> None:
    photo = photo_at(*at(3.5, 1.5))
    lng, lat = at(0.5, 0.5)
    outcome = file_one(live, ReportIn(lng=lng, lat=lat).incoming(ZONE, [photo]))
    assert outcome.flags == ("photo_elsewhere",)
    assert outcome.issue is not None
    with live.store.reading() as connection:
        (private,) = read_privates(connection, outcome.issue.uid).values()
    assert '"source":"photo"' in private.sources


def test_a_photo_from_the_same_place_is_not_flagged(live: LiveCity) -> None:
    lng, lat = at(0.5, 0.5)
    outcome = file_one(live, ReportIn(lng=lng, lat=lat).incoming(ZONE, [photo_at(lng, lat)]))
    assert outcome.flags == ()


def test_words_that_name_another_place_are_flagged(live: LiveCity) -> None:
    assert file_one(live, report(3.5, 0.5, text="怡居小区的灯")).flags == ("text_elsewhere",)
    assert file_one(live, report(2.0, 1.0, text="怡居小区的灯")).flags == ()


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "cgcs2000", "EPSG:4549"])
def test_every_datum_leads_to_the_same_issue(live: LiveCity, datum: str) -> None:
    from geo.crs import from_wgs84, parse_reference

    lng, lat = at(0.5, 0.5)
    x, y = from_wgs84([lng], [lat], parse_reference(datum))
    said = ReportIn(lng=float(x[0]), lat=float(y[0]), datum=datum, category="0118")
    outcome = file_one(live, said.incoming(ZONE))
    assert outcome.issue is not None
    assert outcome.issue.lng == pytest.approx(lng, abs=1e-8)
    assert outcome.issue.asset_id == "L0"


def test_the_same_external_id_is_the_same_report(live: LiveCity) -> None:
    first = file_one(live, report(external_id="X1"))
    again = file_one(live, report(external_id="X1"))
    other = file_one(live, report(external_id="X1", text="something else"))
    assert again.outcome == "repeated"
    assert again.issue == first.issue
    assert isinstance(other.error, ConflictError)
    assert open_numbers(live) == 1


def test_the_same_key_gets_the_same_answer_and_another_body_none(live: LiveCity) -> None:
    key = RequestKey("desk", "k1", "d1")
    told = [
        file_one(live, report(), keys=[key], tell=lambda outcome: outcome.report_uid.encode()).told
        for _ in range(2)
    ]
    assert told[0] == told[1] != b""
    other = file_one(live, report(), keys=[RequestKey("desk", "k1", "d2")], tell=lambda _: b"")
    assert isinstance(other.error, ReusedKeyError)
    assert open_numbers(live) == 1


def test_a_key_within_one_group_counts_once(live: LiveCity) -> None:
    """Two of the same request may wait together."""
    key = RequestKey("desk", "k1", "d1")
    outcomes = file_reports(
        live, [report(), report()], actor="desk", at_us=NOON, keys=[key, key],
        tell=lambda outcome: outcome.report_uid.encode(),
    )  # fmt: skip
    assert outcomes[0].told == outcomes[1].told != b""
    assert open_numbers(live) == 1


def test_a_report_joins_the_issue_it_names_or_is_refused(live: LiveCity) -> None:
    first = file_one(live, report())
    assert first.issue is not None
    joined = file_one(live, report(issue=first.issue.number))
    assert joined.outcome == "joined"
    assert joined.issue is not None
    assert (joined.issue.uid, joined.issue.report_count) == (first.issue.uid, 2)
    assert isinstance(file_one(live, report(issue="nothing")).error, NotFoundError)


def test_a_second_telling_of_one_problem_is_suspected_not_merged(live: LiveCity) -> None:
    first = file_one(live, report(text="路灯不亮了"))
    second = file_one(live, report(text="路灯不亮"))
    assert first.issue is not None
    assert [one.number for one in second.suspects] == [first.issue.number]
    assert "same_asset" in second.suspects[0].reasons
    assert open_numbers(live) == 2


def test_tellings_that_come_together_are_suspected_too(live: LiveCity) -> None:
    outcomes = file_reports(
        live, [report(text="路灯不亮了"), report(text="路灯不亮")], actor="desk", at_us=NOON
    )
    assert [len(outcome.suspects) for outcome in outcomes] == [0, 1]


def test_nothing_is_stored_of_what_is_only_proposed(live: LiveCity) -> None:
    (outcome,) = propose(live, [report()], NOON)
    assert outcome.outcome == "proposed"
    assert outcome.proof is not None
    assert open_numbers(live) == 0


def test_a_line_that_was_reported_is_the_geometry_of_its_issue(live: LiveCity) -> None:
    line = {"type": "LineString", "coordinates": [list(at(0.2, 1.5)), list(at(1.8, 1.5))]}
    outcome = file_one(live, ReportIn(geometry=line, geometry_is="extent", category="E0105").incoming(ZONE))
    assert outcome.issue is not None
    assert outcome.issue.geometry is not None
    assert outcome.issue.owner_id == "water"


def test_memory_is_the_same_after_a_restart(tmp_path: Path) -> None:
    with live_city(tmp_path) as live:
        file_reports(live, [report(i, 0.5) for i in range(4)], actor="desk", at_us=NOON)
        before = live.open.page(IssueFilter(status=("received",)), now_us=NOON).features
    with live_city(tmp_path) as live:
        assert live.open.page(IssueFilter(status=("received",)), now_us=NOON).features == before


def test_a_late_report_is_answered_by_the_generation_of_its_day(tmp_path: Path) -> None:
    from datetime import date

    from cities import bring, point
    from live_cities import NOW, published_city

    from layers.publish import publish

    city = published_city(tmp_path)
    bring(city, "asset:street_light", [(point(0.5, 0.5), {"code": "L0", "owner": "newowner"})], owner="owner")
    publish(city, now=NOW, effective=date(2026, 12, 1))
    with live_city(tmp_path) as live:
        late = file_one(live, report(occurred_at="2026-11-22T08:00:00+08:00"))
        new = file_one(live, report(occurred_at="2026-12-02T08:00:00+08:00"))
    assert late.issue is not None
    assert new.issue is not None
    assert (late.issue.owner_id, late.issue.generation) == ("lamps", "0001")
    assert (new.issue.owner_id, new.issue.generation) == ("newowner", "0002")


def test_a_store_that_cannot_write_stores_nothing_of_a_group(live: LiveCity) -> None:
    live.store.close()
    with pytest.raises(StoreUnavailableError):
        file_one(live, report())
    assert open_numbers(live) == 0
