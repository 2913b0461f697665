"""A city at work: what a running program keeps of it, and how it follows a new generation."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection

from geo.bulk import at_once
from geo.errors import StoreUnavailableError
from geo.warming import warm_up
from layers.assign import assign
from layers.city import City
from layers.city_features import CityFeatures
from layers.generation import Generation, load_draft, load_numbered
from layers.geocoder import Geocoder
from layers.geocoding_corrections import ActiveCorrections
from layers.in_force import InForce, read_in_force
from layers.issue_features import Names, names_of
from layers.open_issues import OPEN, OpenIssues, Said, SuspectIssue
from layers.place_names import GeocodedPlaces, PlaceFinder
from layers.position_evidence import error_m
from layers.proof import prove_all
from layers.store import Store
from layers.store.corrections import active_corrections, last_change
from layers.store.erasing import Whose, erase
from layers.store.events import chain_head
from layers.store.opening import Opening, issues_of_reports, openings
from layers.store.values import Issue
from layers.tally import Tally

logger = logging.getLogger("woodpecker")
KEPT = 3  # earlier generations that stay loaded for late reports
Watcher = Callable[[Sequence[Issue]], None]


@dataclass(frozen=True)
class Words:
    """A generation and what understands words by it, and by what staff have corrected."""

    generation: Generation
    corrections: ActiveCorrections = field(default_factory=ActiveCorrections)

    @cached_property
    def finder(self) -> PlaceFinder:
        """Finds the places that texts name."""
        return GeocodedPlaces(self.generation, self.geocoder)

    @cached_property
    def geocoder(self) -> Geocoder:
        """Finds the places that words name, and tells what lies at a place."""
        return Geocoder(self.generation, self.corrections)

    @cached_property
    def names(self) -> Names:
        """What its codes are called."""
        return names_of(self.generation)

    @cached_property
    def features(self) -> CityFeatures:
        """Its cells, assets and owners, to be read page by page."""
        return CityFeatures(self.generation)


@dataclass(frozen=True)
class _Now:
    """What changes together when a generation goes live."""

    words: Words
    number: int | None
    in_force: InForce


@dataclass(eq=False)
class LiveCity:
    """A city whose store is open; safe to use from several threads.

    Attributes:
        open: the issues that are not done, in memory.
        tally: outcomes of reports since the start.
        corrections: what staff have said of where words are, in memory.
        watchers: told of the issues that changed, after each commit, from the thread that wrote.
    """

    city: City
    store: Store
    open: OpenIssues
    _now: _Now
    tally: Tally = field(default_factory=Tally)
    watchers: list[Watcher] = field(default_factory=list)
    corrections: ActiveCorrections = field(default_factory=ActiveCorrections)
    _earlier: dict[int, Words] = field(default_factory=dict)
    _loading: threading.Lock = field(default_factory=threading.Lock)

    @property
    def words(self) -> Words:
        """The live generation; who asks keeps what it got until the answer is whole."""
        return self._now.words

    @property
    def generation(self) -> Generation:
        """The live generation."""
        return self._now.words.generation

    @property
    def photos(self) -> Path:
        """Where photos lie."""
        return self.city.folder / "photos"

    @property
    def zone(self) -> ZoneInfo:
        """The city's clock."""
        return ZoneInfo(self.generation.config.time_zone)

    def words_at(self, at_us: int) -> Words:
        """The generation in force at a time: a late report is answered by that of its day."""
        now = self._now
        day = datetime.fromtimestamp(at_us / 1e6, UTC).astimezone(self.zone).date()
        number = now.in_force.on(day)
        if number is None or number == now.number or not self.city.generation(number).exists():
            return now.words
        with self._loading:
            if number not in self._earlier:
                if len(self._earlier) >= KEPT:
                    del self._earlier[next(iter(self._earlier))]
                self._earlier[number] = Words(load_numbered(self.city, number), self.corrections)
            return self._earlier[number]

    def changed(self, issues: Sequence[tuple[Issue, Said | None]]) -> None:
        """Bring memory up to date with what was committed, and tell whoever watches.

        Args:
            issues: as they are now; of new ones with what their first report said.
        """
        if not issues:
            return
        self.open.fill(issues)
        for watcher in self.watchers:
            watcher([issue for issue, _ in issues])

    def corrected(self) -> None:
        """Bring memory up to date with the corrections that are committed: words are understood by them.

        What cannot be read now is taken in with the next one: what is committed is not refused for it.
        """
        try:
            with self.store.reading() as connection:
                _follow(self.corrections, connection)
        except StoreUnavailableError as error:
            logger.warning("Corrections could not be read: %s", error.message)

    def erase(self, whose: Whose, *, at_us: int, actor: str, reason: str) -> tuple[int, int]:
        """Erase what is personal on disk and in memory; how many reports, and photos."""
        reports, photos = erase(self.store, self.photos, whose, at_us=at_us, actor=actor, reason=reason)
        with self.store.reading() as connection:
            self.open.forget(issues_of_reports(connection, reports))
        return len(reports), photos

    def suspects_of(self, uid: str) -> list[SuspectIssue]:
        """The open issues that an open issue may repeat, or be repeated by."""
        return self.open.suspects_of(uid)

    def is_stale(self) -> bool:
        """Whether another generation has gone live since."""
        return self.city.live_number() != self._now.number

    def quicken(self, ends: Callable[[], bool]) -> None:
        """Make the indexes that answer many places, and groups of reports in half the time of the usual ones.

        Takes seconds, during which the others answer as before.

        Args:
            ends: asked in between whether to leave it at that.
        """
        words = self.words
        for code in _codes(words.generation):
            if ends():
                return
            with at_once():
                _ask(words.generation, [code])
        if not ends():
            with at_once():
                _tell(words)

    def follow(self) -> Generation:
        """Load the generation that is live now beside the old one, and swap them."""
        now = _load(self.city, self.corrections)
        self.open.use(now.words.generation)
        self._now = now
        self._earlier.clear()
        return now.words.generation


