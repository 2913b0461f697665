"""What counts as one: people, problems or reports; in the window, of the channel, in the city."""

from __future__ import annotations

import numpy as np
import pytest
from hotspot_cities import (
    DAY_US,
    LAMP,
    NOISE,
    both,
    code_of,
    codes,
    hotspots,
    lattice_generation,
    noise,
    reported,
    rows_of,
    somewhere,
    told,
)
from live_cities import NOON

from geo.errors import NotFoundError
from layers.hotspot_counting import Sample, first_of_each, sample_of
from layers.hotspot_question import ask
from layers.hotspot_reports import NEVER, NOBODY, ReportedPoints
from layers.hotspot_units import units_of

PLACE = code_of(4, 4)


def in_one_cell(n: int, **said: object) -> ReportedPoints:
    return reported(*somewhere(np.random.default_rng(5), n, 4, 4, 1, 1), **said)  # type: ignore[arg-type]


def sampled(points: ReportedPoints, **question: object) -> Sample:
    generation = lattice_generation()
    asked = ask(generation.config.time_zone, **question)  # type: ignore[arg-type]
    return sample_of(points, units_of(generation, asked.division), asked)


def test_one_person_who_files_two_hundred_times_makes_no_hotspot() -> None:
    points = both(noise(1), in_one_cell(200, reporter=np.zeros(200)))
    assert codes(hotspots(points, categories=[LAMP])) == set()
    assert PLACE in codes(hotspots(points, categories=[LAMP], counting="issues"))
    repeated = hotspots(points, categories=[LAMP], counting="reports")
    assert PLACE in codes(repeated)
    assert "one person who reports often makes a hotspot" in told(repeated)


def test_two_hundred_people_make_one() -> None:
    assert PLACE in codes(hotspots(both(noise(1), in_one_cell(200)), categories=[LAMP]))


def test_reports_of_nobody_known_count_each() -> None:
    nobody = hotspots(in_one_cell(7, reporter=np.full(7, NOBODY)), baseline="none")
    frame = rows_of(nobody)
    assert frame.loc[PLACE, ["observed", "reports", "issues"]].tolist() == [7, 7, 7]
    assert frame["reporters"].isna().all()
    assert "who it is from" in told(nobody)


def test_an_issue_reported_five_times_counts_once_while_reports_shows_five() -> None:
    points = in_one_cell(5, issue=np.zeros(5))
    once = rows_of(hotspots(points, baseline="none")).loc[PLACE]
    assert once[["observed", "reports", "issues", "reporters"]].tolist() == [1, 5, 1, 5]
    every = rows_of(hotspots(points, baseline="none", counting="reports")).loc[PLACE]
    assert every[["observed", "reports", "issues"]].tolist() == [5, 5, 1]


def test_a_person_counts_once_among_neighbouring_cells() -> None:
    one = in_one_cell(4, reporter=np.zeros(4), category=[LAMP, LAMP, NOISE, NOISE])
    assert rows_of(hotspots(one, baseline="none")).loc[PLACE, "observed"] == 1
    assert rows_of(hotspots(one, categories=[LAMP], baseline="none")).loc[PLACE, "observed"] == 1
    two = reported(*somewhere(np.random.default_rng(5), 40, 4, 4, 2, 1), reporter=np.zeros(40))
    found = hotspots(two, level="cell", baseline="none")
    assert rows_of(found).loc[[PLACE, code_of(5, 4)], "reporters"].tolist() == [1, 1]
    assert rows_of(found).loc[PLACE, "observed"] == 1
    assert rows_of(hotspots(two, level="district", baseline="none"))["reporters"].sum() == 1


def test_an_issue_is_where_it_was_reported_first() -> None:
    """Reports of one thing in two cells are counted in one of them, whatever their order."""
    lng, lat = (
        np.concatenate(each)
        for each in zip(
            somewhere(np.random.default_rng(1), 1, 2, 2, 1, 1),
            somewhere(np.random.default_rng(1), 1, 9, 9, 1, 1),
            strict=True,
        )
    )
    points = reported(lng, lat, issue=[0, 0], occurred_us=[NOON, NOON - 1])
    for each in (points, points.take(np.array([1, 0]))):
        frame = rows_of(hotspots(each, baseline="none"))
        assert frame.loc[[code_of(2, 2), code_of(9, 9)], "issues"].tolist() == [0, 1]
        assert frame.loc[[code_of(2, 2), code_of(9, 9)], "reports"].tolist() == [1, 1]


def test_the_first_report_of_each_issue_is_one_of_its_own() -> None:
    rng = np.random.default_rng(2)
    issue = rng.integers(-1, 40, 300)
    points = reported(*somewhere(rng, 300), issue=issue, occurred_us=NOON + rng.integers(0, 9, 300))
    firsts = first_of_each(points)
    for each in range(40):
        mine = np.flatnonzero(issue == each)
        assert firsts[mine].sum() == min(len(mine), 1)
        if len(mine):
            assert points.occurred_us[mine[firsts[mine]]][0] == points.occurred_us[mine].min()
    assert not firsts[issue == -1].any()


