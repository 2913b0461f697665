"""How often hotspots are found in noise, and where they are: ``python -m benchmarks.hotspots_noise``.

Grids of 100 × 100 cells. Of pure noise, the share of grids in which anything at all is found at alpha .05
(hot or cold, Benjamini and Hochberg over all cells), with as many reports in a cell on average as the head of
a column says; it should be 5 % at most, give or take what so many grids tell. Then hotspots are planted, and
cells counted: of those planted, how many are found, and how many are found that do not even touch one.

Beside ours: z of Gi* with the normal distribution, and, where it is installed, esda's G_Local with 999
permutations, for some of the grids, since it takes seconds for each.
"""

from __future__ import annotations

import argparse
import importlib
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.special import ndtr

from geo.bins_counts import counts
from geo.bins_people import once_nearby
from geo.hotspot_fdr import benjamini_hochberg
from geo.hotspot_getis import gi_star
from geo.hotspots import Evidence, by_count, by_exposure, by_share, judged
from geo.neighbours import bin_neighbours

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Finds = Callable[[np.random.Generator, float], Bools]
"""Makes a grid with so many reports in a cell on average, and tells which cells are found."""

SIDE = 100
CELLS = SIDE * SIDE
MEANS = (0.05, 0.1, 0.3, 1.0, 3.0)
ALPHA = 0.05
KEY = np.argwhere(np.ones((SIDE, SIDE)))
LINKS = bin_neighbours(KEY, "queen")
OTHERS = 9.0
"""So many reports of other categories for each of the one."""
FILED = 200
"""So many are filed by one person."""


