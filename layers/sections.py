"""Sections: who answers for which metres of a road, river or dike, and on which side."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from layers.chainage import BOTH, LEFT, RIGHT
from layers.routes import Routes

if TYPE_CHECKING:
    from layers.generation import Generation

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
Positions = NDArray[np.intp]

NONE = -1
SLACK_M = 0.5
"""Gaps and overlaps up to this are rounding, no mistake; a point so near the line is on both sides."""

OWN_COLUMNS = ("id", "name", "route", "from_m", "to_m", "side", "owner")


@dataclass(frozen=True)
class Sections:
    """The sections of the routes of one kind, in id order, as columns.

    Attributes:
        kind: the asset kind of the routes.
        owner: position in the owners, -1 where none is named.
        route: the id or name of the route, as `layers.routes.Routes` takes it.
        from_m, to_m: in the metres of the route, as they were given; read the lower first.
        side: ``both``, ``left`` or ``right`` of increasing metres.
        attributes: every other column of the source.
        routes: the routes of the kind.
    """

    kind: str
    id: Objects
    name: Objects
    owner: Positions
    route: Objects
    from_m: Floats
    to_m: Floats
    side: Objects
    attributes: pd.DataFrame = field(repr=False)
    routes: Routes = field(repr=False)

    def __len__(self) -> int:
        return len(self.id)

    @cached_property
    def geometry(self) -> Objects:
        """The stretch of each section in WGS-84 degrees; an empty line where its route is not there."""
        return stretches(self.routes, self.route, self.from_m, self.to_m)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The routes that sections name and that are there, in code-point order."""
        return tuple(name for name in sorted(set(self.route)) if self.routes[name] is not None)

    def column(self, name: str) -> Objects | None:
        """A column by its name: id, name, route, side or an attribute; None where there is no such column."""
        own = {"id": self.id, "name": self.name, "route": self.route, "side": self.side}
        if name in own:
            return own[name]
        return self.attributes[name].to_numpy(dtype=object) if name in self.attributes.columns else None

    def on(self, name: str) -> Positions:
        """Positions of the sections of a route."""
        return np.flatnonzero(self.route == name)

    @cached_property
    def membership(self) -> tuple[Positions, Positions]:
        """Pairs ``(asset, number in names)``, sorted: which assets belong to which routes."""
        members = [self.routes.members(name) for name in self.names]
        asset = np.concatenate([np.empty(0, dtype=np.intp), *members])
        route = np.repeat(np.arange(len(members)), [len(m) for m in members])
        order = np.lexsort((route, asset))
        return asset[order], route[order]


def stretches(routes: Routes, names: Objects, from_m: Floats, to_m: Floats) -> Objects:
    """The stretch of each section in WGS-84 degrees; an empty line where its route is not there."""
    lines = np.full(len(names), shapely.LineString(), dtype=object)
    for name in np.unique(names.astype(str)):
        named = routes[name]
        if named is not None:
            for row in np.flatnonzero(names == name):
                lines[row] = named.route.stretch(from_m[row], to_m[row])
    drawn = ~shapely.is_empty(lines)
    if drawn.any():
        lines[drawn] = shapely.transform(lines[drawn], routes.metric.to_lnglat, interleaved=False)
    return lines


def sections_of(kind: str, frame: pd.DataFrame, owner: Positions, routes: Routes) -> Sections:
    """The sections that a table of the draft holds.

    Args:
        kind: the asset kind of the routes.
        frame: the table, with the columns of `OWN_COLUMNS`.
        owner: position of each row's owner.
        routes: the routes of the kind.
    """
    text = {c: frame[c].astype(object).where(frame[c].notna(), "").astype(str).to_numpy(dtype=object)
            for c in ("id", "name", "route", "side")}  # fmt: skip
    order = np.argsort(text["id"].astype(str), kind="stable")
    from_m, to_m = (frame[c].to_numpy(dtype=np.float64)[order] for c in ("from_m", "to_m"))
    geometry = [frame.geometry.name] if isinstance(frame, geopandas.GeoDataFrame) else []
    rest = frame.drop(columns=[*OWN_COLUMNS, *geometry]).iloc[order].reset_index(drop=True)
    return Sections(
        kind, text["id"][order], text["name"][order], owner[order], text["route"][order],
        from_m, to_m, text["side"][order], pd.DataFrame(rest), routes,
    )  # fmt: skip


# ---- which section


@dataclass(frozen=True)
class SectionAnswer:
    """The section that each point lies in.

    Attributes:
        position: in the sections of the kind, -1 for none.
        route_m: the metre of the route; NaN where no route with sections is near.
        offset_m: metres to the left (positive) or right (negative) of increasing metres; else NaN.
        both_sides: whether the point lies so near the line that it is on both sides.
    """

    position: Positions
    route_m: Floats
    offset_m: Floats
    both_sides: Bools


