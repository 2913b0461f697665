"""The desk where single reports meet: those that wait together are assigned and stored together."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from geo.errors import StoreUnavailableError
from layers.incoming import Incoming
from layers.intake import Outcome, Tell, file_reports
from layers.live import LiveCity
from layers.store.repeats import RequestKey
from layers.times import now_us

MOST_TOGETHER = 128
# Most of what a group costs it costs once; and who was just answered sends his next report a moment later.
QUIET_S, MOST_WAIT_S = 0.004, 0.02
Clock = Callable[[], int]


@dataclass(frozen=True, eq=False)
class _Waiting:
    report: Incoming
    actor: str
    key: RequestKey | None
    future: Future[Outcome] = field(default_factory=Future)


class IntakeDesk:
    """One thread that files what others hand in.

    Args:
        tell: makes the answers that requests get; as in `layers.intake.file_reports`.
        clock: microseconds since 1970 UTC.
    """

    def __init__(self, city: LiveCity, tell: Tell, clock: Clock = now_us) -> None:
        self._city, self._tell, self._clock = city, tell, clock
        self._wake = threading.Condition()
        self._waiting: deque[_Waiting] = deque()
        self._closing = False
        self._wanted, self._last = 1, 1
        self._thread = threading.Thread(target=self._run, name="woodpecker-intake", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether reports are still taken."""
        return self._thread.is_alive() and not self._closing

    @property
    def waiting(self) -> int:
        """How many reports wait."""
        return len(self._waiting)

    def submit(self, report: Incoming, actor: str, key: RequestKey | None = None) -> Future[Outcome]:
        """Hand in a report; its outcome stands in the future once it is on disk."""
        waiting = _Waiting(report, actor, key)
        with self._wake:
            if self._closing or not self._thread.is_alive():
                fix = "Send it again with the same idempotency key when the service is back."
                waiting.future.set_exception(StoreUnavailableError("The service is ending.", fix=fix))
            else:
                self._waiting.append(waiting)
                if len(self._waiting) >= self._wanted:
                    self._wake.notify()
        return waiting.future

    def close(self) -> None:
        """File what waits, and take no more."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        while group := self._take():
            for actor in dict.fromkeys(one.actor for one in group):
                self._file([one for one in group if one.actor == actor], actor)

    def _take(self) -> list[_Waiting]:
        with self._wake:
            expected = min(MOST_TOGETHER, self._last + len(self._waiting)) if self._last > 1 else 1
            self._await(1)
            self._gather(expected, time.monotonic() + MOST_WAIT_S)
            self._last = min(MOST_TOGETHER, len(self._waiting))
            return [self._waiting.popleft() for _ in range(self._last)]

    def _gather(self, expected: int, until_s: float) -> None:
        """Wait as long as more come, until so many wait."""
        had = 0
        while had < len(self._waiting) < expected and not self._closing and time.monotonic() < until_s:
            had = len(self._waiting)
            self._await(expected, QUIET_S)

    def _await(self, count: int, timeout_s: float | None = None) -> None:
        self._wanted = count
        self._wake.wait_for(lambda: len(self._waiting) >= count or self._closing, timeout_s)

    def _file(self, group: Sequence[_Waiting], actor: str) -> None:
        try:
            outcomes = file_reports(
                self._city, [one.report for one in group], actor=actor, at_us=self._clock(),
                keys=[one.key for one in group], tell=self._tell,
            )  # fmt: skip
        except BaseException as error:  # noqa: BLE001 - nobody may go on waiting, and one report spoils no other
            photos = any(one.report.photos for one in group)  # it may be their folder that fails
            if len(group) == 1 or (isinstance(error, StoreUnavailableError) and not photos):
                for one in group:
                    one.future.set_exception(error)
            else:
                for one in group:
                    self._file([one], actor)
            return
        for one, outcome in zip(group, outcomes, strict=True):
            one.future.set_result(outcome)
