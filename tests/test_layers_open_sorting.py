"""Lists of open issues are sorted as sorting them one by one does, at every place."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from stores import NOON, an_issue

from layers.generation import Generation
from layers.issue_features import Names, names_of
from layers.life_cycle import State
from layers.open_issues import OPEN, OpenIssues
from layers.open_sorting import SortBy, sorted_view
from layers.store.filters import IssueFilter
from layers.store.values import Issue

CERTAINTY = ("certain", "likely", "ambiguous", "")


def _issue(rng: random.Random, seq: int) -> Issue:
    turn = rng.choice((rng.randrange(9999), 10_000 + seq))
    return an_issue(
        uid=f"u{seq}", number=f"2026112{rng.randrange(2)}-{turn:04d}", seq=seq,
        status=rng.choice(OPEN).value, category=rng.choice(("0126", "0118", "")),
        owner_id=rng.choice((None, "lamps", "parks", "路灯", "zz")), certainty=rng.choice(CERTAINTY),
        due_us=rng.choice((None, NOON, NOON + 1, NOON - 10**13)), created_us=NOON + rng.randrange(3),
        updated_us=NOON + rng.randrange(3),
    )  # fmt: skip


def _number(issue: Issue) -> tuple[int, ...]:
    return tuple(int(part) for part in issue.number.split("-"))


def _keys(names: Names) -> dict[SortBy, Callable[[Issue], Any]]:
    """What an issue has in a column; None comes last."""

    def owner(issue: Issue) -> Any:
        id_ = issue.owner_id
        return None if id_ is None else (names.owners.get(id_) or id_, id_)

    return {
        SortBy.DUE: lambda issue: issue.due_us,
        SortBy.CREATED: lambda issue: issue.created_us,
        SortBy.UPDATED: lambda issue: issue.updated_us,
        SortBy.CATEGORY: lambda issue: issue.category or None,
        SortBy.STATUS: lambda issue: [*State].index(State(issue.status)),
        SortBy.CERTAINTY: lambda issue: CERTAINTY.index(issue.certainty) if issue.certainty else None,
        SortBy.OWNER: owner,
        SortBy.NUMBER: _number,
    }


@given(st.randoms(use_true_random=False), st.sampled_from([*SortBy]), st.booleans(), st.integers(0, 60))
def test_the_order_is_that_of_brute_force(
    generation: Generation, rng: random.Random, by: SortBy, desc: bool, count: int
) -> None:
    """What has nothing comes last either way round; equals by number, then by their last change."""
    issues = [_issue(rng, seq) for seq in range(1, count + 1)]
    found, names = OpenIssues(generation), names_of(generation)
    found.fill((issue, None) for issue in issues)
    view = found.view(IssueFilter(), now_us=NOON)
    key = _keys(names)[by]
    by_number = sorted(issues, key=lambda issue: (_number(issue), issue.seq))
    there = [issue for issue in by_number if key(issue) is not None]
    expected = sorted(there, key=key, reverse=False)
    if desc:
        keys = sorted({key(issue) for issue in there}, reverse=True)
        expected = [issue for one in keys for issue in there if key(issue) == one]
    expected += [issue for issue in by_number if key(issue) is None]
    assert view.issues(sorted_view(view, by, names, desc=desc)) == expected
