"""The routes of a city: its roads, rivers or dikes by id or name, counted in metres."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import MetricCrs
from geo.routes import Route, fitting_marks, make_route
from layers.chainage import metres_of

if TYPE_CHECKING:
    from layers.generation import Features

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
Positions = NDArray[np.intp]

MARK = "_mark"  # an asset kind: points with the columns route and m, that calibrate the routes of KIND
START, END = "start_m", "end_m"  # columns of an asset layer: the metres at the ends of each piece
MARK_REACH_M = 100.0  # a stone farther from its route than this stands elsewhere
MARK_SLACK_M = 0.5  # marks that differ by no more say the same


@dataclass(frozen=True)
class NamedRoute:
    """A route and what it was made of.

    Attributes:
        members: positions of its pieces in the asset layer.
        refused: the marks that were not used, as a person would name them: too far from the route, or out
            of order.
    """

    name: str
    route: Route
    members: Positions
    refused: tuple[str, ...] = ()

    @property
    def marked(self) -> tuple[float, float] | None:
        """The lowest and the highest metre that a mark or the end of a piece says; None where none does, and
        the metres are only those of the drawing.
        """
        metre = self.route.metre
        return (float(metre.min()), float(metre.max())) if len(metre) else None


class Routes:
    """The routes of one kind, each made when it is first asked for.

    A route is named by the id of an asset, or by a name: then it is all the lines of that name, in id order.
    Metres count from 0 where the drawing begins, unless the columns ``start_m`` and ``end_m`` of the assets,
    or a layer of marks, say otherwise.

    Args:
        layer: the assets of the kind, or None.
        marks: the assets of the kind ``KIND_mark``, or None.
        metric_crs: the plane to measure in.
    """

    def __init__(self, layer: Features | None, marks: Features | None, metric_crs: str) -> None:
        self._layer = layer
        self._marks = marks
        self._metric_crs = metric_crs
        self._made: dict[str, NamedRoute | None] = {}

    def __getitem__(self, name: str) -> NamedRoute | None:
        """The route of an id or name; None where there is no line of it."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    @property
    def is_empty(self) -> bool:
        """Whether there are no assets of the kind."""
        return self._layer is None or not len(self._layer.id)

    def members(self, name: str) -> Positions:
        """Positions of the assets with this id, else with this name; none for an empty name."""
        if self._layer is None or not name:
            return np.empty(0, dtype=np.intp)
        if name in self._by_id:
            return np.array([self._by_id[name]], dtype=np.intp)
        return self._by_name.get(name, np.empty(0, dtype=np.intp))

    def title(self, name: str) -> str:
        """What people call the route: the name of its first asset, else what it was asked by."""
        members = self.members(name)
        called = str(self._layer.name[members[0]]) if self._layer is not None and len(members) else ""
        return called or name

    @property
    def lacks_columns(self) -> bool:
        """Whether there are marks and they do not say of which route or which metre they are."""
        return self._marks is not None and self._said is None

    def stray_marks(self) -> dict[str, int]:
        """The routes that marks name and that are not there, and how many marks name each."""
        named = [] if self._said is None else [text for text in self._said[0] if not len(self.members(text))]
        return {str(text): named.count(text) for text in dict.fromkeys(named)}

    @cached_property
    def _said(self) -> tuple[Objects, Objects] | None:
        """The route and the metre of each mark, whatever the case of their columns."""
        if self._marks is None:
            return None
        columns = {name.casefold(): name for name in reversed(list(self._marks.attributes.columns))}
        if not {"route", "m"} <= columns.keys():
            return None
        named, metres = (self._marks.attributes[columns[c]].to_numpy(dtype=object) for c in ("route", "m"))
        return np.array([str(text).strip() for text in named], dtype=object), metres

    @cached_property
    def metric(self) -> MetricCrs:
        """The plane to measure in."""
        return MetricCrs(self._metric_crs)

    @cached_property
    def _by_id(self) -> dict[str, int]:
        return {} if self._layer is None else {str(id_): at for at, id_ in enumerate(self._layer.id)}

    @cached_property
    def _by_name(self) -> dict[str, Positions]:
        names = pd.Series([] if self._layer is None else self._layer.name, dtype=object)
        return {
            str(name): np.asarray(rows, dtype=np.intp) for name, rows in names.groupby(names).indices.items()
        }

    def _make(self, name: str) -> NamedRoute | None:
        members = self.members(name)
        if self._layer is None or not len(members):
            return None
        pieces = self.metric.geometries(self._layer.geometry[members])
        route = make_route(pieces)
        if not len(route.parts):
            return None
        along, metre, refused = self._marks_of(route, members, pieces)
        if not len(along):
            return NamedRoute(name, route, members, tuple(refused))
        fits = fitting_marks(along, metre)
        odd = ~fits & ~_said_twice(along, metre, fits)
        refused += [_called(m) for m in metre[odd]]
        return NamedRoute(name, route.calibrated(along, metre), members, tuple(refused))

    def _marks_of(
        self, route: Route, members: Positions, pieces: Objects
    ) -> tuple[Floats, Floats, list[str]]:
        """Where along the route which metres are known; stones before the ends of pieces."""
        along, metre, far = self._stones(route, members)
        for column, end in ((START, 0), (END, -1)):
            known = self._ends(column, members)
            if not np.isfinite(known).any():
                continue
            points = shapely.get_point(shapely.line_merge(pieces, directed=True), end)
            at, _, distance = route.project(points)
            if end and len(route.parts) == 1 and route.parts[0].is_closed:
                at = np.where(at == 0, route.length_m, at)
            usable = np.isfinite(known) & (distance <= MARK_REACH_M)
            along, metre = np.append(along, at[usable]), np.append(metre, known[usable])
        return along, metre, far

    def _ends(self, column: str, members: Positions) -> Floats:
        assert self._layer is not None
        values = self._layer.column(column)
        return np.full(len(members), np.nan) if values is None else metres_of(values[members])

    def _stones(self, route: Route, members: Positions) -> tuple[Floats, Floats, list[str]]:
        """The marks that stand by a route; those too far from it by what they say."""
        if self._marks is None or self._said is None:
            return np.empty(0), np.empty(0), []
        named, metres = self._said
        ours = [text for text in np.unique(named) if np.isin(self.members(text), members).any()]
        rows = np.flatnonzero(np.isin(named, ours))
        known = metres_of(metres[rows])
        at, _, distance = route.project(self.metric.geometries(self._marks.geometry[rows]))
        near = np.isfinite(known) & (distance <= MARK_REACH_M)
        return at[near], known[near], [str(self._marks.id[row]) for row in rows[~near]]


def _said_twice(along: Floats, metre: Floats, fits: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Marks that were not used and say the same as those that were, as two pieces that meet do."""
    used = Route(np.empty(0, dtype=object)).calibrated(along[fits], metre[fits])
    return np.asarray(np.abs(used.metre_at(along) - metre) <= MARK_SLACK_M, dtype=np.bool_)


def _called(metre: float) -> str:
    return f"{metre:g} m"
