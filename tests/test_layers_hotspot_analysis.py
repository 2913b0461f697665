"""Hotspots are where reports concentrate; they say why, and nothing but the reports decides."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hotspot_cities import (
    LAMP,
    NOISE,
    NOON,
    RUBBISH,
    SIDE,
    YEAR_US,
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
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import GridError, NotFoundError
from geo.scan import REPLICATIONS, scan
from layers.coded import Coded
from layers.hotspot_analysis import Beside
from layers.hotspot_columns import CLUSTERS, COLUMNS, DENSITY
from layers.hotspot_question import Question
from layers.hotspot_reports import ReportedPoints

CENTRE = {code_of(c, r) for c in (4, 5) for r in (4, 5)}
CONTRACT = ["cell_code", "observed", "expected", "relative_risk", "z", "p", "q", "class"]


def planted(n: int = 60, category: str = LAMP, seed: int = 7) -> ReportedPoints:
    """Reports in four cells of the south-west, half of them of one lamp."""
    rng = np.random.default_rng(seed)
    lng, lat = somewhere(rng, n, 4, 4, 2, 2)
    asset = np.where(np.arange(n) % 2 == 0, "street_light L04041", "")
    return reported(lng, lat, category=np.full(n, category, dtype=object), asset=asset)


def shuffled(points: ReportedPoints, seed: int) -> ReportedPoints:
    return points.take(np.random.default_rng(seed).permutation(len(points)))


def test_a_planted_concentration_is_hot_and_nothing_far_from_it() -> None:
    found = hotspots(both(noise(1), planted()), categories=[LAMP])
    near = {code_of(c, r) for c in range(3, 7) for r in range(3, 7)}
    assert CENTRE <= codes(found) <= near
    frame = rows_of(found)
    assert list(frame.columns[: len(COLUMNS)]) == list(COLUMNS)
    assert set(CONTRACT) <= set(frame.columns)
    hot = frame.loc[sorted(CENTRE)]
    assert (hot["relative_risk"] > 1).all()
    assert (hot["rr_low"] > 1).all()
    assert (hot["q"] <= 0.05).all()
    assert np.allclose(hot["excess"], hot["observed"] - hot["expected"])


def test_a_hotspot_says_why_it_is_one() -> None:
    """The category and the lamp that most are about; its issues and its neighbours' are what it has."""
    found = hotspots(both(noise(1), planted()), categories=[LAMP])
    frame = rows_of(found)
    cell = frame.loc[code_of(4, 4)]
    assert (cell["top_category"], cell["top_asset"], cell["top_asset_kind"]) == (
        LAMP,
        "L04041",
        "street_light",
    )
    assert cell["top_asset_issues"] == 30
    around = [code_of(c, r) for c in (3, 4, 5) for r in (3, 4, 5)]
    ids = " ".join(frame.loc[around, "issue_ids"]).split()
    assert len(ids) == len(set(ids)) == cell["observed"]
    far = frame.loc[code_of(12, 12)]
    assert (far["issue_ids"], far["top_category"], far["top_asset"], far["top_asset_issues"]) == (
        "",
        "",
        "",
        0,
    )


def test_what_is_left_out_explains_no_hotspot() -> None:
    """Beside a lake the reports from the lake are not among those that a hotspot is judged by."""
    rng = np.random.default_rng(3)
    shore = reported(*somewhere(rng, 60, 13, 0, 1, 2), category=np.full(60, NOISE, dtype=object))
    lake = reported(*somewhere(rng, 5, 14, 0, 1, 2), category=np.full(5, NOISE, dtype=object))
    frame = rows_of(hotspots(both(noise(2), shore, lake), categories=[NOISE]))
    cell = frame.loc[code_of(13, 0)]
    assert cell["class"] == "hot"
    around = [code_of(c, r) for c in (12, 13, 14) for r in (0, 1)]
    assert len(" ".join(frame.loc[around, "issue_ids"]).split()) == cell["observed"]


