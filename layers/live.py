"""A city at work: what a running program keeps of it, and how it follows a new generation."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from geo.bulk import at_once
from geo.warming import warm_up
from layers.assign import assign
from layers.city import City
from layers.city_features import CityFeatures
from layers.generation import Generation, load_draft, load_numbered
from layers.in_force import InForce, read_in_force
from layers.issue_features import Names, names_of
from layers.open_issues import OPEN, OpenIssues, Said, SuspectIssue
from layers.place_names import ExactNames, PlaceFinder
from layers.positions import error_m
from layers.proof import prove_all
from layers.search_places import CityNames
from layers.store import Store
from layers.store.erasing import Whose, erase
from layers.store.events import chain_head
from layers.store.opening import Opening, issues_of_reports, openings
from layers.store.values import Issue
from layers.tally import Tally

KEPT = 3  # earlier generations that stay loaded for late reports
Watcher = Callable[[Sequence[Issue]], None]


@dataclass(frozen=True)
class Words:
    """A generation and what understands words by it."""

    generation: Generation

    @cached_property
    def finder(self) -> PlaceFinder:
        """Finds the places that texts name."""
        return ExactNames(self.generation)

    @cached_property
    def names(self) -> Names:
        """What its codes are called."""
        return names_of(self.generation)

    @cached_property
    def features(self) -> CityFeatures:
        """Its cells, assets and owners, to be read page by page."""
        return CityFeatures(self.generation)

    @cached_property
    def places(self) -> CityNames:
        """Its cells, areas, streets and assets, to be looked for by what they are called."""
        return CityNames(self.generation)


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
        watchers: told of the issues that changed, after each commit, from the thread that wrote.
    """

    city: City
    store: Store
    open: OpenIssues
    _now: _Now
    tally: Tally = field(default_factory=Tally)
    watchers: list[Watcher] = field(default_factory=list)
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
                self._earlier[number] = Words(load_numbered(self.city, number))
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
        generation = self.generation
        for code in _codes(generation):
            if ends():
                return
            with at_once():
                _ask(generation, [code])

    def follow(self) -> Generation:
        """Load the generation that is live now beside the old one, and swap them."""
        now = _load(self.city)
        self.open.use(now.words.generation)
        self._now = now
        self._earlier.clear()
        return now.words.generation


def open_live(city: City, store: Store) -> LiveCity:
    """The city with its live generation (the draft, where nothing was published) and its open issues.

    Raises:
        CityError: nothing was imported yet.
    """
    now = _load(city)
    warm_up()
    open_ = OpenIssues(now.words.generation)
    with store.reading() as connection:
        open_.fill((said.issue, _said(said, now.words.generation)) for said in openings(connection, OPEN))
        open_.heard(chain_head(connection).seq)
    return LiveCity(city, store, open_, now)


def _said(opening: Opening, generation: Generation) -> Said:
    config = generation.config
    usual = config.channels.get(opening.channel, config.usual)
    accuracy = usual.accuracy_m if opening.accuracy_m is None else opening.accuracy_m
    level = usual.level if opening.level is None else opening.level
    return Said(opening.text, error_m(accuracy, level), opening.occurred_us)


def _load(city: City) -> _Now:
    number = city.live_number()
    generation = load_draft(city) if number is None else load_numbered(city, number)
    words = Words(generation)
    _warm(words)
    return _Now(words, number, read_in_force(city))


def _warm(words: Words) -> None:
    """Ask about a place of every category once, so that no request waits for an index to be built."""
    generation = words.generation
    _ask(generation, _codes(generation))
    words.finder.find("")
    _ = words.names, words.places, generation.sha256


def _codes(generation: Generation) -> list[str]:
    return [*generation.config.categories, ""]


def _ask(generation: Generation, codes: Sequence[str]) -> None:
    """Whose reports of these categories would be, somewhere in the city."""
    cells = generation.cells
    if len(cells.leaves):
        place = cells.geometry[cells.leaves[0]].representative_point()
        lng, lat = np.full(len(codes), place.x), np.full(len(codes), place.y)
        prove_all(assign(generation, lng, lat, category=codes, accuracy_m=np.full(len(codes), 10.0)))
