"""From weighed hypotheses to one answer a report: owners, assets, and how sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.assets import AssetAnswer, Candidates
from layers.generation import NONE, Generation, Objects, Positions
from layers.hypotheses import Hypotheses
from layers.records import concatenated, is_alone, starts, take
from layers.surroundings import STREET

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BOUND = 0.8  # the least share of an asset, street or section that the answer names
ASSET_BOUND, SECTION_BOUND, STREET_BOUND = "asset", "section", "street"  # what an answer is bound to


@dataclass(frozen=True)
class OwnerShares:
    """The share of every owner that may answer, by report, the largest first.

    Attributes:
        owner: position in the generation's owners; -1 for nobody (a neighbour's ground).
        rule: the lead rule that names it for most of its share.
    """

    row: Positions
    owner: Positions
    share: Floats
    rule: Positions


@dataclass(frozen=True)
class AssetShares:
    """The assets that may be concerned, by report, the first first."""

    row: Positions
    kind: Positions
    position: Positions
    share: Floats
    distance_m: Floats


def owner_shares(hypotheses: Hypotheses, owner: Positions, rule: Positions, nobody: Bools) -> OwnerShares:
    """The shares of the owners.

    Args:
        hypotheses: weighed, by report.
        owner, rule: who answers for each, -1 for nobody.
        nobody: where nobody answers because the place is a neighbour's: it counts. Other places outside are
            no place to report to this city, and the rest shares their weight.
    """
    counted = np.flatnonzero((owner >= 0) | nobody)
    row, who, weight = hypotheses.row[counted], owner[counted], hypotheses.weight[counted]
    alone = is_alone(row)
    sure, open_ = np.flatnonzero(alone), np.flatnonzero(~alone)
    only = OwnerShares(row[sure], who[sure], np.ones(len(sure)), rule[counted[sure]])
    if not len(open_):
        return only
    several = _shared(row[open_], who[open_], weight[open_], rule[counted[open_]])
    every = concatenated([only, several])
    return take(every, np.argsort(every.row, kind="stable"))


def _shared(row: Positions, who: Positions, weight: Floats, rule: Positions) -> OwnerShares:
    """The shares of the owners of reports that have several hypotheses; sorted by report."""
    key = row * (who.max() + 2) + who + 1
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    share = np.bincount(of, weight) / np.bincount(row, weight)[row[first]]
    strongest = _strongest_rule(of, rule, weight)
    # Equal shares: the one that came first, which is the lower code's.
    order = np.lexsort((first, -share.round(9), row[first]))
    return OwnerShares(row[first][order], who[first][order], share[order], strongest[order])


def _strongest_rule(of: Positions, rule: Positions, weight: Floats) -> Positions:
    """For each group the rule with most of its weight; the earlier one of two."""
    span = int(rule.max(initial=0)) + 2
    key, back = np.unique(of * span + rule + 1, return_inverse=True)
    total = np.bincount(back, weight)
    group, number = key // span, key % span - 1
    order = np.lexsort((number, -total.round(12), group))
    _, at = np.unique(group[order], return_index=True)
    strongest: Positions = number[order][at]
    return strongest


def asset_shares(hypotheses: Hypotheses, candidates: Candidates) -> AssetShares:
    """The shares of the assets; other candidates follow with none, as they are ranked."""
    on = np.flatnonzero(hypotheses.kind >= 0)
    row, kind, asset = hypotheses.row[on], hypotheses.kind[on], hypotheses.asset[on]
    ranked = candidates.ranked
    row = np.concatenate([row, ranked.row])
    kind = np.concatenate([kind, ranked.kind])
    asset = np.concatenate([asset, ranked.position])
    weight = np.concatenate([hypotheses.weight[on], np.zeros(len(ranked))])
    distance = np.concatenate([hypotheses.distance_m[on], ranked.distance_m])
    if not len(row):
        none, nothing = np.empty(0, dtype=np.intp), np.empty(0)
        return AssetShares(none, none, none, nothing, nothing)
    key = (row * (kind.max() + 1) + kind) * (asset.max() + 1) + asset
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    share: Floats = np.bincount(of, weight).astype(np.float64)
    order = np.lexsort((first, -share.round(9), row[first]))
    take = first[order]
    return AssetShares(row[take], kind[take], asset[take], share[order], distance[take])


@dataclass(frozen=True)
class Bound:
    """What each report is bound to: an asset, or the street or section that its candidates share.

    Attributes:
        assets: the asset; for a street its likeliest piece.
        what: asset, street, section or empty.
        share: of the asset, or of the candidates on the street or section; NaN for none.
    """

    assets: AssetAnswer
    what: Objects
    share: Floats


def bind(
    generation: Generation,
    shares: AssetShares,
    hypotheses: Hypotheses,
    sections: Mapping[str, Positions],
    count: int,
) -> Bound:
    """Bind each of ``count`` reports to the asset with a share of .8, else to the street or section with it.

    ``sections`` gives per route kind the section of each hypothesis, -1 for none.
    """
    kinds = generation.asset_kinds
    none = np.full(count, NONE, dtype=np.intp)
    bound = Bound(
        AssetAnswer(kinds, none, none.copy(), np.full(count, np.nan)),
        np.full(count, "", dtype=object),
        np.full(count, np.nan),
    )
    best = starts(shares.row)
    sure = best[shares.share[best] >= BOUND]
    _put(bound, shares, sure, shares.row[sure], ASSET_BOUND, shares.share[sure])
    loose = np.flatnonzero(shares.share > 0)
    loose = loose[bound.what[shares.row[loose]] == ""]
    if len(loose):
        _bind_streets(generation, bound, shares, loose, kinds)
    for positions in sections.values():
        _bind_sections(bound, shares, hypotheses, positions)
    return bound


def _bind_sections(bound: Bound, shares: AssetShares, hypotheses: Hypotheses, section: Positions) -> None:
    """Reports that are bound to nothing yet, most of whose places on assets lie in one section."""
    at = (section >= 0) & (hypotheses.kind >= 0)
    at[at] = bound.what[hypotheses.row[at]] == ""
    if not at.any():
        return
    key = hypotheses.row[at] * (section.max() + 1) + section[at]
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    total: Floats = np.bincount(of, hypotheses.weight[at]).astype(np.float64)
    rows = hypotheses.row[at][first]
    sure = total >= BOUND
    best = np.searchsorted(shares.row, rows[sure])  # the likeliest piece comes first
    _put(bound, shares, best, rows[sure], SECTION_BOUND, total[sure])


def _put(
    bound: Bound, shares: AssetShares, entry: Positions, row: Positions, what: str, share: Floats
) -> None:
    bound.assets.kind[row] = shares.kind[entry]
    bound.assets.position[row] = shares.position[entry]
    bound.assets.distance_m[row] = shares.distance_m[entry]
    bound.what[row] = what
    bound.share[row] = share


def _bind_streets(
    generation: Generation, bound: Bound, shares: AssetShares, mine: Positions, kinds: tuple[str, ...]
) -> None:
    """Reports whose candidates, some of the shares, lie on one street (or are pieces of one road or river)
    are bound to it.
    """
    street = np.full(len(mine), NONE, dtype=np.intp)
    for number, kind in enumerate(kinds):
        at = shares.kind[mine] == number
        street[at] = generation.surroundings.street_labels(kind)[shares.position[mine[at]]]
    mine, street = mine[street >= 0], street[street >= 0]
    if not len(mine):
        return
    pairs = np.column_stack([shares.row[mine], street])
    _, first, of = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    total: Floats = np.bincount(of.ravel(), shares.share[mine]).astype(np.float64)
    sure = total >= BOUND  # at most one a report
    _put_streets(generation, bound, shares, mine[first[sure]], total[sure], kinds)


def _put_streets(
    generation: Generation,
    bound: Bound,
    shares: AssetShares,
    entry: Positions,
    share: Floats,
    kinds: tuple[str, ...],
) -> None:
    """Bind to the street of each entry: the piece that it is, or the road that it stands in."""
    _put(bound, shares, entry, shares.row[entry], STREET_BOUND, share)
    for number in np.unique(shares.kind[entry]):
        if not generation.surroundings.is_line(kinds[number]):
            mine = entry[shares.kind[entry] == number]
            row = shares.row[mine]
            streets = generation.surroundings.streets(kinds[number])
            bound.assets.kind[row] = kinds.index(STREET)
            bound.assets.position[row] = streets[shares.position[mine]]
            bound.assets.distance_m[row] = np.nan