def main(argv: list[str] | None = None) -> None:
    """Print both tables."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--grids", type=int, default=200, help="of noise, for each number, 0 for none (200)")
    asked.add_argument("--planted", type=int, default=50, help="with hotspots, for each row (50)")
    asked.add_argument("--peer", type=int, default=2, help="grids that esda is given, 0 for none (2)")
    given = asked.parse_args(argv)
    esda = _esda() if given.peer else None
    if given.grids:
        _print_noise(given.grids)
    if esda:
        _print_peer(esda, given.peer)
    _print_planted(given.planted, esda, given.peer)


# ---- noise


def _print_noise(grids: int) -> None:
    error = 1.96 * np.sqrt(ALPHA * (1 - ALPHA) / grids)
    print(f"{grids} grids each; 5 % with their sampling error is up to {ALPHA + error:.1%}\n")
    print(f"{'grids of noise with any discovery':58}" + "".join(f"{mean:>8g}" for mean in MEANS))
    for name, finds in _noises().items():
        shares = [_share(finds, mean, grids, row) for row, mean in enumerate(MEANS)]
        print(f"{name:58}" + "".join(f"{share:8.1%}" for share in shares), flush=True)


def _share(finds: Finds, mean: float, grids: int, seed: int) -> float:
    rng = np.random.default_rng([2026, seed])
    return float(np.mean([finds(rng, mean).any() for _ in range(grids)]))


def _noises() -> dict[str, Finds]:
    rows: dict[str, Finds] = {
        "even ground: by count": lambda rng, mean: _found(by_count(rng.poisson(mean, CELLS), LINKS)),
        "even ground: by exposure": lambda rng, mean: _exposed(rng, mean, np.ones(CELLS)),
        "even ground: by share": lambda rng, mean: _shared(rng, mean, np.ones(CELLS)),
        "even ground: Gi* as a normal deviate": lambda rng, mean: _normal(rng.poisson(mean, CELLS)),
    }
    for spread in (0.3, 0.6, 1.0):
        rows[f"ground of log-sd {spread:g}: by exposure"] = _uneven(_exposed, spread)
        rows[f"ground of log-sd {spread:g}: by share"] = _uneven(_shared, spread)
    rows["ground of log-sd 1: by count"] = _uneven(_counted, 1.0)
    rows["crowds (smooth ground of log-sd 1): by exposure"] = _crowded(_exposed)
    rows["crowds: by share"] = _crowded(_shared)
    rows["crowds: by count, which finds the crowds"] = _crowded(_counted)
    rows["30 % water: by count"] = lambda rng, mean: _watered(rng, mean, _counted)
    rows["30 % water: by exposure"] = lambda rng, mean: _watered(rng, mean, _exposed)
    rows["30 % water: by share"] = lambda rng, mean: _watered(rng, mean, _shared)
    rows["one files 200 in a cell: by count, reports"] = lambda rng, mean: _filed(rng, mean, 0.0)[0]
    rows["one files 200 in a cell: by count, people"] = lambda rng, mean: _filed(rng, mean, 0.0)[1]
    rows["one files 200 around home: by count, people"] = lambda rng, mean: _filed(rng, mean, 1.0)[1]
    rows["the same, people once in a neighbourhood"] = lambda rng, mean: _filed(rng, mean, 1.0)[2]
    return rows


def _found(tested: Evidence) -> Bools:
    return judged([tested], alpha=ALPHA)[0].q <= ALPHA


def _normal(held: NDArray[np.int64]) -> Bools:
    return benjamini_hochberg(2 * ndtr(-np.abs(gi_star(held, LINKS)))) <= ALPHA


def _counted(rng: np.random.Generator, mean: float, ground: Floats, land: Bools | None = None) -> Bools:
    return _found(by_count(rng.poisson(mean * ground), LINKS, counted=land))


def _exposed(rng: np.random.Generator, mean: float, ground: Floats, land: Bools | None = None) -> Bools:
    return _found(by_exposure(rng.poisson(mean * ground), ground, LINKS, counted=land))


def _shared(rng: np.random.Generator, mean: float, ground: Floats, land: Bools | None = None) -> Bools:
    ours = rng.poisson(mean * ground)
    return _found(by_share(ours, ours + rng.poisson(OTHERS * mean * ground), LINKS, counted=land))


def _uneven(test: Callable[[np.random.Generator, float, Floats], Bools], spread: float) -> Finds:
    def finds(rng: np.random.Generator, mean: float) -> Bools:
        return test(rng, mean, np.exp(rng.normal(-(spread**2) / 2, spread, CELLS)))

    return finds


def _crowded(test: Callable[[np.random.Generator, float, Floats], Bools]) -> Finds:
    """On ground that is alike nearby, as streets and inhabitants are."""

    def finds(rng: np.random.Generator, mean: float) -> Bools:
        smooth = gaussian_filter(rng.normal(0, 1, (SIDE, SIDE)), 4.0, mode="wrap").ravel()
        return test(rng, mean, np.exp(smooth / smooth.std() - 0.5))

    return finds


def _watered(rng: np.random.Generator, mean: float, test: Callable[..., Bools]) -> Bools:
    land = rng.random(CELLS) > 0.3
    return np.asarray(test(rng, mean, land.astype(np.float64), land), dtype=np.bool_)


def _filed(rng: np.random.Generator, mean: float, around: float) -> tuple[Bools, Bools, Bools]:
    """What is found where one more person files, among reports, people, and people once nearby."""
    noise = np.repeat(np.arange(CELLS), rng.poisson(mean, CELLS))
    home = rng.integers(10, SIDE - 10, 2)
    places = np.rint(home + rng.normal(0, around, (FILED, 2))).astype(np.int64)
    position = np.concatenate([noise, places[:, 0] * SIDE + places[:, 1]])
    reporter = np.concatenate([np.arange(len(noise)), np.full(FILED, len(noise))])
    held = counts(position, CELLS, thing=reporter)
    nearby = counts(once_nearby(position, reporter, LINKS), CELLS, thing=reporter)
    ways = (held.raw, held.unique, nearby.unique)
    raw, people, once = (_found(by_count(way, LINKS)) for way in ways)
    return raw, people, once


# ---- esda


def _esda() -> Callable[[NDArray[np.int64]], Floats] | None:
    """The p-values of 999 permutations; None where it is not installed."""
    try:
        local: Any = importlib.import_module("esda.getisord").G_Local
        neighbours: Any = importlib.import_module("libpysal.weights").lat2W
    except ImportError as missing:
        print(f"esda is left out: {missing}")
        return None
    weights = neighbours(SIDE, SIDE, rook=False)

    def p_values(held: NDArray[np.int64]) -> Floats:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            local_g = local(held.astype(np.float64), weights, "B", 999, star=True, n_jobs=1, seed=1)
        return np.asarray(local_g.p_sim, dtype=np.float64)

    return p_values


def _print_peer(p_values: Callable[[NDArray[np.int64]], Floats], grids: int) -> None:
    print(
        f"\n{f'cells found in noise, of {CELLS:,} ({grids} grids)':58}" + "".join(f"{m:>8g}" for m in MEANS)
    )
    rows: dict[str, list[float]] = {
        "esda, p <= .05": [],
        "esda, with BH": [],
        "ours": [],
        "normal, with BH": [],
    }
    for seed, mean in enumerate(MEANS):
        rng = np.random.default_rng([7, seed])
        held = [rng.poisson(mean, CELLS) for _ in range(grids)]
        theirs = [p_values(each) for each in held]
        rows["esda, p <= .05"].append(float(np.mean([(p <= ALPHA).sum() for p in theirs])))
        with_bh = [(benjamini_hochberg(p) <= ALPHA).sum() for p in theirs]
        rows["esda, with BH"].append(float(np.mean(with_bh)))
        rows["ours"].append(float(np.mean([_found(by_count(each, LINKS)).sum() for each in held])))
        rows["normal, with BH"].append(float(np.mean([_normal(each).sum() for each in held])))
    for name, found in rows.items():
        print(f"{name:58}" + "".join(f"{cells:8,.0f}" for cells in found), flush=True)


# ---- planted


def _print_planted(grids: int, esda: Callable[[NDArray[np.int64]], Floats] | None, peer_grids: int) -> None:
    block = np.asarray(((KEY >= (40, 60)) & (KEY < (44, 64))).all(axis=1), dtype=np.bool_)
    touching = np.asarray(LINKS @ block.astype(np.float64)) > 0  # the block touches itself
    print(f"\na block of 4 × 4 planted in {grids} grids (esda: {peer_grids}): cells of it found, and cells")
    print("found that touch it nowhere\n")
    heads = ["by count", "by exposure", "normal", *(["permutations"] if esda else [])]
    print(f"{'noise and what is added in the block':58}" + "".join(f"{head:>16}" for head in heads))
    for name, made in _plants(block).items():
        rng = np.random.default_rng(5)
        held = [made(rng) for _ in range(grids)]
        ways = [
            [_found(by_count(each, LINKS)) for each in held],
            [_found(by_exposure(each, np.ones(CELLS), LINKS)) for each in held],
            [_normal(each) for each in held],
        ]
        if esda:
            ways.append([benjamini_hochberg(esda(each)) <= ALPHA for each in held[:peer_grids]])
        told = [
            (np.mean([f[block].sum() for f in w]), np.mean([f[~touching].sum() for f in w])) for w in ways
        ]
        print(
            f"{name:58}" + "".join(f"{f'{inside:.1f} and {far:.1f}':>16}" for inside, far in told), flush=True
        )


def _plants(block: Bools) -> dict[str, Callable[[np.random.Generator], NDArray[np.int64]]]:
    def poisson(mean: float, more: float) -> Callable[[np.random.Generator], NDArray[np.int64]]:
        return lambda rng: rng.poisson(np.where(block, mean + more, mean))

    def skewed(more: float) -> Callable[[np.random.Generator], NDArray[np.int64]]:
        return lambda rng: rng.negative_binomial(0.1, 0.25, CELLS) + rng.poisson(more, CELLS) * block

    return {
        "Poisson of .05, and .5": poisson(0.05, 0.5),
        "Poisson of .1, and .5": poisson(0.1, 0.5),
        "Poisson of .3, and 1": poisson(0.3, 1.0),
        "Poisson of 1, and 2": poisson(1.0, 2.0),
        "Poisson of 3, and 3": poisson(3.0, 3.0),
        "skewed (negative binomial, mean .3, variance 1.2), and 3": skewed(3.0),
        "the same, and 6": skewed(6.0),
    }


if __name__ == "__main__":
    main()