def open_live(city: City, store: Store) -> LiveCity:
    """The city with its live generation (the draft, where nothing was published) and its open issues.

    Raises:
        CityError: nothing was imported yet.
    """
    corrections = ActiveCorrections()
    with store.reading() as connection:
        _follow(corrections, connection)
    now = _load(city, corrections)
    warm_up()
    open_ = OpenIssues(now.words.generation)
    with store.reading() as connection:
        open_.fill((said.issue, _said(said, now.words.generation)) for said in openings(connection, OPEN))
        open_.heard(chain_head(connection).seq)
    return LiveCity(city, store, open_, now, corrections=corrections)


def _said(opening: Opening, generation: Generation) -> Said:
    exactness = generation.config.exactness(opening.channel, opening.accuracy_m, opening.level)
    return Said(opening.text, error_m(*exactness), opening.occurred_us)


def _follow(corrections: ActiveCorrections, connection: Connection) -> None:
    """Take in what has changed; little is read where nothing has."""
    if (seq := last_change(connection)) > corrections.seq:
        corrections.use(active_corrections(connection), seq)


def _load(city: City, corrections: ActiveCorrections) -> _Now:
    number = city.live_number()
    generation = load_draft(city) if number is None else load_numbered(city, number)
    words = Words(generation, corrections)
    _warm(words)
    return _Now(words, number, read_in_force(city))


def _warm(words: Words) -> None:
    """Ask about a place of every category once, so that no request waits for an index to be built."""
    generation = words.generation
    _ask(generation, _codes(generation))
    words.finder.find("")
    _ = words.names, generation.sha256


def _tell(words: Words) -> None:
    """What lies somewhere in the city."""
    cells = words.generation.cells
    if len(cells.leaves):
        place = cells.geometry[cells.leaves[0]].representative_point()
        words.geocoder.reverse(place.x, place.y)


def _codes(generation: Generation) -> list[str]:
    return [*generation.config.categories, ""]


def _ask(generation: Generation, codes: Sequence[str]) -> None:
    """Whose reports of these categories would be, somewhere in the city."""
    cells = generation.cells
    if len(cells.leaves):
        place = cells.geometry[cells.leaves[0]].representative_point()
        lng, lat = np.full(len(codes), place.x), np.full(len(codes), place.y)
        prove_all(assign(generation, lng, lat, category=codes, accuracy_m=np.full(len(codes), 10.0)))
