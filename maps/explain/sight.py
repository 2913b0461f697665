"""Everything one drawing is about, gathered and fitted into its window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from layers.generation import Generation
from layers.telling import error_radii
from maps.explain.scene import (
    Area,
    Cell,
    Concerned,
    Thing,
    areas_of,
    cells_around,
    concerned,
    nearest_cell,
    support,
    things_around,
)
from maps.explain.style import depth, is_known_ground
from maps.explain.view import View, fit

Proof = dict[str, Any]

SHOWN_FAR_M = 2_000.0  # a nearest cell farther than this is pointed at, not shown
COARSE = 0.6  # pixels to a metre; below it lamps and houses would only smear


@dataclass(frozen=True)
class Sight:
    """What is drawn, in metres, and the window onto it.

    Attributes:
        here: the reported position.
        support: the line or area that was reported, if it was no point.
        radii: of the error circles in metres, if an error was stated.
        concerned: the assets the answer is, or might be, about.
        nearest: for a place in no cell, the nearest one and its nearest point.
        things: every asset in the window, by kind.
    """

    here: shapely.Point
    support: BaseGeometry | None
    radii: tuple[float, float] | None
    concerned: list[Concerned]
    nearest: tuple[Cell, shapely.Point] | None
    areas: list[Area]
    cells: list[Cell]
    things: dict[str, list[Thing]]
    view: View

    def others(self) -> Iterator[Thing]:
        """The assets that the answer is not about, those drawn lowest first."""
        known = {(each.thing.kind, each.thing.id) for each in self.concerned}
        for kind in sorted(self.things, key=depth):
            yield from (thing for thing in self.things[kind] if (kind, thing.id) not in known)

    def other_points(self) -> list[shapely.Point]:
        """Where other assets of no extent stand."""
        return [thing.geometry for thing in self.others() if isinstance(thing.geometry, shapely.Point)]


def look(proof: Proof, generation: Generation, width: float, height: float) -> Sight:
    """What lies in a window of that size, in pixels, around the place of a proof."""
    report = proof["report"]
    x, y = generation.metric.points(report["lng"], report["lat"])
    here = shapely.Point(float(x), float(y))
    shape, radii = support(generation, proof), error_radii(report["accuracy_m"], report["level"])
    about = concerned(generation, proof, here)
    uncovered = proof["cell"]["topology"] in ("outside", "gap")
    nearest = nearest_cell(generation, here) if uncovered else None
    shown = [each.touch for each in about]
    shown += [shapely.buffer(here, radii[1])] if radii else []
    shown += [shape] if shape is not None else []
    shown += [nearest[1]] if nearest is not None and nearest[1].distance(here) <= SHOWN_FAR_M else []
    view = fit(here, shown, width, height)
    cells = cells_around(generation, view.ground, proof["cell"]["code"])
    things = things_around(generation, view.ground, here)
    if view.scale < COARSE:
        things = {kind: things[kind] for kind in things if is_known_ground(kind)}
    areas = areas_of(generation, proof)
    return Sight(here, shape, radii, about, nearest, areas, cells, things, view)
