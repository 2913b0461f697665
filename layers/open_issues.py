"""The open issues of a city in memory: pages, counts and suspected duplicates without asking the store.

Open is every state that is not in `layers.life_cycle.DONE`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from geo.crs import MetricCrs
from geo.duplicates import Telling, grams
from layers.generation import Generation
from layers.issue_features import Names, names_of
from layers.life_cycle import DONE
from layers.open_rows import OPEN, Entry, Floats, OpenRows, Places, Said, degrees, features_of
from layers.open_view import OpenView, view_of
from layers.store.filters import IssueFilter
from layers.store.paging import check_limit, cursor_of, read_cursor
from layers.store.values import Issue, NewIssue
from layers.suspects import SuspectIssue, class_of, held, likeliest, near, telling, weigh, weigh_together

__all__ = ["OPEN", "OpenIssues", "OpenPage", "Said", "SuspectIssue", "holds_all", "likeliest"]

NOTHING = Said()
_REMEMBERED = 10_000  # issues that left, so that a late word of an earlier state does not bring them back


@dataclass(frozen=True, slots=True)
class OpenPage:
    """Some open issues, as GeoJSON features; `layers.issue_features.collection` joins them.

    Attributes:
        cursor, more: as `layers.store.paging.Page` has them.
    """

    features: list[bytes]
    cursor: str
    more: bool


@dataclass(frozen=True)
class _Ground:
    """What of a generation is asked for again and again."""

    names: Names
    metric: MetricCrs
    classes: dict[str, str]  # of categories, by code


def holds_all(wanted: IssueFilter) -> bool:
    """Whether memory has every issue that passes a filter: it asks for open states only."""
    return bool(wanted.status) and set(wanted.status) <= set(OPEN)


class OpenIssues:
    """The open issues of a city, by what was last heard of each.

    May be shared between threads, which take turns at looking; features are made when first asked for, and
    kept until the issue or the generation changes.

    Args:
        generation: names things, and says what to measure in.
    """

    def __init__(self, generation: Generation) -> None:
        self._lock = Lock()
        self._rows = OpenRows()
        self._open: dict[str, Entry] = {}
        self._left: OrderedDict[str, Entry] = OrderedDict()
        self._ground = _ground(generation)
        self._version = self._fills = 0

    @property
    def state(self) -> tuple[int, int]:
        """Another one after every change, also where an earlier change was taken in after a later one."""
        return self._version, self._fills

    @property
    def version(self) -> int:
        """The greatest seq that was taken in, also of an issue that is done; 0 before any."""
        return self._version

    def heard(self, seq: int) -> None:
        """Count all changes up to a seq as taken in: what they left open has been, the rest is done."""
        with self._lock:
            self._version = max(self._version, seq)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._rows)

    def use(self, generation: Generation) -> None:
        """Go over to another generation: its names, and its metric CRS."""
        ground = _ground(generation)
        with self._lock:
            if ground.metric.text != self._ground.metric.text:
                rows = self._rows
                rows.place(_places(ground.metric, rows["lng"], rows["lat"]))
            self._ground = ground

    def put(self, issue: Issue, said: Said | None = None) -> None:
        """`fill` with one issue."""
        self.fill([(issue, said)])

    def fill(self, issues: Iterable[tuple[Issue, Said | None]]) -> None:
        """Take in issues as they are after a change, in any order.

        Of two states of an issue the one with the greater seq stays; what is done leaves. None says nothing
        new of its first report.
        """
        latest = _latest(issues)
        with self._lock:
            newer = [entry for one in latest if (entry := self._newer(*one)) is not None]
            before = [self._open.pop(entry.issue.uid, None) for entry in newer]
            self._rows.remove([entry.issue.seq for entry in before if entry is not None])
            self._leave([entry for entry in newer if entry.issue.status in DONE])
            self._enter([entry for entry in newer if entry.issue.status not in DONE])
            self._rows.sweep()
            self._version = max([self._version, *(issue.seq for issue, _ in latest)])
            self._fills += 1

    def _newer(self, issue: Issue, said: Said | None) -> Entry | None:
        """The issue as an entry; None where this state of it or a later one is known."""
        known = self._open.get(issue.uid) or self._left.get(issue.uid)
        if known is None:
            return Entry(issue, said or NOTHING)
        if issue.seq > known.issue.seq:
            return Entry(issue, known.said if said is None else said)
        if said is not None and known.said == NOTHING:
            self._learn(known, said)
        return None

    def _leave(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self._left[entry.issue.uid] = entry
        while len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)

    def _enter(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self._left.pop(entry.issue.uid, None)
            self._open[entry.issue.uid] = entry
        lng, lat = (degrees(getattr(entry.issue, name) for entry in entries) for name in ("lng", "lat"))
        self._rows.add(entries, _places(self._ground.metric, lng, lat))

    def forget(self, uids: Iterable[str]) -> None:
        """Forget what was written of issues, as when it was erased; unknown ones are passed over."""
        with self._lock:
            for uid in uids:
                known = self._open.get(uid) or self._left.get(uid)
                if known is not None:
                    self._learn(known, known.said._replace(text=""))

    def _learn(self, entry: Entry, said: Said) -> None:
        entry.learn(said)
        if entry.issue.uid in self._open:
            self._rows.learned(entry)

    def page(
        self,
        wanted: IssueFilter,
        *,
        now_us: int,
        cursor: str = "",
        limit: int = 100,
        newest_first: bool = False,
    ) -> OpenPage:
        """The next open issues that pass the filter, as `layers.store.paging.page_issues` has them.

        Args:
            now_us: what is overdue then.

        Raises:
            StoreError: the cursor or the limit cannot be.
        """
        check_limit(limit)
        last = read_cursor(cursor, newest_first) if cursor else None
        with self._lock:
            found = self._rows.next_rows(wanted, last, limit + 1, newest_first=newest_first)
            rows, more = found[:limit], len(found) > limit
            entries = [self._rows.entries[row] for row in rows.tolist()]
            overdue = (self._rows["due"][rows] < now_us).tolist()
        names = self._ground.names
        features = features_of(entries, names, overdue)
        return OpenPage(features, cursor_of(entries[-1].issue.seq, newest_first) if entries else cursor, more)

    def view(self, wanted: IssueFilter, *, now_us: int) -> OpenView:
        """All open issues that pass the filter, as frozen columns.

        Args:
            now_us: what is overdue then.
        """
        with self._lock:
            found = self._rows.passing(wanted)
            return view_of(self._rows, found, version=self._version, now_us=now_us)

    def count_by_status(self) -> dict[str, int]:
        """How many open issues have each open status; 0 is a count."""
        with self._lock:
            status = self._rows["status"][self._rows["alive"]]
            counts = np.bincount(status, minlength=len(self._rows.status))
            codes = {state: self._rows.status.known([state]) for state in OPEN}
        return {state.value: int(counts[code].sum()) for state, code in codes.items()}

    def count_overdue(self, now_us: int) -> int:
        """How many are overdue at a time."""
        with self._lock:
            return int(np.count_nonzero(self._rows["due"] < now_us))

    def tellings(self, news: Sequence[tuple[Issue | NewIssue, Said]]) -> list[Telling]:
        """What `suspects` needs of new reports: what each would open, or has opened, and what it said."""
        ground = self._ground
        lng, lat = (degrees(getattr(issue, name) for issue, _ in news) for name in ("lng", "lat"))
        places = _places(ground.metric, lng, lat)
        return [
            telling(issue, said, x, y, ground.classes, grams(said.text))
            for (issue, said), x, y in zip(news, places.x.tolist(), places.y.tolist(), strict=True)
        ]

    def suspects(self, new: Telling, *, most: int = 5, least: float = 0.5) -> list[SuspectIssue]:
        """`suspects_each` of one report."""
        return self.suspects_each([new], most=most, least=least)[0]

    def suspects_each(
        self, news: Sequence[Telling], *, most: int = 5, least: float = 0.5
    ) -> list[list[SuspectIssue]]:
        """The open issues that each new report is most probably about, the likeliest first.

        As `geo.duplicates.suspects` has it of all open issues, for scores of .5 and more. But where very many
        lie at its place only the nearest `layers.suspects.MOST_NEAR` are weighed, and only the likeliest
        `layers.suspects.MOST_READ` of them with their words. Equally likely ones come in the order of their
        last change. Many reports at once take a fraction of the time of one by one.

        Args:
            news: of `tellings`. For what is filed with them see `suspects_together`.
        """
        classes = self._ground.classes
        with self._lock:
            among = near(held(self._rows), news)
        return weigh(among, classes, most=most, least=least)

    def suspects_of(self, uid: str, *, most: int = 5) -> list[SuspectIssue]:
        """The other open issues that an issue is most probably about; none if it is not open."""
        with self._lock:
            entry = self._open.get(uid)
        if entry is None:
            return []
        found = self.suspects(*self.tellings([(entry.issue, entry.said)]), most=most + 1)
        return [one for one in found if one.uid != uid][:most]

    def suspects_together(
        self, opened: Sequence[tuple[Issue, Telling]], *, most: int = 5, least: float = 0.5
    ) -> list[list[SuspectIssue]]:
        """As `suspects_each`, but of issues that are opened together: each is held against those of a
        smaller seq. Open issues are not looked at; `likeliest` joins both.
        """
        return weigh_together(opened, self._ground.classes, most=most, least=least)


def _latest(issues: Iterable[tuple[Issue, Said | None]]) -> list[tuple[Issue, Said | None]]:
    """One state of each issue, the last, in the order of their changes."""
    latest: dict[str, tuple[Issue, Said | None]] = {}
    for issue, said in issues:
        other = latest.get(issue.uid)
        if other is None:
            latest[issue.uid] = issue, said
        else:
            newer = issue if issue.seq > other[0].seq else other[0]
            latest[issue.uid] = newer, other[1] if said is None else said
    return sorted(latest.values(), key=lambda one: one[0].seq)


def _ground(generation: Generation) -> _Ground:
    categories = generation.config.categories
    classes = {code: class_of(category) for code, category in categories.items()}
    return _Ground(names_of(generation), generation.metric, classes)


def _places(metric: MetricCrs, lng: Floats, lat: Floats) -> Places:
    return Places(*metric.points(lng, lat)) if len(lng) else Places(lng, lat)
