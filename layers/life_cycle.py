"""The life of an issue: one table of who may do what in which state, and what becomes of it.

After GB/T 30428 part 8: received (案卷建立), dispatched (任务派遣), handled (任务处理, 处理反馈), verified
and closed (核查结案). Every return says why, and what was done stays in the history, what was undone too.
Which of an owner's officers may act, and that nobody verifies what he handled himself, is not told by a role:
whoever knows the people has to ask for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from geo.errors import NotAllowed, WrongRole, WrongState
from layers.findings import Lang


class State(StrEnum):
    """Where an issue stands."""

    RECEIVED = "received"
    DISPATCHED = "dispatched"
    IN_PROGRESS = "in_progress"
    HANDLED = "handled"
    VERIFIED = "verified"
    CLOSED = "closed"
    RETURNED = "returned"
    REJECTED = "rejected"
    REOPENED = "reopened"
    MERGED = "merged"


class Action(StrEnum):
    """What can be done with an issue; ``move`` is of its position, ``ask`` of who reported it."""

    DISPATCH = "dispatch"
    RETURN = "return"
    TRANSFER = "transfer"
    START = "start"
    HANDLED = "handled"
    VERIFY = "verify"
    CLOSE = "close"
    REJECT = "reject"
    REOPEN = "reopen"
    MERGE = "merge"
    COMMENT = "comment"
    MOVE = "move"
    CONFIRM = "confirm"
    ASK = "ask"
    CLAIM = "claim"
    RELEASE = "release"
    UNDO = "undo"


class Role(StrEnum):
    """Who does it."""

    REPORTER = "reporter"
    OFFICER = "officer"
    DISPATCHER = "dispatcher"
    PLANNER = "planner"
    ADMIN = "admin"


STAYS, BACK = "stays", "back"
"""Instead of a state to go to: the one it has, or the one before what is undone."""

WAITING = (State.RECEIVED, State.RETURNED, State.REOPENED)
AT_WORK = (State.DISPATCHED, State.IN_PROGRESS)
TO_CHECK = (State.HANDLED, State.VERIFIED)
DONE = (State.CLOSED, State.REJECTED, State.MERGED)
CLAIMS = (Action.CLAIM, Action.RELEASE)
"""Of the person who does them alone: nobody else undoes them."""

_DESK = (Role.DISPATCHER, Role.ADMIN)
_FIELD = (Role.OFFICER, *_DESK)
_CONCERNED = (Role.REPORTER, *_FIELD)


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the table.

    Attributes:
        before: the states in which it can be done.
        after: the state that follows, STAYS or BACK.
        roles: who may.
        reason: whether it must say why; the words of a comment or a question are its reason.
        names: what it must name: ``owner``, ``issue`` (to merge into), ``position``, or nothing.
    """

    action: Action
    before: tuple[State, ...]
    after: State | str
    roles: tuple[Role, ...]
    reason: bool = False
    names: str = ""


TABLE: tuple[Step, ...] = (
    Step(Action.DISPATCH, WAITING, State.DISPATCHED, _DESK, names="owner"),
    Step(Action.RETURN, AT_WORK, State.RETURNED, _FIELD, reason=True),
    Step(Action.TRANSFER, AT_WORK, State.DISPATCHED, _DESK, reason=True, names="owner"),
    Step(Action.START, (State.DISPATCHED,), State.IN_PROGRESS, _FIELD),
    Step(Action.HANDLED, AT_WORK, State.HANDLED, _FIELD),
    Step(Action.VERIFY, (State.HANDLED,), State.VERIFIED, _FIELD),
    Step(Action.CLOSE, (State.VERIFIED,), State.CLOSED, _DESK),
    # Nobody has looked: say why that is enough.
    Step(Action.CLOSE, (State.HANDLED,), State.CLOSED, _DESK, reason=True),
    Step(Action.REJECT, WAITING, State.REJECTED, _DESK, reason=True),
    Step(Action.REOPEN, (*TO_CHECK, State.CLOSED, State.REJECTED), State.REOPENED, _CONCERNED, reason=True),
    # Not the same problem after all.
    Step(Action.REOPEN, (State.MERGED,), State.REOPENED, _DESK, reason=True),
    Step(Action.MERGE, (*WAITING, *AT_WORK), State.MERGED, _DESK, names="issue"),
    Step(Action.MOVE, WAITING, STAYS, _FIELD, names="position"),
    # Somebody is on the way to the old place, and another may answer for the new one.
    Step(Action.MOVE, AT_WORK, STAYS, _FIELD, reason=True, names="position"),
    Step(Action.COMMENT, tuple(State), STAYS, tuple(Role), reason=True),
    # Looked at before it is dispatched: it is so; or who reported it has to say more.
    Step(Action.CONFIRM, WAITING, STAYS, _FIELD),
    Step(Action.ASK, WAITING, STAYS, _DESK, reason=True),
    Step(Action.CLAIM, (*WAITING, *AT_WORK, *TO_CHECK), STAYS, _DESK),
    Step(Action.RELEASE, (*WAITING, *AT_WORK, *TO_CHECK), STAYS, _DESK),
    # Who may do a thing may undo it; so the roles here are only those that may do anything but comment.
    Step(Action.UNDO, tuple(State), BACK, _CONCERNED),
)


