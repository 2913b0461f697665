"""What words mean in a city: understood, looked up, held against what they say themselves, and weighed."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import shapely

from geo.civic_text import Mention, Reading, Relation, read
from geo.names import folded
from layers.candidates import NOTHING, Answer, Candidate, Outcome
from layers.gazetteer_entries import NONE
from layers.generation import Generation
from layers.geocoding_address import Entries, in_cells
from layers.geocoding_choice import Understood, chosen, says
from layers.geocoding_city import CityPlaces
from layers.geocoding_codes import LEAST_CODE, Codes, by_code
from layers.geocoding_completion import Completion
from layers.geocoding_corrections import ActiveCorrections, Aliases, Asked
from layers.geocoding_limits import cells_called, inside, nearest_first
from layers.geocoding_lines import meetings, metres_along, stretch, structures, things, within
from layers.geocoding_numbers import addresses, buildings, entry_spot, groups, whole_match
from layers.geocoding_parents import Parent, checked, is_elsewhere, is_inside, parents_of
from layers.geocoding_relations import related
from layers.geocoding_reverse import Reverse, Reversing
from layers.geocoding_spelling import is_settled, near_meant, near_spans
from layers.geocoding_spelling_zh import corroborated
from layers.geocoding_spots import UNSURE, Spot, is_han, unknown_name

LEAST_SCORE = 0.62  # of an answer
CLEAR = 0.08  # the best is meant where the next is worse by so much
CLEAR_OF_NAMED = 0.12  # and lies in the area that is named, unlike the best
SAME_M = 60.0  # two places no farther apart are one, for whoever goes there
MOST_SPOTS = 200
GUESSED = frozenset({"number_inferred", "number_beyond", "number_by_range", "number_unknown"})
NAMED = 0.5  # of a reading whose main name has an ending that makes it one
AROUND_M = 1_500.0  # the radius of an area that still says something of a place in it
DOUBTS = ("code_mistyped", "kind_elsewhere", UNSURE)  # faults of what may be meant, but is to be asked
HALF_M = 100.0  # the radius at which a position is half known


class Geocoder:
    """Finds the places that words name in one generation; may be shared between threads.

    Args:
        corrections: what staff said of where words are; a holder, so that what changes acts at once.
    """

    def __init__(self, generation: Generation, corrections: ActiveCorrections | None = None) -> None:
        self.city = CityPlaces(generation)
        self._aliases = Aliases(self.city, corrections or ActiveCorrections())
        self.codes = Codes(self.city.gazetteer)
        self._entries = Entries(self.city)
        self._reversing = Reversing(self.city, self._entries)
        self._completion = Completion(self.city, self._entries)

    def geocode(
        self, text: str, *, limit: int = 10, near: tuple[float, float] | None = None, within: str = ""
    ) -> Answer:
        """The place that a text means, or those that it may mean; nothing where nothing is plausible.

        Args:
            text: an address, or a complaint with one in it.
            limit: of candidates.
            near: lng and lat; of places that fit equally well the one that is far nearer to it is meant.
            within: code, path or name of a cell; places outside it do not count.

        Raises:
            NotFoundError: there is no such cell.
        """
        cells = cells_called(self.city.generation, within) if within else None
        understood = self._understood(text) or self._coded(text)
        asked = Asked(text, [one.reading for one in understood], near, cells)
        spots = _distinct(self._aliases.applied(asked, chosen(understood)))
        return self._answer(spots if cells is None else inside(self.city, spots, cells), limit, near)

    def with_corrections(self, corrections: ActiveCorrections) -> Geocoder:
        """A geocoder by other corrections, which shares all else with this one."""
        other = copy.copy(self)
        other._aliases = Aliases(self.city, corrections)
        return other

    def autocomplete(
        self, text: str, *, limit: int = 10, near: tuple[float, float] | None = None
    ) -> tuple[Candidate, ...]:
        """What a text may become while it is typed: words that staff have corrected, then the rest, as
        `layers.geocoding_completion.Completion.complete` has it.
        """
        most = max(limit, 0)
        said = [self._candidate(spot) for spot in self._aliases.begun(text, near)[:most]]
        known = self._completion.complete(text, limit=limit, near=near)
        return (*said, *(one for one in known if not self._aliases.replaces(one)))[:most]

    def reverse(self, lng: float, lat: float, *, radius_m: float = 100.0) -> Reverse:
        """What lies at a place, and the assets within a radius; `layers.geocoding_reverse.Reversing.at`."""
        return self._reversing.at(lng, lat, radius_m=radius_m)

    def place(self, row: int) -> Candidate:
        """An entry of the gazetteer as an answer."""
        return self._entries.candidate(row)

    def lookup(self, names: Sequence[str]) -> list[Candidate]:
        """The places with these names, ``LAYER/ID`` as candidates have them; what is unknown is left out."""
        known = self._entries.by_source
        rows = (known.get((layer, id_)) for layer, _, id_ in (name.partition("/") for name in names))
        return [self.place(row) for row in rows if row is not None]

    def _understood(self, text: str) -> list[Understood]:
        """The readings of a text with the names as they are written, and where that does not settle it, with
        the names that it may mean.
        """
        plain = folded(text).text
        known = self.city.index.spans(plain)
        understood = self._led(read(text, lambda _: known))
        if is_settled(text, plain, known, understood):
            return understood
        near = near_spans(self.city, plain, known)
        meant = near_meant(self.city.gazetteer, plain, near)
        if not near:
            return understood
        again = self._led(read(text, lambda _: [*known, *near], meant))
        return again if not is_han(text) and _score(again) >= _score(understood) else understood + again

    def _coded(self, text: str) -> list[Understood]:
        """A text that is nothing but the code of an asset, or a code of some length of anything."""
        code = text.strip().lstrip("#").strip()
        bare = Reading((), None, None, "", code, "", None, None, False, None, 0, len(text), 1.0)
        known = self.codes.exactly(code) if len(code) >= LEAST_CODE else self.codes.assets(code)
        return self._led([bare]) if known else []

    def _led(self, readings: Sequence[Reading]) -> list[Understood]:
        """What each reading leads to; what a known number or crossing outdoes is not looked up."""
        led = {at: list(self._spots(one)) for at, one in enumerate(readings) if says(one)}
        best = max((spot.text_score for spots in led.values() for spot in spots), default=0.0)
        if best < LEAST_SCORE or any(is_han(name.text) for one in readings for name in one.names):
            led |= {at: list(self._spots(one)) for at, one in enumerate(readings) if at not in led}
        return [Understood(reading, led.get(at, [])) for at, reading in enumerate(readings)]

    def names(self, place: Candidate) -> dict[str, str]:
        """What a place is called, by language; `layers.geocoding_address.Entries.names`."""
        return self._entries.names(place)

    def by_id(self, ids: Iterable[str]) -> list[Candidate]:
        """The things of any layer with these ids, in the order of the ids; what is unknown is left out."""
        wanted = dict.fromkeys(ids)
        found: dict[str, int] = {}
        for row, id_ in enumerate(self.city.gazetteer.id.tolist() if wanted else ()):
            if id_ in wanted:
                found.setdefault(id_, row)
        return [self.place(found[id_]) for id_ in wanted if id_ in found]

    def _spots(self, reading: Reading) -> Iterator[Spot]:
        parents = parents_of(self.city, _holding(reading))
        areas = [one.rows[0] for one in parents if len(one.rows) == 1]
        for spot in _first(self._resolved(reading, parents), MOST_SPOTS):
            weighed = replace(spot, score=spot.score * (0.7 + 0.3 * reading.score))
            place = self._placed(within(self.city, weighed, areas), reading.relation, parents)
            held = any(one.rows for one in parents) and not is_elsewhere(place)
            yield corroborated(place, by=held or _is_meeting(reading))

    def _placed(self, spot: Spot, relation: Relation | None, parents: list[Parent]) -> Spot:
        """The place that a relation makes of a spot; one of the two lies in the areas named with it."""
        here = related(self.city, checked(self.city, spot, parents), relation)
        if relation is None or not is_elsewhere(here):
            return here
        there = checked(self.city, related(self.city, spot, relation), parents)
        return here if is_elsewhere(there) else there

    def _resolved(self, reading: Reading, parents: list[Parent]) -> Iterator[Spot]:
        """The places that a reading names, before its relation and the areas that it names."""
        if reading.code:
            yield from by_code(self.city, self.codes, reading)
        main = reading.main
        if main is None:
            return
        crossed = [name for name in reading.names if name.role == "cross"]
        cross = next(iter(crossed), None)
        if len(crossed) > 1 and reading.relation is not None and reading.relation.kind == "between":
            yield from list(stretch(self.city, main, *crossed[-2:])) or self._itself(main)
        elif cross is not None and reading.thing:
            yield from structures(self.city, main, cross, reading.thing)
        elif cross is not None and reading.is_crossing:
            yield from meetings(self.city, main, cross)
        elif reading.thing:
            yield from things(self.city, main, reading.thing)
        elif reading.chainage_m is not None:
            yield from metres_along(self.city, main, reading.chainage_m)
        elif reading.building is not None:
            yield from self._buildings(reading, main, parents)
        elif reading.group is not None:
            yield from groups(self.city, main, reading.group)
        elif reading.number is not None:
            fits = partial(is_inside, self.city, parents=parents)
            yield from addresses(self.city, main, reading.number, fits)
        elif not reading.code:
            yield from list(self._itself(main)) or self._around(reading, parents)

    def _buildings(self, reading: Reading, main: Mention, parents: list[Parent]) -> Iterator[Spot]:
        """The building of a reading; where it is not known, the number of its lane (青年路63弄5号)."""
        assert reading.building is not None
        found = list(buildings(self.city, main, reading.building))
        if reading.number is None or not all(_is_unknown(spot) for spot in found):
            yield from found
        else:
            fits = partial(is_inside, self.city, parents=parents)
            yield from addresses(self.city, main, reading.number, fits)

    def _itself(self, name: Mention) -> Iterator[Spot]:
        for hit in self.city.hits(name):
            yield entry_spot(self.city, hit.row, whole_match(self.city, hit.row), hit.score, name, hit.way)

    def _around(self, reading: Reading, parents: list[Parent]) -> Iterator[Spot]:
        """The smallest area that holds a place which nobody knows, with the fault."""
        last = next((one for one in reversed(parents) if len(one.rows) == 1), None)
        if last is None or reading.main is None or reading.score < NAMED or not is_han(reading.main.text):
            return
        whole = entry_spot(
            self.city, last.rows[0], whole_match(self.city, last.rows[0]), 1.0, last.mention, "exact"
        )
        if whole.radius_m <= AROUND_M:
            yield whole.with_faults(unknown_name(reading.main.text))

    def _answer(self, spots: Sequence[Spot], limit: int, near: tuple[float, float] | None = None) -> Answer:
        good = [spot for spot in spots if spot.text_score >= LEAST_SCORE]
        if not good:
            return NOTHING
        best = good[0]
        rivals = [spot for spot in good[1:] if _rivals(best, spot)]
        if rivals and near is not None:
            x, y = map(float, self.city.generation.metric.points(*near))
            best, *rivals = nearest_first([best, *rivals], x, y)
        meant = [best, *rivals] if rivals else [best, *(spot for spot in good if spot is not best)]
        candidates = tuple(self._candidate(spot) for spot in meant[:limit])
        if rivals or any(fault.code in DOUBTS for fault in best.faults):
            return Answer(Outcome.AMBIGUOUS, candidates, *_question(candidates))
        return Answer(Outcome.FOUND, candidates)

    def _candidate(self, spot: Spot) -> Candidate:
        gazetteer, row = self.city.gazetteer, spot.row
        lng, lat, leaf = self._lies(spot)
        shape = self.city.shape(row) if spot.is_entry else None
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
            **in_cells(self.city, leaf),
            address=self._entries.parts(row, leaf, spot.number),
            geometry=None if shape is None or shapely.get_dimensions(shape) == 0 else shape,
            faults=spot.faults,
        )

    def _lies(self, spot: Spot) -> tuple[float, float, int]:
        """Degrees of a spot, and the leaf cell there, -1 for none; those of an entry are known."""
        gazetteer, row = self.city.gazetteer, spot.row
        if spot.is_entry and gazetteer.x[row] == spot.x and gazetteer.y[row] == spot.y:
            return float(gazetteer.lng[row]), float(gazetteer.lat[row]), int(gazetteer.cell[row])
        return self.city.leaf_at(spot.x, spot.y)


def _is_unknown(spot: Spot) -> bool:
    return any(fault.code == "number_unknown" for fault in spot.faults)


def _is_meeting(reading: Reading) -> bool:
    return reading.is_crossing and any(name.role == "cross" for name in reading.names)


def _holding(reading: Reading) -> list[Mention]:
    """The names of a reading that must hold its place: beside a code, all of them. The town and the province
    before an area that is known tell nothing.
    """
    names = [name for name in reading.names if name.role == "parent" or reading.code]
    last = max((at for at, name in enumerate(names) if name.known), default=0)
    return [name for at, name in enumerate(names) if at >= last or name.known or name.text[-1] not in "省市"]


def _score(understood: Sequence[Understood]) -> float:
    """The score of the best place that a number, a crossing or a code leads to."""
    spots = (spot for one in understood if says(one.reading) for spot in one.spots)
    return max((spot.text_score for spot in spots), default=0.0)


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


def _rivals(best: Spot, spot: Spot) -> bool:
    """Whether a spot may be meant as well as the best: not where only the best is known to be there, but
    where that is a number elsewhere and the street of the area that is named has none such.
    """
    less = best.text_score - spot.text_score
    if is_elsewhere(best) and not is_elsewhere(spot) and less < CLEAR_OF_NAMED:
        return not _same(best, spot)
    if less >= CLEAR or _same(best, spot):
        return False
    return not (_is_guessed(spot) and best.number and not _is_guessed(best))


def _is_guessed(spot: Spot) -> bool:
    return any(fault.code in GUESSED for fault in spot.faults)


def _same(one: Spot, other: Spot) -> bool:
    apart = float(np.hypot(one.x - other.x, one.y - other.y))
    return apart <= max(SAME_M, min(one.radius_m, other.radius_m)) or (
        one.row == other.row != NONE and one.is_entry == other.is_entry and apart == 0
    )


def _question(candidates: Sequence[Candidate]) -> tuple[str, str]:
    """What would tell the candidates apart: the areas that they lie in, else their names."""
    said = [_told(one, candidates) for one in candidates[:4]]
    different = list(dict.fromkeys(said))
    if len(candidates) == 1:
        return f"是{candidates[0].label}吗？", f"Is it {candidates[0].label}?"
    if len(different) < 2:
        return "在哪一带？", "Which part of it?"
    return "是" + "、".join(different[:-1]) + "还是" + different[-1] + "？", "Which one: " + ", ".join(
        different[:-1]
    ) + " or " + different[-1] + "?"


def _told(one: Candidate, among: Sequence[Candidate]) -> str:
    for level, name in enumerate(reversed(one.parents)):
        others = {tuple(reversed(other.parents))[level : level + 1] for other in among}
        if len(others) > 1:
            return f"{name}{one.label}" if is_han(one.label) else f"{name} {one.label}"
    return one.label
