"""A view of the open issues is what the store has, frozen, whatever is written afterwards."""

from __future__ import annotations

import math
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from live_cities import live_city, report
from stores import NOON, an_issue

from layers.generation import Generation
from layers.intake import file_reports
from layers.issue_features import feature, names_of
from layers.life_cycle import DONE, State
from layers.open_issues import OpenIssues
from layers.open_view import OpenView
from layers.store.filters import IssueFilter
from layers.store.issues import change_issue
from layers.store.values import Issue
from layers.time_limits import is_overdue


def _issue(rng: random.Random, uid: int, seq: int) -> Issue:
    placed = rng.random() < 0.8
    return an_issue(
        uid=f"u{uid}", number=f"20261121-{uid:04d}", seq=seq, status=rng.choice([*State]).value,
        category=rng.choice(("0118", "0126", "")), owner_id=rng.choice((None, "lamps", "路灯")),
        cell_path=rng.choice(("", "A", "A/1")), certainty=rng.choice(("certain", "ambiguous", "")),
        lng=rng.uniform(120, 121) if placed else None, lat=32.0 if placed else None,
        due_us=rng.choice((None, NOON, NOON + 5)), flags=rng.choice(("", "owner_differs", "asked,x")),
        created_us=NOON + rng.randrange(9), updated_us=NOON + rng.randrange(9),
    )  # fmt: skip


def _same(view: OpenView, issues: list[Issue], now_us: int) -> None:
    """Assert that a view has exactly these issues."""
    issues = sorted(issues, key=lambda issue: issue.seq)
    assert view.issues() == issues
    assert len(view) == len(issues)
    for name in ("seq", "created_us", "updated_us"):
        assert getattr(view, name).tolist() == [getattr(issue, name) for issue in issues]
    for name in ("lng", "lat", "due_us"):
        wanted = [math.nan if (value := getattr(issue, name)) is None else value for issue in issues]
        np.testing.assert_array_equal(getattr(view, name), wanted)
    for name, field in (("status",) * 2, ("category",) * 2, ("certainty",) * 2, ("flags",) * 2,
                        ("cell", "cell_path"), ("owner", "owner_id")):  # fmt: skip
        column = getattr(view, name)
        assert [column[row] for row in range(len(column))] == [getattr(issue, field) for issue in issues]
        assert sum(column.counts().values()) == len(issues)
    assert view.overdue.tolist() == [is_overdue(i.status, i.due_us, now_us) for i in issues]


@given(st.randoms(use_true_random=False), st.integers(1, 12), st.integers(NOON - 1, NOON + 7))
def test_a_view_is_the_last_state_of_each_and_stays_so(
    generation: Generation, rng: random.Random, size: int, now_us: int
) -> None:
    """Also while others are put in, out of order, and taken out."""
    issues = [_issue(rng, rng.randrange(15), seq) for seq in range(1, 60)]
    found, heard, kept = OpenIssues(generation), list(issues), []
    rng.shuffle(heard)
    for at in range(0, len(heard), size):
        found.fill((issue, None) for issue in heard[at : at + size])
        latest: dict[str, Issue] = {}
        for issue in sorted(heard[: at + size], key=lambda one: one.seq):
            latest[issue.uid] = issue
        open_now = [issue for issue in latest.values() if issue.status not in DONE]
        assert found.version == max(issue.seq for issue in heard[: at + size])
        kept.append((found.view(IssueFilter(), now_us=now_us), open_now, found.version))
    for view, open_then, version in kept:
        _same(view, open_then, now_us)
        assert (view.version, view.now_us) == (version, now_us)


def test_a_filter_holds_in_a_view(generation: Generation) -> None:
    rng, found = random.Random(2), OpenIssues(generation)
    issues = [_issue(rng, uid, uid + 1) for uid in range(200)]
    found.fill((issue, None) for issue in issues)
    wanted = IssueFilter(status=("received",), owner=("lamps",), cell_paths=("A",))
    chosen = [
        issue for issue in issues
        if issue.status == "received" and issue.owner_id == "lamps" and issue.cell_path in ("A", "A/1")
    ]  # fmt: skip
    assert chosen
    _same(found.view(wanted, now_us=NOON), chosen, NOON)


def test_features_of_a_view_are_those_of_its_issues(generation: Generation) -> None:
    rng, found, names = random.Random(4), OpenIssues(generation), names_of(generation)
    found.fill((_issue(rng, uid, uid + 1), None) for uid in range(50))
    view = found.view(IssueFilter(), now_us=NOON + 3)
    at = [7, 3, 3, 0]
    assert view.features(at, names) == [feature(issue, names, NOON + 3) for issue in view.issues(at)]


def test_nothing_is_an_empty_view(generation: Generation) -> None:
    found = OpenIssues(generation)
    _same(found.view(IssueFilter(), now_us=NOON), [], NOON)
    assert (found.version, found.view(IssueFilter(), now_us=0).version) == (0, 0)
    found.put(an_issue(status="closed", seq=9))
    assert (len(found.view(IssueFilter(), now_us=NOON)), found.version) == (0, 9)


def test_views_are_whole_while_a_writer_writes(generation: Generation) -> None:
    """Every issue once, whatever is being replaced; and what was looked at does not change."""
    found, first = OpenIssues(generation), an_issue()
    found.fill((replace(first, uid=f"u{n}", seq=n + 1), None) for n in range(300))

    def read(_: int) -> bool:
        view = found.view(IssueFilter(), now_us=0)
        seqs = view.seq.tolist()
        return len({issue.uid for issue in view.issues()}) == 300 and seqs == [i.seq for i in view.issues()]

    def write(turn: int) -> None:
        base = 300 * (turn + 1)
        found.fill((replace(first, uid=f"u{n}", seq=base + 300 - n), None) for n in range(300))

    with ThreadPoolExecutor(4) as pool:
        writing = pool.submit(lambda: list(map(write, range(20))))
        assert all(pool.map(read, range(60)))
        writing.result()


def test_after_a_new_start_the_version_is_that_of_before(tmp_path: Path) -> None:
    """Also where the last change was that an issue was done: what has another version was another state."""
    with live_city(tmp_path / "city") as live:
        filed = file_reports(live, [report(), report(1.5)], actor="desk", at_us=NOON)
        first = filed[0].issue
        assert first is not None
        said = {"status": "closed"}
        closed = live.store.write(
            lambda c: change_issue(c, first.uid, first.version, said, at_us=NOON, actor="a", kind="changed")  # type: ignore[arg-type]
        )
        live.changed([(closed, None)])
        before = live.open.version
        assert before == closed.seq
    with live_city(tmp_path / "city") as live:
        assert live.open.version == before
        assert live.open.view(IssueFilter(), now_us=NOON).version == before
