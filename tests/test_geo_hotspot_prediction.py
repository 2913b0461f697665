"""A ranking is worth what lies where it looks first, and the expected rates make a good one."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array

from geo.bins import Lattice, keys_over
from geo.errors import GridError
from geo.hotspot_prediction import captured, expected_rates, pai, pei, rates_variance
from geo.neighbours import bin_neighbours

Floats = NDArray[np.float64]


def queen(side: int) -> csr_array:
    """A square of square cells."""
    return bin_neighbours(np.argwhere(np.ones((side, side))), "queen")


# Ten cells: the best-ranked holds 6 of 20 reports, the next 2, then 4; the fullest, of 8, is ranked last.
SCORE = np.array([9, 8, 7, 6, 5, 4, 3, 2, 1, 0.0])
NEXT = np.array([6, 2, 4, 0, 0, 0, 0, 0, 0, 8.0])


def test_pai_and_pei_are_those_worked_out_by_hand() -> None:
    shares = [0.1, 0.2, 0.3, 1.0]
    np.testing.assert_allclose(captured(SCORE, NEXT, shares), [6 / 20, 8 / 20, 12 / 20, 1])
    # (6 / 20) / (1 / 10) = 3; (8 / 20) / (2 / 10) = 2; (12 / 20) / (3 / 10) = 2; everywhere, 1.
    np.testing.assert_allclose(pai(SCORE, NEXT, shares), [3, 2, 2, 1])
    # Who knew would have had 8, 14, 18 and 20.
    np.testing.assert_allclose(pei(SCORE, NEXT, shares), [6 / 8, 8 / 14, 12 / 18, 1])


def test_cells_of_unequal_ground_count_by_their_ground() -> None:
    area = np.array([1.0, 3.0, 4.0, 2.0])
    held = np.array([4.0, 3.0, 2.0, 1.0])
    # A tenth of the ground is the first cell; a quarter holds half of the second as well.
    np.testing.assert_allclose(captured([4, 3, 2, 1], held, [0.1, 0.25], area=area), [0.4, 0.55])
    np.testing.assert_allclose(pai([4, 3, 2, 1], held, [0.1, 0.25], area=area), [4, 2.2])
    # Per ground the cells hold 4, 1, .5 and .5: the ranking is the best there is.
    np.testing.assert_allclose(pei([4, 3, 2, 1], held, [0.1, 0.25, 0.5], area=area), 1)


def test_cells_ranked_alike_are_gone_to_in_any_order() -> None:
    np.testing.assert_allclose(captured(np.ones(10), NEXT, [0.1, 0.5]), [0.1, 0.5])
    order = np.random.default_rng(1).permutation(10)
    tied = np.floor(SCORE / 2)
    np.testing.assert_allclose(
        captured(tied[order], NEXT[order], [0.15, 0.35]), captured(tied, NEXT, [0.15, 0.35])
    )


def test_what_is_not_ranked_comes_last_and_where_nothing_followed_there_is_no_answer() -> None:
    score = np.where(NEXT == 8, np.nan, SCORE)
    np.testing.assert_array_equal(captured(score, NEXT, [0.1, 0.9]), captured(SCORE, NEXT, [0.1, 0.9]))
    assert np.isnan(pai(SCORE, np.zeros(10), [0.1])).all()
    assert np.isnan(pei(SCORE, np.zeros(10), [0.1])).all()


@pytest.mark.parametrize("share", [0.0, -0.1, 1.5, np.nan])
def test_impossible_shares_are_refused(share: float) -> None:
    with pytest.raises(GridError, match="cannot be"):
        captured(SCORE, NEXT, [share])


def test_expected_rates_are_those_worked_out_by_hand() -> None:
    # Two pairs of neighbours: (8, 6) and (1, 1); the mean is 4.
    links = csr_array(np.kron(np.eye(2), [[0.0, 1.0], [1.0, 0.0]]))
    own, near = np.array([8.0, 6.0, 1.0, 1.0]), np.array([6.0, 8.0, 1.0, 1.0])
    slope = ((near - 4) @ (own - 4)) / ((near - 4) @ (near - 4))
    usual = 4 + slope * (near - 4)
    variance = max(np.square(own - usual).mean() - 4, 0)
    wanted = usual + variance / (variance + 4) * (own - usual)
    np.testing.assert_allclose(expected_rates(own, links), wanted)


def test_without_neighbours_a_rate_is_drawn_to_that_of_the_city() -> None:
    rng = np.random.default_rng(2)
    exposure = np.exp(rng.normal(2, 1, 3000))
    truth = rng.gamma(4, 0.25, 3000)
    seen = rng.poisson(truth * exposure)
    found = expected_rates(seen, csr_array((3000, 3000)), exposure=exposure)
    assert np.square(found - truth).mean() < 0.5 * np.square(seen / exposure - truth).mean()
    own, mean = seen / exposure, seen.sum() / exposure.sum()
    assert (np.abs(found - mean) <= np.abs(own - mean) + 1e-12).all()


def test_without_neighbours_the_rates_of_auckland_are_drawn_as_spdep_draws_them(shared_data: Path) -> None:
    with (shared_data / "hotspots/expected.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["dataset"].startswith("auckland")]
    prior = {row["parameter"][-1]: float(row["expected"]) for row in rows}
    names, _, _, columns = pyogrio.raw.read(shared_data / "hotspots/auckland.gpkg", read_geometry=False)
    table = dict(zip(names["fields"], columns, strict=True))
    deaths, exposure = table["M77_85"].astype(float), 9.0 * table["Und5_81"]
    mean = deaths.sum() / exposure.sum()
    assert mean == pytest.approx(prior["b"], abs=5e-10)
    assert rates_variance(deaths, exposure, mean) == pytest.approx(prior["a"], abs=5e-14)
    found = expected_rates(deaths, csr_array((len(deaths),) * 2), exposure=exposure)
    trust = prior["a"] / (prior["a"] + prior["b"] / exposure)
    np.testing.assert_allclose(found, prior["b"] + trust * (deaths / exposure - prior["b"]), rtol=1e-6)


def test_rates_that_vary_no_more_than_chance_are_the_mean() -> None:
    apart = csr_array((3, 3))
    np.testing.assert_array_equal(expected_rates([2, 2, 2], apart), [2, 2, 2])
    np.testing.assert_array_equal(expected_rates([2, 3, 2], apart), np.full(3, 7 / 3))


def test_of_noise_nothing_is_expected_but_the_mean() -> None:
    counts = np.random.default_rng(3).poisson(0.5, 2500)
    found = expected_rates(counts, queen(50))
    assert np.ptp(found) < 0.3 * np.ptp(counts)
    assert found.mean() == pytest.approx(counts.mean(), rel=0.02)


def test_where_reports_persist_it_finds_more_of_the_next_than_counts_do() -> None:
    rng = np.random.default_rng(4)
    links = queen(50)
    rough = rng.gamma(0.5, 1.0, 2500)
    rate = 0.3 * rough + links @ rough / 12
    area, gain = np.ones(2500), []
    for _ in range(20):
        last, following = rng.poisson(rate), rng.poisson(rate)
        better = captured(expected_rates(last, links, exposure=area), following, [0.02, 0.05])
        gain.append(better - captured(last, following, [0.02, 0.05]))
    assert np.mean(gain, axis=0).min() > 0


def test_rows_in_another_order_and_cells_left_out_change_no_rate() -> None:
    rng = np.random.default_rng(5)
    links, counts, keep = queen(12), rng.poisson(2.0, 144), rng.random(144) > 0.2
    exposure = rng.uniform(0.5, 2, 144)
    plain = expected_rates(counts, links, exposure=exposure, counted=keep)
    order = rng.permutation(144)
    mixed = expected_rates(
        counts[order], csr_array(links[order][:, order]), exposure=exposure[order], counted=keep[order]
    )
    np.testing.assert_allclose(mixed, plain[order])
    inner = expected_rates(counts[keep], csr_array(links[keep][:, keep]), exposure=exposure[keep])
    np.testing.assert_allclose(plain[keep], inner)
    assert np.isnan(plain[~keep]).all()


def test_nothing_reported_lets_nothing_expect() -> None:
    nothing = np.zeros(9)
    assert (expected_rates(nothing, queen(3)) == 0).all()
    assert expected_rates([3.0], csr_array(eye_array(1)), exposure=2.0).tolist() == [1.5]
    assert np.isnan(expected_rates(nothing, queen(3), exposure=0.0)).all()
    key = keys_over(Lattice("hex", 1.0), shapely.box(0, 0, 4, 4))
    assert np.isfinite(expected_rates(np.arange(len(key)), bin_neighbours(key, "hex"))).all()
