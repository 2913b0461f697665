"""What people do with issues: checked, changed and told in one work, one issue or many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from geo.errors import GridError, NotAllowed, NotFoundError, WrongState
from layers.action_changes import Asked, Case, Change, changes_of, check_named
from layers.action_corrections import keep_words
from layers.action_history import PROPOSED_OWNER, changed_since, history_of
from layers.action_moves import Moves, ask_for_moves
from layers.actors import Actor
from layers.claims import in_the_way, left_behind
from layers.correction_words import ReadsPlaces
from layers.generation import Generation
from layers.issue_flags import CONFIRMED, flags_of
from layers.life_cycle import CLAIMS, Action, State, allowed, check_reason, move, step_of, undoable
from layers.proof import Proof
from layers.store.book import Book
from layers.store.corrections import NewCorrection
from layers.store.issues import moved_on
from layers.store.values import Issue, IssueChanges, IssueRecord

__all__ = [
    "JOINED_BY", "LEFT_BY", "MOST_REASON", "MOST_TOGETHER", "Asked", "Preview", "act", "act_on_many",
    "allowed_actions", "previews",
]  # fmt: skip

JOINED_BY, LEFT_BY = "joined_by", "left_by"
"""Events of the issue that another one was merged into, or that it was taken out of again."""
MOST_REASON = 2_000  # characters
MOST_TOGETHER = 100
"""Issues in one work, so that others wait some hundredths of a second."""
_NEED_NO_VERSION = (Action.COMMENT, *CLAIMS)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an action would make of an issue.

    Attributes:
        issue: as it would be, but for its version, seq and time.
        proof: of the new answer, where the city is asked anew.
        proposed_owner: who would answer for it; where somebody is at work he keeps it.
        remembers: words that would mean its new place.
    """

    issue: Issue
    proof: Proof | None
    proposed_owner: str | None
    remembers: NewCorrection | None = None


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who acts, when, and on which issues."""

    generation: Generation
    book: Book
    actor: Actor
    at_us: int
    moves: Moves
    places: ReadsPlaces | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """An action that nothing speaks against, and what it changes."""

    case: Case
    after: State
    change: Change

    @property
    def fields(self) -> IssueChanges:
        """All fields with their new values."""
        case = self.case
        claim_us = case.generation.config.limits.claim_us
        claim = left_behind(
            case.issue, case.asked.action, self.after, case.actor, claim_us, case.at_us
        )  # fmt: skip
        return {**self.change.fields, **claim, "status": self.after.value}


def act(
    generation: Generation,
    connection: Connection,
    name: str,
    asked: Asked,
    actor: Actor,
    at_us: int,
    places: ReadsPlaces | None = None,
) -> tuple[Issue, ...]:
    """Do something with an issue; returns it as it is now, then the other issues that changed by it.

    To be run inside one work of the store: what it reads and what it writes then belong together.

    Args:
        generation: the live one, which knows the owners and answers for new positions.
        name: uid or number of the issue.
        at_us: now.
        places: reads words, where some are to be remembered.

    Raises:
        NotFoundError: there is no such issue, or the actor does not see it.
        ConflictError: it is not as the actor saw it, or somebody else has claimed it.
        NotAllowed: by the table of `layers.life_cycle`, or by what the action names.
        CoordinateError: the position to move it to is none.
    """
    desk = _desk(generation, connection, [(name, asked)], actor, at_us, places)
    done = _do(_plan(desk, name, asked))
    return done, *(one for one in desk.book.write() if one.uid != done.uid)


def act_on_many(
    generation: Generation,
    connection: Connection,
    wanted: Sequence[tuple[str, Asked]],
    actor: Actor,
    at_us: int,
    places: ReadsPlaces | None = None,
) -> tuple[list[Issue | GridError], list[Issue]]:
    """Do something with each of several issues, in order; to be run inside one work, as `act`.

    What is refused for one changes nothing for the others.

    Args:
        wanted: uids or numbers of issues, up to `MOST_TOGETHER`, and what is to be done.

    Returns:
        Each issue as its action left it, or why it was refused; and all issues that changed, as they are now.
    """
    desk = _desk(generation, connection, wanted, actor, at_us, places)
    results = [_tried(desk, name, asked) for name, asked in wanted]
    return results, desk.book.write()


def previews(
    generation: Generation,
    connection: Connection,
    wanted: Sequence[tuple[str, Asked]],
    actor: Actor,
    at_us: int,
    places: ReadsPlaces | None = None,
) -> list[Preview | GridError]:
    """What `act` would make of each of several issues, or why it would refuse; nothing is written.

    No version is needed. Each is looked at as it stands, whatever is asked of those before it.
    """
    desk = _desk(generation, connection, wanted, actor, at_us, places)
    return [_preview(desk, name, asked) for name, asked in wanted]


def _preview(desk: _Desk, name: str, asked: Asked) -> Preview | GridError:
    try:
        plan = _plan(desk, name, replace(asked, as_it_is=True))
    except GridError as error:
        return error
    fields = dict(plan.fields)
    proof = fields.pop("assignment", None)
    issue = replace(plan.case.issue, **fields)  # type: ignore[arg-type] # the names are its fields
    proposed = plan.change.also.get(PROPOSED_OWNER, issue.owner_id)
    return Preview(issue, proof if isinstance(proof, dict) else None, proposed, plan.change.remembers)


def allowed_actions(record: IssueRecord, actor: Actor, *, claim_us: int, now_us: int) -> tuple[Action, ...]:
    """What an actor may do with an issue as it stands, in the order of `Action`.

    Nothing is known of who reported it: the table alone says what a reporter may.

    Args:
        claim_us: how long a claim holds.
    """
    issue = record.issue
    if not actor.sees(issue.cell_path):
        return ()
    last = undoable(history_of(record.events), actor.name)
    lost = () if last is None or not changed_since(issue, last) else (Action.UNDO,)
    return tuple(
        action
        for action in allowed(issue.status, actor.role, last)
        if action not in lost and _hindrance(issue, action, actor, claim_us, now_us) is None
    )


def _desk(
    generation: Generation,
    connection: Connection,
    wanted: Sequence[tuple[str, Asked]],
    actor: Actor,
    at_us: int,
    places: ReadsPlaces | None,
) -> _Desk:
    """All issues read, and the city asked about all new positions, at once."""
    book = Book(connection, [name for name, _ in wanted])
    to_move = [
        (record.issue, asked.spot)
        for name, asked in wanted
        if asked.action == Action.MOVE
        and (record := book.find(name)) is not None
        and actor.sees(record.issue.cell_path)
        and Action.MOVE in allowed(record.issue.status, actor.role)
    ]
    return _Desk(generation, book, actor, at_us, ask_for_moves(generation, connection, to_move), places)


def _tried(desk: _Desk, name: str, asked: Asked) -> Issue | GridError:
    try:
        return _do(_plan(desk, name, asked))
    except GridError as error:
        return error


def _plan(desk: _Desk, name: str, asked: Asked) -> _Plan:
    """All that can be refused is refused here, before anything changes."""
    actor = desk.actor
    record = _record(desk.book, name, actor)
    issue, last = record.issue, undoable(history_of(record.events), actor.name)
    _check_seen(issue, asked)
    after = move(issue.status, asked.action, actor.role, last)
    hindrance = _hindrance(issue, asked.action, actor, desk.generation.config.limits.claim_us, desk.at_us)
    if hindrance is not None:
        raise hindrance
    _check_said(issue, asked)
    case = Case(desk.generation, desk.book, record, asked, actor, last, desk.at_us, desk.moves, desk.places)
    return _Plan(case, after, changes_of(case))


def _hindrance(issue: Issue, action: str, actor: Actor, claim_us: int, now_us: int) -> GridError | None:
    """What keeps an actor from an action that his role and the state allow."""
    if action == Action.CONFIRM and CONFIRMED in flags_of(issue.flags):
        return WrongState(f"Issue {issue.number} is confirmed already.", fix="Dispatch it.")
    return in_the_way(issue, action, actor, claim_us, now_us)


def _record(book: Book, name: str, actor: Actor) -> IssueRecord:
    record = book.find(name)
    if record is None or not actor.sees(record.issue.cell_path):
        fix = "Give the id or the number that the report was answered with."
        raise NotFoundError(f"There is no issue {name!r}.", fix=fix)
    return record


def _check_seen(issue: Issue, asked: Asked) -> None:
    """Asked for first: who acts on what has changed since is told that, and not that the new state does not
    allow it.
    """
    needs_none = asked.as_it_is or asked.action in _NEED_NO_VERSION
    if asked.version is None and asked.seq is None and not needs_none:
        fix = 'Give "version" or "seq", those of the issue that was looked at.'
        raise NotAllowed(f"{asked.action!r} needs the version of the issue.", fix=fix)
    if asked.version is not None and asked.version != issue.version:
        raise moved_on(issue, asked.version)
    if asked.seq is not None and asked.seq != issue.seq:
        raise moved_on(issue, asked.seq, what="seq")


def _check_said(issue: Issue, asked: Asked) -> None:
    step = step_of(issue.status, asked.action)
    if step is not None:
        check_named(step, asked)
    check_reason(issue.status, asked.action, asked.reason)
    if len(asked.reason) > MOST_REASON:
        raise NotAllowed(
            f"The reason has {len(asked.reason)} characters.", fix=f"Say it in {MOST_REASON} or fewer."
        )


def _do(plan: _Plan) -> Issue:
    """Change the issue, and tell the other one that it was merged into or taken out of."""
    case, asked = plan.case, plan.case.asked
    also = {**plan.change.also, **keep_words(case, plan.change)}
    changed = case.book.change(
        case.issue, plan.fields,
        at_us=case.at_us, actor=case.actor.name, kind=str(asked.action), reason=asked.reason.strip(),
        also=also,
    )  # fmt: skip
    if case.issue.merged_into != changed.merged_into:
        _tell(case, case.issue.merged_into, LEFT_BY)
        _tell(case, changed.merged_into, JOINED_BY)
    return changed


def _tell(case: Case, uid: str | None, kind: str) -> None:
    """An event for another issue: whoever watches that sees it."""
    other = None if uid is None else case.book.find(uid)
    if other is not None:
        case.book.change(
            other.issue, {},
            at_us=case.at_us, actor=case.actor.name, kind=kind, reason=case.asked.reason.strip(),
            also={"issue": case.issue.uid},
        )  # fmt: skip
