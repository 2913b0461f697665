"""What others do with the same texts: the most alike name, and a full-text index of trigrams.

Both know every name of the city that words can bear, also houses as street and number, and poles by their
codes. They answer with the best name, with all that are as good, or with nothing below a bar.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import shapely
from rapidfuzz import fuzz, process

from benchmarks.geocoding_places import ONE_PLACE_M, middle

LAYERS = ("grid_", "area_", "asset_", "place")
CODES = ("pole", "code", "ref")  # columns of assets that people read off a thing
MOST = 5  # candidates
DEGREE_M = 111_195.0  # of a meridian
Words = Callable[[dict[str, str]], Iterator[str]]


@dataclass(frozen=True, slots=True)
class PeerCandidate:
    """A place that a peer answers with."""

    lng: float
    lat: float
    label: str
    match: str = "name"
    radius_m: float = float("nan")
    faults: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """Found, ambiguous or none."""

    outcome: str
    candidates: tuple[PeerCandidate, ...] = ()


@dataclass(frozen=True)
class Names:
    """Every name of a city and where it is, in degrees."""

    text: list[str]
    lng: list[float]
    lat: list[float]

    def answer(self, rows: Sequence[int]) -> PeerAnswer:
        """What equally good names say."""
        found: list[PeerCandidate] = []
        for row in rows:
            candidate = PeerCandidate(self.lng[row], self.lat[row], self.text[row])
            if not any(_one_place(candidate, other) for other in found):
                found.append(candidate)
        return PeerAnswer("none" if not found else "found" if len(found) == 1 else "ambiguous", tuple(found))


def _one_place(a: PeerCandidate, b: PeerCandidate) -> bool:
    east = (a.lng - b.lng) * np.cos(np.radians(a.lat))
    return bool(np.hypot(east, a.lat - b.lat) * DEGREE_M <= ONE_PLACE_M)


def fold(text: str) -> str:
    """Small letters, half width, one blank."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def names_of(path: Path) -> Names:
    """The names in a city's GeoPackage; the pieces of a line of one name are one thing."""
    found: dict[tuple[str, str], tuple[str, shapely.Point]] = {}
    for table in pyogrio.list_layers(path)[:, 0]:
        if str(table).startswith(LAYERS):
            frame = pyogrio.read_dataframe(path, layer=table)
            for at, (name, geometry) in enumerate(_named(frame, str(table))):
                one = geometry.geom_type in ("LineString", "MultiLineString")
                key = (fold(name), str(table) if one else f"{table} {at}")
                found.setdefault(key, (fold(name), middle(geometry)))
    texts = [name for name, _ in found.values()]
    points = np.array([(point.x, point.y) for _, point in found.values()])
    return Names(texts, points[:, 0].tolist(), points[:, 1].tolist())


def _named(frame: pd.DataFrame, table: str) -> Iterator[tuple[str, shapely.Geometry]]:
    columns = [c for c in frame.columns if c != "geometry"]
    clear = frame[columns].astype(object).where(frame[columns].notna(), "").astype(str)
    rows = (dict(zip(columns, row, strict=True)) for row in clear.itertuples(index=False))
    for row, geometry in zip(rows, frame["geometry"], strict=True):
        if geometry is not None and not geometry.is_empty:
            yield from ((name, geometry) for name in dict.fromkeys(_words(row, table)) if name)


def _words(row: dict[str, str], table: str) -> Iterator[str]:
    if row.get("name") not in (row.get("id"), "", None):
        yield row["name"]
    yield row.get("name_sv", "")
    yield row.get("address", "")
    if row.get("street") and row.get("housenumber"):
        yield f"{row['street']} {row['housenumber']}"
        if row.get("city"):
            yield f"{row['street']} {row['housenumber']}, {row.get('postcode', '')} {row['city']}"
    if table.startswith("asset_"):
        yield from (row.get(column, "") for column in CODES)


class RapidFuzz:
    """Every name compared with the text, the most alike wins; of equals the longest."""

    bar = 80.0

    def __init__(self, names: Names) -> None:
        self._names = names

    def geocode(self, text: str) -> PeerAnswer:
        """The name that is most alike to some part of the text."""
        found = process.extract(
            fold(text), self._names.text, scorer=fuzz.partial_ratio, limit=200, score_cutoff=self.bar
        )
        if not found:
            return PeerAnswer("none")
        best = max((score, len(name)) for name, score, _ in found)
        return self._names.answer([row for name, score, row in found if (score, len(name)) == best][:MOST])


class Trigrams:
    """An FTS5 index with the trigram tokenizer: any trigram of the text, ranked by bm25.

    Of the first names the one wins that has the largest share of its own trigrams in the text.
    """

    bar = 0.6

    def __init__(self, names: Names) -> None:
        self._names = names
        self._file = sqlite3.connect(":memory:")
        self._file.execute("CREATE VIRTUAL TABLE name USING fts5(text, tokenize='trigram')")
        rows = enumerate(names.text)
        self._file.executemany("INSERT INTO name (rowid, text) VALUES (?, ?)", rows)

    def geocode(self, text: str) -> PeerAnswer:
        """The name that shares most trigrams with the text."""
        said = _grams(fold(text))
        if not said:
            return PeerAnswer("none")
        query = " OR ".join('"' + gram.replace('"', '""') + '"' for gram in said)
        sql = "SELECT rowid FROM name WHERE name MATCH ? ORDER BY rank LIMIT 50"
        rows = [row for (row,) in self._file.execute(sql, (query,))]
        scores = {row: self._score(row, said) for row in rows}
        best = max(scores.values(), default=(0.0, 0))
        return self._names.answer([row for row in rows if scores[row] == best and best[0] >= self.bar][:MOST])

    def _score(self, row: int, said: Counter[str]) -> tuple[float, int]:
        own = _grams(self._names.text[row])
        shared = (own & said).total()
        return shared / max(1, own.total()), shared


def _grams(text: str) -> Counter[str]:
    return Counter(text[at : at + 3] for at in range(len(text) - 2))


PEERS: dict[str, Callable[[Names], RapidFuzz | Trigrams]] = {"rapidfuzz": RapidFuzz, "FTS5": Trigrams}
