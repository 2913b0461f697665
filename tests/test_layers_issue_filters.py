"""Every filter of issues lets the same pass in memory, in the store and by brute force."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stores import NOON, an_issue, desk, new_issue, new_report

from layers.claims import holder
from layers.generation import Generation
from layers.issue_features import feature, names_of
from layers.life_cycle import State
from layers.open_issues import OPEN, OpenIssues, Said
from layers.store import Store, open_store
from layers.store.filing import Filing, file_many
from layers.store.filters import IssueFilter, Sought
from layers.store.issues import change_issue
from layers.store.opening import openings
from layers.store.paging import count_by_status, page_issues
from layers.store.values import Issue, Private
from layers.time_limits import is_overdue

TEXTS = (
    "",
    "路灯不亮 near the Bank",
    "BANK 100%",
    "井盖_破损",
    "50/50 ÉTÉ",
    "a\\b",
    "'; drop table issues --",
)
PIECES = ("bank", "BANK", "灯", "%", "_", "/", "\\", "100%", "ÉTÉ", "été", "-0", "20261121-001", "'", "zzz")
FLAGS, CLAIMERS = ("", "owner_differs", "asked", "owner_differs,asked"), (None, "wang", "李", "Wang")
CERTAINTY, CATEGORY, OWNERS = (
    ("certain", "likely", "ambiguous", ""),
    ("0118", "0126", ""),
    (None, "lamps", "路灯"),
)
CLAIM_US = 3
Texts = dict[str, str]


def _fields(rng: random.Random) -> dict[str, Any]:
    claimer = rng.choice(CLAIMERS)
    return {
        "status": rng.choice([*State]).value, "category": rng.choice(CATEGORY),
        "owner_id": rng.choice(OWNERS), "flags": rng.choice(FLAGS), "certainty": rng.choice(CERTAINTY),
        "due_us": rng.choice((None, NOON, NOON + 1, NOON + 2)), "claimed_by": claimer,
        "claimed_us": None if claimer is None else NOON + rng.randrange(6),
    }  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with 240 issues, many of them changed since; what was reported is of few words."""
    rng = random.Random(5)
    with open_store(tmp_path_factory.mktemp("filters") / "issues.db") as store:
        for turn in range(6):
            filings = [
                Filing(new_report(private=Private(text=rng.choice(TEXTS))), new_issue(**_fields(rng)))
                for _ in range(40)
            ]
            store.write(lambda c, f=filings, at=NOON + turn: file_many(c, f, desk(at)))  # type: ignore[misc]
        for issue in rng.sample(_stored(store, IssueFilter()), 90):
            changes = _fields(rng)
            store.write(
                lambda c, i=issue, to=changes: change_issue(  # type: ignore[misc]
                    c, i.uid, i.version, to, at_us=NOON + 7, actor="a", kind="changed"
                )
            )
        yield store


def _stored(store: Store, wanted: IssueFilter) -> list[Issue]:
    with store.reading() as connection:
        return list(page_issues(connection, wanted, limit=10_000).issues)


@pytest.fixture(scope="module")
def texts(store: Store) -> Texts:
    with store.reading() as connection:
        return {said.issue.uid: said.text for said in openings(connection, [*State])}


@pytest.fixture(scope="module")
def open_issues(store: Store, generation: Generation, texts: Texts) -> OpenIssues:
    found = OpenIssues(generation)
    found.fill((issue, Said(texts[issue.uid])) for issue in _stored(store, IssueFilter()))
    return found