def test_where_people_report_much_of_everything_nothing_is_hot_by_share() -> None:
    rng = np.random.default_rng(4)
    n = 300
    busy = reported(
        *somewhere(rng, n, 4, 4, 2, 2),
        category=rng.choice(np.array([LAMP, NOISE, RUBBISH], dtype=object), n),
    )
    every = both(noise(5), busy)
    assert codes(hotspots(every, categories=[LAMP])) == set()
    many = codes(hotspots(every, categories=[LAMP], baseline="none"))
    assert many >= CENTRE


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    points = both(noise(1, 400), planted(), repeated())
    asked = {"categories": [LAMP, NOISE], "counting": ("reporters", "issues", "reports")[seed % 3]}
    first, again = (rows_of(hotspots(each, **asked)) for each in (points, shuffled(points, seed)))
    pd.testing.assert_frame_equal(first, again)


def test_the_order_of_rows_changes_no_cluster_and_no_surface() -> None:
    points = both(noise(1, 400), planted())
    first, again = (hotspots(each, beside=Beside()) for each in (points, shuffled(points, 3)))
    assert [table.name for table in first.tables] == ["hotspots", "clusters", "density"]
    for one, other in zip(first.tables, again.tables, strict=True):
        pd.testing.assert_frame_equal(one.frame, other.frame)
    assert first.notes == again.notes
    assert first.about == again.about


def repeated() -> ReportedPoints:
    """Thirty issues of which two people told at the same instant; one of them told of all."""
    rng = np.random.default_rng(8)
    lng, lat = (np.repeat(each, 2) for each in somewhere(rng, 30, 9, 9, 2, 2))
    reporter = np.where(np.arange(60) % 2 == 0, 0, 1 + np.arange(60))
    return reported(lng, lat, issue=np.repeat(np.arange(30), 2), reporter=reporter)


def test_names_of_cells_and_categories_are_those_of_the_city() -> None:
    found = hotspots(noise(1), categories=[LAMP])
    frame = rows_of(found)
    assert len(frame) == SIDE * SIDE
    assert frame.loc[code_of(3, 2), "cell_name"] == "格2-3"
    assert set(frame["category_name"]) == {"路灯"}
    assert found.title == ("格城热点：路灯", "格城: hotspots of Street light")
    assert hotspots(noise(1), categories=["路灯"]).title == found.title


def test_several_categories_are_one_family() -> None:
    """Their q-values are those of Benjamini and Hochberg over all cells of all categories."""
    frame = rows_of(hotspots(both(noise(1), planted()), categories=[LAMP, NOISE, RUBBISH]))
    p = frame["p"].to_numpy()
    tested = np.flatnonzero(~np.isnan(p))
    m = len(tested)
    assert m > 2 * SIDE * SIDE
    ranked = tested[np.argsort(p[tested], kind="stable")]
    least, expected = 1.0, np.full(len(p), np.nan)
    for rank in range(m, 0, -1):
        least = min(least, p[ranked[rank - 1]] * m / rank)
        expected[ranked[rank - 1]] = least
    assert np.allclose(frame["q"], expected, equal_nan=True)
    assert ((frame["q"] <= 0.05) == frame["class"].isin(["hot", "cold"])).all()
    found = hotspots(both(noise(1), planted()), categories=[LAMP, NOISE, RUBBISH])
    assert int(found.about["family"]) == m


def test_each_is_every_category_that_was_reported() -> None:
    found = hotspots(both(noise(1), planted()), categories=["each"])
    assert list(dict.fromkeys(rows_of(found)["category"])) == [LAMP, NOISE, RUBBISH]
    assert found.title[1].endswith("Street light, Construction noise, E9999")


def test_the_clusters_are_those_of_the_scan() -> None:
    points = both(noise(1), planted())
    found = hotspots(points, categories=[LAMP], baseline="population", beside=Beside())
    clusters, frame = rows_of(found, "clusters"), rows_of(found)
    assert list(clusters.columns[: len(CLUSTERS)]) == list(CLUSTERS)
    used = ((frame["class"] != "excluded") & (frame["exposure"] > 0)).to_numpy()
    cells = frame.to_crs("EPSG:4549").geometry.centroid[used]
    people = frame["exposure"].to_numpy()[used]
    alone = scan(
        np.stack([cells.x, cells.y], axis=1), frame["reports"].to_numpy()[used], people,
        replications=REPLICATIONS,
    )  # fmt: skip
    theirs = [each for each in alone.clusters if each.p <= 0.05]
    assert len(theirs) == len(clusters) >= 1
    code = frame["cell_code"].to_numpy()[used]
    for row, each in zip(clusters.itertuples(), theirs, strict=True):
        assert set(row.cell_codes.split()) == set(code[list(each.areas)])
        assert (row.observed, row.p, row.cells) == (each.observed, each.p, len(each.areas))
        assert np.isclose(row.llr, each.llr)
        assert np.isclose(row.expected, each.expected)
    assert set(clusters["cell_codes"].iloc[0].split()) >= CENTRE


