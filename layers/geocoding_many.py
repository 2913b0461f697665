"""Many texts geocoded at once, on as many processes as are worth their start."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cached_property

from geo.errors import CityError
from layers.city import City
from layers.findings import Lang
from layers.generation import DRAFT, load_draft, load_numbered
from layers.geocoder import Geocoder
from layers.geocoding_corrections import ActiveCorrections
from layers.geocoding_tables import Placed, placed
from layers.store.values import Correction

WORTH = 2_500  # texts for which it pays to load the city in one more process
MOST_PROCESSES = 8  # each holds the city: some hundred megabytes
TOGETHER = 100  # texts that a process is given at a time
_HERE: list[Answering] = []  # of a process that was started to answer texts


def load_geocoder(city: City, generation: str, corrections: Sequence[Correction] = ()) -> Geocoder:
    """The geocoder of a generation, by what it is called, and of what staff have corrected."""
    loaded = load_draft(city) if generation == DRAFT else load_numbered(city, int(generation))
    return Geocoder(loaded, ActiveCorrections(corrections))


@dataclass(frozen=True, slots=True)
class Asking:
    """How texts are to be answered.

    Attributes:
        load: makes the geocoder; can be sent to another process.
        near, within: see `layers.geocoder.Geocoder.geocode`.
        language: of what is said about the places.
    """

    load: Callable[[], Geocoder]
    near: tuple[float, float] | None = None
    within: str = ""
    language: Lang = "zh"


class Answering:
    """Answers texts in this process; the geocoder is made with the first."""

    def __init__(self, asking: Asking, load: Callable[[], Geocoder]) -> None:
        self._asking, self._load = asking, load

    @cached_property
    def geocoder(self) -> Geocoder:
        """What answers."""
        return self._load()

    def rows(self, texts: Iterable[str]) -> Iterator[Placed]:
        """What each text came to."""
        asking, geocode = self._asking, self.geocoder.geocode
        for text in texts:
            answer = geocode(text, near=asking.near, within=asking.within)
            yield placed(answer, asking.language)


class Many:
    """Answers texts in this process, or in several once that is quicker; close it in the end.

    Args:
        asking: how.
        here: makes the geocoder of this process, where there is something quicker than ``asking.load``.
        processes: the most; as many as there are processors where it is None.
    """

    def __init__(
        self, asking: Asking, *, here: Callable[[], Geocoder] | None = None, processes: int | None = None
    ) -> None:
        self._asking = asking
        self._most = min(os.cpu_count() or 1, MOST_PROCESSES) if processes is None else processes
        self._here = Answering(asking, here or asking.load)
        self._pool: ProcessPoolExecutor | None = None

    def rows(self, texts: Sequence[str]) -> Iterator[Placed]:
        """What each text came to, in their order.

        Raises:
            CityError: a process ended before it had answered.
        """
        processes = min(self._most, len(texts) // WORTH)
        if self._pool is None and processes > 1:
            self._pool = _pool(self._asking, processes)
        return self._here.rows(texts) if self._pool is None else _shared(self._pool, texts)

    def close(self) -> None:
        """End the processes; what they have not begun stays undone."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _pool(asking: Asking, processes: int) -> ProcessPoolExecutor:
    # Not forked: this process has threads, and one of them may hold a lock that would never open again.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(asking,))


def _shared(pool: ProcessPoolExecutor, texts: Sequence[str]) -> Iterator[Placed]:
    parts = [texts[start : start + TOGETHER] for start in range(0, len(texts), TOGETHER)]
    try:
        for rows in pool.map(_answer, parts):
            yield from rows
    except BrokenProcessPool as error:
        fix = "There may be too little memory for several processes: geocode fewer rows at a time."
        raise CityError("A process that geocodes has ended before its time.", fix=fix) from error


def _begin(asking: Asking) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the process that was started by a person
    _HERE.append(Answering(asking, asking.load))


def _answer(texts: Sequence[str]) -> list[Placed]:
    return list(_HERE[0].rows(texts))
