"""Every value of others that lies beside the project is one of ours, or it is said why it is not."""

from __future__ import annotations

import csv
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from geo.hotspot_getis import global_g

COVERED = {
    "getisord 16x16 remote-sensing (Getis & Ord 1996)": "test_geo_hotspot_getis.py",
    "getisord 16x16": "test_geo_hotspot_getis.py",
    "6-point toy": "test_geo_hotspot_getis.py",
    "stl HR8893": "test_geo_hotspot_getis.py",
    "sids2 SIDR74": "test_geo_hotspot_getis.py",
    "sids2 SID79/BIR79": "test_geo_hotspot_getis.py",
    "columbus CRIME rook": "test_geo_hotspot_getis.py",
    "auckland M77_85/(9*Und5_81)": "test_geo_hotspot_prediction.py",
    "auckland": "test_geo_hotspot_prediction.py",
    "NY leukaemia 281 tracts, planar coords, max 10% pop": "test_geo_scan.py",
}
NOT_OURS = {
    "burkitt": "Knox, Mantel and Jacquez: whether what is near is near in time. Nobody asks that here.",
    "nc.sids SID79 rate (Getis & Ord 1992 set-up)": "The county seats' coordinates are not in the data.",
    "nc.sids SID79 rate": "The county seats' coordinates are not in the data.",
}


def test_every_value_beside_the_project_is_accounted_for(shared_data: Path) -> None:
    with (shared_data / "hotspots/expected.csv").open(encoding="utf-8", newline="") as file:
        datasets = {row["dataset"] for row in csv.DictReader(file)}
    assert datasets == COVERED.keys() | NOT_OURS.keys()
    here = Path(__file__).parent
    for dataset, test in COVERED.items():
        text = (here / test).read_text(encoding="utf-8")
        words = dataset.split()
        assert words[0] in text or "max 10% pop" in text, dataset


@pytest.mark.parametrize("seed", range(4))
def test_the_moments_of_global_g_are_those_of_all_orders(seed: int) -> None:
    """What stands in for the values of North Carolina: the mean and the variance over all 720 orders."""
    rng = np.random.default_rng(seed)
    value, near = rng.gamma(1.0, 2.0, 6), np.triu(rng.random((6, 6)) < 0.5, 1)
    near[0, 1] = True
    links = csr_array((near | near.T).astype(np.float64))
    every = np.array([global_g(value[list(order)], links).value for order in permutations(range(6))])
    found = global_g(value, links)
    assert found.expected == pytest.approx(every.mean())
    assert found.z == pytest.approx((found.value - every.mean()) / every.std())


def test_the_moments_of_global_g_hold_where_neighbours_are_not_mutual() -> None:
    rng = np.random.default_rng(9)
    value, near = rng.gamma(1.0, 2.0, 6), rng.random((6, 6)) < 0.4
    np.fill_diagonal(near, False)
    links = csr_array(near.astype(np.float64))
    every = np.array([global_g(value[list(order)], links).value for order in permutations(range(6))])
    found = global_g(value, links)
    assert found.z == pytest.approx((found.value - every.mean()) / every.std())