@dataclass(frozen=True, slots=True)
class Done:
    """An action of an issue's history, the state in which it was done, and by whom."""

    action: Action
    before: State
    who: str = ""


def move(state: str, action: str, role: str, last: Done | None = None) -> State:
    """The state after an action.

    Args:
        last: for ``undo``: what would be undone (`undoable`). What else it changed, owner or position, is
            to be put back from the event that it wrote.

    Raises:
        WrongState: not in this state.
        WrongRole: not by this role.
        NotAllowed: an unknown word. All of them say what is allowed.
    """
    here, wanted, who = _known(State, state), _known(Action, action), _known(Role, role)
    step = _step(here, wanted, who, last)
    if step is None:
        raise _refused(here, wanted, who, last)
    if step.after == BACK and last is not None:
        return last.before
    return here if step.after == STAYS else State(step.after)


def step_of(state: str, action: str) -> Step | None:
    """The row of the table for an action in a state: whether it needs a reason, and what it must name."""
    return next((step for step in TABLE if step.action == action and state in step.before), None)


_WORDS = {Action.COMMENT: "the words themselves", Action.ASK: "the question"}


def check_reason(state: str, action: str, reason: str) -> None:
    """Raise `NotAllowed` where an action must say why and does not."""
    step = step_of(state, action)
    if step is not None and step.reason and not reason.strip():
        said = _WORDS.get(step.action, "a reason")
        raise NotAllowed(
            f"{action!r} of an issue that is {state!r} needs {said}.", fix='Give "reason", in a few words.'
        )


def allowed(state: str, role: str, last: Done | None = None) -> tuple[Action, ...]:
    """The actions that a role may do in a state, in the order of `Action`."""
    here, who = _known(State, state), _known(Role, role)
    return tuple(action for action in Action if _step(here, action, who, last) is not None)


_Past = TypeVar("_Past", bound=Done)


def undoable(history: Iterable[_Past], who: str = "") -> _Past | None:
    """What an undo would undo: the last action that changed something and is not undone yet.

    Comments stay. To undo twice goes two actions back; there is no redo. A claim or a release is undone only
    by whoever did it, and only while nothing else was done since; else it is passed over.

    Args:
        who: would undo it.
    """
    standing = _standing(history)[0]
    at = _last(standing, who)
    return None if at is None else standing[at]


def taken_back(history: Iterable[_Past]) -> list[_Past]:
    """The actions that were undone."""
    return _standing(history)[1]


def _standing(history: Iterable[_Past]) -> tuple[list[_Past], list[_Past]]:
    """The actions that an undo may come to, oldest first, and those that were undone."""
    standing: list[_Past] = []
    undone: list[_Past] = []
    for done in history:
        if done.action == Action.UNDO:
            at = _last(standing, done.who)
            undone += [] if at is None else [standing.pop(at)]
        elif done.action in CLAIMS:
            standing.append(done)
        elif done.action != Action.COMMENT:
            standing = [one for one in standing if one.action not in CLAIMS] + [done]
    return standing, undone


def _last(standing: Sequence[Done], who: str) -> int | None:
    """The place of the last one that somebody can undo."""
    last = len(standing) - 1
    if standing and standing[last].action in CLAIMS and standing[last].who == who:
        return last
    return next((at for at in range(last, -1, -1) if standing[at].action not in CLAIMS), None)


def _step(state: State, action: Action, role: Role, last: Done | None) -> Step | None:
    step = step_of(state, action)
    if step is None or role not in step.roles:
        return None
    if step.after == BACK and (last is None or _step(last.before, last.action, role, None) is None):
        return None
    return step


