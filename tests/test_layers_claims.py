"""Claims, confirming, asking: of two dispatchers one has the issue, and everything can be taken back."""

from __future__ import annotations

import threading
from dataclasses import asdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from issue_desk import HOUR_US, NEAR_L1, NO_LAMP, IssueDesk
from stores import NOON

from geo.errors import ClaimedError, ConflictError, GridError, NotAllowed, WrongRole, WrongState
from layers.actions import Asked, act
from layers.actors import Actor
from layers.claims import holder
from layers.config import parse_config
from layers.issue_flags import ASKED, CONFIRMED
from layers.life_cycle import DONE, Action, Role
from layers.store.values import Issue

MINUTE_US = 60_000_000
COUNTS = {"version", "seq", "updated_us"}


def said(issue: Issue) -> dict[str, object]:
    return {name: value for name, value in asdict(issue).items() if name not in COUNTS}


# ---- claims


def test_a_claim_names_who_and_since_when_and_goes_with_a_release(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    claimed = at_desk.do(uid, "claim", who="Li", version=None)
    assert (claimed.claimed_by, claimed.claimed_us, claimed.status) == ("Li", at_desk.now_us, "received")
    freed = at_desk.do(uid, "release", who="Li", version=None)
    assert (freed.claimed_by, freed.claimed_us) == (None, None)


def test_of_two_who_claim_one_has_it_and_the_other_is_told_who(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "claim", who="Li")
    with pytest.raises(ClaimedError, match="claimed by 'Li' until 2026-"):
        at_desk.do(uid, "claim", who="Wang", version=None, after_us=MINUTE_US)
    assert at_desk.issue(uid).claimed_by == "Li"


def test_who_races_for_a_claim_without_a_version_gets_it_once(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    start, won, lost = threading.Barrier(6), [], []

    def work(name: str) -> None:
        start.wait()
        try:
            at_desk.store.write(
                lambda c: act(at_desk.generation, c, uid, Asked("claim"), Actor(name, Role.DISPATCHER), NOON)
            )
        except ClaimedError:
            lost.append(name)
        else:
            won.append(name)

    threads = [threading.Thread(target=work, args=(f"desk-{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 5)
    assert at_desk.issue(uid).claimed_by == won[0]


def test_a_claim_keeps_the_desk_away_but_not_the_field_nor_a_comment(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "dispatch")
    at_desk.do(uid, "claim", who="Li")
    for action, role in (("return", Role.DISPATCHER), ("transfer", Role.ADMIN), ("undo", Role.DISPATCHER)):
        with pytest.raises(ClaimedError):
            at_desk.do(uid, action, role, who="Wang", after_us=1, reason="x")
    at_desk.do(uid, "comment", Role.PLANNER, who="Wang", after_us=1, reason="x")
    started = at_desk.do(uid, "start", Role.OFFICER, who="Zhao", after_us=1)
    assert (started.status, started.claimed_by) == ("in_progress", "Li")


def test_deciding_ends_the_claim(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "claim", who="Li")
    dispatched = at_desk.do(uid, "dispatch", who="Li", after_us=1)
    assert (dispatched.status, dispatched.claimed_by) == ("dispatched", None)


def test_what_changes_no_state_leaves_the_claim(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "claim", who="Li")
    for action, asked in (("confirm", {}), ("ask", {"reason": "which side?"}),
                          ("move", {"lng": NEAR_L1[0], "lat": NEAR_L1[1]})):  # fmt: skip
        assert at_desk.do(uid, action, who="Li", after_us=1, **asked).claimed_by == "Li"


def test_a_claim_is_stale_after_the_citys_minutes_and_a_new_one_renews_it(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "claim", who="Li")
    at_desk.do(uid, "claim", who="Li", after_us=29 * MINUTE_US)
    with pytest.raises(ClaimedError):
        at_desk.do(uid, "claim", who="Wang", after_us=29 * MINUTE_US)
    assert at_desk.do(uid, "claim", who="Wang", after_us=MINUTE_US).claimed_by == "Wang"


def test_a_stale_claim_ends_with_what_somebody_else_decides(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "claim", who="Li")
    assert at_desk.do(uid, "reject", who="Wang", reason="no", after_us=HOUR_US).claimed_by is None


def test_an_administrator_releases_the_claim_of_somebody_else_and_a_colleague_does_not(
    at_desk: IssueDesk,
) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "claim", who="Li")
    with pytest.raises(ClaimedError):
        at_desk.do(uid, "release", who="Wang", after_us=1)
    assert at_desk.do(uid, "release", Role.ADMIN, who="Chen", after_us=1).claimed_by is None
    with pytest.raises(WrongState, match="claimed by nobody"):
        at_desk.do(uid, "release", Role.ADMIN, who="Chen")


def test_officers_and_planners_claim_nothing(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    for role in (Role.OFFICER, Role.PLANNER, Role.REPORTER):
        with pytest.raises(WrongRole):
            at_desk.do(uid, "claim", role)


def test_a_claim_holds_as_long_as_the_city_says() -> None:
    config = parse_config('name = "c"\n[limits]\nclaim_minutes = 5\n"*" = 10\n')
    assert (config.limits.claim_us, config.limits.hours_of("0118")) == (5 * MINUTE_US, 72)
    for value in ("0", "-1", "nan", "true", '"x"', "1441"):
        with pytest.raises(GridError, match=r"city.toml, line 3.*claim_minutes"):
            parse_config(f'name = "c"\n[limits]\nclaim_minutes = {value}\n')


# ---- confirming and asking


def test_confirming_is_said_once_and_settles_a_question(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    assert at_desk.do(uid, "ask", reason=" On the bridge or under it? ").flags == ASKED
    assert at_desk.record(uid).events[-1].reason == "On the bridge or under it?"
    assert at_desk.do(uid, "confirm", Role.OFFICER).flags == CONFIRMED
    assert "confirm" not in at_desk.may(uid)
    with pytest.raises(WrongState, match="confirmed already"):
        at_desk.do(uid, "confirm")
    assert at_desk.do(uid, "dispatch").flags == CONFIRMED


def test_a_question_needs_its_words(at_desk: IssueDesk) -> None:
    with pytest.raises(NotAllowed, match="needs the question"):
        at_desk.do(at_desk.report(), "ask", reason=" ")


def test_who_decides_needs_no_answer_any_more(at_desk: IssueDesk) -> None:
    other = at_desk.report(NO_LAMP)
    for action, asked in (("dispatch", {}), ("reject", {"reason": "no"}), ("merge", {"into": other}),
                          ("move", {"lng": NEAR_L1[0], "lat": NEAR_L1[1]})):  # fmt: skip
        uid = at_desk.report()
        at_desk.do(uid, "confirm")
        at_desk.do(uid, "ask", reason="where?")
        flags = at_desk.do(uid, action, **asked).flags
        assert flags == ("" if action == "reject" else CONFIRMED), action


# ---- undoing


def test_each_of_them_is_undone(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    for action, asked in (("claim", {}), ("release", {}), ("ask", {"reason": "where?"}), ("confirm", {}),
                          ("claim", {})):  # fmt: skip
        before = at_desk.issue(uid)
        at_desk.do(uid, action, after_us=1, **asked)
        assert said(at_desk.do(uid, "undo", after_us=1)) == said(before), action
        at_desk.do(uid, action, after_us=1, **asked)


def test_nobody_undoes_the_claim_of_somebody_else(at_desk: IssueDesk) -> None:
    """He undoes what was done before it."""
    uid = at_desk.report()
    at_desk.do(uid, "dispatch")
    at_desk.do(uid, "start", Role.OFFICER)
    at_desk.do(uid, "claim", who="Li")
    undone = at_desk.do(uid, "undo", Role.OFFICER, after_us=1)
    assert (undone.status, undone.claimed_by) == ("dispatched", "Li")


def test_an_undo_gives_the_claim_back_to_him_who_undoes_his_own(at_desk: IssueDesk) -> None:
    for who, has_it in (("Li", "Li"), ("Wang", None)):
        uid = at_desk.report()
        at_desk.do(uid, "claim", who="Li")
        at_desk.do(uid, "dispatch", who="Li", after_us=1)
        assert at_desk.do(uid, "undo", who=who, after_us=1).claimed_by == has_it


steps = st.lists(
    st.tuples(
        st.sampled_from(list(Action)), st.sampled_from([Role.OFFICER, Role.DISPATCHER, Role.ADMIN]),
        st.sampled_from(["Li", "Wang"]), st.sampled_from([1, MINUTE_US, HOUR_US]),
    ),
    min_size=3, max_size=14,
)  # fmt: skip


@given(steps)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_claims_and_undoing_hold_together(
    at_desk: IssueDesk, tried: list[tuple[Action, Role, str, int]]
) -> None:
    """What is done has no claim; a fresh claim of somebody else stops the desk; an undo that follows at once
    by the same person puts every field back; what is offered is done. The chain and the rows are compared at
    the end.
    """
    uid, other = at_desk.report(), at_desk.report(NO_LAMP)
    claim_us = at_desk.generation.config.limits.claim_us
    asked = {
        "dispatch": {"owner": "parks", "reason": "x"}, "transfer": {"owner": "lamps"},
        "merge": {"into": other}, "move": {"lng": NEAR_L1[0], "lat": NEAR_L1[1]},
    }  # fmt: skip
    for action, role, who, after_us in tried:
        before = at_desk.issue(uid)
        at_desk.now_us += after_us
        offered = action in at_desk.may(uid, role, who)
        held_by = holder(before, claim_us, at_desk.now_us)
        try:
            after = at_desk.do(
                uid, action, role, who=who, after_us=0, **{"reason": "x", **asked.get(action, {})}
            )
        except (WrongState, WrongRole, ConflictError):
            assert not offered, action
            assert said(at_desk.issue(uid)) == said(before)
            continue
        assert offered, action
        assert after.status not in DONE or after.claimed_by is None
        if held_by not in (None, who) and action != Action.COMMENT:
            assert role == Role.OFFICER or (role == Role.ADMIN and action == Action.RELEASE)
        if action not in (Action.UNDO, Action.COMMENT) and "undo" in at_desk.may(uid, role, who):
            assert said(at_desk.do(uid, "undo", role, who=who, after_us=0)) == said(before), action
