"""What people do with an issue: all of the table, nothing but the table, and of two writers one."""

from __future__ import annotations

import threading

import pytest
from issue_desk import (
    NO_LAMP,
    OWNER_L0,
    OWNER_L1,
    IssueDesk,
)
from stores import NOON

from geo.errors import (
    ClaimedError,
    ConflictError,
    GridError,
    NotAllowed,
    NotFoundError,
    WrongRole,
    WrongState,
)
from layers.actions import Asked, act, allowed_actions
from layers.actors import Actor
from layers.life_cycle import TABLE, Action, Role, State
from layers.store.issues import read_issue

# ---- the course


def test_an_issue_runs_its_course_and_every_step_is_an_event(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    for action, role in (("dispatch", Role.DISPATCHER), ("start", Role.OFFICER), ("handled", Role.OFFICER),
                         ("verify", Role.OFFICER), ("close", Role.DISPATCHER)):  # fmt: skip
        changed = at_desk.do(uid, action, role)
    assert changed == at_desk.issue(uid)
    assert (changed.status, changed.version, changed.owner_id) == ("closed", 6, OWNER_L0)
    events = at_desk.record(uid).events
    assert [event.kind for event in events] == ["received", "dispatch", "start", "handled", "verify", "close"]
    assert [event.actor for event in events[1:3]] == ["a dispatcher", "a officer"]
    assert events[-1].before["status"] == "verified"
    assert events[-1].seq == changed.seq
    assert at_desk.now_us == changed.updated_us


def test_it_is_found_by_its_number_too(at_desk: IssueDesk) -> None:
    number = at_desk.issue(at_desk.report()).number
    assert at_desk.do(number, "dispatch").status == "dispatched"


def test_the_reason_is_in_the_event(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "reject", reason="  not the city's \n")
    assert at_desk.record(uid).events[-1].reason == "not the city's"


def test_nothing_but_the_table_is_done(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    with pytest.raises(WrongState, match="'close' is not possible for an issue that is 'received'"):
        at_desk.do(uid, "close")
    with pytest.raises(WrongRole, match="not for the role 'officer'"):
        at_desk.do(uid, "dispatch", Role.OFFICER)
    with pytest.raises(NotAllowed, match="'burn' is no action"):
        at_desk.do(uid, "burn")
    with pytest.raises(NotAllowed, match="needs a reason"):
        at_desk.do(uid, "reject", reason=" ")
    with pytest.raises(NotAllowed, match="2001 characters"):
        at_desk.do(uid, "reject", reason="x" * 2001)
    assert len(at_desk.record(uid).events) == 1


@pytest.mark.parametrize("claimed_by", ["", "Li", "Wang"])
@pytest.mark.parametrize("role", list(Role))
def test_what_is_allowed_is_what_can_be_done(at_desk: IssueDesk, role: Role, claimed_by: str) -> None:
    """Both ways: an action is in the list exactly when doing it is not refused for state, role or claim;
    asked by Li, of issues that nobody, he or a colleague has claimed.
    """
    other = at_desk.report(NO_LAMP)
    names = {
        "owner": {"owner": OWNER_L1},
        "issue": {"into": other},
        "position": {"lng": NO_LAMP[0], "lat": NO_LAMP[1]},
    }
    for action in Action:
        uid = at_desk.report()
        at_desk.do(uid, "dispatch")
        if claimed_by:
            at_desk.do(uid, "claim", who=claimed_by)
        step = next((s for s in TABLE if s.action == action and State.DISPATCHED in s.before), None)
        asked = names.get(step.names, {}) if step else {}
        offered = action in at_desk.may(uid, role, "Li")
        try:
            at_desk.do(uid, action, role, who="Li", after_us=1, reason="because", **asked)
        except (WrongState, WrongRole, ClaimedError):
            assert not offered, action
        else:
            assert offered, action


def test_what_an_action_does_not_take_is_refused(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    for action, asked, word in (
        ("dispatch", {"into": "x"}, "takes no issue"),
        ("comment", {"owner": "lamps"}, "takes no owner"),
        ("reject", {"lng": 0.0}, "takes no position"),
        ("merge", {}, "needs to name the issue"),
        ("move", {}, "needs to name the position"),
    ):
        with pytest.raises(NotAllowed, match=word):
            at_desk.do(uid, action, reason="because", **asked)


# ---- who sees it


def test_who_is_confined_to_cells_acts_only_there(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    with pytest.raises(NotFoundError, match=uid):
        at_desk.do(uid, "dispatch", cells=("B",))
    there = Actor("x", Role.ADMIN, ("B",))
    assert allowed_actions(at_desk.record(uid), there, claim_us=1, now_us=at_desk.now_us) == ()
    assert at_desk.do(uid, "dispatch", cells=("A",)).status == "dispatched"


def test_an_issue_that_is_not_there_is_named(at_desk: IssueDesk) -> None:
    with pytest.raises(NotFoundError, match="20990101-0001"):
        at_desk.store.write(
            lambda c: act(
                at_desk.generation, c, "20990101-0001", Asked("comment", "x"), Actor("x", Role.ADMIN), NOON
            )
        )


# ---- conflicts


def test_who_saw_an_older_version_is_told_so_and_not_that_the_state_forbids_it(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "dispatch")
    with pytest.raises(ConflictError, match="changed since version 1; it is at version 2"):
        at_desk.do(uid, "dispatch", version=1)
    with pytest.raises(NotAllowed, match="needs the version"):
        at_desk.do(uid, "start", version=None)


def test_of_many_writers_one_wins_each_version_and_nothing_is_lost(at_desk: IssueDesk) -> None:
    """Four desks push the same issue around; what was acknowledged is the history, in order, nothing else."""
    uid = at_desk.report()
    won: list[tuple[int, str, str]] = []
    lost: list[GridError] = []
    start = threading.Barrier(4)

    def work(name: str) -> None:
        start.wait()
        for _ in range(12):
            with at_desk.store.reading() as connection:
                record = read_issue(connection, uid)
            assert record is not None
            waits = record.issue.status in ("received", "returned")
            said = Asked("dispatch" if waits else "return", name, record.issue.version)
            actor = Actor(name, Role.DISPATCHER)
            try:
                (after,) = at_desk.store.write(
                    lambda c: act(at_desk.generation, c, uid, said, actor, NOON)  # noqa: B023 - written at once
                )
            except ConflictError as error:
                lost.append(error)
            else:
                won.append((after.version, said.action, name))

    threads = [threading.Thread(target=work, args=(f"desk-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = at_desk.record(uid).events[1:]
    assert len(won) + len(lost) == 48
    assert sorted(won) == [(event.after["version"], event.kind, event.actor) for event in events]
    assert at_desk.issue(uid).version == 1 + len(won)


def test_of_writers_who_saw_the_same_version_exactly_one_wins(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    works = [
        (
            lambda c, n=n: act(
                at_desk.generation, c, uid, Asked("dispatch", version=1), Actor(str(n), Role.ADMIN), NOON
            )
        )
        for n in range(8)
    ]
    futures = [at_desk.store.submit(work) for work in works]
    errors = [future.exception() for future in futures]
    assert sum(error is None for error in errors) == 1
    assert all(isinstance(error, ConflictError) for error in errors if error is not None)
