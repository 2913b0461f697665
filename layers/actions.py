"""What people do with an issue: one function that checks, changes and writes the event, in one work."""

from __future__ import annotations

from sqlalchemy import Connection

from geo.errors import NotAllowed, NotFoundError
from layers.action_changes import Asked, Case, Change, changes_of, check_named
from layers.action_history import changed_since, history_of
from layers.actors import Actor
from layers.generation import Generation
from layers.life_cycle import Action, State, allowed, check_reason, move, step_of, undoable
from layers.store.events import NewEvent
from layers.store.issues import bump, change_issue, moved_on, read_issue, row_of
from layers.store.values import Issue, IssueChanges, IssueRecord

__all__ = ["JOINED_BY", "LEFT_BY", "MOST_REASON", "Asked", "act", "allowed_actions"]

JOINED_BY, LEFT_BY = "joined_by", "left_by"
"""Events of the issue that another one was merged into, or that it was taken out of again."""
MOST_REASON = 2_000  # characters


def act(
    generation: Generation, connection: Connection, name: str, asked: Asked, actor: Actor, at_us: int
) -> tuple[Issue, ...]:
    """Do something with an issue; returns it as it is now, then the other issues that changed by it.

    To be run inside one work of the store: what it reads and what it writes then belong together.

    Args:
        generation: the live one, which knows the owners and answers for new positions.
        name: uid or number of the issue.
        at_us: now.

    Raises:
        NotFoundError: there is no such issue, or the actor does not see it.
        ConflictError: it is not at the version that the actor saw.
        NotAllowed: by the table of `layers.life_cycle`, or by what the action names.
        CoordinateError: the position to move it to is none.
    """
    record = _record(connection, name, actor)
    issue, last = record.issue, undoable(history_of(record.events))
    version = _version(issue, asked)
    after = move(issue.status, asked.action, actor.role, last)
    _check_said(issue, asked)
    change = changes_of(Case(generation, connection, record, asked, actor, last))
    changed = _write(connection, issue, version, after, change, asked, actor, at_us)
    return changed, *_tell_others(connection, issue, changed, asked, actor, at_us)


def allowed_actions(record: IssueRecord, actor: Actor) -> tuple[Action, ...]:
    """What an actor may do with an issue as it stands, in the order of `Action`.

    Nothing is known of who reported it: the table alone says what a reporter may.
    """
    if not actor.sees(record.issue.cell_path):
        return ()
    last = undoable(history_of(record.events))
    actions = allowed(record.issue.status, actor.role, last)
    if last is not None and changed_since(record.issue, last):
        return tuple(action for action in actions if action != Action.UNDO)
    return actions


def _record(connection: Connection, name: str, actor: Actor) -> IssueRecord:
    record = read_issue(connection, name)
    if record is None or not actor.sees(record.issue.cell_path):
        fix = "Give the id or the number that the report was answered with."
        raise NotFoundError(f"There is no issue {name!r}.", fix=fix)
    return record


def _version(issue: Issue, asked: Asked) -> int:
    """The version to change. Asked for first: who acts on what has changed since is told that, and not that
    the new state does not allow it.
    """
    if asked.version is None and asked.action != Action.COMMENT:
        fix = 'Give "version", the one of the issue that was looked at.'
        raise NotAllowed(f"{asked.action!r} needs the version of the issue.", fix=fix)
    if asked.version is not None and asked.version != issue.version:
        raise moved_on(issue, asked.version)
    return issue.version


def _check_said(issue: Issue, asked: Asked) -> None:
    step = step_of(issue.status, asked.action)
    if step is not None:
        check_named(step, asked)
    check_reason(issue.status, asked.action, asked.reason)
    if len(asked.reason) > MOST_REASON:
        raise NotAllowed(
            f"The reason has {len(asked.reason)} characters.", fix=f"Say it in {MOST_REASON} or fewer."
        )


def _write(
    connection: Connection, issue: Issue, version: int, after: State, change: Change,
    asked: Asked, actor: Actor, at_us: int,
) -> Issue:  # fmt: skip
    fields: IssueChanges = {**change.fields, "status": after.value}
    return change_issue(
        connection, issue.uid, version, fields,
        at_us=at_us, actor=actor.name, kind=str(asked.action), reason=asked.reason.strip(), also=change.also,
    )  # fmt: skip


def _tell_others(
    connection: Connection, before: Issue, after: Issue, asked: Asked, actor: Actor, at_us: int
) -> tuple[Issue, ...]:
    """An event for the issue that this one was merged into or taken out of: whoever watches that sees it."""
    if before.merged_into == after.merged_into:
        return ()
    touched = ((before.merged_into, LEFT_BY), (after.merged_into, JOINED_BY))
    told = []
    for uid, kind in touched:
        if uid is not None:
            row = row_of(connection, uid)
            event = NewEvent(
                row.id, at_us, actor.name, kind, asked.reason.strip(), after={"issue": after.uid}
            )
            told.append(bump(connection, row, {}, event))
    return tuple(told)