def test_the_surface_is_a_picture_and_says_so() -> None:
    found = hotspots(both(noise(1), planted()), beside=Beside())
    surface = next(table for table in found.tables if table.name == "density")
    assert surface.is_picture
    assert list(surface.frame.columns[: len(DENSITY)]) == list(DENSITY)
    assert surface.frame["per_km2"].is_monotonic_increasing
    assert "a picture, not a test" in told(found)


def test_stability_is_of_hot_bins_only_and_lies_between_0_and_1() -> None:
    points = both(noise(1), planted(90))
    frame = rows_of(hotspots(points, categories=[LAMP], bins="square:300", beside=Beside(scan=False)))
    hot = frame["class"] == "hot"
    assert hot.any()
    assert frame.loc[hot, "stability"].between(0, 1).all()
    assert frame.loc[hot, "stability"].max() == 1
    assert frame.loc[~hot, "stability"].isna().all()
    cells = rows_of(hotspots(points, categories=[LAMP], beside=Beside(scan=False)))
    assert cells["stability"].isna().all()


NOTHING = reported([], [])


@pytest.mark.parametrize("baseline", ["share", "population", "none", "street_light", "area"])
@pytest.mark.parametrize("categories", [[], [LAMP], ["each"]], ids=["all", "one", "each"])
@pytest.mark.parametrize("division", [{}, {"bins": "hex:400"}, {"bins": "road:300"}], ids=str)
def test_no_report_or_one_makes_no_hotspot(baseline: str, categories: list[str], division: dict) -> None:
    asked = {"baseline": baseline, "categories": categories, "beside": Beside(), **division}
    if categories != ["each"]:
        found = hotspots(NOTHING, **asked)
        assert codes(found) == set()
        assert "no reports to count" in told(found)
        assert (rows_of(found)["reports"] == 0).all()
    one = hotspots(planted(1), **asked)
    assert codes(one) == set()
    assert rows_of(one)["reports"].sum() <= 1


def test_each_of_no_categories_is_all_reports_together() -> None:
    """A city that nothing was reported to yet answers, and so does one whose reports have no category."""
    alike = reported(*somewhere(np.random.default_rng(1), 9), category=[""] * 9)
    for points in (NOTHING, alike):
        found = hotspots(points, categories=["each"])
        assert set(rows_of(found)["category"]) == {""}
        assert rows_of(found)["reports"].sum() == len(points)


def test_no_report_in_the_window_is_said() -> None:
    found = hotspots(noise(1), since="2001-01-01", until="2001-12-31")
    assert codes(found) == set()
    assert "no reports to count" in told(found)
    assert found.about["reports"] == "0"


def test_one_cell_cannot_stand_out() -> None:
    found = hotspots(planted(30), bins="square:100000", categories=[LAMP], beside=Beside())
    assert len(rows_of(found)) <= 4
    assert codes(found) == set()
    assert "fewer than 30" in told(found)


