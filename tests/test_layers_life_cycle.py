"""An issue's life: every state, action and role as the table was agreed; limits by category."""

from __future__ import annotations

import csv
import itertools
import math
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import ConfigError, NotAllowed
from layers.categories import SHIPPED, read_categories
from layers.life_cycle import (
    ACTION_WORDS,
    AT_WORK,
    CLAIMS,
    DONE,
    QUEUE_WORDS,
    ROLE_WORDS,
    STATE_WORDS,
    TABLE,
    TO_CHECK,
    WAITING,
    Action,
    Done,
    Queue,
    Role,
    State,
    allowed,
    check_reason,
    move,
    queue_of,
    step_of,
    undoable,
    word,
)
from layers.terms import TERMS
from layers.time_limits import HOUR_US, Limits, NaturalHours, is_overdue, shipped_limits

# What follows an action in each state, written by hand: the state's first three letters, "=" for the same
# one, a dot for nothing; "!" where it must say why.
STATES = [
    "received", "dispatched", "in_progress", "handled", "verified", "closed", "returned", "rejected",
    "reopened", "merged",
]  # fmt: skip
FOLLOWS = """
dispatch  dis   .     .     .     .     .     dis   .     dis   .
return    .     ret!  ret!  .     .     .     .     .     .     .
transfer  .     dis!  dis!  .     .     .     .     .     .     .
start     .     in_   .     .     .     .     .     .     .     .
handled   .     han   han   .     .     .     .     .     .     .
verify    .     .     .     ver   .     .     .     .     .     .
close     .     .     .     clo!  clo   .     .     .     .     .
reject    rej!  .     .     .     .     .     rej!  .     rej!  .
reopen    .     .     .     reo!  reo!  reo!  .     reo!  .     reo!
merge     mer   mer   mer   .     .     .     mer   .     mer   .
comment   =!    =!    =!    =!    =!    =!    =!    =!    =!    =!
move      =     =!    =!    .     .     .     =     .     =     .
confirm   =     .     .     .     .     .     =     .     =     .
ask       =!    .     .     .     .     .     =!    .     =!    .
claim     =     =     =     =     =     .     =     .     =     .
release   =     =     =     =     =     .     =     .     =     .
"""
MAY = {
    "reporter": {"reopen", "comment"},
    "officer": {"return", "start", "handled", "verify", "reopen", "comment", "move", "confirm"},
    "dispatcher": {action.value for action in Action} - {"undo"},
    "planner": {"comment"},
    "admin": {action.value for action in Action} - {"undo"},
}
EXCEPT = {("merged", "reopen"): {"reporter", "officer"}}  # not one's own to take apart
CELLS = {
    (state, line.split()[0]): cell
    for line in FOLLOWS.strip().splitlines()
    for state, cell in zip(STATES, line.split()[1:], strict=True)
}
EVERY = list(itertools.product(STATES, [a.value for a in Action if a != Action.UNDO], MAY))


def _expected(state: str, action: str, role: str) -> str | None:
    cell = CELLS[state, action].rstrip("!")
    if cell == "." or action not in MAY[role] or role in EXCEPT.get((state, action), ()):
        return None
    return state if cell == "=" else next(other for other in STATES if other.startswith(cell))


# The table.


def test_the_words_are_those_of_the_matrix() -> None:
    assert [state.value for state in State] == STATES
    assert {action.value for action in Action} == {action for _, action in CELLS} | {"undo"}
    assert [role.value for role in Role] == list(MAY)


@pytest.mark.parametrize("state", STATES)
def test_every_action_of_every_role_is_as_agreed(state: str) -> None:
    for _, action, role in (each for each in EVERY if each[0] == state):
        expected = _expected(state, action, role)
        if expected is None:
            with pytest.raises(NotAllowed):
                move(state, action, role)
        else:
            assert move(state, action, role) == expected, (state, action, role)


@pytest.mark.parametrize("state", STATES)
def test_every_reason_is_asked_for_as_agreed(state: str) -> None:
    for action in (action for of, action in CELLS if of == state):
        if CELLS[state, action].endswith("!"):
            with pytest.raises(NotAllowed, match="needs"):
                check_reason(state, action, " \n")
        else:
            check_reason(state, action, "")
        check_reason(state, action, "because")


def test_no_row_says_again_what_another_says() -> None:
    said = [(step.action, state) for step in TABLE for state in step.before]
    assert len(said) == len(set(said))


def test_what_an_action_must_name() -> None:
    names = {step.action.value: step.names for step in TABLE if step.names}
    assert names == {"dispatch": "owner", "transfer": "owner", "merge": "issue", "move": "position"}
    step = step_of("dispatched", "move")
    assert step is not None
    assert (step.names, step.reason) == ("position", True)
    assert step_of("closed", "move") is None


