"""After a new generation went live: who waits is assigned anew, who is at work keeps the issue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from layers.action_history import PROPOSED_OWNER, proposed_owner
from layers.asking_again import ask_again
from layers.generation import DRAFT, Generation
from layers.issue_fields import fields_of, lead_of
from layers.issue_flags import OWNER_DIFFERS, flags_of, with_flag
from layers.life_cycle import AT_WORK, TO_CHECK, WAITING
from layers.proof import Proof, prove_all
from layers.store.again import ToAssign, to_assign_again
from layers.store.assignments import read_proofs
from layers.store.book import Book
from layers.store.values import Issue, IssueChanges, Json

ASSIGNED = "assigned"
ACTOR = "woodpecker"
AT_ONCE = 100
"""Issues in one work, so that others wait a fraction of a second: a change takes a few milliseconds."""

_OPEN = (*WAITING, *AT_WORK, *TO_CHECK)
# What tells one answer from another: who, where, on what, and how sure.
_ANSWER = ("cell_code", "cell_path", "owner_id", "asset_kind", "asset_id", "certainty")


@dataclass(frozen=True, slots=True)
class _Case:
    """An open issue with its last answer and the new one."""

    found: ToAssign
    before: Mapping[str, Any]
    now: Proof
    fields: IssueChanges

    @property
    def issue(self) -> Issue:
        return self.found.issue


def assign_again(
    generation: Generation, connection: Connection, after_id: int, limit: int, at_us: int
) -> tuple[list[Issue], int | None]:
    """Assign some open issues anew; returns those that changed, and where to go on.

    An issue that waits to be dispatched takes the new answer. One that was dispatched keeps its owner and
    everything else; where the new answer names somebody else it is flagged `OWNER_DIFFERS`, and its event
    says whom. That is the transfer list. An answer that differs by its generation alone changes nothing.

    Every issue is asked again by what it was assigned by: position, error, words and time. Those that wait
    and were answered by this generation are left alone.

    Args:
        generation: the one that is live now.
        after_id: what the call before returned; 0 to begin.
        limit: most issues to look at, `AT_ONCE` or fewer.
        at_us: now.

    Returns:
        The issues as they are now; and the ``after_id`` of the next call, None where all is done.
    """
    found = to_assign_again(connection, _OPEN, after_id, limit)
    cases = _cases(generation, connection, found)
    book = Book(connection, [case.issue.uid for case in cases])
    for case in cases:
        _apply(book, case, at_us)
    return book.write(), found[-1].id if len(found) == limit else None


def _cases(generation: Generation, connection: Connection, found: tuple[ToAssign, ...]) -> list[_Case]:
    proofs = read_proofs(connection, {one.issue.assignment for one in found if one.issue.assignment})
    asked = [
        one for one in found if one.issue.assignment in proofs and not _is_answered(one.issue, generation)
    ]
    if not asked:
        return []
    before = [proofs[str(one.issue.assignment)] for one in asked]
    answers = ask_again(
        generation,
        [{**proof["report"], "text": one.text or ""} for one, proof in zip(asked, before, strict=True)],
    )
    now = prove_all(answers)
    return [
        _Case(one, before[row], now[row], fields_of(answers, row, now[row])) for row, one in enumerate(asked)
    ]


def _is_answered(issue: Issue, generation: Generation) -> bool:
    """Whether an issue that waits has the answer of this generation; a draft may have changed meanwhile."""
    by_it = issue.generation == generation.id != DRAFT
    return by_it and issue.status in WAITING and OWNER_DIFFERS not in flags_of(issue.flags)


def _apply(book: Book, case: _Case, at_us: int) -> None:
    """Give the issue its new answer, where that changes something."""
    waits = case.issue.status in WAITING
    changes, also = _taken(case) if waits else _told(book, case)
    if changes or also:
        reason = f"generation {case.now['generation']['id']}"
        book.change(case.issue, changes, at_us=at_us, actor=ACTOR, kind=ASSIGNED, reason=reason, also=also)


def _taken(case: _Case) -> tuple[IssueChanges, Json]:
    flags = with_flag(case.issue.flags, OWNER_DIFFERS, False)
    new = {**case.fields, "flags": flags}
    if all(new[name] == getattr(case.issue, name) for name in (*_ANSWER, "flags")):
        return {}, {}
    return {**case.fields, "flags": flags}, {}


def _told(book: Book, case: _Case) -> tuple[IssueChanges, Json]:
    """The flag of an issue at work, where it changes or where somebody else is named by now."""
    issue, proposed = case.issue, case.fields["owner_id"]
    was = OWNER_DIFFERS in flags_of(issue.flags)
    # Who was given the issue against the last answer keeps it until there is another answer.
    differs = proposed != issue.owner_id and (was or proposed != lead_of(case.before)["id"])
    record = book.find(issue.uid)
    if differs and was and record is not None and proposed == proposed_owner(record.events):
        return {}, {}
    if not differs and not was:
        return {}, {}
    return {"flags": with_flag(issue.flags, OWNER_DIFFERS, differs)}, {PROPOSED_OWNER: proposed}
