"""Contiguous regions grown over the faces of a coverage."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.demo.curves import Array

Labels = NDArray[np.intp]
Ways = list[list[tuple[int, float]]]
# How often regions are grown anew to even out; their seeds move in the first half of the rounds.
ROUNDS = 14


@dataclass(frozen=True)
class Adjacency:
    """Which faces share a border: pairs (a < b) with the length shared, in the coverage's units."""

    a: Labels
    b: Labels
    shared: Array


def adjacency(faces: NDArray[np.object_]) -> Adjacency:
    """The pairs of faces of a coverage that share at least one edge."""
    ends, face = _edges(faces)
    _, edge = np.unique(ends, axis=0, return_inverse=True)
    order = np.argsort(edge, kind="stable")
    twin = np.flatnonzero(edge[order][1:] == edge[order][:-1])
    one, two = order[twin], order[twin + 1]
    pairs = np.sort(np.column_stack([face[one], face[two]]), axis=1)
    length = np.hypot(*(ends[one, :2] - ends[one, 2:]).T)
    unique, inverse = np.unique(pairs, axis=0, return_inverse=True)
    shared = np.asarray(np.bincount(inverse, weights=length), dtype=float)
    return Adjacency(unique[:, 0], unique[:, 1], shared)


def _edges(faces: NDArray[np.object_]) -> tuple[Array, Labels]:
    """Every edge of every face as (x1, y1, x2, y2) in a fixed direction, with its face."""
    xy, owner = shapely.get_coordinates(faces, return_index=True)
    same = owner[1:] == owner[:-1]
    start, end = xy[:-1][same], xy[1:][same]
    turn = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    ends = np.where(turn[:, None], np.hstack([end, start]), np.hstack([start, end]))
    return ends, owner[:-1][same]


def ways(links: Adjacency, cost: Array, count: int) -> Ways:
    """For each of ``count`` faces its neighbours, with the cost of going there."""
    near: Ways = [[] for _ in range(count)]
    for a, b, step in zip(links.a.tolist(), links.b.tolist(), cost.tolist(), strict=True):
        near[a].append((b, step))
        near[b].append((a, step))
    return near


def grow(near: Ways, seeds: Labels, head_start: Array) -> Labels:
    """The seed that reaches each face at least cost; every region is connected.

    ``head_start`` (one per seed) makes a region larger where negative. Faces that no seed reaches are -1.
    """
    label = [-1] * len(near)
    heap = [(float(head_start[i]), int(seed), i) for i, seed in enumerate(seeds)]
    # A seed belongs to its own region whatever the head starts say.
    own = {int(seed): i for i, seed in enumerate(seeds)}
    heapq.heapify(heap)
    while heap:
        spent, face, region = heapq.heappop(heap)
        if label[face] >= 0 or own.get(face, region) != region:
            continue
        label[face] = region
        for other, step in near[face]:
            if label[other] < 0:
                heapq.heappush(heap, (spent + step, other, region))
    return np.array(label)


def balanced(
    links: Adjacency,
    cost: Array,
    xy: Array,
    weight: Array,
    count: int,
    rng: np.random.Generator,
) -> Labels:
    """The faces in ``count`` connected, compact regions of about equal weight."""
    near, seeds = ways(links, cost, len(xy)), _spread(xy, count, rng)
    head = np.zeros(count)
    want = weight.sum() / count
    best, least = np.zeros(len(xy), dtype=np.intp), np.inf
    for turn in range(ROUNDS):
        label = grow(near, seeds, head)
        got = np.bincount(label, weights=weight, minlength=count)
        uneven = float(np.abs(got - want).sum())
        if uneven < least:
            best, least = label, uneven
        head += np.clip(got / want - 1, -0.5, 0.5) * float(np.median(cost)) * 0.8
        if turn < ROUNDS // 2:
            seeds = _middles(label, xy, weight, count)
    return best


def _spread(xy: Array, count: int, rng: np.random.Generator) -> Labels:
    """Faces far from each other, the first one at random."""
    seeds = [int(rng.integers(len(xy)))]
    away = np.hypot(*(xy - xy[seeds[0]]).T)
    while len(seeds) < count:
        seeds.append(int(np.argmax(away)))
        away = np.minimum(away, np.hypot(*(xy - xy[seeds[-1]]).T))
    return np.array(seeds)


def _middles(label: Labels, xy: Array, weight: Array, count: int) -> Labels:
    """The face of each region that lies nearest to its weighted middle."""
    total = np.bincount(label, weights=weight, minlength=count)
    middle = np.column_stack([np.bincount(label, weights=weight * c, minlength=count) / total for c in xy.T])
    away = np.hypot(*(xy - middle[label]).T)
    order = np.lexsort((away, label))
    return order[np.searchsorted(label[order], np.arange(count))]
