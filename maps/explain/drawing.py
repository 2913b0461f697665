"""One answer as a drawing: the place with its error, the cells, and the assets it may be about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from layers.findings import Lang
from layers.generation import Generation
from layers.telling import Names, clean, error_radii, metres, percent, tell
from maps.explain import frame, naming, style
from maps.explain.ink import number, path, plain, tag
from maps.explain.labels import LINE_HEIGHT, Placed, Placer, Spot, shortened
from maps.explain.scene import (
    Area,
    Cell,
    Thing,
    areas_of,
    cells_around,
    concerned,
    nearest_cell,
    support,
    things_around,
)
from maps.explain.view import fit
from maps.explain.words import WORDS

Proof = dict[str, Any]

LONGEST_PX = 200.0  # of a line of a label
NAMED_LINES = 8  # names of roads and rivers
SHOWN_FAR_M = 2_000.0  # a nearest cell farther than this is pointed at, not shown


def explain_svg(
    proof: Proof, generation: Generation, *, lang: Lang, width: float = 640, height: float = 480
) -> str:
    """A drawing of one answer as an SVG element that needs nothing from anywhere.

    Args:
        proof: as `layers.proof.prove` makes it.
        generation: the one that answered.
        lang: ``zh`` or ``en``.
        width, height: of the whole, with the answer above the drawing and the legend below, in pixels.

    The same arguments give the same text. Nothing of them is ever read as markup.
    """
    lng, lat = proof["report"]["lng"], proof["report"]["lat"]
    names = Names(proof, lang, generation)
    if lng is None or lat is None:
        return _document(proof, generation, lang, width, height, _nowhere(lang, width, height))
    scene = _Drawing(proof, generation, lang, width, height)
    parts = [
        tag("rect", width=width, height=height, fill=style.PAPER),
        frame.answer_line(proof, names, lang, width),
        scene.drawn(),
        frame.legend(scene.rows, height - scene.foot, width),
    ]
    return _document(proof, generation, lang, width, height, "".join(parts))


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
    words = plain(WORDS[lang]["nowhere"])
    middle = {"x": width / 2, "y": height / 2, "text_anchor": "middle", "font_size": style.LARGE}
    return tag("rect", width=width, height=height, fill=style.OUTSIDE) + tag(
        "text", words, fill=style.INK, **middle
    )


class _Drawing:
    """The window onto the ground, layer by layer, and the labels on it."""

    def __init__(self, proof: Proof, generation: Generation, lang: Lang, width: float, height: float) -> None:
        self.proof, self.generation, self.lang = proof, generation, lang
        report = proof["report"]
        x, y = generation.metric.points(report["lng"], report["lat"])
        self.here = shapely.Point(float(x), float(y))
        self.support = support(generation, proof)
        self.radii = error_radii(report["accuracy_m"], report["level"])
        self.concerned = concerned(generation, proof, self.here)
        far = proof["cell"]["topology"] in ("outside", "gap")
        self.nearest = nearest_cell(generation, self.here) if far else None
        self.areas = areas_of(generation, proof)
        # The legend's height depends on what is seen, and what is seen on the legend's height: a first
        # look at the whole height finds everything that may be seen.
        self._look(width, height - frame.HEAD_PX)
        self.rows = frame.legend_rows(list(self._entries()), width)
        self.foot = frame.ROW_PX * len(self.rows) + 8
        self._look(width, height - frame.HEAD_PX - self.foot)
        self.placer = Placer(self.view.window)

    def _look(self, width: float, height: float) -> None:
        self.view = fit(self.here, self._shown(), width, height)
        self.things = things_around(self.generation, self.view.ground, self.here)
        self.cells = cells_around(self.generation, self.view.ground, self.proof["cell"]["code"])

    def _shown(self) -> Iterator[BaseGeometry]:
        """What has to be in the window."""
        yield from (each.touch for each in self.concerned)
        if self.radii is not None:
            yield shapely.buffer(self.here, self.radii[1])
        if self.support is not None:
            yield self.support
        if self.nearest is not None and self.nearest[1].distance(self.here) <= SHOWN_FAR_M:
            yield self.nearest[1]

    def _entries(self) -> Iterator[frame.Entry]:
        """The legend: only what is there."""
        said = WORDS[self.lang]
        yield "position", said["position"]
        if self.radii is not None:
            yield "error68", said["error68"].format(m=metres(self.radii[0]))
            yield "error95", said["error95"].format(m=metres(self.radii[1]))
        if self.support is not None:
            sign = "support" if shapely.get_dimensions(self.support) == 2 else "support.line"
            yield sign, said["extent" if self.proof["report"]["extent"] else sign]
        if any(each.is_bound for each in self.concerned):
            yield "bound", said["bound"]
        if any(not each.is_bound for each in self.concerned):
            yield "candidate", said["candidate"]
        if any(isinstance(thing.geometry, shapely.Point) for thing in self._others()):
            yield "other", said["other"]
        if any(cell.is_own for cell in self.cells):
            yield "own", said["own"]
        if any(not cell.is_own for cell in self.cells):
            yield "cell", said["cell"]
        if self.areas:
            yield "area", said["area"]
        yield "", frame.version(self.proof, self.lang)

    def _others(self) -> Iterator[Thing]:
        known = {(each.thing.kind, each.thing.id) for each in self.concerned}
        for kind in sorted(self.things, key=style.depth):
            yield from (thing for thing in self.things[kind] if (kind, thing.id) not in known)

    def drawn(self) -> str:
        """The window as an element of its own, which cuts off what goes beyond it."""
        view = self.view
        layers = [
            tag("rect", width=view.width, height=view.height, fill=style.OUTSIDE),
            *self._ground(),
            *self._links(),
            *self._marks(),
            tag("g", *self._labels(), stroke_linejoin="round"),
            frame.scale_bar(view),
            frame.north_arrow(
                view,
                self.generation,
                self.proof["report"]["lng"],
                self.proof["report"]["lat"],
                self.lang,
            ),
        ]
        window = {"x": 0.0, "y": frame.HEAD_PX, "width": view.width, "height": view.height}
        border = tag(
            "rect", width=view.width, height=view.height, fill="none", stroke="#9aa1a8", stroke_width=1
        )
        return tag("svg", *layers, border, **window)

    def _path(self, geometries: list[BaseGeometry], look: style.Look) -> str:
        d = path(*map(self.view.drawn, geometries))
        return tag("path", d=d, **look) if d else ""

    def _ground(self) -> Iterator[str]:
        yield self._path([cell.geometry for cell in self.cells if not cell.is_own], {"fill": style.PAPER})
        yield self._path([cell.geometry for cell in self.cells if cell.is_own], style.OWN_CELL)
        for kind in sorted(self.things, key=style.depth):
            things = self.things[kind]
            wide = [t.footprint for t in things if shapely.get_dimensions(t.footprint) == 2]
            yield self._path(wide, {**style.ground_look(kind), "stroke_width": 0.7})
            thin = [t.footprint for t in things if shapely.get_dimensions(t.footprint) == 1]
            yield self._path(thin, style.line_look(kind))
        yield self._path([area.geometry.boundary for area in self.areas], style.AREA_LINE)
        yield self._path([cell.geometry.boundary for cell in self.cells], style.CELL_LINE)
        points = [thing.geometry for thing in self._others() if isinstance(thing.geometry, shapely.Point)]
        yield self._path(points, style.DOTS)

    def _links(self) -> Iterator[str]:
        """The error, the lines to what it may be, and their outlines."""
        if self.support is not None:
            flat = shapely.get_dimensions(self.support) == 2
            yield self._path([self.support], style.SUPPORT if flat else style.SUPPORT_LINE)
        x, y = self.view.point(self.here)
        for radius, look in zip(self.radii or (), (style.CIRCLE_68, style.CIRCLE_95), strict=False):
            yield tag("circle", cx=x, cy=y, r=radius * self.view.scale, **look)
        for each in self.concerned:
            if not isinstance(each.thing.geometry, shapely.Point):
                look = style.BOUND_SHAPE if each.is_bound else style.CANDIDATE_SHAPE
                yield self._path([each.thing.footprint], look)
        for each in self.concerned:
            yield self._link(each.touch, style.BOUND_LINK if each.is_bound else style.LINK)
        if self.nearest is not None:
            yield self._link(self.nearest[1], style.NEAREST_LINK)

    def _link(self, touch: shapely.Point, look: style.Look) -> str:
        if touch.distance(self.here) * self.view.scale < 1:
            return ""
        (x, y), (to_x, to_y) = self.view.point(self.here), self.view.point(touch)
        return tag("path", d=f"M{number(x)} {number(y)}L{number(to_x)} {number(to_y)}", **look)

    def _marks(self) -> Iterator[str]:
        for each in reversed(self.concerned):
            x, y = self.view.point(each.touch)
            if isinstance(each.thing.geometry, shapely.Point):
                look, radius = (style.BOUND_MARK, 6.5) if each.is_bound else (style.CANDIDATE_MARK, 5.0)
                yield tag("circle", cx=x, cy=y, r=radius, **look)
                self.placer.block(shapely.box(x - radius, y - radius, x + radius, y + radius))
        x, y = self.view.point(self.here)
        d = f"M{number(x - 8)} {number(y)}h16m-8 -8v16"
        yield tag("path", d=d, **style.CROSS_HALO) + tag("path", d=d, **style.CROSS)
        self.placer.block(shapely.box(x - 9, y - 9, x + 9, y + 9))

    def _labels(self) -> Iterator[str]:
        self._reserve()
        yield from self._concerned_labels()
        yield from self._nearest_label()
        yield from self._cell_labels()
        yield from self._line_labels()
        yield from self._area_labels()

    def _reserve(self) -> None:
        """Keep the scale and the arrow free, and the lines to the candidates and the circles if possible."""
        self.placer.block(shapely.box(*frame.scale_box(self.view)))
        self.placer.block(shapely.box(self.view.width - 32, 0, self.view.width, 52))
        x, y = self.view.point(self.here)
        for each in self.concerned:
            self.placer.avoid(shapely.LineString([(x, y), self.view.point(each.touch)]), 3)
        for radius in self.radii or ():
            self.placer.avoid(shapely.Point(x, y).buffer(radius * self.view.scale).boundary, 0.5)
        dots = [thing.geometry for thing in self._others() if isinstance(thing.geometry, shapely.Point)]
        for dot in shapely.get_parts(self.view.drawn(shapely.MultiPoint(dots))):
            self.placer.avoid(dot.buffer(2.5), 0.7)

    def _concerned_labels(self) -> Iterator[str]:
        for each in sorted(self.concerned, key=lambda each: not each.is_bound):
            facts = [each.label]
            facts += [] if each.distance_m is None else [metres(each.distance_m)]
            facts += [] if each.share is None else [percent(each.share)]
            room = LONGEST_PX * 1.3
            tail = " · ".join(["", *facts[1:]])
            lines = (shortened(clean(each.label), style.TEXT, room - len(tail) * 6) + tail,)
            x, y = self.view.point(each.touch)
            placed = self.placer.place(lines, style.TEXT, naming.around(x, y, lines, style.TEXT), must=True)
            yield self._leader(placed, x, y)
            yield self._label(placed, style.ASSET, bold=each.is_bound)

    def _leader(self, placed: Placed | None, x: float, y: float) -> str:
        """A thin line from a label to what it names, where it could not stand beside it."""
        if placed is None or placed.box.distance(shapely.Point(x, y)) < naming.RINGS_PX[2]:
            return ""
        end = shapely.shortest_line(placed.box, shapely.Point(x, y)).coords[0]
        d = f"M{number(end[0])} {number(end[1])}L{number(x)} {number(y)}"
        return tag("path", d=d, fill="none", stroke=style.ASSET, stroke_width=0.7)

    def _nearest_label(self) -> Iterator[str]:
        if self.nearest is None:
            return
        cell, touch = self.nearest
        words = WORDS[self.lang]["nearest"].format(name=clean(cell.name) or clean(cell.code))
        distance = metres(touch.distance(self.here))
        lines = (f"{shortened(words, style.TEXT, LONGEST_PX)} · {distance}",)
        x, y = self._seen(touch)
        placed = self.placer.place(lines, style.TEXT, naming.around(x, y, lines, style.TEXT), must=True)
        yield self._label(placed, style.INK)

    def _seen(self, touch: shapely.Point) -> tuple[float, float]:
        """Where a point is drawn, or where the line to it is seen last."""
        here, there = self.view.point(self.here), self.view.point(touch)
        line = shapely.intersection(shapely.LineString([here, there]), self.view.window.buffer(-12))
        x, y = line.coords[-1] if isinstance(line, shapely.LineString) and not line.is_empty else here
        return float(x), float(y)

    def _cell_labels(self) -> Iterator[str]:
        for cell in sorted(self.cells, key=lambda cell: (not cell.is_own, cell.code)):
            yield self._area_label(cell, (clean(cell.name), clean(cell.code)))

    def _area_label(self, cell: Cell, texts: tuple[str, str]) -> str:
        """Name and code on two lines, else the code alone, where the cell is seen."""
        seen = shapely.intersection(self.view.drawn(cell.geometry), self.view.window)
        both = tuple(dict.fromkeys(shortened(t, style.TEXT, LONGEST_PX) for t in texts if t))
        for lines in dict.fromkeys((both, both[:1], both[-1:])):
            spots = naming.within(seen, lines, style.TEXT, *self.view.point(self.here))
            placed = self.placer.place(lines, style.TEXT, spots)
            if placed is not None:
                return self._label(placed, style.QUIET, bold=cell.is_own)
        return ""

    def _line_labels(self) -> Iterator[str]:
        """Names of roads and rivers along them, each once; those of areas inside."""
        named: set[str] = set()
        for thing in self._by_length():
            name = shortened(clean(thing.name), style.SMALL, LONGEST_PX)
            if not name or name in named or len(named) >= NAMED_LINES:
                continue
            placed = self.placer.place((name,), style.SMALL, self._line_spots(thing, name))
            if placed is not None:
                named.add(name)
                yield self._label(placed, style.name_ink(thing.kind))

    def _by_length(self) -> list[Thing]:
        known = (*style.WATER, *style.ROAD, *style.BRIDGE)
        found = [thing for kind in sorted(self.things) for thing in self.things[kind] if kind in known]
        found = [thing for thing in found if not isinstance(thing.geometry, shapely.Point)]
        lengths = {id(thing): self.view.drawn(thing.footprint).length for thing in found}
        return sorted(found, key=lambda thing: (-round(lengths[id(thing)], 3), thing.kind, thing.id))

    def _line_spots(self, thing: Thing, name: str) -> Iterator[Spot]:
        drawn = self.view.drawn(thing.geometry)
        if shapely.get_dimensions(thing.geometry) == 1:
            return naming.along(drawn, name, style.SMALL)
        return naming.within(drawn, (name,), style.SMALL, *self.view.point(self.here))

    def _area_labels(self) -> Iterator[str]:
        for area in self.areas:
            yield self._label(self._area_place(area), style.AREA)

    def _area_place(self, area: Area) -> Placed | None:
        kind = self._kind(area)
        words = shortened(f"{kind} {clean(area.name)}", style.SMALL, LONGEST_PX)
        seen = shapely.intersection(self.view.drawn(area.geometry), self.view.window)
        spots = naming.within(seen, (words,), style.SMALL, *self.view.point(self.here))
        return self.placer.place((words,), style.SMALL, spots)

    def _kind(self, area: Area) -> str:
        return Names(self.proof, self.lang, None).kind(area.kind)

    def _label(self, placed: Placed | None, ink: str, *, bold: bool = False) -> str:
        if placed is None:
            return ""
        spot, size = placed.spot, placed.size
        top = spot.y - (len(placed.lines) - 1) * size * LINE_HEIGHT / 2 + size * 0.36
        turn = f"rotate({number(spot.angle)} {number(spot.x)} {number(spot.y)})" if spot.angle else None
        spans = [
            tag("tspan", plain(line), x=spot.x, y=top + at * size * LINE_HEIGHT)
            if len(placed.lines) > 1
            else plain(line)
            for at, line in enumerate(placed.lines)
        ]
        return tag(
            "text",
            *spans,
            x=None if len(placed.lines) > 1 else spot.x,
            y=None if len(placed.lines) > 1 else top,
            transform=turn,
            font_size=size,
            fill=ink,
            font_weight="700" if bold else None,
            text_anchor="middle",
            stroke=style.PAPER,
            stroke_width=3,
            paint_order="stroke",
        )
