"""The labels of a drawing: what it may be about first, then cells, streets and rivers, areas."""

from __future__ import annotations

from collections.abc import Iterator

import shapely
from shapely.geometry.base import BaseGeometry

from layers.findings import Lang
from layers.telling import clean, metres, percent
from layers.terms import term
from maps.explain import frame, naming, style
from maps.explain.ink import number, plain, tag
from maps.explain.labels import LINE_HEIGHT, Placed, Placer, Spot, Text, shortened, text_width
from maps.explain.scene import Area, Cell, Concerned, Thing
from maps.explain.sight import Sight
from maps.explain.words import WORDS

LONGEST_PX = 200.0  # of a line of a label
NAMED_LINES = 8  # names of roads and rivers
LEADER_PX = 30.0  # a label farther than this from its asset is tied to it


class Lettering:
    """Puts the labels of one drawing into their places."""

    def __init__(self, sight: Sight, lang: Lang) -> None:
        self._sight, self._lang, self._view = sight, lang, sight.view
        self._at = sight.view.point(sight.here)
        self._placer = Placer(sight.view.window)
        self._reserve()

    def drawn(self) -> Iterator[str]:
        """Every label that finds a place; those of what the answer is about always do."""
        yield from self._concerned()
        yield from self._nearest()
        for cell in sorted(self._sight.cells, key=lambda cell: (not cell.is_own, cell.code)):
            yield self._cell(cell)
        yield from self._names()
        for area in self._sight.areas:
            yield self._area(area)

    def _reserve(self) -> None:
        """Nothing lies over marks, scale and arrow; better nothing over dots, circles and lines."""
        x, y = self._at
        self._placer.block(shapely.box(x - 9, y - 9, x + 9, y + 9))
        for box in frame.reserved(self._view):
            self._placer.block(box)
        for each in self._sight.concerned:
            touch = self._view.point(each.touch)
            self._placer.avoid(shapely.LineString([self._at, touch]), 3)
            self._placer.avoid(self._view.drawn(each.thing.footprint.boundary), 0.8)
            if each.is_point:
                self._placer.block(shapely.Point(touch).buffer(7).envelope)
        if self._sight.support is not None:
            shape = self._view.drawn(self._sight.support)
            self._placer.avoid(shape.boundary if shapely.get_dimensions(shape) == 2 else shape, 0.5)
        for radius in self._sight.radii or ():
            self._placer.avoid(shapely.Point(x, y).buffer(radius * self._view.scale).boundary, 0.5)
        dots = self._view.drawn(shapely.MultiPoint(self._sight.other_points()))
        for dot in shapely.get_parts(dots):
            self._placer.avoid(dot.buffer(2.5), 0.7)

    def _concerned(self) -> Iterator[str]:
        for each in sorted(self._sight.concerned, key=lambda each: not each.is_bound):
            placed = self._beside(each)
            yield self._leader(placed, each)
            yield self._label(placed, style.ASSET)

    def _beside(self, each: Concerned) -> Placed | None:
        """On the ground that is its own alone if there is room, else beside it."""
        x, y = self._view.point(each.touch)
        one, two = self._facts(each)
        if not each.is_point:
            seen, line = self._alone(each)
            tries: list[tuple[Text, Iterator[Spot]]] = [
                *((text, naming.within(seen, text, x, y, near=True)) for text in (one, two)),
                *((text, naming.along(line, text)) for text in (one, two)),
            ]
            for text, spots in tries:
                placed = self._placer.place(text, spots)
                if placed is not None:
                    return placed
        beside = naming.beside(self._view.drawn(each.thing.footprint), one)
        return self._placer.place(one, [*naming.around(x, y, one), *beside], must=True)

    def _alone(self, each: Concerned) -> tuple[BaseGeometry, BaseGeometry]:
        """Where an asset is seen with no other that the answer may be about: its ground and its line."""
        others = shapely.union_all([o.thing.footprint for o in self._sight.concerned if o is not each])
        ground, line = (
            shapely.intersection(self._view.drawn(shapely.difference(shape, others)), self._view.window)
            for shape in (each.thing.footprint, each.thing.geometry)
        )
        return ground, line

    def _facts(self, each: Concerned) -> tuple[Text, Text]:
        """Name, distance and share on one line, and on two."""
        facts = [] if each.distance_m is None else [metres(each.distance_m)]
        facts += [] if each.share is None else [percent(each.share)]
        said = " · ".join(facts)
        room = min(LONGEST_PX * 1.4, self._view.width - 24) - text_width(f" · {said}", style.TEXT, bold=True)
        name = shortened(clean(each.label), style.TEXT, room)
        both = tuple(part for part in (name, said) if part)
        return Text((" · ".join(both),), style.TEXT, each.is_bound), Text(both, style.TEXT, each.is_bound)

    def _leader(self, placed: Placed | None, each: Concerned) -> str:
        """A thin line from a label to the mark it names, where it could not stand beside it."""
        mark = shapely.Point(self._view.point(each.touch))
        if placed is None or not each.is_point or placed.box.distance(mark) < LEADER_PX:
            return ""
        end = shapely.shortest_line(placed.box, mark).coords[0]
        d = f"M{number(end[0])} {number(end[1])}L{number(mark.x)} {number(mark.y)}"
        return tag("path", d=d, fill="none", stroke=style.ASSET, stroke_width=0.7)

    def _nearest(self) -> Iterator[str]:
        if self._sight.nearest is None:
            return
        cell, touch = self._sight.nearest
        words = WORDS[self._lang]["nearest"].format(name=clean(cell.name) or clean(cell.code))
        distance = metres(touch.distance(self._sight.here))
        text = Text((f"{shortened(words, style.TEXT, LONGEST_PX)} · {distance}",), style.TEXT)
        spots = naming.around(*self._seen(touch), text)
        yield self._label(self._placer.place(text, spots, must=True), style.INK)

    def _seen(self, touch: shapely.Point) -> tuple[float, float]:
        """Where a point is drawn, or where the line to it is seen last."""
        line = shapely.LineString([self._at, self._view.point(touch)])
        seen = shapely.intersection(line, self._view.window.buffer(-12))
        if not isinstance(seen, shapely.LineString) or seen.is_empty:
            return self._at
        x, y = seen.coords[-1]
        return float(x), float(y)

    def _cell(self, cell: Cell) -> str:
        """Name and code on two lines, else one of them, where the cell is seen."""
        seen = shapely.intersection(self._view.drawn(cell.geometry), self._view.window)
        texts = (clean(cell.name), clean(cell.code))
        both = tuple(dict.fromkeys(shortened(text, style.TEXT, LONGEST_PX) for text in texts if text))
        for lines in dict.fromkeys((both, both[:1], both[-1:])):
            text = Text(lines, style.TEXT, cell.is_own)
            placed = self._placer.place(text, naming.within(seen, text, *self._at))
            if placed is not None:
                return self._label(placed, style.QUIET)
        return ""

    def _names(self) -> Iterator[str]:
        """Names of roads and rivers along them, each once; those of bridges and waters inside."""
        named = {clean(each.thing.name) for each in self._sight.concerned}
        most = len(named) + NAMED_LINES
        for thing in self._by_length():
            name = clean(thing.name)
            if not name or name in named or len(named) >= most:
                continue
            text = Text((shortened(name, style.SMALL, LONGEST_PX),), style.SMALL)
            placed = self._placer.place(text, self._name_spots(thing, text))
            if placed is not None:
                named.add(name)
                yield self._label(placed, style.name_ink(thing.kind))

    def _by_length(self) -> list[Thing]:
        known = [thing for thing in self._sight.others() if style.is_known_ground(thing.kind)]
        lengths = {
            (thing.kind, thing.id): round(self._view.drawn(thing.footprint).length, 3) for thing in known
        }
        return sorted(known, key=lambda thing: (-lengths[thing.kind, thing.id], thing.kind, thing.id))

    def _name_spots(self, thing: Thing, text: Text) -> Iterator[Spot]:
        drawn = self._view.drawn(thing.geometry)
        if shapely.get_dimensions(thing.geometry) == 1:
            return naming.along(drawn, text)
        return naming.within(shapely.intersection(drawn, self._view.window), text, *self._at)

    def _area(self, area: Area) -> str:
        words = f"{clean(term(self._lang, area.kind))} {clean(area.name)}"
        text = Text((shortened(words, style.SMALL, LONGEST_PX),), style.SMALL)
        seen = shapely.intersection(self._view.drawn(area.geometry), self._view.window)
        return self._label(self._placer.place(text, naming.within(seen, text, *self._at)), style.AREA)

    def _label(self, placed: Placed | None, ink: str) -> str:
        if placed is None:
            return ""
        spot, text, several = placed.spot, placed.text, len(placed.text.lines) > 1
        top = spot.y - text.height / 2 + text.size * (LINE_HEIGHT / 2 + 0.36)
        spans = [
            tag("tspan", plain(line), x=spot.x, y=top + at * text.size * LINE_HEIGHT)
            if several
            else plain(line)
            for at, line in enumerate(text.lines)
        ]
        turn = f"rotate({number(spot.angle)} {number(spot.x)} {number(spot.y)})" if spot.angle else None
        place: style.Look = {} if several else {"x": spot.x, "y": top}
        weight = "700" if text.bold else None
        return tag("text", *spans, **place, transform=turn, font_size=text.size, fill=ink, font_weight=weight)