def _small(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def _has(issue: Issue, sought: Sought, text: str) -> bool:
    said = _small(sought.text)
    return (
        said in issue.number
        or issue.category in sought.category
        or issue.owner_id in sought.owner
        or (sought.private and said in _small(text))
    )


def _claimed(issue: Issue, wanted: IssueFilter) -> bool:
    who = holder(issue, CLAIM_US, wanted.claimed_after_us + CLAIM_US)
    return (wanted.unclaimed and who is None) or who in wanted.claimed_by


def _passes(issue: Issue, wanted: IssueFilter, text: str) -> bool:
    def late(at_us: int) -> bool:
        return is_overdue(issue.status, issue.due_us, at_us)

    until, before = wanted.created_until_us, wanted.due_before_us
    return (
        (not wanted.status or issue.status in wanted.status)
        and (not wanted.certainty or issue.certainty in wanted.certainty)
        and (not wanted.flags or not set(wanted.flags).isdisjoint(issue.flags.split(",")))
        and (wanted.since_us is None or issue.created_us >= wanted.since_us)
        and (until is None or issue.created_us <= until)
        and (before is None or (issue.due_us is not None and issue.due_us < before))
        and (wanted.late_us is None or late(wanted.late_us))
        and (wanted.in_time_us is None or not late(wanted.in_time_us))
        and (not (wanted.claimed_by or wanted.unclaimed) or _claimed(issue, wanted))
        and all(_has(issue, sought, text) for sought in wanted.sought)
    )


def _some(values: Any, most: int = 2) -> Any:
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


_times = st.none() | st.integers(NOON - 1, NOON + 8)
_sought = st.builds(
    Sought, text=st.sampled_from(PIECES), category=_some(CATEGORY), owner=_some(OWNERS[1:]),
    private=st.booleans(),
)  # fmt: skip
_filters = st.builds(
    IssueFilter,
    status=st.just(OPEN) | _some(OPEN) | _some([*State]), certainty=_some(CERTAINTY),
    flags=_some(("owner_differs", "asked", "aske")), since_us=_times, created_until_us=_times,
    due_before_us=_times, late_us=_times, in_time_us=_times, claimed_by=_some(CLAIMERS[1:]),
    unclaimed=st.booleans(), claimed_after_us=st.integers(NOON - 2, NOON + 7),
    sought=st.lists(_sought, max_size=2).map(tuple),
)  # fmt: skip
_one_each = st.one_of(
    st.builds(IssueFilter, certainty=_some(CERTAINTY)), st.builds(IssueFilter, late_us=_times),
    st.builds(IssueFilter, in_time_us=_times), st.builds(IssueFilter, due_before_us=_times),
    st.builds(IssueFilter, created_until_us=_times), st.builds(IssueFilter, sought=st.tuples(_sought)),
    st.builds(
        IssueFilter, claimed_by=_some(CLAIMERS[1:]), unclaimed=st.booleans(),
        claimed_after_us=st.integers(NOON - 2, NOON + 7),
    ),
)  # fmt: skip


@given(_filters | _one_each, st.booleans())
@example(IssueFilter(flags=("asked",)), False)
@example(IssueFilter(sought=(Sought("%", private=True),)), False)
def test_all_three_let_the_same_pass(
    store: Store,
    open_issues: OpenIssues,
    generation: Generation,
    texts: Texts,
    wanted: IssueFilter,
    newest: bool,
) -> None:
    everything = _stored(store, IssueFilter())
    expected = [issue for issue in everything if _passes(issue, wanted, texts[issue.uid])]
    assert _stored(store, wanted) == expected
    with store.reading() as connection:
        assert sum(count_by_status(connection, wanted).values()) == len(expected)
    still_open = [issue for issue in expected if issue.status in OPEN]
    if not (wanted.status and set(wanted.status).isdisjoint(OPEN)):
        assert open_issues.view(wanted, now_us=0).issues() == still_open
        names = names_of(generation)
        page = open_issues.page(wanted, now_us=0, limit=1000, newest_first=newest)
        assert page.features == [feature(i, names, 0) for i in still_open[:: -1 if newest else 1]]


def test_what_was_erased_is_not_found_any_more(generation: Generation) -> None:
    """Neither by what was looked for before."""
    found = OpenIssues(generation)
    found.put(an_issue(), Said("the bank"))
    wanted = IssueFilter(sought=(Sought("BANK", private=True),))
    assert len(found.view(wanted, now_us=0)) == 1
    found.forget([an_issue().uid])
    assert len(found.view(wanted, now_us=0)) == 0
