"""The circular scan says what SaTScan says, finds what is planted, and seldom finds anything in chance."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.errors import CoordinateError, GridError
from geo.scan import Cluster, Scan, scan

Floats = NDArray[np.float64]
Leukaemia = tuple[Floats, Floats, Floats]


@pytest.fixture(scope="module")
def leukaemia(shared_data: Path) -> Leukaemia:
    """Centres, cases and population of 281 tracts in New York."""
    folder = shared_data / "hotspots" / "ny_leukemia"
    xy, cases, people = (np.loadtxt(folder / f"satscan_ny_{what}.txt") for what in ("coords", "cases", "pop"))
    return xy[:, 1:], cases[:, 1], people[:, 2]


@pytest.fixture(scope="module")
def tenth(leukaemia: Leukaemia) -> Scan:
    return scan(*leukaemia, max_share=0.1)


def test_the_likeliest_cluster_of_leukaemia_is_that_of_satscan(shared_data: Path, tenth: Scan) -> None:
    with (shared_data / "hotspots" / "expected.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if "max 10% pop" in row["dataset"]]
    wanted = {row["parameter"].removeprefix("cluster 1 "): float(row["expected"]) for row in rows}
    assert len(wanted) == 5
    first = tenth.clusters[0]
    assert len(first.areas) == wanted["n locations"]
    assert first.llr == pytest.approx(wanted["LLR"], abs=1e-6)
    assert first.observed == wanted["observed"]
    assert first.expected == pytest.approx(wanted["expected"], abs=0.005)
    assert first.population == wanted["population"]


# SaTScan 9.6 on these data, at most 10 % of the population and at most 50 %: areas, cases, expected cases,
# relative risk, log likelihood ratio, p from 999 replications (smerc, tests/scan_test_ny_poisson_circular_*).
TENTH = [
    (26, 85, 49.71, 1.84, 11.577255, 0.001),
    (8, 38, 17.79, 2.22, 9.019716, 0.013),
    (33, 64, 40.85, 1.64, 6.114140, 0.216),
    (4, 25, 12.82, 1.99, 4.651839, 0.609),
    (7, 28, 15.54, 1.84, 4.169203, 0.755),
    (4, 12, 5.14, 2.37, 3.363518, 0.961),
    (3, 11, 4.61, 2.41, 3.209485, 0.976),
]
HALF = [(28, 100, 58.28, 1.87, 14.083511, 0.001), *TENTH[1:4], *TENTH[5:]]
P_OF_HALF = [0.001, 0.016, 0.248, 0.645, 0.965, 0.982]


def agrees(found: Cluster, wanted: tuple[int, int, float, float, float, float]) -> bool:
    areas, observed, expected, risk, llr, _ = wanted
    return (
        (len(found.areas), found.observed) == (areas, observed)
        and found.expected == pytest.approx(expected, abs=0.005)
        and found.relative_risk == pytest.approx(risk, abs=0.005)
        and found.llr == pytest.approx(llr, abs=1e-6)
    )


def test_the_other_clusters_of_leukaemia_are_those_of_satscan(tenth: Scan) -> None:
    assert all(agrees(*pair) for pair in zip(tenth.clusters, TENTH, strict=False))
    for found, (*_, p) in zip(tenth.clusters, TENTH, strict=False):
        assert found.p == pytest.approx(p, abs=0.045)
    assert tenth.clusters[1].areas == (83, 84, 85, 86, 87, 88, 89, 91)


def test_circles_of_half_the_population_find_what_satscan_finds(leukaemia: Leukaemia) -> None:
    found = scan(*leukaemia).clusters
    assert all(agrees(*pair) for pair in zip(found, HALF, strict=False))
    assert [each.p for each in found[:6]] == pytest.approx(P_OF_HALF, abs=0.045)


def test_the_order_of_the_areas_changes_nothing(leukaemia: Leukaemia, tenth: Scan) -> None:
    order = np.random.default_rng(7).permutation(281)
    mixed = scan(*(each[order] for each in leukaemia), max_share=0.1)
    assert (mixed.drawn == tenth.drawn).all()
    for found, plain in zip(mixed.clusters, tenth.clusters, strict=True):
        assert sorted(order[list(found.areas)].tolist()) == list(plain.areas)
        assert order[found.centre] == plain.centre
        assert (found.llr, found.p, found.observed) == (plain.llr, plain.p, plain.observed)


def test_the_same_seed_draws_the_same_and_another_does_not(leukaemia: Leukaemia) -> None:
    one, again, other = (scan(*leukaemia, max_share=0.1, replications=99, seed=seed) for seed in (3, 3, 4))
    assert (one.drawn == again.drawn).all()
    assert not (one.drawn == other.drawn).all()


AREA = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 6), st.integers(1, 9))


def by_hand(areas: list[tuple[int, int, int, int]], max_share: float) -> float:
    """The highest ratio of all circles, from the formula."""
    total, people = sum(area[2] for area in areas), sum(area[3] for area in areas)
    best = 0.0
    for x, y, *_ in areas:
        for reach in {(a - x) ** 2 + (b - y) ** 2 for a, b, *_ in areas}:
            inside = [area for area in areas if (area[0] - x) ** 2 + (area[1] - y) ** 2 <= reach]
            c, e = sum(area[2] for area in inside), total * sum(area[3] for area in inside) / people
            if e <= max_share * total * (1 + 1e-9) and c > e and c >= 2:
                rest = (total - c) * np.log((total - c) / (total - e)) if c < total else 0.0
                best = max(best, float(c * np.log(c / e) + rest))
    return best


@settings(max_examples=50)
@given(st.lists(AREA, min_size=1, max_size=9), st.sampled_from([0.2, 0.5]))
def test_no_circle_beats_the_likeliest_cluster_and_areas_equally_far_go_together(
    areas: list[tuple[int, int, int, int]], share: float
) -> None:
    table = np.array(areas, dtype=np.float64)
    found = scan(table[:, :2], table[:, 2], table[:, 3], max_share=share, replications=1).clusters
    assert (found[0].llr if found else 0.0) == pytest.approx(by_hand(areas, share), abs=1e-8)
    members = [area for cluster in found for area in cluster.areas]
    assert len(members) == len(set(members))
    for cluster in found:
        assert cluster.observed == table[list(cluster.areas), 2].sum()
        assert cluster.population == table[list(cluster.areas), 3].sum()
        assert cluster.relative_risk > 1


def test_a_planted_hotspot_is_found_and_the_rest_is_not() -> None:
    xy = np.mgrid[0:12, 0:12].reshape(2, -1).T * 100.0
    near = np.hypot(*(xy - (300.0, 700.0)).T) <= 150
    random = np.random.default_rng(8)
    cases = random.poisson(np.where(near, 9.0, 3.0))
    found = scan(xy, cases, np.ones(len(xy)), max_share=0.25, replications=199).clusters
    assert found[0].p == 1 / 200
    shared = set(found[0].areas) & set(np.flatnonzero(near).tolist())
    assert len(shared) >= 0.8 * near.sum()
    assert all(each.p > 0.05 for each in found[1:])


def test_chance_alone_seldom_makes_a_cluster_however_uneven_the_population() -> None:
    random = np.random.default_rng(9)
    xy = random.uniform(0, 1000, (60, 2))
    people = random.lognormal(0, 1, 60)
    ps = []
    for seed in range(100):
        cases = random.poisson(30 * people / people.sum())
        found = scan(xy, cases, people, replications=39, seed=seed).clusters
        ps.append(found[0].p if found else 1.0)
    assert sum(p <= 0.05 for p in ps) <= 5 + 3 * np.sqrt(100 * 0.05 * 0.95)
    assert sum(p <= 0.5 for p in ps) == pytest.approx(50, abs=16)


def test_where_nothing_happened_or_nobody_lives_there_is_no_cluster() -> None:
    for xy, cases, people in (
        ([], [], []),
        ([(0, 0)], [5], [10]),
        ([(0, 0), (9, 9)], [0, 0], [3, 4]),
        ([(0, 0), (9, 9)], [0, 1], [3, 4]),
        ([(0, 0), (9, 9)], [0, 0], [0, 0]),
        ([(0, 0), (9, 9)], [3, 3], [5, 5]),
    ):
        assert scan(xy, cases, people, replications=9).clusters == ()


def test_an_area_without_people_is_passed_over() -> None:
    found = scan([(0, 0), (1, 0), (9, 9)], [4, 0, 1], [2, 0, 8], replications=9).clusters
    assert found[0].areas in {(0,), (0, 1)}
    everything = scan([(0, 0), (9, 9)], [4, 0], [2, 8], replications=9).clusters
    assert everything[0].relative_risk == np.inf


@pytest.mark.parametrize(
    ("cases", "people", "message"),
    [
        ([1, np.nan], [1, 1], "Area 1: its cases are no whole number"),
        ([1, 0.5], [1, 1], "Area 1: its cases are no whole number"),
        ([-1, 1], [1, 1], "Area 0: its cases are no whole number"),
        ([np.inf, 1], [1, 1], "Area 0: its cases are without end"),
        ([1, 1], [1, np.nan], "Area 1: its population is no number"),
        ([1, 1], [-1, 1], "Area 0: its population is no number"),
        ([1, 1], [0, 1], "Area 0: it has cases, but no population"),
        ([4e8, 1], [1, 1], "There are 400000001 cases"),
        ([1], [1, 1], "2 centres, 1 counts and 2 populations"),
    ],
)
def test_numbers_that_cannot_be_are_refused(cases: list[float], people: list[float], message: str) -> None:
    with pytest.raises(GridError, match=message):
        scan([(0, 0), (1, 1)], cases, people)


def test_more_circles_than_memory_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.scan.MOST_CIRCLES", 3)
    with pytest.raises(GridError, match="3 areas have more than 3 circles"):
        scan([(0, 0), (1, 1), (5, 5)], [1, 1, 1], [1, 1, 2])


def test_options_that_cannot_be_are_refused() -> None:
    for share in (0.6, 0.0, np.nan):
        with pytest.raises(GridError, match="of all"):
            scan([(0, 0)], [1], [1], max_share=share)
    with pytest.raises(GridError, match="no p-value"):
        scan([(0, 0)], [1], [1], replications=0)
    with pytest.raises(GridError, match="none"):
        scan([(0, 0)], [1], [1], most=0)
    with pytest.raises(CoordinateError, match="Point 0"):
        scan([(np.nan, 0)], [1], [1])
