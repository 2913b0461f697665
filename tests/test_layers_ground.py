"""The ground under an error: fewer places are asked for, and all of them count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from layers.assets import Nearest, find_candidates
from layers.cells import locate_areas, locate_cells
from layers.evidence import Evidence, read_evidence
from layers.generation import Generation
from layers.ground import Around, Floats, _on_equal_ground, look_around, on_ground, scattered
from layers.holders import find_holders
from layers.hypotheses import Hypotheses
from layers.records import concatenated, starts
from layers.sections import locate_sections
from tests.hard_cases import SCENES, at, hard_city

REPORTS, COUNT = 400, 128


@pytest.fixture(scope="module")
def city() -> Generation:
    """The city of the hard cases, without shared edges."""
    return replace(hard_city(), config=replace(hard_city().config, shared_edges=()))


@pytest.fixture(scope="module")
def evidence(city: Generation) -> Evidence:
    """Reports around the scenes, with errors from one metre to two hundred."""
    rng = np.random.default_rng(3)
    east, north = rng.normal(0, rng.choice([3, 30, 300], REPORTS), (2, REPORTS))
    places = zip(rng.choice(SCENES, REPORTS), east, north, strict=True)
    lng, lat = np.array([at(*place) for place in places]).T
    accuracy = rng.choice([1.0, 8.0, 30.0, 200.0], REPORTS)
    return read_evidence(city, lng, lat, None, accuracy, 68, None, None, None, None)


def around_of(city: Generation, evidence: Evidence) -> tuple[Around, Floats, Floats]:
    """What is known of the ground, and the positions in metres."""
    x, y = city.metric.points(evidence.lng, evidence.lat)
    cells = locate_cells(city, evidence.lng, evidence.lat, evidence.accuracy_m)
    return look_around(city, evidence, cells, x, y), x, y


def weights(city: Generation, places: Hypotheses) -> dict[tuple[int, ...], float]:
    """The weight of every report on each ground: its cell, areas and sections."""
    lng, lat = city.metric.to_lnglat(places.x, places.y)
    columns = [places.row, locate_cells(city, lng, lat).cell]
    columns += locate_areas(city, lng, lat, city.surroundings.asked_areas).values()
    columns += [locate_sections(city, kind, places.x, places.y).position for kind in sorted(city.sections)]
    found: dict[tuple[int, ...], float] = {}
    for *ground, weight in zip(*(c.tolist() for c in columns), places.weight.tolist(), strict=True):
        found[tuple(ground)] = found.get(tuple(ground), 0.0) + weight
    return found


def test_equal_ground_weighs_what_all_places_on_it_weigh(city: Generation, evidence: Evidence) -> None:
    """One place for each ground, with the weight of those that stand for the error there."""
    around, x, y = around_of(city, evidence)
    rows = np.flatnonzero(around.has_boundary)
    merged = _on_equal_ground(city, evidence, rows, around, x, y, COUNT)
    every = scattered(evidence, rows, x, y, COUNT)
    assert len(rows) > 50
    assert len(merged) < len(every) / 10
    assert np.array_equal(merged.weight, merged.places / COUNT)
    assert weights(city, merged) == pytest.approx(weights(city, every), abs=1e-12)


def test_nothing_changes_on_free_ground(city: Generation, evidence: Evidence) -> None:
    """Within the free metres every place has the cell and the areas of the position."""
    around, x, y = around_of(city, evidence)
    rows = np.flatnonzero(around.free_m > 0)
    turn = np.random.default_rng(4).uniform(0, 2 * np.pi, len(rows))
    px, py = x[rows] + around.free_m[rows] * np.cos(turn), y[rows] + around.free_m[rows] * np.sin(turn)
    lng, lat = city.metric.to_lnglat(px, py)
    there, here = (
        [locate_cells(city, *place).cell, *locate_areas(city, *place, city.surroundings.asked_areas).values()]
        for place in ((lng, lat), (evidence.lng[rows], evidence.lat[rows]))
    )
    assert len(rows) > 50
    assert all(np.array_equal(a, b) for a, b in zip(there, here, strict=True))


def test_the_nearest_of_all_kinds_is_the_first_candidate(city: Generation, evidence: Evidence) -> None:
    """Kind by kind the same asset as the first of all candidates of a report without a category."""
    _, x, y = around_of(city, evidence)
    found = Nearest.none(len(x))
    for kind in city.asset_kinds:
        found.improve(city, kind, np.arange(len(x)), x, y)
    blank = np.full(len(x), "", dtype=object)
    first = find_candidates(city, x, y, blank, np.zeros(len(x)), blank).first()
    first = first.take(starts(first.row))
    assert np.array_equal(np.flatnonzero(found.kind >= 0), first.row)
    assert np.array_equal(found.kind[first.row], first.kind)
    assert np.array_equal(found.position[first.row], first.position)
    assert np.allclose(found.distance_m[first.row], first.distance_m, rtol=0, atol=1e-9)


def test_places_near_a_shared_edge_count_for_themselves(evidence: Evidence) -> None:
    """There one place may be another's than the next; far from it places are weighed as one."""
    city = hard_city()
    around, x, y = around_of(city, evidence)
    part = np.where(around.has_boundary, 1.0, 0.0)
    every = concatenated(on_ground(city, evidence, part, around, x, y))
    held = find_holders(city, every.x, every.y)
    assert (held.edge >= 0).sum() > 100
    assert (every.places[held.edge >= 0] == 1).all()
    assert every.places.max() > 1
    assert np.bincount(every.row, every.weight, len(part))[around.has_boundary] == pytest.approx(1.0)
