"""Places of words as staff have corrected them: which of the corrections a text means, and where it leads.

A correction holds for its words within its cell. It speaks where a text has these words, whole (老桥 is not
in 老桥路, nor 65幢 in 165幢), says no more of the place than they do, and names nothing that lies elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from threading import Lock

import shapely

from geo.civic_text import Mention, Reading, Relation, read
from geo.names_words import key_of
from layers.candidates import Candidate, Match
from layers.gazetteer_entries import STREET, WATERWAY
from layers.geocoding_aliases import LEAST_LIKE, Alias, AliasIndex, Asked, Spoken
from layers.geocoding_city import CityPlaces
from layers.geocoding_parents import checked, parents_of
from layers.geocoding_relations import related
from layers.geocoding_spots import Spot
from layers.store.values import Correction

__all__ = ["ActiveCorrections", "Aliases", "Asked", "CityWords"]

GUESSED = (Match.INTERPOLATED, Match.INFERRED)
GUESSES = {"number_inferred", "number_beyond", "number_unknown", "homophone", "spelling", "code_mistyped"}
AHEAD = 0.04  # by so much a correction fits better than a place elsewhere that bears its very name
GUESS_M = 2_000.0  # what is worked out of names and numbers so near to a corrected place is about that place
BESIDE = 200  # characters on each side of some words in which it is told how the place lies to them
BESIDE_M = 200.0  # a thing so near to a street or a landmark is said to be at it


class ActiveCorrections:
    """The corrections that hold now, the same for all threads; replaced as a whole.

    Attributes:
        all: the corrections.
        seq: of the last change that was taken in.
    """

    def __init__(self, active: Iterable[Correction] = (), seq: int = 0) -> None:
        self._lock = Lock()
        self.all: tuple[Correction, ...] = tuple(active)
        self.seq = seq

    def use(self, active: Iterable[Correction], seq: int) -> None:
        """Go over to others, unless these are older than what is known."""
        with self._lock:
            if seq >= self.seq:
                self.all, self.seq = tuple(active), seq


class CityWords:
    """What words are places in a city, for who wants them remembered: `layers.correction_words`."""

    def __init__(self, city: CityPlaces) -> None:
        self._city = city

    def read(self, text: str) -> list[Reading]:
        """The ways to understand a text, the best first."""
        return read(text, self._city.index.spans)

    def is_whole(self, name: Mention) -> bool:
        """Whether a name is that of a whole street, waterway or cell."""
        return any(hit.way == "exact" for hit in self._city.hits(name, _is_whole))


def _is_whole(kind: str) -> bool:
    return kind in (STREET, WATERWAY) or kind.startswith("cell:")


class Aliases:
    """Understands words by a city's corrections; may be shared between threads."""

    def __init__(self, city: CityPlaces, active: ActiveCorrections) -> None:
        self._city, self._active = city, active
        self._made = AliasIndex(city, (), {})

    def applied(self, asked: Asked, spots: Sequence[Spot]) -> list[Spot]:
        """The places that a text means, once it is known where corrections lead: they come first.

        What lies in the cell of a correction that speaks is out of the question then, and so is what is only
        a guess not far away. Other places elsewhere stay in it where the text has nothing that tells where to
        look: what bears the very name is asked for, then.
        """
        if not self._active.all:
            return list(spots)
        spoken = _chosen([one for one in self._index().found(asked) if self._fits(one, asked)])
        if not spoken:
            return list(spots)
        told = any(one.is_told or asked.near is not None or asked.cells is not None for one in spoken)
        others = (
            [] if told else [spot for spot in spots if not any(self._settles(one, spot) for one in spoken)]
        )
        return [*(self._weighed(one, asked.text, others) for one in spoken), *others]

    def begun(self, typed: str, near: tuple[float, float] | None = None) -> list[Spot]:
        """The places of corrections whose words begin with what is typed, the shortest first.

        Args:
            near: lng and lat; of the same words the nearest to it come first.
        """
        key = key_of(typed)
        x, y = (0.0, 0.0) if near is None else map(float, self._city.generation.metric.points(*near))
        found = [one for one in self._index().by_uid.values() if key and one.begins_with(key)]
        away = {
            one.correction.uid: 0.0 if near is None else math.hypot(one.x - x, one.y - y) for one in found
        }
        found.sort(key=lambda one: (len(one.key), one.key, away[one.correction.uid], one.correction.uid))
        return [replace(_spot_of(one), score=len(key) / len(one.key)) for one in found]

    def replaces(self, known: Candidate) -> bool:
        """Whether a correction tells that words do not mean a place that bears them."""
        paths, key = self._city.generation.cells.path, key_of(known.label)
        scopes = [
            paths[one.scope]
            for one in self._index().by_uid.values()
            if one.begins_with(key) and one.key == key
        ]
        return any(f"{known.cell_path}/".startswith(f"{path}/") for path in scopes)

    def _index(self) -> AliasIndex:
        """Made anew when the corrections have changed; what stayed is not read again."""
        made, active = self._made, self._active.all
        if made.of is not active:
            self._made = made = AliasIndex(self._city, active, made.by_uid)
        return made

    def _settles(self, one: Spoken, spot: Spot) -> bool:
        """Whether a correction tells that a place is not meant."""
        x, y = one.alias.x, one.alias.y
        is_guess = spot.match in GUESSED or any(fault.code in GUESSES for fault in spot.faults)
        if is_guess and math.hypot(spot.x - x, spot.y - y) <= GUESS_M:
            return True
        if spot.match is Match.CODE and one.alias.reading is not None and one.alias.reading.code:
            return True  # there is but one thing of a code
        return one.alias.scope in self._city.ancestors(self._city.leaf_at(spot.x, spot.y)[2])

    def _fits(self, one: Spoken, asked: Asked) -> bool:
        """Whether nothing that is known speaks for a place elsewhere."""
        alias = one.alias
        if asked.cells is not None and asked.cells.isdisjoint(alias.line):
            return False
        if asked.near is not None and not alias.is_near(*asked.near):
            return False
        return all(self._is_there(name, alias) for name in one.around)

    def _is_there(self, name: Mention, alias: Alias) -> bool:
        """Whether a place lies in, or at, what a name of the text means; unknown names tell nothing."""
        gazetteer, point = self._city.gazetteer, shapely.Point(alias.x, alias.y)
        hits = [hit for hit in self._city.hits(name) if hit.score >= LEAST_LIKE]
        for hit in hits:
            is_cell = gazetteer.kind[hit.row].startswith("cell:")
            if shapely.dwithin(self._city.metric(hit.row), point, 0.0 if is_cell else BESIDE_M):
                return True
        return not hits

    def _spot(self, one: Spoken, text: str) -> Spot:
        """The place of a correction, moved as the text says."""
        alias, spot = one.alias, _spot_of(one.alias)
        unknown = [name for name in one.around if name.role == "parent" and not name.known]
        spot = checked(self._city, spot, [one for one in parents_of(self._city, unknown) if not one.rows])
        if alias.reading is not None and alias.reading.relation is not None:
            return spot
        moved = related(self._city, spot, self._relation(one, text))
        is_there = (moved.x, moved.y) == (spot.x, spot.y)
        return replace(moved, match=Match.CORRECTION, label=spot.label) if is_there else moved

    def _weighed(self, one: Spoken, text: str, others: Sequence[Spot]) -> Spot:
        """The place of a correction, weighed as its words are where they are as well a name elsewhere."""
        spot, main = self._spot(one, text), None if one.reading is None else one.reading.main
        if main is None or not others:
            return spot
        rows = {hit.row for hit in self._city.hits(main) if hit.way == "exact"}
        best = max((other.score for other in others if other.row in rows), default=1.0)
        return replace(spot, score=min(spot.score, best + AHEAD))

    def _relation(self, one: Spoken, text: str) -> Relation | None:
        """How the place lies to the words; where they are no name by themselves, as it would to a cell."""
        if one.reading is not None:
            return one.reading.relation
        name = self._city.generation.cells.name[one.alias.scope]
        before, behind = text[max(one.start - BESIDE, 0) : one.start], text[one.end : one.end + BESIDE]
        start, end = len(before), len(before) + len(name)
        readings = read(before + name + behind, self._city.index.spans)
        return next((said.relation for said in readings if said.start < end and start < said.end), None)


def _spot_of(alias: Alias) -> Spot:
    said = alias.correction
    return Spot(alias.x, alias.y, said.radius_m, Match.CORRECTION, 1.0, said.text, faults=(alias.notice,))


def _chosen(spoken: Sequence[Spoken]) -> list[Spoken]:
    """Those that no other one says more than: more words, or a smaller cell."""
    return [one for one in spoken if not any(other.holds(one) for other in spoken)]
