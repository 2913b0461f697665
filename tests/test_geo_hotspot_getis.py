"""Gi, Gi*, G, I and C are those of the books, to the last digit that these print."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array, lil_array
from scipy.stats import norm

from geo.errors import GridError
from geo.hotspot_autocorrelation import geary, moran, stabilised_rates
from geo.hotspot_getis import gi, gi_star, global_g
from geo.hotspot_weights import neighbourhoods, row_standardised

Floats = NDArray[np.float64]

TOY_XY = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], dtype=np.float64)
TOY = np.array([2, 3, 3.2, 5, 8, 7])


def within(xy: Floats, max_m: float) -> csr_array:
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    return csr_array((apart <= max_m).astype(np.float64))


def queen(rows: int, columns: int) -> csr_array:
    xy = np.argwhere(np.ones((rows, columns))).astype(np.float64)
    apart = np.abs(xy[:, None] - xy[None]).max(axis=2)
    return csr_array((apart <= 1).astype(np.float64))


def gal(path: Path, header: int) -> csr_array:
    """Neighbours as a .gal file lists them, its cells in their order."""
    words = path.read_text(encoding="ascii").split()[header:]
    listed: dict[str, list[str]] = {}
    at = 0
    while at < len(words):
        size = int(words[at + 1])
        listed[words[at]] = words[at + 2 : at + 2 + size]
        at += 2 + size
    place = {name: row for row, name in enumerate(listed)}
    links = lil_array((len(place), len(place)))
    for name, others in listed.items():
        for other in others:
            links[place[name], place[other]] = 1
    return csr_array(links)


def rook(path: Path) -> csr_array:
    """Polygons that share an edge."""
    shapes = shapely.from_wkb(pyogrio.raw.read(path)[2])
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    shared = shapely.length(shapely.intersection(shapes[one], shapes[other])) > 0
    shared &= one != other
    size = len(shapes)
    return csr_array((np.ones(shared.sum()), (one[shared], other[shared])), shape=(size, size))


@pytest.fixture(scope="module")
def books(shared_data: Path) -> dict[tuple[str, str], float]:
    with (shared_data / "hotspots/expected.csv").open(encoding="utf-8") as lines:
        return {(row["dataset"], row["parameter"]): float(row["expected"]) for row in csv.DictReader(lines)}


@pytest.fixture(scope="module")
def remote_sensing(shared_data: Path) -> tuple[Floats, Floats]:
    table = np.genfromtxt(shared_data / "hotspots/getisord.csv", delimiter=",", names=True)
    return np.column_stack([table["x"], table["y"]]), table["val"]


@pytest.mark.parametrize("distance", [30, 60, 90, 120, 150])
def test_gi_is_that_of_1996(
    distance: int, remote_sensing: tuple[Floats, Floats], books: dict[tuple[str, str], float]
) -> None:
    xy, value = remote_sensing
    expected = books[
        ("getisord 16x16 remote-sensing (Getis & Ord 1996)", f"Gi z, binary, cell 120, d={distance}")
    ]
    assert gi(value, within(xy, distance))[119] == pytest.approx(expected, abs=1e-6)


def test_gi_star_has_both_variances_of_1996(
    remote_sensing: tuple[Floats, Floats], books: dict[tuple[str, str], float]
) -> None:
    xy, value = remote_sensing
    links = within(xy, 30)
    formula = books[("getisord 16x16", "Gi* z, binary, d=30 (eq 14.2, var/n)")]
    printed = books[("getisord 16x16", "Gi* z, printed value (var/(n-1))")]
    assert gi_star(value, links)[119] == pytest.approx(formula, abs=1e-6)
    assert gi_star(value, links, variance="sample")[119] == pytest.approx(printed, abs=1e-6)


def test_six_points_have_the_values_of_esda(books: dict[tuple[str, str], float]) -> None:
    def listed(name: str) -> list[float]:
        return [books[("6-point toy", f"{name} z[{row}]")] for row in range(6)]

    links = within(TOY_XY, 15)
    np.testing.assert_allclose(gi(TOY, links), listed("G_Local B"), atol=1e-8)
    np.testing.assert_allclose(gi_star(TOY, links), listed("G_Local star B"), atol=1e-8)
    found = global_g(TOY, links)
    assert found.value == pytest.approx(books[("6-point toy", "global G d=15")], abs=1e-8)


def test_esdas_values_for_standardised_rows_are_ours_with_the_variance_of_one_neighbour(
    books: dict[tuple[str, str], float],
) -> None:
    """A row times a constant has the same z; esda's differ because its variance is that of binary weights."""
    links = within(TOY_XY, 15)
    size = neighbourhoods(links, itself=False).sum(axis=1)
    others = len(TOY) - 1
    esda = gi(TOY, links) * np.sqrt((others - size) / (size * (others - 1)))
    np.testing.assert_allclose(
        esda, [books[("6-point toy", f"G_Local R z[{row}]")] for row in range(6)], atol=1e-8
    )


def test_global_g_has_the_p_of_esda(books: dict[tuple[str, str], float]) -> None:
    z = global_g(TOY, within(TOY_XY, 15)).z
    assert norm.sf(abs(z)) == pytest.approx(books[("6-point toy", "global G p_norm")], abs=1e-5)


def test_moran_is_that_of_esda(shared_data: Path, books: dict[tuple[str, str], float]) -> None:
    folder = shared_data / "hotspots"
    homicides = np.genfromtxt(folder / "stl/stl_hom.txt", delimiter=",", skip_header=2)[:, 2]
    links = row_standardised(gal(folder / "stl/stl.gal", 1))
    found = moran(homicides, links)
    assert found.value == pytest.approx(books[("stl HR8893", "Moran I")], abs=1e-8)
    assert found.p_normal == pytest.approx(books[("stl HR8893", "Moran p_norm one-tailed")], rel=1e-6)