def test_who_reports_much_may_be_a_hotline_and_that_is_said() -> None:
    hotline = noise(1, reporter=np.zeros(1500))
    assert "of 1,500 issues count with others of the same person" in told(hotspots(hotline))
    assert "count issues instead" not in told(hotspots(noise(1)))
    assert "count issues instead" not in told(hotspots(hotline, counting="issues"))


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ({"since": "2026-05-01", "until": "2026-05-02"}, [False, True, True, True, True, False]),
        ({"since": "2026-05-02"}, [False, False, False, True, True, True]),
        ({"until": "2026-05-01"}, [True, True, True, False, False, False]),
        (
            {"since": "2026-05-01T08:00", "until": "2026-05-02T00:00"},
            [False, False, True, False, False, False],
        ),
        ({"since": "2026-04-30T16:00Z", "until": "2026-05-02"}, [False, True, True, True, True, False]),
    ],
)
def test_a_window_holds_both_its_days_by_the_clock_of_the_city(edges: dict, expected: list[bool]) -> None:
    clock = ["2026-04-30T23:59:59.999999", "2026-05-01T00:00", "2026-05-01T23:59:59.999999",
             "2026-05-02T00:00", "2026-05-02T23:59:59.999999", "2026-05-03T00:00"]  # fmt: skip
    at = np.array(clock, dtype="datetime64[us]").astype(np.int64) - 8 * 3_600_000_000
    counted = sampled(in_one_cell(6, occurred_us=at), **edges)
    assert counted.points.occurred_us.tolist() == at[np.array(expected)].tolist()
    assert counted.left_out.other == 6 - sum(expected)


def test_undated_reports_count_unless_a_window_is_asked_for_and_then_it_is_told() -> None:
    times = np.where(np.arange(9) < 4, NEVER, NOON)
    points = in_one_cell(9, occurred_us=times)
    assert len(sampled(points)) == 9
    assert "no time" not in told(hotspots(points))
    windowed = hotspots(points, since="2026-01-01")
    assert rows_of(windowed)["reports"].sum() == 5
    assert "4 reports have no time" in told(windowed)
    assert rows_of(hotspots(points, until="2027-01-01"))["reports"].sum() == 5


def test_channels_are_kept_apart() -> None:
    points = in_one_cell(9, channel=["wechat"] * 4 + ["12345"] * 3 + [""] * 2)
    for channels, expected in ((["wechat"], 4), (["12345"], 3), (["wechat", "12345"], 7), ([], 9)):
        assert rows_of(hotspots(points, channels=channels))["reports"].sum() == expected
    assert len(sampled(points, channels=["12345"]).points.channel) == 3
    assert rows_of(hotspots(points, channels=[""]))["reports"].sum() == 2


def test_a_channel_that_nothing_came_by_is_refused_where_anything_was_reported() -> None:
    """A mistyped one would find nothing anywhere."""
    points = in_one_cell(9, channel=["wechat"] * 4 + ["12345"] * 3 + [""] * 2)
    with pytest.raises(NotFoundError, match="'web'") as refused:
        sampled(points, channels=["wechat", "web"])
    assert refused.value.fix == "Reported are: 12345, wechat."
    with pytest.raises(NotFoundError) as refused:
        sampled(in_one_cell(9), channels=["web"])
    assert refused.value.fix == "No report has a channel."
    assert "no reports to count" in told(hotspots(in_one_cell(0), channels=["web"]))


def test_reports_outside_the_city_do_not_count_and_are_told() -> None:
    """Nor those without a position; neither in cells nor in bins, whose border lies beyond the city's."""
    inside = in_one_cell(3)
    beyond = reported(*somewhere(np.random.default_rng(1), 5, -0.4, 3, 0.3, 9))
    nowhere = reported([np.nan] * 2, [np.nan] * 2)
    for asked in ({}, {"bins": "square:250"}, {"bins": "hex:400"}):
        found = hotspots(both(inside, beyond, nowhere), **asked)
        assert rows_of(found)["reports"].sum() == 3
        assert "5 reports lie in no part of the city" in told(found)
        assert "2 reports have no position" in told(found)


def test_steps_of_time_add_up_to_the_whole() -> None:
    points = noise(3)
    counted = sampled(points, counting="issues")
    step = (points.occurred_us - points.occurred_us.min()) // (30 * DAY_US)
    every = np.ones(len(counted), dtype=np.bool_)
    by_step = counted.in_steps(every, step.astype(np.intp), 13)
    assert np.array_equal(by_step.sum(axis=1), counted.counted())
    assert by_step.sum() == len(points)


def test_counts_are_those_of_a_plain_loop() -> None:
    """Of people, problems and reports, in every cell and category."""
    rng = np.random.default_rng(6)
    n = 600
    points = noise(
        6, n, reporter=rng.integers(-1, 60, n), issue=rng.integers(0, 300, n), occurred_us=NOON - np.arange(n)
    )
    for counting in ("reporters", "issues", "reports"):
        counted = sampled(points, counting=counting, categories=[LAMP, NOISE])
        for category in (LAMP, NOISE, ""):
            expected: list[set[object]] = [set() for _ in range(counted.parts)]
            seen: set[int] = set()
            for row in reversed(range(n)):  # the earliest first
                issue, person = int(points.issue[row]), int(points.reporter[row])
                of = points.category.decoded()[row]
                if counting != "reports" and issue in seen:
                    continue
                seen.add(issue)
                if category in ("", of):
                    alone = counting != "reporters" or person < 0
                    expected[counted.counted_at[row]].add(("row", row) if alone else (person, of))
            assert counted.counted(counted.of(category)).tolist() == [len(each) for each in expected]


def test_a_report_without_a_time_is_the_first_of_no_issue_that_has_one() -> None:
    points = reported(*somewhere(np.random.default_rng(1), 2), issue=[0, 0], occurred_us=[NEVER, NOON])
    assert first_of_each(points).tolist() == [False, True]
