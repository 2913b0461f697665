"""One answer as a drawing: the place with its error, the cells, and the assets it may be about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from layers.findings import Lang
from layers.generation import Generation
from layers.telling import Names, metres, tell
from maps.explain import frame, style
from maps.explain.ink import number, path, plain, tag
from maps.explain.lettering import Lettering
from maps.explain.sight import Sight, look
from maps.explain.view import View
from maps.explain.words import WORDS

Proof = dict[str, Any]


def explain_svg(
    proof: Proof,
    generation: Generation,
    *,
    lang: Lang,
    width: float = 640,
    height: float = 480,
    headline: bool = True,
) -> str:
    """A drawing of one answer as an SVG element that needs nothing from anywhere.

    Args:
        proof: as `layers.proof.prove` makes it.
        generation: the one that answered.
        lang: ``zh`` or ``en``.
        width, height: of the whole, with the answer above the drawing and the legend below, in pixels.
        headline: whether the answer stands above it.

    The same arguments give the same text. Nothing of them is ever read as markup.
    """
    if proof["report"]["lng"] is None or proof["report"]["lat"] is None:
        return _document(proof, generation, lang, width, height, _nowhere(lang, width, height))
    # The legend's height depends on what is seen, and what is seen on the legend's height: a look at the
    # whole height finds everything that may be seen.
    top = frame.HEAD_PX if headline else 0.0
    sight = look(proof, generation, width, height - top)
    rows = frame.legend_rows(list(_entries(sight, proof, lang)), width)
    foot = frame.ROW_PX * len(rows) + 8
    sight = look(proof, generation, width, height - top - foot)
    north = frame.north_arrow(sight.view, generation, proof["report"], lang)
    inner = [
        tag("rect", width=width, height=height, fill=style.PAPER),
        frame.answer_line(proof, Names(proof, lang, generation), lang, width) if headline else "",
        _window(sight, lang, north, top),
        frame.legend(rows, height - foot, width),
    ]
    return _document(proof, generation, lang, width, height, "".join(inner))


def _document(
    proof: Proof, generation: Generation, lang: Lang, width: float, height: float, inner: str
) -> str:
    story = ("" if lang == "zh" else " ").join(tell(proof, lang, generation))
    return tag(
        "svg",
        tag("title", plain(WORDS[lang]["title"])),
        tag("desc", plain(story)),
        inner,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=float(width),
        height=float(height),
        role="img",
        lang="zh-CN" if lang == "zh" else lang,
        font_family=style.FONT,
    )


def _nowhere(lang: Lang, width: float, height: float) -> str:
    words = tag(
        "text", plain(WORDS[lang]["nowhere"]), x=width / 2, y=height / 2, text_anchor="middle",
        font_size=style.LARGE, fill=style.INK,
    )  # fmt: skip
    return tag("rect", width=width, height=height, fill=style.OUTSIDE) + words


def _entries(sight: Sight, proof: Proof, lang: Lang) -> Iterator[frame.Entry]:
    """The legend: only what is there."""
    said = WORDS[lang]
    yield "position", said["position"]
    for sign, radius in zip(("error68", "error95"), sight.radii or (), strict=False):
        yield sign, said[sign].format(m=metres(radius))
    if sight.support is not None:
        sign = "support" if shapely.get_dimensions(sight.support) == 2 else "support.line"
        yield sign, said["extent" if proof["report"]["extent"] else sign]
    there = {
        "bound": any(each.is_bound and each.is_point for each in sight.concerned),
        "bound.ground": any(each.is_bound and not each.is_point for each in sight.concerned),
        "candidate": any(not each.is_bound and each.is_point for each in sight.concerned),
        "candidate.ground": any(not each.is_bound and not each.is_point for each in sight.concerned),
        "other": bool(sight.other_points()),
        "own": any(cell.is_own for cell in sight.cells),
        "cell": any(not cell.is_own for cell in sight.cells),
        "area": bool(sight.areas),
    }
    shared = {"bound.ground": "street"} if proof["bound"] in ("street", "section") else {}
    for sign in (sign for sign, is_there in there.items() if is_there):
        yield sign, said[shared.get(sign, sign.partition(".")[0])]
    yield "", frame.version(proof, lang)


def _window(sight: Sight, lang: Lang, north: str, top: float) -> str:
    """The ground as an element of its own, which cuts off what goes beyond it."""
    view = sight.view
    size = {"width": view.width, "height": view.height}
    labels = tag(
        "g", *Lettering(sight, lang).drawn(), text_anchor="middle", stroke=style.PAPER, stroke_width=3,
        stroke_linejoin="round", paint_order="stroke",
    )  # fmt: skip
    layers = [
        tag("rect", **size, fill=style.OUTSIDE),
        *_ground(sight),
        *_error(sight),
        *_links(sight),
        *_marks(sight),
        labels,
        frame.scale_bar(view),
        north,
        tag("rect", **size, fill="none", stroke="#9aa1a8", stroke_width=1),
    ]
    return tag("svg", *layers, x=0.0, y=top, **size)


def _drawn(view: View, geometries: Iterable[BaseGeometry], ink: style.Look) -> str:
    d = path(*map(view.drawn, geometries))
    return tag("path", d=d, **ink) if d else ""


def _ground(sight: Sight) -> Iterator[str]:
    view = sight.view
    yield _drawn(view, [cell.geometry for cell in sight.cells if not cell.is_own], {"fill": style.PAPER})
    yield _drawn(view, [cell.geometry for cell in sight.cells if cell.is_own], style.OWN_CELL)
    for kind in sorted(sight.things, key=style.depth):
        grounds = [thing.footprint for thing in sight.things[kind]]
        wide = [ground for ground in grounds if shapely.get_dimensions(ground) == 2]
        yield _drawn(view, wide, {**style.ground_look(kind), "stroke_width": 0.7})
        thin = [ground for ground in grounds if shapely.get_dimensions(ground) == 1]
        yield _drawn(view, thin, style.line_look(kind))
    yield _drawn(view, [area.geometry.boundary for area in sight.areas], style.AREA_LINE)
    yield _drawn(view, [cell.geometry.boundary for cell in sight.cells], style.CELL_LINE)
    yield _drawn(view, sight.other_points(), style.DOTS)


def _error(sight: Sight) -> Iterator[str]:
    """Where the report may really be."""
    if sight.support is not None:
        flat = shapely.get_dimensions(sight.support) == 2
        yield _drawn(sight.view, [sight.support], style.SUPPORT if flat else style.SUPPORT_LINE)
    x, y = sight.view.point(sight.here)
    for radius, circle in zip(sight.radii or (), (style.CIRCLE_68, style.CIRCLE_95), strict=False):
        yield tag("circle", cx=x, cy=y, r=radius * sight.view.scale, **circle)


def _links(sight: Sight) -> Iterator[str]:
    """The outlines of what it may be about, and the lines to it."""
    for each in sorted(sight.concerned, key=lambda each: each.is_bound):
        if not each.is_point:
            outline = style.BOUND_SHAPE if each.is_bound else style.CANDIDATE_SHAPE
            yield _drawn(sight.view, [each.thing.footprint], outline)
    for each in sight.concerned:
        yield _link(sight, each.touch, style.BOUND_LINK if each.is_bound else style.LINK)
    if sight.nearest is not None:
        yield _link(sight, sight.nearest[1], style.NEAREST_LINK)


def _link(sight: Sight, touch: shapely.Point, ink: style.Look) -> str:
    if touch.distance(sight.here) * sight.view.scale < 1:
        return ""
    (x, y), (to_x, to_y) = sight.view.point(sight.here), sight.view.point(touch)
    return tag("path", d=f"M{number(x)} {number(y)}L{number(to_x)} {number(to_y)}", **ink)


def _marks(sight: Sight) -> Iterator[str]:
    """The assets that are points, the one settled on last, and the position over all."""
    for each in sorted(sight.concerned, key=lambda each: each.is_bound):
        if each.is_point:
            x, y = sight.view.point(each.touch)
            mark = style.BOUND_MARK if each.is_bound else style.CANDIDATE_MARK
            yield tag("circle", cx=x, cy=y, r=6.5 if each.is_bound else 5.0, **mark)
    x, y = sight.view.point(sight.here)
    d = f"M{number(x - 8)} {number(y)}h16m-8 -8v16"
    yield tag("path", d=d, **style.CROSS_HALO) + tag("path", d=d, **style.CROSS)
