"""What is wrong with the sections of roads, rivers and dikes: gaps, overlaps, metres that cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers import section_messages  # noqa: F401 (registers the messages)
from layers.chainage import BOTH, LEFT, RIGHT, chainage
from layers.findings import Finding
from layers.generation import Generation
from layers.routes import NamedRoute
from layers.sections import SLACK_M, Sections

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Span = tuple[float, float]

SIDE_WORDS = {BOTH: ("", ""), LEFT: (" 左侧", " on the left"), RIGHT: (" 右侧", " on the right")}


def check_sections(generation: Generation) -> Iterator[Finding]:
    """Everything that was noticed of the sections, kind by kind, route by route."""
    for kind, sections in sorted(generation.sections.items()):
        yield from _bare(sections)
        yield from _marks(sections)
        for name in sorted(set(sections.route)):
            on = sections.on(name)
            named = sections.routes[name]
            if named is None:
                detail = {"kind": kind, "names": _names(sections, on)}
                yield _finding(sections, "section_no_route", name, count=len(on), detail=detail)
            else:
                yield from _route(sections, named)
                yield from _metres(sections, named, on)
                yield from _gaps(sections, named, on)
                yield from _overlaps(sections, named, on)


def _finding(
    sections: Sections, code: str, value: str, *, count: int = 1, detail: Mapping[str, object],
    geometry: BaseGeometry | None = None,
) -> Finding:  # fmt: skip
    layer = f"section:{sections.kind}"
    return Finding(code, "warning", layer, value=value, count=count, detail=detail, geometry=geometry)


def _names(sections: Sections, positions: Positions) -> str:
    return ", ".join(sections.id[positions[:3]])


def _bare(sections: Sections) -> Iterator[Finding]:
    bare = np.flatnonzero(sections.owner < 0)
    if len(bare):
        detail = {"all": len(sections), "names": _names(sections, bare)}
        value = str(sections.id[bare[0]])
        yield _finding(sections, "section_without_owner", value, count=len(bare), detail=detail)


# ---- the route


def _marks(sections: Sections) -> Iterator[Finding]:
    """Marks that cannot calibrate anything."""
    if sections.routes.lacks_columns:
        yield _finding(
            sections, "route_marks_unread", f"{sections.kind}_mark", detail={"kind": sections.kind}
        )
    for name, count in sections.routes.stray_marks().items():
        yield _finding(sections, "route_mark_unused", name, count=count, detail={"route": name, "names": "?"})


def _route(sections: Sections, named: NamedRoute) -> Iterator[Finding]:
    jumps = named.route.jumps
    if len(jumps):
        facts = {"route": named.name, "kind": sections.kind, "parts": len(named.route.parts)}
        detail = {**facts, "length_m": round(float(shapely.length(jumps).sum()), 1)}
        where = _lnglat(sections, shapely.multilinestrings(jumps))
        yield _finding(sections, "route_broken", named.name, detail=detail, geometry=where)
    if named.refused:
        detail = {"route": named.name, "names": ", ".join(named.refused[:5])}
        yield _finding(sections, "route_mark_unused", named.name, count=len(named.refused), detail=detail)


def _metres(sections: Sections, named: NamedRoute, on: Positions) -> Iterator[Finding]:
    """Sections that are written backwards, or reach beyond their route."""
    first, last = named.route.metres
    facts = {"route": named.name, "kind": sections.kind, "first": chainage(first), "last": chainage(last)}
    for at in on:
        from_m, to_m = float(sections.from_m[at]), float(sections.to_m[at])
        words = {"one": _label(sections, at), "from_": chainage(from_m), "to": chainage(to_m)}
        where = sections.geometry[at]
        where = None if shapely.is_empty(where) else where
        value = str(sections.id[at])
        if from_m > to_m:
            yield _finding(sections, "section_reversed", value, detail={**facts, **words}, geometry=where)
        low, high = sorted((from_m, to_m))
        beyond = max(first - low, high - last)
        if beyond > SLACK_M:
            words |= {"from_": chainage(low), "to": chainage(high)}
            detail = {**facts, **words, "length_m": round(beyond, 1)}
            yield _finding(sections, "section_beyond", value, detail=detail, geometry=where)


def _label(sections: Sections, at: int) -> str:
    return f"{sections.name[at]} ({sections.id[at]})"


# ---- gaps and overlaps


def _sides(sections: Sections, on: Positions) -> list[tuple[str, Positions]]:
    """The sections of each side; both sides are one where no section tells them apart."""
    side = sections.side[on]
    if (side == BOTH).all():
        return [(BOTH, on)]
    return [(each, on[(side == each) | (side == BOTH)]) for each in (LEFT, RIGHT)]


def _spans(sections: Sections, on: Positions) -> Floats:
    """From and to, the lower first, shape (n, 2)."""
    spans: Floats = np.sort(np.stack([sections.from_m[on], sections.to_m[on]], axis=1), axis=1)
    return spans


def _gaps(sections: Sections, named: NamedRoute, on: Positions) -> Iterator[Finding]:
    found = [(side, span) for side, of in _sides(sections, on) for span in _uncovered(sections, named, of)]
    for side, span in _both_sides(found):
        detail = {"route": named.name, **_where(side, span)}
        geometry = _lnglat(sections, named.route.stretch(*span))
        yield _finding(sections, "section_gap", named.name, detail=detail, geometry=geometry)


def _uncovered(sections: Sections, named: NamedRoute, on: Positions) -> list[Span]:
    """The stretches of a route that none of the sections covers."""
    first, last = named.route.metres
    spans = _spans(sections, on)
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    reached = np.maximum.accumulate(np.append(first, spans[:, 1]))
    starts = np.append(spans[:, 0], last)
    gaps = np.stack([reached, np.minimum(starts, last)], axis=1)
    return [(float(low), float(high)) for low, high in gaps if high - low > SLACK_M]


def _overlaps(sections: Sections, named: NamedRoute, on: Positions) -> Iterator[Finding]:
    """Every two sections that share ground, the lower id first."""
    spans, side = _spans(sections, on), sections.side[on]
    low = np.maximum(spans[:, None, 0], spans[None, :, 0])
    high = np.minimum(spans[:, None, 1], spans[None, :, 1])
    meet = (side[:, None] == side[None, :]) | (side[:, None] == BOTH) | (side[None, :] == BOTH)
    for i, j in np.argwhere(np.triu(meet & (high - low > SLACK_M), 1)):
        span = (float(low[i, j]), float(high[i, j]))
        shared = side[i] if side[j] == BOTH else side[j]
        labels = {"one": _label(sections, on[i]), "other": _label(sections, on[j])}
        detail = {"route": named.name, **labels, **_where(str(shared), span)}
        geometry = _lnglat(sections, named.route.stretch(*span))
        value = f"{sections.id[on[i]]} {sections.id[on[j]]}"
        yield _finding(sections, "section_overlap", value, detail=detail, geometry=geometry)


def _both_sides(found: Sequence[tuple[str, Span]]) -> list[tuple[str, Span]]:
    """What is the same on the left and on the right, said once; in the order of metres."""
    left = {span for side, span in found if side == LEFT}
    right = {span for side, span in found if side == RIGHT}
    said = {(BOTH if span in left & right else side, span) for side, span in found}
    return sorted(said, key=lambda each: (each[1], each[0]))


def _where(side: str, span: Span) -> dict[str, object]:
    zh, en = SIDE_WORDS[side]
    return {
        "from_": chainage(span[0]), "to": chainage(span[1]), "side": side, "on_zh": zh, "on_en": en,
        "from_m": round(span[0], 1), "to_m": round(span[1], 1), "length_m": round(span[1] - span[0], 1),
    }  # fmt: skip


def _lnglat(sections: Sections, shape: BaseGeometry) -> BaseGeometry | None:
    if shapely.is_empty(shape):
        return None
    return shapely.transform(shape, sections.routes.metric.to_lnglat, interleaved=False)
