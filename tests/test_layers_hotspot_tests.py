"""What is new, what rises, and what is chance: judged together, of the last days and of the whole window."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest
from hotspot_cities import (
    DAY_US,
    LAMP,
    NOISE,
    RUBBISH,
    YEAR_US,
    both,
    code_of,
    codes,
    hotspots,
    noise,
    reported,
    rows_of,
    somewhere,
    told,
)
from live_cities import NOON
from scipy.stats import binom

from layers.exported import Export
from layers.hotspot_reports import NEVER, ReportedPoints

PLACE = code_of(4, 4)
SAMPLES = 40
CATEGORIES = np.array([LAMP, NOISE, RUBBISH], dtype=object)


def burst(n: int, days_ago: tuple[float, float], seed: int = 7, **said: object) -> ReportedPoints:
    """Reports in the cell and right beside it, evenly between so many days before the end."""
    rng = np.random.default_rng(seed)
    at = NOON - (rng.uniform(*sorted(days_ago), n) * DAY_US).astype(np.int64)
    return reported(*somewhere(rng, n, 4, 4, 2, 2), occurred_us=at, **said)  # type: ignore[arg-type]


def test_a_concentration_of_the_last_thirty_days_is_new_and_an_old_one_is_not() -> None:
    new = rows_of(hotspots(both(noise(1, 6000), burst(60, (0, 29))), categories=[LAMP]))
    assert new.loc[PLACE, "is_new"]
    assert new.loc[PLACE, "recent_class"] == "hot"
    assert new.loc[PLACE, "change_class"] == "rising"
    assert not new.loc[code_of(12, 12), "is_new"]
    past = rows_of(hotspots(both(noise(1, 6000), burst(300, (60, 365))), categories=[LAMP]))
    assert past.loc[PLACE, "class"] == "hot"
    assert past.loc[PLACE, "recent_class"] == "not significant"
    assert not past["is_new"].any()
    still = rows_of(hotspots(both(noise(1, 6000), burst(900, (0, 365))), categories=[LAMP]))
    assert still.loc[PLACE, "class"] == still.loc[PLACE, "recent_class"] == "hot"
    assert not still.loc[PLACE, "is_new"]


def test_the_last_days_are_as_many_as_asked_for() -> None:
    points = both(noise(1, 6000), burst(60, (8, 29)))
    assert rows_of(hotspots(points, categories=[LAMP])).loc[PLACE, "is_new"]
    week = hotspots(points, categories=[LAMP], recent_days=7)
    assert not rows_of(week).loc[PLACE, "is_new"]
    assert week.about["recent_days"] == "7"


def test_the_rate_ratio_is_that_of_days_and_its_interval_holds_it() -> None:
    """Against inhabitants: reports a day lately over those a day before, of a cell and its neighbours."""
    points = both(noise(1), burst(40, (0, 29)))
    found = hotspots(points, categories=[LAMP], baseline="population")
    frame = rows_of(found)
    cell = frame.loc[PLACE]
    end, start = int(points.occurred_us.max()) + 1, int(points.occurred_us.min())
    recent = end - 30 * DAY_US
    column = np.floor((points.lng - 120.80) / 0.0025)
    row = np.floor((points.lat - 32.00) / 0.0025)
    around = (abs(column - 4) <= 1) & (abs(row - 4) <= 1) & points.category.equal(LAMP)
    late = (around & (points.occurred_us >= recent)).sum()
    early = (around & (points.occurred_us < recent)).sum()
    assert cell["recent_observed"] == late
    assert cell["change_ratio"] == pytest.approx((late / 30) / (early / ((recent - start) / DAY_US)))
    assert cell["change_low"] < cell["change_ratio"] < cell["change_high"]
    assert cell["change_low"] > 1
    assert frame["change_low"].dropna().le(frame["change_ratio"].dropna() + 1e-9).all()


def test_one_report_lately_and_none_before_has_an_infinite_ratio_that_proves_nothing() -> None:
    lately = burst(1, (1, 2), category=[LAMP])
    frame = rows_of(hotspots(both(noise(1, categories=(NOISE,)), lately), categories=[LAMP]))
    assert np.isinf(frame.loc[PLACE, "change_ratio"])
    assert np.isinf(frame.loc[PLACE, "change_high"])
    assert frame.loc[PLACE, "change_class"] == "not significant"


def rising(first: int, last: int, weeks: int = 52) -> ReportedPoints:
    """A number of reports that grows from week to week."""
    each = np.linspace(first, last, weeks).round().astype(int)
    ago = np.repeat(np.arange(weeks)[::-1] * 7.0, each)
    rng = np.random.default_rng(9)
    at = NOON - ((ago + rng.uniform(0, 7, len(ago))) * DAY_US).astype(np.int64)
    return reported(*somewhere(rng, len(at), 4, 4, 2, 2), occurred_us=at)


def test_a_rising_trend_is_found_and_a_falling_one_is_not_called_rising() -> None:
    up = rows_of(hotspots(both(noise(1), rising(0, 8)), categories=[LAMP], baseline="none"))
    assert up.loc[PLACE, "trend_class"] == "rising"
    assert up.loc[PLACE, "trend_tau"] > 0.3
    assert up.loc[PLACE, "trend_q"] <= 0.05
    assert up.loc[code_of(12, 12), "trend_class"] == "not significant"
    down = rows_of(hotspots(both(noise(1), rising(8, 0)), categories=[LAMP], baseline="none"))
    assert down.loc[PLACE, "trend_class"] == "falling"


def test_constant_noise_has_no_trend_and_no_news_in_nineteen_of_twenty_cities() -> None:
    trends, changes, news = 0, 0, 0
    for seed in range(SAMPLES):
        frame = rows_of(hotspots(noise(seed, 900), categories=[LAMP], baseline="none"))
        trends += frame["trend_class"].isin(["rising", "falling"]).any()
        changes += frame["change_class"].isin(["rising", "falling"]).any()
        news += bool(frame["is_new"].any())
    assert max(trends, changes, news) <= most(SAMPLES)


def most(samples: int) -> int:
    """So many of them at 5 % each are exceeded once in a thousand times."""
    return int(binom.isf(0.001, samples, 0.05))


@pytest.mark.parametrize("baseline", ["share", "population", "none"])
def test_noise_has_a_hotspot_in_one_city_of_twenty_at_most(baseline: str) -> None:
    """From reports to verdicts; against inhabitants the noise lies where they live."""
    found = [bool(codes(hotspots(chance(seed, baseline), categories=[LAMP], baseline=baseline)))
             for seed in range(SAMPLES)]  # fmt: skip
    assert sum(found) <= most(SAMPLES)


def chance(seed: int, baseline: str) -> ReportedPoints:
    if baseline != "population":
        return noise(seed, 600)
    rng = np.random.default_rng(seed)
    frame = _inhabited()
    row = rng.choice(len(frame[0]), 600, p=frame[2] / frame[2].sum())
    x, y = rng.uniform(0.001, 0.999, (2, 600))
    lng = 120.80 + (frame[0][row] + x) * 0.0025
    lat = 32.00 + (frame[1][row] + y) * 0.0025
    at = NOON - rng.integers(0, YEAR_US, 600)
    return reported(lng, lat, category=rng.choice(CATEGORIES, 600), occurred_us=at)


@functools.cache
def _inhabited() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    frame = rows_of(hotspots(reported([], []), baseline="population"))
    code = frame["cell_code"].str
    return code[3:].astype(int).to_numpy(), code[1:3].astype(int).to_numpy(), frame["exposure"].to_numpy()


def test_no_change_is_told_where_the_window_is_too_short() -> None:
    found = hotspots(noise(1), categories=[LAMP], since="2026-10-10")
    frame = rows_of(found)
    assert frame[["recent_q", "change_ratio", "trend_tau"]].isna().all(axis=None)
    assert set(frame["change_class"]) == {""}
    assert not frame["is_new"].any()
    assert "too short to compare its last 30 days" in told(found)


def test_undated_reports_have_no_change() -> None:
    found = hotspots(noise(1, occurred_us=np.full(1500, NEVER)), categories=[LAMP])
    assert rows_of(found)["reports"].sum() > 0
    assert "No report says when it was" in told(found)
    assert "too short to compare" not in told(found)


@pytest.mark.parametrize("baseline", ["none", "population"])
def test_days_before_the_first_report_and_after_the_last_are_no_change(baseline: str) -> None:
    """A window that is wider than what was recorded makes nothing rise or fall."""
    points = noise(1)
    plain = hotspots(points, categories=[LAMP], baseline=baseline)
    wide = hotspots(points, categories=[LAMP], baseline=baseline, since="2001-01-01", until="2030-12-31")
    columns = ["change_ratio", "change_class", "trend_class", "recent_observed", "is_new"]
    assert rows_of(wide)[columns].equals(rows_of(plain)[columns])
    assert "The last report is of 2026-11-2" in told(wide)
    assert "The last report is of" not in told(plain)


def test_last_days_and_those_before_are_one_family() -> None:
    """A q of the last days is never below what they alone would give."""
    found: Export = hotspots(both(noise(1), burst(40, (0, 29))), categories=[LAMP])
    frame = rows_of(found)
    assert frame["recent_q"].notna().sum() > 200
    assert (frame["recent_q"].dropna() <= 1).all()
    assert ((frame["recent_q"] <= 0.05) == frame["recent_class"].isin(["hot", "cold"])).all()


def test_a_cell_where_nothing_was_reported_is_not_significant_and_has_no_p() -> None:
    points = both(burst(40, (0, 29)), burst(9, (0, 29), category=[NOISE] * 9))
    frame = rows_of(hotspots(points, categories=[LAMP]))
    assert set(frame["class"]) <= {"not significant", "excluded"}
    far = frame.loc[code_of(9, 12)]
    assert far["class"] == "not significant"
    assert np.isnan(far["p"])
    assert far["reports"] == 0


def test_clumps_are_allowed_for_and_that_is_said() -> None:
    """Where each report comes ten times over, most concentrations are no news."""
    once = noise(1, 300, categories=(LAMP,))
    rows = np.repeat(np.arange(300), 10)
    clumped = reported(once.lng[rows], once.lat[rows], occurred_us=once.occurred_us[rows])
    found = hotspots(both(clumped, noise(2, 3000, categories=(NOISE,))), categories=[LAMP])
    assert "come in clumps" in told(found)
    assert len(codes(found)) <= 3


def test_days_of_no_clock_are_no_fault() -> None:
    """0001-01-01 is what some programs write for no time, and people for "ever"."""
    first = np.datetime64("0001-01-01").astype("datetime64[us]").astype(np.int64)
    last = np.datetime64("9999-12-31").astype("datetime64[us]").astype(np.int64)
    ever = reported(*somewhere(np.random.default_rng(1), 2), occurred_us=[first, last])
    for edges in ({}, {"since": "0001-01-01"}, {"until": "0001-01-02"}, {"since": "9999-12-30"}):
        found = hotspots(both(noise(1), ever), **edges)
        assert len(rows_of(found)) == 256
        assert found.about["since"][:4] >= "0002"


def test_one_clock_that_is_years_off_changes_nothing_and_is_told() -> None:
    """An empty time is often 1970, a slip of the pen 2062."""
    points = noise(3, 1500)
    plain = hotspots(points, baseline="area")
    at = points.occurred_us.copy()
    at[[0, 1]] = [0, int(2.9e15)]
    wrong = hotspots(replace(points, occurred_us=at), baseline="area")
    assert wrong.about["trend_steps"] == plain.about["trend_steps"]
    changed = rows_of(wrong)["change_class"]
    assert (changed == rows_of(plain)["change_class"]).mean() > 0.95
    assert "2 reports are dated more than a year off all others" in told(wrong)


def test_a_share_that_stays_has_no_trend_though_ever_more_is_reported() -> None:
    rng = np.random.default_rng(4)
    points = noise(4, 3000)
    day = np.sort(rng.triangular(0, 300, 300, 3000))
    points = replace(points, occurred_us=(NOON - (300 - day) * DAY_US).astype(np.int64))
    found = hotspots(points, categories=[LAMP])
    assert not rows_of(found)["trend_class"].isin(["rising", "falling"]).any()
