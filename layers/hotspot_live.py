"""Hotspots of a city at work: its reports are read again only when something was written."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import GridError
from layers.exported import Export
from layers.generation import Generation, Objects
from layers.hotspot_analysis import Beside, analyse
from layers.hotspot_counting import asked_for
from layers.hotspot_question import Question
from layers.hotspot_reports import ReportedPoints
from layers.hotspot_stored import read_reported
from layers.hotspot_subjects import categories_asked
from layers.hotspot_units import ROAD, Division, lowest_level
from layers.live import LiveCity
from layers.store.events import chain_head

MOST_BINS, MOST_ROWS, MOST_PAIRS = 20_000, 200_000, 5_000_000
"""Of a question to the service: bins, bins times categories, neighbours."""
WHOLE = 0.999
"""What has so much of itself in some cells lies in them: their borders are drawn to so much."""
KEPT = 8
_AROUND = {"top_category": "", "top_category_issues": 0, "top_asset": "", "top_asset_kind": "",
           "top_asset_issues": 0}  # fmt: skip
"""What names things of neighbours."""
_Asked = tuple[int, str, Question, Beside]


@dataclass(eq=False)
class LiveHotspots:
    """Answers about the hotspots of a city whose store is open; one at a time: each takes a core."""

    live: LiveCity
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _read: tuple[int, ReportedPoints] | None = None
    _answers: dict[_Asked, Export] = field(default_factory=dict)

    def ask(self, question: Question, beside: Beside, cells: Sequence[str] = ()) -> tuple[Generation, Export]:
        """The hotspots by the live generation; of who is confined to cells, those in them.

        Raises:
            GridError: more than `MOST_BINS`, `MOST_ROWS` or `MOST_PAIRS`; and as
                `layers.hotspot_analysis.analyse`.
        """
        generation = self.live.generation
        with self._lock:
            seq, points = self._reports()
            _refuse_many(generation, points, question)
            asked = (seq, generation.sha256, question, beside)
            if asked not in self._answers:
                if len(self._answers) >= KEPT:
                    del self._answers[next(iter(self._answers))]
                self._answers[asked] = analyse(generation, points, question, beside)
            found = self._answers[asked]
        return generation, confined(generation, found, cells) if cells else found

    def _reports(self) -> tuple[int, ReportedPoints]:
        with self.live.store.reading() as connection:
            if not connection.in_transaction():
                connection.begin()
            seq = chain_head(connection).seq
            if self._read is None or self._read[0] != seq:
                self._read = seq, read_reported(connection)
        return self._read


def _refuse_many(generation: Generation, points: ReportedPoints, question: Question) -> None:
    parts = _about_parts(generation, question.division)
    counted = points.take(asked_for(points, question))
    codes = categories_asked(generation, points, question.categories, counted)
    fix = "Take larger parts or fewer categories; more is for the command line."
    if parts > MOST_BINS and question.division.kind != "level":
        raise GridError(f"The city has about {parts:,.0f} bins of {question.division.text}.", fix=fix)
    if parts * len(codes) > MOST_ROWS:
        raise GridError(f"{len(codes)} categories in {parts:,.0f} parts are too many at once.", fix=fix)
    near = np.pi * question.division.within_m**2 / max(generation.surroundings.ground_m2, 1.0)
    if parts * min(near, 1.0) * parts > MOST_PAIRS:
        within = f"{question.division.within_m:g} m"
        raise GridError(f"Too many of {parts:,.0f} parts lie within {within} of one another.", fix=fix)


def _about_parts(generation: Generation, division: Division) -> float:
    """How many parts a division has, about, told before it is made."""
    if division.kind == "level":
        return float((generation.cells.level == (division.level or lowest_level(generation))).sum())
    if division.kind != ROAD:
        return generation.surroundings.ground_m2 / division.size_m**2
    roads = generation.assets.get(ROAD)
    if roads is None:
        return 0.0
    long = shapely.length(generation.metric.geometries(roads.geometry))
    return float(np.ceil(long / division.size_m).sum())


def confined(generation: Generation, found: Export, cells: Sequence[str]) -> Export:
    """Only the hotspots that lie wholly in some cells, at any level: others hold reports from elsewhere. What
    shows more of the city than these is left out.
    """
    first = found.tables[0]
    theirs = generation.cells.lineage(frozenset(cells))
    own = shapely.union_all(generation.metric.geometries(generation.cells.geometry[theirs]))
    parts = generation.metric.geometries(np.asarray(first.frame.geometry.array, dtype=object))
    seen = _inside(parts, own, generation.surroundings.ground)
    frame = first.frame[seen].reset_index(drop=True)
    for column, nothing in _AROUND.items():
        frame[column] = nothing
    return replace(found, tables=(replace(first, frame=frame),))


def _inside(parts: Objects, own: shapely.Geometry, ground: shapely.Geometry) -> NDArray[np.bool_]:
    """Which parts have all their ground (length), as far as it is the city's, in some of it."""
    shapely.prepare(own)
    seen = np.asarray(shapely.covers(own, parts))
    border = np.flatnonzero(~seen & shapely.intersects(own, parts))
    measure = shapely.length if (shapely.get_dimensions(parts) == 1).any() else shapely.area
    city = measure(shapely.intersection(parts[border], ground))
    mine = measure(shapely.intersection(parts[border], own))
    seen[border] = (mine > 0) & (mine >= WHOLE * city)
    return seen