def test_moran_of_rates_is_that_of_esda(shared_data: Path, books: dict[tuple[str, str], float]) -> None:
    table = pyogrio.raw.read(shared_data / "hotspots/sids2/sids2.dbf", read_geometry=False)
    names, columns = list(table[0]["fields"]), table[3]
    links = row_standardised(gal(shared_data / "hotspots/sids2/sids2.gal", 4))
    plain = moran(columns[names.index("SIDR74")], links)
    assert plain.value == pytest.approx(books[("sids2 SIDR74", "Moran I")], abs=1e-8)
    assert plain.p_normal == pytest.approx(books[("sids2 SIDR74", "Moran p_norm")], rel=1e-6)
    rates = stabilised_rates(columns[names.index("SID79")], columns[names.index("BIR79")])
    found = moran(rates, links)
    assert found.value == pytest.approx(
        books[("sids2 SID79/BIR79", "Moran_Rate (EB Assuncao-Reis) I")], abs=1e-8
    )
    assert found.p_normal == pytest.approx(books[("sids2 SID79/BIR79", "Moran_Rate p_norm")], rel=1e-6)


def test_geary_is_that_of_esda(shared_data: Path, books: dict[tuple[str, str], float]) -> None:
    table = pyogrio.raw.read(shared_data / "hotspots/columbus/columbus.dbf", read_geometry=False)
    crime = table[3][list(table[0]["fields"]).index("CRIME")]
    found = geary(crime, row_standardised(rook(shared_data / "hotspots/columbus/columbus.shp")))
    assert found.value == pytest.approx(books[("columbus CRIME rook", "Geary C")], abs=1e-8)
    assert found.z_normal == pytest.approx(books[("columbus CRIME rook", "Geary z_norm")], abs=1e-6)
    assert found.z_random == pytest.approx(books[("columbus CRIME rook", "Geary z_rand")], abs=1e-6)
    variance = ((found.value - 1) / found.z_random) ** 2
    assert variance == pytest.approx(books[("columbus CRIME rook", "Geary VC_rand")], rel=1e-6)


def test_the_formulas_are_those_of_a_loop_over_cells() -> None:
    rng = np.random.default_rng(1)
    links, value = queen(5, 6), rng.poisson(2.0, 30).astype(np.float64)
    dense = links.toarray() > 0
    for row in range(30):
        near = value[dense[row]]
        k, n = len(near), 30
        spread = value.std() * np.sqrt((n * k - k * k) / (n - 1))
        assert gi_star(value, links)[row] == pytest.approx((near.sum() - k * value.mean()) / spread)
        rest = np.delete(value, row)
        spread = rest.std() * np.sqrt(((n - 1) * (k - 1) - (k - 1) ** 2) / (n - 2))
        above = near.sum() - value[row] - (k - 1) * rest.mean()
        assert gi(value, links)[row] == pytest.approx(above / spread)


def test_cells_left_out_count_nowhere() -> None:
    rng = np.random.default_rng(2)
    links, value = queen(6, 6), rng.poisson(2.0, 36).astype(np.float64)
    keep = rng.random(36) < 0.7
    drowned = np.where(keep, value, 1e6)
    sub = links[keep][:, keep]
    for statistic in (gi, gi_star):
        found = statistic(drowned, links, counted=keep)
        np.testing.assert_allclose(found[keep], statistic(value[keep], sub))
        assert np.isnan(found[~keep]).all()
    part, whole = global_g(drowned, links, counted=keep), global_g(value[keep], sub)
    assert part == pytest.approx(whole)


def test_where_all_cells_are_alike_none_stands_out() -> None:
    assert (gi_star(np.full(36, 0.1), queen(6, 6)) == 0).all()
    assert (gi(np.full(36, 0.1), queen(6, 6)) == 0).all()
    assert (gi_star(TOY, np.ones((6, 6))) == 0).all()


def test_what_a_diagonal_says_does_not_matter() -> None:
    with_self = queen(4, 4)
    without = neighbourhoods(with_self, itself=False)
    value = np.arange(16.0)
    np.testing.assert_array_equal(gi(value, with_self), gi(value, without))
    np.testing.assert_array_equal(gi_star(value, with_self), gi_star(value, without))


@pytest.mark.parametrize(
    ("counts", "weights", "words"),
    [
        ([1, 2, 3], np.ones((3, 2)), "not square"),
        ([1, 2, 3], np.full((3, 3), 0.5), "0.5"),
        ([1, 2], np.ones((3, 3)), "3 cells"),
        ([1, -2, 3], np.ones((3, 3)), "-2"),
        ([1, np.nan, 3], np.ones((3, 3)), "nan"),
    ],
)
def test_what_cannot_be_is_said(counts: list[float], weights: Floats, words: str) -> None:
    with pytest.raises(GridError, match=words) as caught:
        gi_star(counts, csr_array(weights))
    assert caught.value.fix


def test_neighbourhoods_are_those_of_a_loop() -> None:
    rng = np.random.default_rng(9)
    for _ in range(30):
        dense = (rng.random((12, 12)) < 0.3).astype(float)
        keep = rng.random(12) < 0.8
        for itself in (True, False):
            wanted = dense.copy()
            np.fill_diagonal(wanted, itself)
            links = csr_array(dense)
            np.testing.assert_array_equal(neighbourhoods(links, itself=itself).toarray(), wanted)
            found = neighbourhoods(links, itself=itself, counted=keep).toarray()
            np.testing.assert_array_equal(found, wanted * np.outer(keep, keep))
        np.testing.assert_array_equal(csr_array(dense).toarray(), dense)