@pytest.mark.parametrize(
    ("asked", "named", "there"),
    [
        ({"level": "street"}, "'street'", "district, cell"),
        ({"baseline": "hydrant"}, "'hydrant'", "street_light"),
        ({"categories": ["Lamps"]}, "'Lamps'", LAMP),
        ({"bins": "circle:5"}, "'circle:5'", "square:250"),
        ({"bins": "hex:wide"}, "'wide'", "hex:250"),
        ({"bins": "square:0"}, "'0'", "metres"),
        ({"bins": "hex:-3"}, "'-3'", "metres"),
        ({"bins": "square:nan"}, "'nan'", "metres"),
        ({"since": "yesterday"}, "'yesterday'", "2026-05-01"),
        ({"until": "2026-13-01"}, "'2026-13-01'", "2026-05-01"),
        ({"alpha": 0.0}, "0.0", ".05"),
        ({"alpha": float("nan")}, "nan", ".05"),
        ({"recent_days": 0}, "0 days", "30"),
        ({"within_m": float("inf")}, "inf", "metres"),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_can(asked: dict, named: str, there: str) -> None:
    with pytest.raises((GridError, NotFoundError)) as refused:
        hotspots(noise(1, 50), **asked)
    assert named in str(refused.value)
    assert there in str(refused.value.fix)


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(GridError, match="ends before it begins"):
        hotspots(noise(1, 50), since="2026-05-02", until="2026-05-01")


@pytest.mark.parametrize("bins", ["square:1e-9", "hex:1e-200", "square:1e-320", "road:0.01", "hex:1e308"])
def test_bins_of_absurd_size_are_refused(bins: str) -> None:
    with pytest.raises(GridError, match="m large"):
        hotspots(noise(1, 50), bins=bins)


def test_a_city_without_population_says_so() -> None:
    city = lattice_generation(people=False)
    with pytest.raises(NotFoundError) as refused:
        hotspots(noise(1, 50), city=city, baseline="population")
    assert "--population" in str(refused.value.fix)
    all_ = hotspots(noise(1), city=city)
    assert all_.about["baseline"] == "area"
    assert hotspots(noise(1)).about["baseline"] == "population"
    assert "whose share is 100 %" in told(all_)


def test_what_was_asked_stands_with_the_answer() -> None:
    found = hotspots(
        noise(1, channel=["wechat"] * 1500), categories=[LAMP], since="2026-01-01", until="2026-06-30",
        channels=["wechat"], alpha=0.01,
    )  # fmt: skip
    about = found.about
    assert (about["since"], about["until_before"]) == (
        "2026-01-01T00:00:00+08:00",
        "2026-07-01T00:00:00+08:00",
    )
    assert (about["counted_in"], about["parts"], about["alpha"]) == ("cell", "256", "0.01")
    assert (about["generation"], about["categories"], about["channels"]) == ("0001", LAMP, "wechat")
    assert about["generation_sha256"] == lattice_generation().sha256


def test_each_category_is_each_that_was_reported_in_the_window() -> None:
    old = noise(3, 300, [f"E{n:04}" for n in range(50)], occurred_us=np.full(300, NOON - 3 * YEAR_US))
    now = both(noise(1), planted())
    alone = hotspots(now, categories=["each"], since="2025-06-01")
    beside = hotspots(both(now, old), categories=["each"], since="2025-06-01")
    assert rows_of(beside)["category"].unique().tolist() == sorted([LAMP, NOISE, RUBBISH])
    assert codes(beside) == codes(alone) != set()
    assert beside.about["family"] == alone.about["family"]


def test_the_window_of_an_answer_is_of_whole_days_and_not_of_a_broken_clock() -> None:
    at = np.array([NOON - YEAR_US, NOON], dtype=np.int64).repeat(100)
    points = noise(1, 200, occurred_us=at)
    about = hotspots(points).about
    first, last = (
        np.datetime64(int(us) + 8 * 3_600_000_000, "us").astype("datetime64[D]") for us in at[[0, -1]]
    )
    assert (about["since"], about["until_before"]) == (
        f"{first}T00:00:00+08:00",
        f"{last + 1}T00:00:00+08:00",
    )
    future = noise(2, 2, occurred_us=np.full(2, NOON + 70 * YEAR_US))
    assert hotspots(both(points, future)).about["until_before"] == about["until_before"]


def test_few_parts_are_told() -> None:
    assert "only 4 parts" in told(hotspots(noise(1), level="district"))


def test_points_are_not_changed_by_a_question() -> None:
    points = both(noise(1, 300), planted())
    before = {field.name: _frozen(getattr(points, field.name)) for field in dataclasses.fields(points)}
    hotspots(points, categories=[LAMP], bins="hex:400", beside=Beside())
    for name, value in before.items():
        assert _frozen(getattr(points, name)) == value, name


def _frozen(column: object) -> object:
    if isinstance(column, Coded):
        return column.codes.tobytes(), tuple(column.values)
    return np.asarray(column).tobytes() if np.asarray(column).dtype != object else tuple(column)


def test_the_same_question_is_the_same_value() -> None:
    """Answers are kept by their question."""
    assert Question(("0118",)) == Question(("0118",))
    assert len({Question(("0118",)), Question(("0118",)), Question(("0119",))}) == 2
