"""Places along lines: where two meet, bridges and gates on both, metres of a route."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import shapely

from geo.bearings import between
from geo.civic_text import Mention
from geo.crossings import Crossing, crossings
from layers.candidates import Fault, Match
from layers.chainage import chainage
from layers.gazetteer import Gazetteer
from layers.gazetteer_entries import STREET, WATERWAY
from layers.gazetteer_shapes import middles, radii
from layers.geocoding_city import CityPlaces, Hit
from layers.geocoding_numbers import entry_spot, whole_match
from layers.geocoding_spots import Spot, is_han, typo
from layers.routes import NamedRoute
from layers.sections import Sections

NEARLY_M = 30.0  # two roads whose ends are no farther apart are meant to meet
CROSSING_M = 15.0  # the least radius of a crossing
ROUTE_M = 20.0  # of a metre on a route
AT_M = 60.0  # of a bridge or gate from the line that it is said to be at
AREA_SLACK_M = 5.0  # a street on the boundary of an area lies in it
MOST_PAIRS = 12


def is_line(kind: str) -> bool:
    """Whether entries of a kind are streets or waterways."""
    return kind in (STREET, WATERWAY)


def meetings(city: CityPlaces, one: Mention, other: Mention) -> Iterator[Spot]:
    """Where two lines meet, or nearly do."""
    pairs = [(a, b) for a in city.hits(one, is_line) for b in city.hits(other, is_line) if a.row != b.row]
    pairs.sort(key=lambda pair: -pair[0].score * pair[1].score)
    found = [spot for a, b in pairs for spot in _crossings(city, one, other, a, b)]
    if not found:
        near = [pair for pair in pairs if _is_near(city, *pair)]
        found = [spot for a, b in near[:MOST_PAIRS] for spot in _meetings(city, one, other, a, b)]
    yield from found or _apart(city, pairs[:1], (one, other))


def _apart(city: CityPlaces, pairs: list[tuple[Hit, Hit]], names: tuple[Mention, Mention]) -> Iterator[Spot]:
    """Both lines of the likeliest pair that does not meet, with the fault."""
    for pair in pairs:
        said = [city.gazetteer.name[hit.row] for hit in pair]
        for hit, name in zip(pair, names, strict=True):
            whole = entry_spot(city, hit.row, whole_match(city, hit.row), hit.score, name, hit.way)
            yield whole.with_faults(no_meeting(*said))


def no_meeting(one: str, other: str) -> Fault:
    """The fault of two lines that do not meet."""
    zh, en = f"“{one}”与“{other}”不相交", f"“{one}” and “{other}” do not meet"
    return Fault("no_crossing", f"{one} {other}", zh, en, 0.3)


def _is_near(city: CityPlaces, a: Hit, b: Hit) -> bool:
    """Whether the boxes of two lines come near each other."""
    west, south, east, north = city.metric(a.row).bounds
    other = city.metric(b.row).bounds
    return bool(
        west - NEARLY_M <= other[2] and other[0] <= east + NEARLY_M
        and south - NEARLY_M <= other[3] and other[1] <= north + NEARLY_M
    )  # fmt: skip


def _crossings(city: CityPlaces, one: Mention, other: Mention, a: Hit, b: Hit) -> Iterator[Spot]:
    """The crossings of two lines that the gazetteer holds."""
    gazetteer = city.gazetteer
    for row in city.crossings(a.row, b.row):
        at = float(gazetteer.x[row]), float(gazetteer.y[row]), float(gazetteer.radius_m[row])
        yield _crossing(city, (one, other), (a, b), at)


def _meetings(city: CityPlaces, one: Mention, other: Mention, a: Hit, b: Hit) -> Iterator[Spot]:
    """Where two lines meet or nearly do, worked out."""
    for found in crossings(city.metric(a.row), city.metric(b.row), near_m=NEARLY_M):
        yield _crossing(city, (one, other), (a, b), (found.x, found.y, found.gap_m))


def _crossing(
    city: CityPlaces, said: tuple[Mention, Mention], hits: tuple[Hit, Hit], at: tuple[float, float, float]
) -> Spot:
    names = [city.gazetteer.name[hit.row] for hit in hits]
    label = f"{names[0]}与{names[1]}交叉口" if is_han(names[0]) else " & ".join(names)
    x, y, radius_m = at
    score = hits[0].score * hits[1].score
    spot = Spot(x, y, max(CROSSING_M, radius_m), Match.CROSSING, score, label, hits[0].row)
    typos = (typo(name.text, full, hit.way) for name, full, hit in zip(said, names, hits, strict=True))
    return spot.with_faults(*typos)


def stretch(city: CityPlaces, line: Mention, one: Mention, other: Mention) -> Iterator[Spot]:
    """The part of a line between two others: the middle of the way, and most of it within the radius."""
    for hit in city.hits(line, is_line):
        ends = [list(_crossed(city, hit.row, name)) for name in (one, other)]
        pairs = [(a, b) for a in ends[0] for b in ends[1] if (a.x, a.y) != (b.x, b.y)]
        if not pairs:
            continue
        a, b = min(pairs, key=lambda pair: float(np.hypot(pair[0].x - pair[1].x, pair[0].y - pair[1].y)))
        half = between((a.x, a.y), (b.x, b.y))
        near = shapely.shortest_line(city.metric(hit.row), shapely.Point(half.x, half.y))
        x, y = shapely.get_coordinates(near)[0].tolist()
        name = city.gazetteer.name[hit.row]
        spot = Spot(x, y, half.radius_m, Match.STREET, hit.score, name, hit.row)
        yield spot.with_faults(typo(line.text, name, hit.way))


def _crossed(city: CityPlaces, row: int, name: Mention) -> Iterator[Crossing]:
    """Where a line meets those of a name."""
    for hit in city.hits(name, is_line):
        yield from crossings(city.metric(row), city.metric(hit.row), near_m=NEARLY_M)


def structures(city: CityPlaces, one: Mention, other: Mention, thing: str) -> Iterator[Spot]:
    """Bridges, gates and so on that belong to both a road and a river; without one, where they meet."""
    found = list(_structures(city, one, other, thing)) or list(_named_after(city, one, other, thing))
    yield from found or meetings(city, one, other)


def _structures(city: CityPlaces, one: Mention, other: Mention, thing: str) -> Iterator[Spot]:
    """The assets that belong to one of two lines and lie at the other."""
    gazetteer = city.gazetteer
    first, second = ({hit.row: hit for hit in city.hits(name, is_line)} for name in (one, other))
    for mention, own, others in ((one, first, second), (other, second, first)):
        for row, hit in own.items():
            for child in gazetteer.children(row).tolist():
                beside = others.get(int(gazetteer.other[child]))
                if beside is not None and _is_called(gazetteer, child, thing):
                    said = (mention, hit), (other if mention is one else one, beside)
                    yield _structure(city, child, *said)


def _structure(city: CityPlaces, row: int, first: tuple[Mention, Hit], second: tuple[Mention, Hit]) -> Spot:
    """An asset that was found by two lines, with the faults of their names."""
    score = first[1].score * second[1].score
    return entry_spot(city, row, Match.ASSET, score, first[0], "exact").with_faults(
        *_spellings(city, first, second)
    )


def _spellings(city: CityPlaces, *said: tuple[Mention, Hit]) -> Iterator[Fault | None]:
    for mention, hit in said:
        yield typo(mention.text, city.gazetteer.name[hit.row], hit.way)


def _is_called(gazetteer: Gazetteer, row: int, thing: str) -> bool:
    """Whether an entry is an asset whose name has the word for a thing: 闸 of 闸口."""
    return gazetteer.kind[row].startswith("asset:") and _word(thing) in gazetteer.name[row]


def _word(thing: str) -> str:
    return thing.lstrip("大小老新").rstrip("口头边") or thing


def _named_after(city: CityPlaces, one: Mention, other: Mention, thing: str) -> Iterator[Spot]:
    """The assets that are called after one of two lines (人民西路闸口) and stand at the other."""
    for mention, beside in ((one, other), (other, one)):
        own, lines = (city.hits(name, is_line) for name in (mention, beside))
        for hit in own:
            named = _called_after(city, city.gazetteer.name[hit.row], thing)
            for line in lines:
                for row in named:
                    if _stands_at(city, row, line.row):
                        yield _structure(city, row, (mention, hit), (beside, line))


def _called_after(city: CityPlaces, line: str, thing: str) -> list[int]:
    """The rows of assets whose name is that of a line and a word for a thing."""
    words = dict.fromkeys((thing, _word(thing), _word(thing) + "口"))
    rows = [row for word in words for row in city.index.exact(line + word).tolist()]
    return [row for row in dict.fromkeys(rows) if city.gazetteer.kind[row].startswith("asset:")]


def things(city: CityPlaces, line: Mention, thing: str) -> Iterator[Spot]:
    """The gates, bridges and so on that are called after one line (人民西路闸口); else the line."""
    for hit in city.hits(line, is_line):
        name = city.gazetteer.name[hit.row]
        found = _called_after(city, name, thing)
        for row in found:
            yield _structure(city, row, (line, hit), (line, hit._replace(score=1.0, way="exact")))
        if not found:
            whole = entry_spot(city, hit.row, whole_match(city, hit.row), hit.score, line, hit.way)
            yield whole.with_faults(unknown_thing(thing, name))


def unknown_thing(thing: str, name: str) -> Fault:
    """The fault of a bridge or gate that is not known by the name of its street."""
    return Fault("thing_unknown", thing, f"没有“{name}{thing}”", f"no {thing} of “{name}” is known", 0.1)


def _stands_at(city: CityPlaces, row: int, line: int) -> bool:
    point = shapely.Point(city.gazetteer.x[row], city.gazetteer.y[row])
    return bool(shapely.dwithin(city.metric(line), point, AT_M))


def metres_along(city: CityPlaces, name: Mention, metre: float) -> Iterator[Spot]:
    """Where routes of a name count so many metres; of lines whose metres nobody tells the whole."""
    gazetteer = city.gazetteer
    for hit in city.hits(name, lambda kind: is_line(kind) or kind.startswith(("section:", "asset:"))):
        kind = gazetteer.layer[hit.row].partition(":")[2]
        point = _at_metre(city, kind, gazetteer.name[hit.row], gazetteer.id[hit.row], metre)
        if point is not None:
            label = f"{gazetteer.name[hit.row]} {chainage(metre)}"
            spot = Spot(point.x, point.y, ROUTE_M, Match.MILEPOST, hit.score, label, hit.row)
            yield spot.with_faults(typo(name.text, gazetteer.name[hit.row], hit.way))
        elif is_line(gazetteer.kind[hit.row]):
            whole = entry_spot(city, hit.row, whole_match(city, hit.row), hit.score, name, hit.way)
            yield whole.with_faults(unknown_metre(chainage(metre), gazetteer.name[hit.row]))


def unknown_metre(metre: str, name: str) -> Fault:
    """The fault of a metre that a route does not have."""
    zh, en = f"“{name}”没有 {metre}", f"“{name}” has no {metre}"
    return Fault("metre_unknown", metre, zh, en, 0.3)


def within(city: CityPlaces, spot: Spot, areas: Sequence[int]) -> Spot:
    """The part of a street or river that lies in areas which the text names; the whole where none does.

    Args:
        city: where it is.
        spot: of a whole street or river; others stay what they are.
        areas: rows of the areas, each of which must hold it.
    """
    if not areas or not spot.is_entry or spot.match not in (Match.STREET, Match.WATERWAY):
        return spot
    part = city.metric(spot.row)
    for area in map(city.metric, areas):
        if shapely.get_dimensions(area) == 2:
            part = shapely.intersection(part, shapely.buffer(area, AREA_SLACK_M))
    if part.is_empty or shapely.get_dimensions(part) != 1:
        return spot
    shapes = np.array([part], dtype=object)
    (x, y), radius = middles(shapes)[0], radii(shapes, middles(shapes))[0]
    return replace(spot, x=float(x), y=float(y), radius_m=float(radius))


def _at_metre(city: CityPlaces, kind: str, name: str, id_: str, metre: float) -> shapely.Point | None:
    """A metre of a route that stones or sections count, between the first and the last of them."""
    routes, sections = city.routes(kind), city.generation.sections.get(kind)
    own = np.union1d(routes.members(name), routes.members(id_))
    sectioned = () if sections is None else sections.names
    called = [one for one in sectioned if np.isin(routes.members(one), own).any()]
    for named in filter(None, (routes[one] for one in dict.fromkeys((name, id_, *called)))):
        low, high = _counted(named, sections)
        first, last = named.route.metres
        if max(low, first) <= metre <= min(high, last):
            piece = named.route.stretch(max(first, metre - 0.5), min(last, metre + 0.5))
            return None if piece.is_empty else shapely.line_interpolate_point(piece, 0.5, normalized=True)
    return None


def _counted(named: NamedRoute, sections: Sections | None) -> tuple[float, float]:
    """The lowest and the highest metre of a route that somebody says; NaN where nobody does."""
    said = [*(named.marked or ())]
    if sections is not None:
        on = sections.on(named.name)
        said += [*sections.from_m[on].tolist(), *sections.to_m[on].tolist()]
    return (min(said), max(said)) if said else (np.nan, np.nan)
