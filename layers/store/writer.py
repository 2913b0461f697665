"""The one thread that writes: works of many callers share a transaction, and none is half done.

A work is a function of a connection. Works that wait together are run in one transaction, each within a
savepoint, and acknowledged after its commit. A work may be run more than once (when its group could not be
committed, each is tried alone), so it must have no effect but on the connection.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from geo.errors import StoreUnavailableError
from layers.store.dialect import Dialect

T = TypeVar("T")
Work = Callable[[Connection], T]

MOST_TOGETHER = 256  # works in one transaction
_UNSURE = "Ask for what you sent, or send it again with the same idempotency key."


@dataclass(eq=False)
class _Job:
    """A work and whoever waits for it."""

    work: Work[Any]
    in_transaction: bool = True
    future: Future[Any] = field(default_factory=Future)


@dataclass(frozen=True)
class _Outcome:
    value: Any = None
    error: BaseException | None = None


class _GroupLostError(Exception):
    """The transaction of a group cannot go on."""


class Writer:
    """Owns the only connection that writes.

    Args:
        engine: with one connection; the writer disposes of it.
        dialect: of its database.
        on_death: called from the writer's thread when it ends by an error of its own.
    """

    def __init__(
        self, engine: Engine, dialect: Dialect, on_death: Callable[[BaseException], None] | None = None
    ) -> None:
        self._engine = engine
        self._dialect = dialect
        self._on_death = on_death
        self._wake = threading.Condition()
        self._waiting: deque[_Job] = deque()
        self._at_work: list[_Job] = []
        self._closing = False
        self._death: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="woodpecker-writer", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether works are still accepted."""
        return self._thread.is_alive() and not self._closing and self._death is None

    @property
    def waiting(self) -> int:
        """How many works wait."""
        return len(self._waiting)

    def submit(self, work: Work[T]) -> Future[T]:
        """Have a work done; its result or error stands in the future once it is on disk.

        Its error is a `StoreUnavailableError` where the disk or the writer failed, else the work's own.
        """
        return self._put(_Job(work))

    def submit_trim(self) -> Future[None]:
        """Empty the write-ahead log, once the works before are done."""
        return self._put(_Job(self._dialect.trim, in_transaction=False))

    def close(self) -> None:
        """Finish the works that wait, accept no more, and close the connection."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        self._thread.join()
        self._engine.dispose()

    def _put(self, job: _Job) -> Future[Any]:
        with self._wake:
            if self._closing or self._death is not None:
                job.future.set_exception(_ended(self._death))
            else:
                self._waiting.append(job)
                self._wake.notify_all()
        return job.future

    def _run(self) -> None:
        try:
            with self._engine.connect() as connection:
                while group := self._take():
                    self._do(connection, group)
        except BaseException as error:  # noqa: BLE001 - whatever ended the thread, nobody may go on waiting
            self._die(error)

    def _take(self) -> list[_Job]:
        """The jobs that wait, up to a group; none once the writer is closing and all is done."""
        with self._wake:
            while not self._waiting and not self._closing:
                self._wake.wait()
            together = min(MOST_TOGETHER, len(self._waiting))
            jobs = [self._waiting.popleft() for _ in range(together)]
            # A caller that gave up before its work began is not served.
            self._at_work = [job for job in jobs if job.future.set_running_or_notify_cancel()]
        return self._at_work or (self._take() if jobs else [])

    def _do(self, connection: Connection, group: list[_Job]) -> None:
        works = [job for job in group if job.in_transaction]
        if works:
            self._commit(connection, works)
        for job in group:
            if not job.in_transaction:
                _deliver(job, _alone(connection, job, self._dialect))
        self._at_work = []

    def _commit(self, connection: Connection, group: list[_Job]) -> None:
        try:
            with connection.begin():
                outcomes = [_attempt(connection, job, self._dialect) for job in group]
        except (SQLAlchemyError, _GroupLostError) as error:
            connection.rollback()
            if len(group) == 1:
                _deliver(group[0], _Outcome(error=_told(error, self._dialect)))
                return
            for job in group:
                self._commit(connection, [job])
            return
        for job, outcome in zip(group, outcomes, strict=True):
            _deliver(job, outcome)

    def _die(self, error: BaseException) -> None:
        with self._wake:
            self._death = error
            jobs = [*self._at_work, *self._waiting]
            self._waiting.clear()
        for job in jobs:
            if not job.future.done():
                job.future.set_exception(_ended(error))
        if self._on_death is not None:
            self._on_death(error)


def _attempt(connection: Connection, job: _Job, dialect: Dialect) -> _Outcome:
    """A work within a savepoint; its failure undoes no other work of the group."""
    try:
        with connection.begin_nested():
            outcome = _Outcome(job.work(connection))
    except BaseException as error:  # a work's failure, of whatever kind, is its caller's
        # After a full disk or an I/O error SQLite may have undone the whole transaction by itself.
        if _cause(error, dialect) is not None:
            raise _GroupLostError from error
        outcome = _Outcome(error=error)
    if not connection.in_transaction():
        raise _GroupLostError("A work ended the transaction that it ran in.") from outcome.error
    return outcome


def _alone(connection: Connection, job: _Job, dialect: Dialect) -> _Outcome:
    try:
        return _Outcome(job.work(connection))
    except BaseException as error:  # noqa: BLE001 - as above
        return _Outcome(error=_told(error, dialect))


def _deliver(job: _Job, outcome: _Outcome) -> None:
    if outcome.error is None:
        job.future.set_result(outcome.value)
    else:
        job.future.set_exception(outcome.error)


def _cause(error: BaseException, dialect: Dialect) -> StoreUnavailableError | None:
    """What the disk or a lock did, anywhere behind an error."""
    behind: list[BaseException | None] = [error]
    while behind:
        one = behind.pop()
        if one is not None:
            if found := dialect.unavailable(one):
                return found
            behind += [one.__context__, one.__cause__]
    return None


def _told(error: BaseException, dialect: Dialect) -> BaseException:
    found = _cause(error, dialect)
    if found is None:
        return error
    found.__cause__ = error
    return found


def _ended(death: BaseException | None) -> StoreUnavailableError:
    if death is None:
        return StoreUnavailableError("The store is closed.", fix="Start the program again.")
    told = StoreUnavailableError(f"The store's writer has ended: {death!r}.", fix=_UNSURE)
    told.__cause__ = death
    return told
