"""What words mean in a city: understood, looked up, held against what they say themselves, and weighed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import shapely

from geo.civic_text import Mention, Reading, read
from layers.candidates import NOTHING, Answer, Candidate, Outcome
from layers.gazetteer_entries import NONE
from layers.generation import Generation
from layers.geocoding_city import CityPlaces
from layers.geocoding_codes import by_code
from layers.geocoding_lines import meetings, metres_along, structures
from layers.geocoding_numbers import addresses, buildings, entry_spot, groups, whole_match
from layers.geocoding_parents import checked, parents_of
from layers.geocoding_relations import related
from layers.geocoding_spots import Spot

LEAST_SCORE = 0.62  # of an answer
CLEAR = 0.08  # the best is meant where the next is worse by so much
SAME_M = 60.0  # two places no farther apart are one, for whoever goes there
MOST_SPOTS = 200
HALF_M = 100.0  # the radius at which a position is half known


class Geocoder:
    """Finds the places that words name in one generation; may be shared between threads."""

    def __init__(self, generation: Generation) -> None:
        self.city = CityPlaces(generation)

    def geocode(self, text: str, *, limit: int = 10) -> Answer:
        """The place that a text means, or those that it may mean; nothing where nothing is plausible.

        Args:
            text: an address, or a complaint with one in it.
            limit: of candidates.
        """
        readings = read(text, self.city.index.spans)
        spots = [spot for reading in readings for spot in self._spots(reading)]
        return self._answer(_distinct(spots), limit)

    def _spots(self, reading: Reading) -> Iterator[Spot]:
        parents = parents_of(self.city, [name for name in reading.names if name.role == "parent"])
        for spot in _first(self._resolved(reading), MOST_SPOTS):
            weighed = replace(spot, score=spot.score * (0.7 + 0.3 * reading.score))
            yield related(self.city, checked(self.city, weighed, parents), reading.relation)

    def _resolved(self, reading: Reading) -> Iterator[Spot]:
        """The places that a reading names, before its relation and the areas that it names."""
        if reading.code:
            yield from by_code(self.city, reading.code, reading.code_kind)
        main = reading.main
        if main is None:
            return
        cross = next((name for name in reading.names if name.role == "cross"), None)
        if cross is not None and reading.thing:
            yield from structures(self.city, main, cross, reading.thing)
        elif cross is not None and reading.is_crossing:
            yield from meetings(self.city, main, cross)
        elif reading.chainage_m is not None:
            yield from metres_along(self.city, main, reading.chainage_m)
        elif reading.building is not None:
            yield from buildings(self.city, main, reading.building)
        elif reading.group is not None:
            yield from groups(self.city, main, reading.group)
        elif reading.number is not None:
            yield from addresses(self.city, main, reading.number)
        elif not reading.code:
            yield from self._itself(main)

    def _itself(self, name: Mention) -> Iterator[Spot]:
        for hit in self.city.hits(name):
            yield entry_spot(self.city, hit.row, whole_match(self.city, hit.row), hit.score, name, hit.way)

    def _answer(self, spots: Sequence[Spot], limit: int) -> Answer:
        good = [spot for spot in spots if spot.text_score >= LEAST_SCORE]
        if not good:
            return NOTHING
        best = good[0]
        rivals = [
            spot for spot in good[1:] if best.text_score - spot.text_score < CLEAR and not _same(best, spot)
        ]
        candidates = tuple(self._candidate(spot) for spot in ([best, *rivals] if rivals else good)[:limit])
        if rivals or any(fault.code == "code_mistyped" for fault in best.faults):
            return Answer(Outcome.AMBIGUOUS, candidates, *_question(candidates))
        return Answer(Outcome.FOUND, candidates)

    def _candidate(self, spot: Spot) -> Candidate:
        gazetteer, cells, row = self.city.gazetteer, self.city.generation.cells, spot.row
        lng, lat, leaf = self.city.leaf_at(spot.x, spot.y)
        shape = self.city.shape(row) if spot.is_entry else None
        line = self.city.ancestors(leaf)
        return Candidate(
            lng=lng,
            lat=lat,
            radius_m=spot.radius_m,
            match=spot.match,
            text_score=spot.text_score,
            position_score=HALF_M / (HALF_M + spot.radius_m),
            label=spot.label,
            kind="" if row == NONE else gazetteer.kind[row],
            layer="" if row == NONE else gazetteer.layer[row],
            id="" if row == NONE else gazetteer.id[row],
            cell_code="" if leaf == NONE else cells.code[leaf],
            cell_path="" if leaf == NONE else cells.path[leaf],
            parents=tuple(dict.fromkeys(cells.name[at] or cells.code[at] for at in line)),
            geometry=None if shape is None or shapely.get_dimensions(shape) == 0 else shape,
            faults=spot.faults,
        )


def _first(spots: Iterable[Spot], most: int) -> Iterator[Spot]:
    for turn, spot in enumerate(spots):
        if turn >= most:
            return
        if np.isfinite(spot.x):
            yield spot


def _distinct(spots: Sequence[Spot]) -> list[Spot]:
    """The spots, the best first; of those that are one place the best."""
    kept: list[Spot] = []
    for spot in sorted(spots, key=lambda one: (-one.text_score, one.radius_m, one.label, one.x, one.y)):
        if not any(_same(one, spot) and one.match == spot.match for one in kept):
            kept.append(spot)
    return kept


def _same(one: Spot, other: Spot) -> bool:
    apart = float(np.hypot(one.x - other.x, one.y - other.y))
    return apart <= max(SAME_M, min(one.radius_m, other.radius_m)) or (
        one.row == other.row != NONE and one.is_entry == other.is_entry and apart == 0
    )


def _question(candidates: Sequence[Candidate]) -> tuple[str, str]:
    """What would tell the candidates apart: the areas that they lie in, else their names."""
    said = [_told(one, candidates) for one in candidates[:4]]
    different = list(dict.fromkeys(said))
    if len(different) < 2:
        return "在哪一带？", "Which part of it?"
    return "是" + "、".join(different[:-1]) + "还是" + different[-1] + "？", "Which one: " + ", ".join(
        different[:-1]
    ) + " or " + different[-1] + "?"


def _told(one: Candidate, among: Sequence[Candidate]) -> str:
    for level, name in enumerate(reversed(one.parents)):
        others = {tuple(reversed(other.parents))[level : level + 1] for other in among}
        if len(others) > 1:
            return f"{name} {one.label}" if one.label.isascii() else f"{name}{one.label}"
    return one.label