def locate_sections(
    generation: Generation,
    kind: str,
    x: ArrayLike,
    y: ArrayLike,
    asset: Positions | None = None,
    near: Bools | None = None,
) -> SectionAnswer:
    """The section of each point, by its place along the route and its side.

    Args:
        generation: the version of the city to ask.
        kind: the asset kind of the routes.
        x, y: shape (n,), in metres of the city's metric CRS; what is not finite is in no section.
        asset: position of the asset in ``generation.assets[kind]`` that each point concerns, -1 where none is
            known: then the nearest one within the kind's radius.
        near: which points may have a route with sections within that radius, where it is known.

    From is within a section, to is not, but the last one holds the route's end. Before the start and behind
    the end of a route its first and last metre count. A gap up to `SLACK_M` belongs to the section before it.
    Of several sections the lowest id answers.
    """
    x, y = np.atleast_1d(np.asarray(x, np.float64)), np.atleast_1d(np.asarray(y, np.float64))
    unknown = np.full(len(x), np.nan)
    nothing, neither = np.full(len(x), NONE, dtype=np.intp), np.zeros(len(x), dtype=bool)
    answer = SectionAnswer(nothing, unknown, unknown.copy(), neither)
    sections = generation.sections.get(kind)
    if sections is None or kind not in generation.assets or not len(x):
        return answer
    concerned = _concerned(generation, kind, x, y, asset, near)
    if concerned.max() < 0:
        return answer
    row, number = _routes_of(sections, concerned)
    for each in np.unique(number):
        _answer(sections, sections.names[each], x, y, row[number == each], answer)
    return answer


def _concerned(
    generation: Generation, kind: str, x: Floats, y: Floats, asset: Positions | None, near: Bools | None
) -> Positions:
    """The asset of each point: its own, else the nearest within the radius, else -1.

    The nearest is not sought where no route with sections is within the radius: it could not be part of one.
    """
    found = np.full(len(x), NONE, dtype=np.intp) if asset is None else np.array(asset, dtype=np.intp)
    unknown = np.flatnonzero((found < 0) & (True if near is None else near))
    if len(unknown):
        radius, members = generation.config.radius(kind), generation.lookups.section_members(kind)
        unknown = unknown[members.any_within(x[unknown], y[unknown], radius)]
    if len(unknown):
        found[unknown] = generation.asset_index[kind].nearest(x[unknown], y[unknown], radius)[0]
    return found


def _routes_of(sections: Sections, asset: Positions) -> tuple[Positions, Positions]:
    """Pairs ``(row, number of the route)``: an asset may be part of a route by its id and by its name."""
    member, route = sections.membership
    low, high = (np.searchsorted(member, asset, side) for side in ("left", "right"))
    count = np.where(asset >= 0, high - low, 0)
    row = np.repeat(np.arange(len(asset)), count)
    at = np.repeat(low, count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return row, route[at]


def _answer(
    sections: Sections, name: str, x: Floats, y: Floats, rows: Positions, answer: SectionAnswer
) -> None:
    """Enter the sections of one route for the points that concern it."""
    named = sections.routes[name]
    assert named is not None
    metre, offset, _ = named.route.measure_xy(np.column_stack([x[rows], y[rows]]))
    both = np.abs(offset) <= SLACK_M
    found = _find(sections, name, metre, offset)
    before = answer.position[rows]
    better = np.isnan(answer.route_m[rows]) | ((found >= 0) & ((before < 0) | (found < before)))
    rows = rows[better]
    answer.position[rows], answer.both_sides[rows] = found[better], both[better]
    answer.route_m[rows], answer.offset_m[rows] = metre[better], offset[better]


def _find(sections: Sections, name: str, metre: Floats, offset: Floats) -> Positions:
    """The lowest section of a route at each place."""
    found = np.full(len(metre), NONE, dtype=np.intp)
    on = sections.on(name)
    low, high = reach(sections, name)
    sides = {LEFT: offset >= -SLACK_M, RIGHT: offset <= SLACK_M, BOTH: np.isfinite(offset)}
    for position, begin, end in reversed(list(zip(on, low, high, strict=True))):
        found[(begin <= metre) & (metre < end) & sides[sections.side[position]]] = position
    return found


def reach(sections: Sections, name: str) -> tuple[Floats, Floats]:
    """From and to of a route's sections, the lower first, led on over gaps and to the route's ends where
    those are no farther than `SLACK_M`: there to infinity.
    """
    named, on = sections.routes[name], sections.on(name)
    low, high = np.sort(np.stack([sections.from_m[on], sections.to_m[on]]), axis=0)
    assert named is not None
    first, last = named.route.metres
    starts = np.sort(low)
    next_start = np.append(starts, np.inf)[np.searchsorted(starts, high)]
    high = np.where(next_start - high <= SLACK_M, next_start, high)
    return np.where(low - first <= SLACK_M, -np.inf, low), np.where(last - high <= SLACK_M, np.inf, high)
