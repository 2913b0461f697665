"""Corrections as a city of now has them, and those whose words a text has."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from geo.civic_numerals import CHINESE_NUMERALS, NUMBER
from geo.civic_text import Mention, Reading, read
from geo.names import folded
from geo.names_words import Unit, key_of, units
from layers.candidates import Fault
from layers.correction_scopes import leaf_at, line_of, scope_now
from layers.gazetteer_entries import NONE
from layers.geocoding_choice import says
from layers.geocoding_city import CityPlaces
from layers.store.values import Correction

NEAR_SCOPE_M = 1_000.0  # who is no farther from a correction's cell may mean it
LEAST_LIKE = 0.85  # a name is that of an entry
MOST_SPOKEN = 20  # so often remembered words count in one text
_NUMERALS = frozenset(CHINESE_NUMERALS)
_NUMBERED = re.compile(rf"\s*第?{NUMBER}\s*(?:号|幢|栋|座|#|弄|组|-)")
_FURTHER = re.compile(r"[0-9]\s*[-之/]\s*([0-9a-z]+)")
_JOINING = {"的"}  # 八里庙的老桥 is 八里庙老桥
_BREAK = re.compile(r"[,;:!?，；：！？。、\n]|(?<![a-z])\.")  # 老，桥 is not 老桥; St. Anna is St Anna
_Names = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to know.

    Attributes:
        readings: of the text, the best first.
        near: lng and lat of about where it is, or None.
        cells: one of them has to hold the place; None leaves it open.
    """

    text: str
    readings: Sequence[Reading]
    near: tuple[float, float] | None = None
    cells: frozenset[int] | None = None


