"""What a request to the Nominatim face says: read as Nominatim reads it, so that what it takes is taken.

Unknown parameters do nothing. Of what is wrong there is one sentence, in a shape of its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from geo.errors import GridError
from layers.candidates import Candidate

FORMATS = ("json", "jsonv2", "geojson", "geocodejson")
STRUCTURED = ("amenity", "street", "city", "county", "state", "postalcode", "country")
MOST_LIMIT = 50
MOST_TEXT = 2_000  # characters
FEATURE_RANKS = {"country": (4, 4), "state": (8, 8), "city": (14, 16), "settlement": (8, 20)}
_TAG = re.compile(r"\s*([A-Za-z]{1,8})(?:[-_][\w-]*)?\s*(?:;\s*q=([\d.]*))?\s*")
_NUMBER_FIRST = re.compile(r"(\d+\S{0,8}) +(\D.*)")


class QueryError(GridError):
    """A parameter that Nominatim would not take either."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the map."""

    west: float
    south: float
    east: float
    north: float

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of its middle."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    def holds(self, place: Candidate) -> bool:
        """Whether a place lies in it."""
        return self.west <= place.lng <= self.east and self.south <= place.lat <= self.north


@dataclass(frozen=True, slots=True)
class Shown:
    """What of each place is answered.

    Attributes:
        languages: of names, the preferred first.
        shape: ``geojson`` or ``text`` where the whole shape is wanted, else empty.
        tolerance: in degrees, by which shapes may be simplified.
    """

    form: str
    languages: tuple[str, ...]
    address: bool
    extra: bool
    names: bool
    shape: str
    tolerance: float


class Said:
    """The parameters of a request.

    Args:
        query: by name; of several the last.
        accept_language: the header.
    """

    def __init__(self, query: Mapping[str, str], accept_language: str = "") -> None:
        self._query = query
        self._accept = query.get("accept-language") or accept_language

    def text(self, name: str) -> str | None:
        """A text; None where it is not said.

        Raises:
            QueryError: it is longer than any place is called.
        """
        said = self._query.get(name)
        if said is not None and len(said) > MOST_TEXT:
            raise QueryError(f"Parameter '{name}' has more than {MOST_TEXT} characters.")
        return said

    def whole(self, name: str, usual: int) -> int:
        """A whole number.

        Raises:
            QueryError: it is none.
        """
        said = self._query.get(name)
        if said is None:
            return usual
        if not re.fullmatch(r"\s*[+-]?\d{1,18}\s*", said):
            raise QueryError(f"Parameter '{name}' must be a number.")
        return int(said)

    def number(self, name: str, usual: float | None = None) -> float:
        """A finite number.

        Raises:
            QueryError: it is none, or missing though it has to be there.
        """
        said = self._query.get(name)
        if said is None and usual is not None:
            return usual
        if said is None:
            raise QueryError(f"Parameter '{name}' missing.")
        value = _finite(said)
        if value is None:
            raise QueryError(f"Parameter '{name}' must be a number.")
        return value

    def flag(self, name: str, *, usual: bool = False) -> bool:
        """Yes or no: only ``0`` is no."""
        said = self._query.get(name)
        return usual if said is None else said != "0"

    def form(self, usual: str, forms: tuple[str, ...] = FORMATS) -> str:
        """The format of the answer.

        Raises:
            QueryError: there is no such.
        """
        said = self._query.get("format", usual)
        if said not in forms:
            raise QueryError(f"Parameter 'format' must be one of: {', '.join(forms)}")
        return said

    def shown(self, usual: str, *, address: bool) -> Shown:
        """What of each place is answered.

        Raises:
            QueryError: there is no such format, or there are two shapes of a place.
        """
        form = self.form(usual)
        shapes = ["geojson"] if self.flag("polygon_geojson") else []
        if form in ("json", "jsonv2") and self.flag("polygon_text"):
            shapes.append("text")
        if len(shapes) > 1:
            raise QueryError("Too many polygon output options selected.")
        return Shown(
            form, self.languages, self.flag("addressdetails", usual=address), self.flag("extratags"),
            self.flag("namedetails"), "".join(shapes), max(0.0, self.number("polygon_threshold", 0.0)),
        )  # fmt: skip

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that are preferred, the first first, in small letters and without regions."""
        found = [
            (-_weight(weight), turn, tag.lower())
            for turn, part in enumerate(self._accept[:500].split(","))
            if (said := _TAG.fullmatch(part))
            for tag, weight in [said.groups()]
        ]
        return tuple(dict.fromkeys(tag for _, _, tag in sorted(found)))

    @property
    def limit(self) -> int:
        """How many places at most, 1 to 50."""
        return max(1, min(MOST_LIMIT, self.whole("limit", 10)))

    @property
    def box(self) -> Box | None:
        """The part of the map that is preferred, by any two corners.

        Raises:
            QueryError: it has not four numbers, or is nowhere on Earth.
        """
        said = self.text("viewbox") or self.text("viewboxlbrt")
        if not said:
            return None
        sides = [_finite(part) for part in said.split(",")]
        x0, y0, x1, y1 = sides if len(sides) == 4 else (None,) * 4
        if x0 is None or y0 is None or x1 is None or y1 is None:
            raise QueryError("Parameter 'viewbox' must be four numbers: longitude and latitude, twice.")
        if not (max(abs(x0), abs(x1)) <= 180 and max(abs(y0), abs(y1)) <= 90):
            raise QueryError("Parameter 'viewbox' is out of range: longitude before latitude.")
        return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    def excluded(self) -> frozenset[str]:
        """Ids of places that are not wanted."""
        return frozenset(part.strip() for part in (self.text("exclude_place_ids") or "").split(","))

    def searched(self) -> list[str]:
        """The words that are looked for, in the ways in which they are tried.

        Raises:
            QueryError: there are none, or both a query and parts of an address.
        """
        words = self.text("q")
        parts = {name: said for name in STRUCTURED if (said := self.text(name))}
        if words is not None:
            if parts:
                raise QueryError(
                    f"Structured query parameters ({', '.join(STRUCTURED)}) cannot be used together with 'q'"
                    " parameter."
                )
            return [words]
        if not parts:
            raise QueryError("Nothing to search for.")
        return _in_order(parts)


def _in_order(parts: Mapping[str, str]) -> list[str]:
    """The parts of an address as one text. The state and the country are left out: a city is in one."""
    town = " ".join(parts[name] for name in ("postalcode", "city") if name in parts)
    after = [said for said in (town, parts.get("county", "")) if said]
    before, streets = parts.get("amenity", ""), [parts.get("street", "")]
    # Parts of an address have the house number first, which in most towns is written last.
    if swapped := _NUMBER_FIRST.fullmatch(streets[0]):
        streets.append(f"{swapped[2]} {swapped[1]}")
    return [", ".join(filter(None, (before, street, *after))) for street in streets]


def _finite(said: str) -> float | None:
    try:
        value = float(said)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _weight(said: str | None) -> float:
    if said is None:
        return 1.0
    return (_finite(said) or 0.0) if said else 0.0
