"""How much of what is reported next lies where one looked first, and where to look.

A ranking of cells is taken from the best on until a share of the ground is reached; what counts is the share
of the next reports that lies there. Sources: PAI, Chainey, Tompson and Uhlig 2008, "The utility of hotspot
mapping for predicting spatial patterns of crime"; PEI, Hunt 2016, "Do crime hot spots move?".
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import sparray

from geo.errors import GridError
from geo.hotspot_weights import counted_cells, neighbourhoods, numbers

Floats: TypeAlias = NDArray[np.float64]


def captured(score: ArrayLike, reports: ArrayLike, shares: ArrayLike, *, area: ArrayLike = 1.0) -> Floats:
    """Which share of the reports lies in the best-ranked cells that make up each share of the ground.

    Of cells ranked alike, and of the one in which the limit lies, as much counts as fits: what one would find
    on average going there in any order.

    Args:
        score: the higher, the sooner, shape (n,); NaN last.
        reports: that came afterwards, shape (n,).
        shares: of the ground, above 0 and up to 1, shape (s,).
        area: of the cells, in any unit; one number, or shape (n,).

    Returns:
        Shape (s,); NaN if there are no reports.

    Raises:
        GridError: shapes that do not fit, or values that are no such numbers.
    """
    rank = np.asarray(score, dtype=np.float64).reshape(-1)
    held = numbers(reports, len(rank), "Reports")
    ground = numbers(np.full(len(rank), area) if np.ndim(area) == 0 else area, len(rank), "Areas")
    wanted = np.asarray(shares, dtype=np.float64).reshape(-1)
    if not ((wanted > 0) & (wanted <= 1)).all():
        raise GridError(f"Shares of the ground cannot be {wanted}.", fix="Give .01, or .05.")
    if not held.any() or not ground.any():
        return np.full(len(wanted), np.nan)
    _, alike = np.unique(np.where(np.isnan(rank), np.inf, -rank), return_inverse=True)
    seen, walked = (np.cumsum(np.bincount(alike, each)) for each in (held, ground))
    return np.asarray(
        np.interp(wanted * walked[-1], np.concatenate([[0], walked]), np.concatenate([[0], seen])) / seen[-1]
    )


def pai(score: ArrayLike, reports: ArrayLike, shares: ArrayLike, *, area: ArrayLike = 1.0) -> Floats:
    """The predictive accuracy index: how many times denser than elsewhere reports lie there; shape (s,).

    The share of reports captured, over the share of the ground: 1 for a ranking that knows nothing. It is
    the larger the smaller the share, so that only values of one share compare. Arguments: as `captured`.
    """
    return captured(score, reports, shares, area=area) / np.asarray(shares, dtype=np.float64).reshape(-1)


def pei(score: ArrayLike, reports: ArrayLike, shares: ArrayLike, *, area: ArrayLike = 1.0) -> Floats:
    """The predictive efficiency index: the PAI over that of who knew the future; shape (s,), up to 1.

    Arguments: as `captured`.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        known = np.asarray(reports, dtype=np.float64) / np.asarray(area, dtype=np.float64)
    best = captured(known, reports, shares, area=area)
    return captured(score, reports, shares, area=area) / best


def expected_rates(
    counts: ArrayLike,
    weights: sparray,
    *,
    exposure: ArrayLike = 1.0,
    counted: ArrayLike | None = None,
) -> Floats:
    """The rate to be expected of each cell, from its own and its neighbours'; shape (n,), NaN if left out.

    First what the neighbours let expect (a line through the rates of cells by those of their neighbours),
    then towards that the cell's own rate is drawn, the nearer the less is exposed: the empirical Bayes
    estimator of Marshall 1991 with a mean that depends on the neighbours, and the best linear prediction
    that Poisson kriging has for these two (Monestiez, Dubroca, Bonnin, Durbec and Guinet 2006). The line
    and how far to draw are derived from these counts alone.

    Args:
        counts: shape (n,), 0 or more.
        weights: shape (n, n), binary.
        exposure: one number, or shape (n,); cells without any are left out.
        counted: shape (n,), bool: which cells take part.

    Raises:
        GridError: shapes that do not fit, or values that are no such numbers.
    """
    cells = weights.shape[0]
    exposed = numbers(np.full(cells, exposure) if np.ndim(exposure) == 0 else exposure, cells, "Exposures")
    keep = counted_cells(counted, cells) & (exposed > 0)
    links = neighbourhoods(weights, itself=False, counted=keep)
    seen, base = np.where(keep, numbers(counts, cells, "Counts"), 0.0), np.where(keep, exposed, 0.0)
    if not seen.any():
        return np.where(keep, 0.0, np.nan)
    mean = seen.sum() / base.sum()
    own, near = _rate(seen, base, mean), _rate(links @ seen, links @ base, mean)
    say = base / base.sum()
    slope = say @ ((near - mean) * (own - mean)) / max(say @ np.square(near - mean), np.finfo(float).tiny)
    usual = mean + max(slope, 0.0) * (near - mean)
    variance = rates_variance(seen[keep], base[keep], usual[keep])
    return np.where(
        keep, usual + variance / (variance + mean / np.where(keep, exposed, 1.0)) * (own - usual), np.nan
    )


def rates_variance(counts: Floats, exposure: Floats, usual: Floats | float) -> float:
    """How much true rates vary about the usual ones, by moments: what chance adds to the seen ones taken off.

    Source: Marshall 1991, "Mapping disease and mortality rates using empirical Bayes estimators" (his A).

    Args:
        counts: shape (n,), 0 or more, not all 0.
        exposure: shape (n,), above 0.
        usual: rates, one number or shape (n,).

    Returns:
        0 or more.
    """
    seen = exposure @ np.square(counts / exposure - usual) / exposure.sum()
    by_chance = counts.sum() / exposure.sum() / exposure.mean()
    return float(max(seen - by_chance, 0.0))


def _rate(seen: Floats, exposed: Floats, mean: float) -> Floats:
    """The mean where nothing is exposed."""
    some = exposed > 0
    return np.where(some, seen / np.where(some, exposed, 1.0), mean)