@dataclass(frozen=True)
class Alias:
    """A correction in one generation of a city.

    Attributes:
        reading: of its words alone; None where they are none that a place is told by.
        x, y: metres.
        line: positions of the cells that hold it, the lowest first.
        scope: position of the cell in which it holds, -1 where there is none any more.
    """

    city: CityPlaces
    correction: Correction
    reading: Reading | None
    x: float
    y: float
    line: frozenset[int]
    scope: int

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Its words one by one."""
        return _keys(self.correction.text)

    @cached_property
    def key(self) -> str:
        """Its words as one."""
        return key_of(self.correction.text)

    def begins_with(self, key: str) -> bool:
        """Whether its words begin so, where there is still a cell in which they hold."""
        return self.scope != NONE and self.key.startswith(key)

    @cached_property
    def is_broken(self) -> bool:
        """Whether its own words have a stop in them."""
        return _BREAK.search(folded(self.correction.text).text) is not None

    @cached_property
    def names(self) -> _Names:
        """The names in its words, with what they do there."""
        return frozenset() if self.reading is None else _names(self.reading)

    @property
    def has_area(self) -> bool:
        """Whether its own words say in which area the place lies."""
        return any(role == "parent" for role, _ in self.names)

    @cached_property
    def notice(self) -> Fault:
        """What tells that it was a correction."""
        zone = ZoneInfo(self.city.generation.config.time_zone)
        at = datetime.fromtimestamp(self.correction.made_at_us / 1e6, UTC).astimezone(zone).date()
        zh = f"按工作人员 {at} 的更正定位"
        return Fault("correction", self.correction.text, zh, f"placed by a correction of {at} by staff")

    @cached_property
    def _ground(self) -> shapely.Geometry:
        """Its cell in metres."""
        shape = self.city.generation.metric.geometries(self.city.generation.cells.geometry[[self.scope]])[0]
        shapely.prepare(shape)
        return shape

    def is_near(self, lng: float, lat: float) -> bool:
        """Whether a place lies in its cell or not far from it."""
        x, y = map(float, self.city.generation.metric.points(lng, lat))
        return bool(shapely.dwithin(self._ground, shapely.Point(x, y), NEAR_SCOPE_M))

    def names_scope(self, words: str) -> bool:
        """Whether words begin the name of a cell that it lies in, as 八里庙 does 八里庙村社区."""
        key, names = key_of(words), self.city.generation.cells.name
        return len(key) > 1 and any(key_of(names[cell]).startswith(key) for cell in self.line)


def _alias(city: CityPlaces, correction: Correction) -> Alias:
    generation = city.generation
    readings = read(correction.text, city.index.spans)
    x, y = map(float, generation.metric.points(correction.lng, correction.lat))
    scope = scope_now(generation, correction.cell_path, correction.lng, correction.lat)
    line = line_of(generation, leaf_at(generation, correction.lng, correction.lat))
    held = frozenset((*line, *line_of(generation, scope)))
    return Alias(city, correction, readings[0] if readings else None, x, y, held, scope)


class Spoken(NamedTuple):
    """A correction whose words a text has.

    Attributes:
        start, end: of the words in the text.
        reading: of the text there; None where it is not read.
        around: names of the text that tell where to look.
    """

    alias: Alias
    start: int
    end: int
    reading: Reading | None
    around: tuple[Mention, ...]

    @property
    def is_told(self) -> bool:
        """Whether the text tells where to look."""
        return bool(self.around) or self.alias.has_area

    def holds(self, other: Spoken) -> bool:
        """Whether the words of another are a part of its own, or the same in a cell around its own."""
        if (self.start, self.end) == (other.start, other.end):
            return (
                self.alias is not other.alias
                and other.alias.scope in line_of(self.alias.city.generation, self.alias.scope)[1:]
            )
        return self.start <= other.start and other.end <= self.end


class _Standing:
    """What stands where in a text, made ready for many places of it."""

    def __init__(self, city: CityPlaces, asked: Asked) -> None:
        text, fold = asked.text, folded(asked.text)
        places = sorted(fold.original(one.start, one.end) for one in city.index.spans(fold.text))
        self._names = [Mention(text[start:end], start, end, "main", True) for start, end in places]
        self._longest = max((end - start for start, end in places), default=0)
        self._readings = asked.readings
        self._first = np.full(len(text), len(asked.readings), np.intp)
        for turn, one in reversed(list(enumerate(asked.readings))):
            self._first[one.start : one.end] = turn

    def names(self, start: int, end: int) -> list[Mention]:
        """The names of the city that share characters with a place, and maybe some beside it."""
        first = bisect_left(self._names, start - self._longest, key=_start)
        return self._names[first : bisect_left(self._names, end, key=_start)]

    def reading(self, start: int, end: int) -> Reading | None:
        """The best reading of any of the characters of a place."""
        turn = int(self._first[start:end].min(initial=len(self._readings)))
        return self._readings[turn] if turn < len(self._readings) else None


class AliasIndex:
    """Corrections by the first of their words, and by what their words mean."""

    def __init__(self, city: CityPlaces, active: tuple[Correction, ...], known: dict[str, Alias]) -> None:
        self.of, self._city = active, city
        self.by_uid = {one.uid: known.get(one.uid) or _alias(city, one) for one in active}
        self._by_first: defaultdict[str, list[Alias]] = defaultdict(list)
        self._by_main: defaultdict[str, list[Alias]] = defaultdict(list)
        for alias in self.by_uid.values():
            if alias.scope == NONE or not alias.keys:
                continue
            self._by_first[alias.keys[0]].append(alias)
            if alias.reading is not None:
                self._by_main[_subject(alias.reading)].append(alias)

    def found(self, asked: Asked) -> list[Spoken]:
        """The corrections whose words a text has, or means; of many the first."""
        written = list(islice((one for one in self._written(asked) if one is not None), MOST_SPOKEN))
        seen = {one.alias.correction.uid for one in written}
        return written + [one for one in self._meant(asked) if one.alias.correction.uid not in seen]

    def _written(self, asked: Asked) -> Iterable[Spoken | None]:
        """As they are written, but for spelling."""
        fold = folded(asked.text)
        parts = [part for part in units(fold.text) if part.key not in _JOINING]
        if not any(part.key in self._by_first for part in parts):
            return
        standing = _Standing(self._city, asked)
        for turn, part in enumerate(parts):
            for alias in self._by_first.get(part.key, ()):
                last = turn + len(alias.keys)
                if tuple(one.key for one in parts[turn:last]) != alias.keys:
                    continue
                end = parts[last - 1].end
                if not alias.is_broken and _BREAK.search(fold.text, part.start, end):
                    continue
                if not _is_cut(parts, turn, last):
                    start, end = fold.original(part.start, end)
                    yield self._spoken(alias, start, end, asked, standing)

    def _spoken(self, alias: Alias, start: int, end: int, asked: Asked, standing: _Standing) -> Spoken | None:
        """The words at a place of the text; None where they are part of a name, or more is said."""
        reading = standing.reading(start, end)
        names = [*standing.names(start, end), *(() if reading is None else reading.names)]
        if any(name.start < end < name.end for name in names) or _NUMBERED.match(asked.text, end):
            return None
        if reading is not None and (
            _details(reading) != _details(alias.reading) or _is_beside(reading, start, end)
        ):
            return None
        before = [_left(asked.text, name, start) for name in names if name.start < start < name.end]
        if any(not self._is_area(name) and not alias.names_scope(name.text) for name in before):
            return None
        around = [name for name in before if self._is_area(name)]
        around += [] if reading is None else [one for one in reading.names if _is_outside(one, start, end)]
        best = asked.readings[0] if asked.readings else None
        if best is not None and best is not reading:
            if says(best) > (0 if reading is None else says(reading)):
                return None
            around += best.names
        return Spoken(alias, start, end, reading, tuple(around))

    def _meant(self, asked: Asked) -> Iterable[Spoken]:
        """In other words, but with the same names and numbers."""
        best = asked.readings[0] if asked.readings else None
        if best is None:
            return
        names = _names(best)
        for alias in self._by_main.get(_subject(best), ()):
            if alias.reading is None or alias.reading.relation not in (None, best.relation):
                continue
            if alias.names <= names and _details(alias.reading) == _details(best):
                around = [one for one in best.names if (one.role, key_of(one.text)) not in alias.names]
                yield Spoken(alias, best.start, best.end, best, tuple(around))

    def _is_area(self, name: Mention) -> bool:
        return any(hit.score >= LEAST_LIKE for hit in self._city.hits(name, _holds_places))


def _holds_places(kind: str) -> bool:
    return kind.startswith(("cell:", "area:", "place:")) or kind in ("estate", "street", "waterway")


def _keys(text: str) -> tuple[str, ...]:
    return tuple(part.key for part in units(folded(text).text) if part.key not in _JOINING)


def _subject(reading: Reading) -> str:
    """The name, else the code, that a reading is about."""
    return key_of(reading.code if reading.main is None else reading.main.text)


def _names(reading: Reading) -> _Names:
    return frozenset((name.role, key_of(name.text)) for name in reading.names)


def _details(reading: Reading | None) -> tuple[object, ...]:
    """What a reading says beside names, its relation left out."""
    if reading is None:
        return (None, None, "", None, None, False, "", 0)
    number = reading.number and (reading.number.value, reading.number.suffix, reading.number.to)
    building = reading.building and (reading.building.value, _further(reading.building.text))
    crosses = sum(name.role == "cross" for name in reading.names) if reading.is_crossing else 0
    return (
        number, building, key_of(reading.code), reading.chainage_m, reading.group, reading.is_crossing,
        reading.thing, crosses,
    )  # fmt: skip


def _further(building: str) -> str:
    """What follows the number of a building: 1 of 65-1幢."""
    found = _FURTHER.search(building)
    return "" if found is None else found[1]


def _start(name: Mention) -> int:
    return name.start


def _is_outside(name: Mention, start: int, end: int) -> bool:
    return name.end <= start or end <= name.start


def _is_beside(reading: Reading, start: int, end: int) -> bool:
    """Whether the thing that a reading is about is another than the words at a place."""
    return reading.main is not None and _is_outside(reading.main, start, end)


def _left(text: str, name: Mention, end: int) -> Mention:
    """What of a name stands before the words."""
    return Mention(text[name.start : end].rstrip(" 的,，、"), name.start, end, "parent", False)


def _is_cut(parts: Sequence[Unit], first: int, last: int) -> bool:
    """Whether a number goes on before or behind the words."""
    return _goes_on(parts, first - 1) or _goes_on(parts, last - 1)


def _goes_on(parts: Sequence[Unit], at: int) -> bool:
    """Whether a word and the next are parts of one number."""
    if not 0 <= at < len(parts) - 1 or parts[at].end != parts[at + 1].start:
        return False
    return _counts(parts[at].key) and _counts(parts[at + 1].key)


def _counts(key: str) -> bool:
    return key == "_" or key in _NUMERALS or key.isdecimal()
