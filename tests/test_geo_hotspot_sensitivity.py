"""What holds wherever the bins begin is told from what hangs on it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from geo.bins import Lattice, bins, centres
from geo.bins_counts import counts
from geo.errors import GridError
from geo.hotspot_sensitivity import SHIFTS, Asked, origin_agreement
from geo.hotspots import HOT, by_count, judged
from geo.neighbours import bin_neighbours

Floats = NDArray[np.float64]

SQUARE = Lattice("square", 100.0, (7.0, -3.0))


def many(xy: Floats, least: int) -> Asked:
    """Bins with so many points are hot."""

    def asked(lattice: Lattice) -> tuple[ArrayLike, ArrayLike]:
        used = bins(lattice, xy)
        held = counts(used.position, len(used.key)).raw
        return used.key, np.where(held >= least, HOT, "not significant").astype(object)

    return asked


@pytest.mark.parametrize("shape", ["square", "hex"])
def test_a_broad_hotspot_holds_in_its_middle_and_one_that_fills_a_bin_by_chance_does_not(shape: str) -> None:
    lattice = Lattice("square" if shape == "square" else "hex", 100.0)
    middle = centres(lattice, [(50, 50)])[0]
    rng = np.random.default_rng(1)
    broad = rng.uniform(600, 1400, (6400, 2))
    pile = np.repeat([middle + np.array([49.0, 0.0])], 60, axis=0)
    asked = many(np.concatenate([broad, pile]), 50)
    key, class_ = asked(lattice)
    agrees = origin_agreement(lattice, key, class_, asked)
    centre = centres(lattice, key)
    inner = (np.abs(centre - 1000.0) < 300).all(axis=1)
    assert agrees[inner].min() == 1
    (at,) = np.flatnonzero((centre == middle).all(axis=1))
    # Two shifts lead west, so that the eastern edge moves past the pile; of a hexagon also a third.
    assert agrees[at] == (0.5 if shape == "square" else 0.25)


def test_each_shift_is_asked_once_and_is_relative_to_the_origin_there_was() -> None:
    seen: list[Lattice] = []

    def asked(lattice: Lattice) -> tuple[ArrayLike, ArrayLike]:
        seen.append(lattice)
        return [(0, 0)], ["hot"]

    assert origin_agreement(SQUARE, [(0, 0), (5, 5)], ["hot", "hot"], asked).tolist() == [1, 0]
    assert [each.shift_m for each in seen] == [(7 + 100 * x, -3 + 100 * y) for x, y in SHIFTS]
    assert {(each.shape, each.size_m) for each in seen} == {("square", 100.0)}


def test_classes_agree_only_with_themselves() -> None:
    def turned(lattice: Lattice) -> tuple[ArrayLike, ArrayLike]:
        return [(1, 0), (0, 0)], ["hot", "cold"]

    assert origin_agreement(SQUARE, [(0, 0), (1, 0)], ["hot", "hot"], turned).tolist() == [0, 1]


def test_no_two_lattices_share_a_row_or_a_column() -> None:
    moves = np.array([(0.0, 0.0), *SHIFTS])
    assert all(len(set(axis)) == len(moves) for axis in moves.T)
    assert (np.abs(moves) < 0.5).all()
    assert moves.sum(axis=0).tolist() == [0, 0]


def test_rows_in_another_order_agree_as_much() -> None:
    rng = np.random.default_rng(2)
    xy = np.concatenate([rng.uniform(0, 3000, (900, 2)), rng.normal(1500, 120, (120, 2))])

    def hotspots(points: Floats) -> Asked:
        def asked(lattice: Lattice) -> tuple[ArrayLike, ArrayLike]:
            used = bins(lattice, points)
            held = counts(used.position, len(used.key)).raw
            verdict = judged([by_count(held, bin_neighbours(used.key, "queen"))])[0]
            return used.key, verdict.class_

        return asked

    key, class_ = hotspots(xy)(SQUARE)
    plain = origin_agreement(SQUARE, key, class_, hotspots(xy))
    order = rng.permutation(len(np.asarray(key)))
    mixed = origin_agreement(
        SQUARE, np.asarray(key)[order], np.asarray(class_)[order], hotspots(rng.permutation(xy))
    )
    np.testing.assert_array_equal(mixed, plain[order])
    assert plain[np.asarray(class_) == HOT].max() == 1


def test_of_nothing_there_is_nothing_to_agree() -> None:
    def nothing(lattice: Lattice) -> tuple[ArrayLike, ArrayLike]:
        return np.empty((0, 2)), []

    assert origin_agreement(SQUARE, np.empty((0, 2)), [], nothing).shape == (0,)
    assert origin_agreement(SQUARE, [(0, 0)], ["hot"], nothing).tolist() == [0]


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(GridError, match="1 bins have classes of shape"):
        origin_agreement(SQUARE, [(0, 0)], ["hot", "cold"], many(np.zeros((1, 2)), 1))
    with pytest.raises(GridError, match="Nothing is moved"):
        origin_agreement(SQUARE, [(0, 0)], ["hot"], many(np.zeros((1, 2)), 1), shifts=())