def test_every_state_is_reached_and_none_is_dead() -> None:
    reached = {State.RECEIVED}
    for _ in State:
        reached |= {move(s, a, "admin") for s in reached for a in allowed(s, "admin")}
    assert reached == set(State)
    for state in State:
        assert {move(state, action, "admin") for action in allowed(state, "admin")} - {state}, state


def test_from_every_state_the_end_can_be_reached() -> None:
    """Somebody can always close it."""
    reaching = {State.CLOSED}
    for _ in State:
        reaching |= {s for s in State if {move(s, a, "admin") for a in allowed(s, "admin")} & reaching}
    assert reaching == set(State)


def test_the_usual_way_needs_no_admin() -> None:
    state = State.RECEIVED
    for action, role in (
        ("dispatch", "dispatcher"), ("start", "officer"), ("handled", "officer"), ("verify", "officer"),
        ("close", "dispatcher"), ("reopen", "reporter"), ("dispatch", "dispatcher"), ("return", "officer"),
        ("reject", "dispatcher"),
    ):  # fmt: skip
        state = move(state, action, role)
    assert state == State.REJECTED


# Refusals.


@pytest.mark.parametrize(("asked", "says", "fix"), [
    (("closed", "dispatch", "dispatcher"), "'dispatch' is not possible for an issue that is 'closed'",
     "reopen, comment"),
    (("received", "dispatch", "reporter"), "not for the role 'reporter' (but dispatcher, admin)", "comment"),
    (("received", "fly", "admin"), "'fly' is no action", "dispatch, return"),
    (("open", "dispatch", "admin"), "'open' is no state", "received, dispatched"),
    (("received", "dispatch", "mayor"), "'mayor' is no role", "reporter, officer"),
    (("received", "undo", "admin"), "nothing to undo",
     "dispatch, reject, merge, comment, move, confirm, ask, claim, release"),
])  # fmt: skip
def test_a_refusal_says_what_would_be_allowed(asked: tuple[str, str, str], says: str, fix: str) -> None:
    with pytest.raises(NotAllowed) as caught:
        move(*asked)
    assert says in caught.value.message
    assert fix in caught.value.fix


@pytest.mark.parametrize(("state", "role"), list(itertools.product(State, Role)))
def test_what_is_said_to_be_allowed_is(state: State, role: Role) -> None:
    last = Done(Action.COMMENT, state)
    for action in Action:
        if action in allowed(state, role, last):
            move(state, action, role, last)
        else:
            with pytest.raises(NotAllowed):
                move(state, action, role, last)


# Undo.

steps = st.lists(
    st.tuples(st.sampled_from(list(Action)), st.sampled_from(list(Role)), st.sampled_from(["Li", "Wang"])),
    max_size=30,
)


@given(steps)
def test_undo_returns_to_exactly_the_state_before(tried: list[tuple[Action, Role, str]]) -> None:
    """Whatever was done and undone, by whomever: against a pile of states kept beside it, and the claims that
    came since, of which each undoes his own alone.
    """
    state: State = State.RECEIVED
    pile: list[State] = []
    claims: list[str] = []
    history: list[Done] = []
    for action, role, who in tried:
        try:
            after = move(state, action, role, undoable(history, who))
        except NotAllowed:
            continue
        if action == Action.UNDO:
            if claims and claims[-1] == who:
                assert claims.pop()
                assert after == state
            else:
                assert after == pile.pop()
        elif action in CLAIMS:
            claims.append(who)
        elif action != Action.COMMENT:
            pile.append(state)
            claims.clear()
        history.append(Done(action, state, who))
        state = after
    assert (undoable(history, "nobody") is None) == (not pile)
    for who in ("Li", "Wang"):
        assert (undoable(history, who) is None) == (not pile and (not claims or claims[-1] != who))


def test_each_action_can_be_undone_by_whoever_may_do_it_and_nobody_else() -> None:
    for state, action, role in EVERY:
        if action == "comment" or _expected(state, action, "admin") is None:
            continue
        done = Done(Action(action), State(state))
        after = move(state, action, "admin")
        if _expected(state, action, role) is None:
            with pytest.raises(NotAllowed):
                move(after, "undo", role, done)
        else:
            assert move(after, "undo", role, done) == state


def test_a_role_does_not_undo_what_it_may_not_do() -> None:
    with pytest.raises(NotAllowed, match="would undo 'dispatch', which the role 'officer' may not do"):
        move("dispatched", "undo", "officer", Done(Action.DISPATCH, State.RECEIVED))


def test_comments_are_not_undone_and_an_undo_is_not_redone() -> None:
    dispatch, start = Done(Action.DISPATCH, State.RECEIVED), Done(Action.START, State.DISPATCHED)
    comment, undo = Done(Action.COMMENT, State.IN_PROGRESS), Done(Action.UNDO, State.IN_PROGRESS)
    assert undoable([dispatch, start, comment]) == start
    assert undoable([dispatch, start, comment, undo]) == dispatch
    assert undoable([dispatch, start, undo, undo]) is None
    assert undoable([undo, dispatch]) == dispatch