def _refused(state: State, action: Action, role: Role, last: Done | None) -> NotAllowed:
    step = step_of(state, action)
    kind: type[NotAllowed] = WrongRole
    if step is None:
        kind = WrongState
        what = f"{action.value!r} is not possible for an issue that is {state.value!r}."
    elif action == Action.UNDO and last is None:
        kind = WrongState
        what = "There is nothing to undo."
    elif action == Action.UNDO and last is not None and role in step.roles:
        what = f"{action.value!r} would undo {last.action.value!r}, which the role {role.value!r} may not do."
    else:
        what = f"{action.value!r} of an issue that is {state.value!r} is not for the role {role.value!r}"
        what += f" (but {_listed(step.roles)})."
    return kind(what, fix=f"As {role.value!r} you may: {_listed(allowed(state, role, last))}.")


def _listed(words: Sequence[StrEnum]) -> str:
    return ", ".join(word.value for word in words)


_Word = TypeVar("_Word", State, Action, Role)


def _known(kind: type[_Word], word: str) -> _Word:
    try:
        return kind(word)
    except ValueError as error:
        raise NotAllowed(
            f"{word!r} is no {kind.__name__.lower()}.", fix=f"Known: {_listed(list(kind))}."
        ) from error


class Queue(StrEnum):
    """Whose turn it is."""

    UNASSIGNED = "unassigned"
    TO_DISPATCH = "to_dispatch"
    AT_WORK = "at_work"
    TO_CHECK = "to_check"


def queue_of(state: str, *, has_owner: bool) -> Queue | None:
    """Where an issue waits; None where it is done.

    ``unassigned`` is no state but a lack: it waits to be dispatched and nobody leads it, because it could not
    be located or no rule names an owner. It leaves that queue when a position, a category, a new generation
    or a dispatcher names one. A return leaves the owner as a proposal: it waits as ``to_dispatch``.
    """
    here = _known(State, state)
    if here in WAITING:
        return Queue.TO_DISPATCH if has_owner else Queue.UNASSIGNED
    if here in DONE:
        return None
    return Queue.AT_WORK if here in AT_WORK else Queue.TO_CHECK


STATE_WORDS: dict[State, tuple[str, str]] = {
    State.RECEIVED: ("已受理", "received"),
    State.DISPATCHED: ("已派出", "dispatched"),
    State.IN_PROGRESS: ("处理中", "in progress"),
    State.HANDLED: ("已处理", "handled"),
    State.VERIFIED: ("已核查", "verified"),
    State.CLOSED: ("已办结", "closed"),
    State.RETURNED: ("已退回", "returned"),
    State.REJECTED: ("不予受理", "rejected"),
    State.REOPENED: ("已重开", "reopened"),
    State.MERGED: ("已并案", "merged"),
}
ACTION_WORDS: dict[Action, tuple[str, str]] = {
    Action.DISPATCH: ("派遣", "dispatch"),
    Action.RETURN: ("退回", "return"),
    Action.TRANSFER: ("转派", "transfer"),
    Action.START: ("开始处理", "start"),
    Action.HANDLED: ("处理完毕", "mark as handled"),
    Action.VERIFY: ("核查通过", "verify"),
    Action.CLOSE: ("结案", "close"),
    Action.REJECT: ("不予受理", "reject"),
    Action.REOPEN: ("重开", "reopen"),
    Action.MERGE: ("并案", "merge"),
    Action.COMMENT: ("备注", "comment"),
    Action.MOVE: ("移动位置", "move"),
    Action.CONFIRM: ("确认属实", "confirm"),
    Action.ASK: ("询问上报人", "ask the reporter"),
    Action.CLAIM: ("领取", "claim"),
    Action.RELEASE: ("取消领取", "release"),
    Action.UNDO: ("撤销", "undo"),
}
ROLE_WORDS: dict[Role, tuple[str, str]] = {
    Role.REPORTER: ("上报人", "reporter"),
    Role.OFFICER: ("处置人员", "officer"),
    Role.DISPATCHER: ("派遣员", "dispatcher"),
    Role.PLANNER: ("规划人员", "planner"),
    Role.ADMIN: ("管理员", "administrator"),
}
QUEUE_WORDS: dict[Queue, tuple[str, str]] = {
    Queue.UNASSIGNED: ("待分派", "unassigned"),
    Queue.TO_DISPATCH: ("待派遣", "to dispatch"),
    Queue.AT_WORK: ("处置中", "at work"),
    Queue.TO_CHECK: ("待核查", "to check"),
}


def word(lang: Lang, of: State | Action | Role | Queue) -> str:
    """The name of a state, an action, a role or a queue in a language."""
    # Not one table: "handled" is a state and an action, and equal as a key.
    if isinstance(of, State):
        names = STATE_WORDS[of]
    elif isinstance(of, Action):
        names = ACTION_WORDS[of]
    else:
        names = ROLE_WORDS[of] if isinstance(of, Role) else QUEUE_WORDS[of]
    return names[0 if lang == "zh" else 1]