# Queues and words.


def test_every_state_waits_in_one_queue_or_is_done() -> None:
    assert sorted([*WAITING, *AT_WORK, *TO_CHECK, *DONE]) == sorted(State)
    for state in State:
        assert (queue_of(state, has_owner=True) is None) == (state in DONE)


def test_unassigned_is_what_waits_without_an_owner() -> None:
    """Not what somebody works at, nor what is done."""
    lacking = {state for state in State if queue_of(state, has_owner=False) == Queue.UNASSIGNED}
    assert lacking == set(WAITING)
    assert not [state for state in State if queue_of(state, has_owner=True) == Queue.UNASSIGNED]
    assert queue_of("returned", has_owner=True) == Queue.TO_DISPATCH


def test_everything_has_a_name_in_both_languages() -> None:
    for kind, words in (
        (State, STATE_WORDS), (Action, ACTION_WORDS), (Role, ROLE_WORDS), (Queue, QUEUE_WORDS),
    ):  # fmt: skip
        assert list(words) == list(kind)
        for names in zip(*words.values(), strict=True):
            assert all(names)
            assert len(set(names)) == len(names)
    assert (word("zh", State.HANDLED), word("zh", Action.HANDLED)) == ("已处理", "处理完毕")
    assert word("en", Queue.TO_CHECK) == "to check"


def test_names_are_those_that_maps_already_use() -> None:
    for state in State:
        if state.value in TERMS:
            assert TERMS[state.value] == STATE_WORDS[state]
    assert TERMS["unassigned"] == QUEUE_WORDS[Queue.UNASSIGNED]


# Limits.

RECEIVED_US = 1_782_792_306_000_000


@pytest.mark.parametrize(("category", "hours"), [
    ("0101", 2), ("0118", 72), ("E0102", 24), ("E0403", 2), ("E0404", 4), ("0301", 48), ("0502", 120),
    ("", 72), ("*", 72), ("9999", 72), ("pothole", 72), ("01", 72), ("E", 72),
])  # fmt: skip
def test_a_limit_is_the_categorys_or_its_classs_or_anyones(category: str, hours: float) -> None:
    assert shipped_limits().hours_of(category) == hours


def test_every_category_and_class_has_a_limit_of_its_own() -> None:
    limits = shipped_limits()
    for code in read_categories(SHIPPED, Path()):
        assert code in limits.hours or code[: 3 if code[0] == "E" else 2] in limits.hours, code


def test_the_table_says_where_each_limit_is_from() -> None:
    """And uses only the steps that a city is known to use."""
    text = (resources.files("layers") / "data" / "limits_gbt30428.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    known = {"*", *read_categories(SHIPPED, Path())}
    known |= {code[: 3 if code[0] == "E" else 2] for code in known}
    assert len({row["code"] for row in rows}) == len(rows)
    for row in rows:
        assert row["code"] in known
        assert row["basis"] in ("fact", "default")
        assert row["note_zh"]
        assert row["note_en"]
        assert float(row["hours"]) in (2, 4, 24, 48, 72, 120)


def test_natural_hours_run_day_and_night() -> None:
    limits = shipped_limits()
    assert limits.due_at("0101", RECEIVED_US) == RECEIVED_US + 2 * HOUR_US
    assert NaturalHours().after(RECEIVED_US, 0.25) == RECEIVED_US + HOUR_US // 4
    assert NaturalHours().after(RECEIVED_US, 1e-10) == RECEIVED_US  # whole microseconds


def test_another_calendar_may_count() -> None:
    class Slow:
        def after(self, start_us: int, hours: float) -> int:
            return start_us + round(3 * hours * HOUR_US)

    assert shipped_limits().due_at("0118", 0, Slow()) == 216 * HOUR_US


def test_a_city_sets_its_own() -> None:
    own = shipped_limits().replaced({"0118": 12, "E05": 1.5, "*": 48})
    assert [own.hours_of(code) for code in ("0118", "0120", "E0501", "E0508", "?")] == [12, 72, 1.5, 4, 48]
    assert shipped_limits().hours_of("0118") == 72


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, True, "72", None, [72], 1e9])
def test_a_limit_that_is_no_number_of_hours_is_refused(value: object) -> None:
    with pytest.raises(ConfigError, match="'0118' is") as caught:
        Limits({"*": 72.0}).replaced({"0118": value})
    assert caught.value.fix == 'Write "0118" = 72.'


def test_only_what_is_not_handled_is_overdue() -> None:
    late = {state for state in State if is_overdue(state, RECEIVED_US, RECEIVED_US + 1)}
    assert late == {*WAITING, *AT_WORK}
    assert not is_overdue("received", RECEIVED_US, RECEIVED_US)
    assert not is_overdue("received", None, RECEIVED_US)
