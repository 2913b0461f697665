"""What an action changes: owner, place, the issue it is merged into; and every field of it undone."""

from __future__ import annotations

import pytest
from cities import at
from issue_desk import (
    NEAR_L0,
    NEAR_L1,
    NO_LAMP,
    OUTSIDE,
    OWNER_L0,
    OWNER_L1,
    IssueDesk,
    said,
)
from stores import desk, new_report

from geo.crs import parse_reference
from geo.errors import (
    CoordinateError,
    NotAllowed,
    WrongState,
)
from layers.actions import JOINED_BY, LEFT_BY
from layers.issue_flags import OWNER_DIFFERS
from layers.life_cycle import Role
from layers.store.assignments import read_assignment
from layers.store.events import verify_chain
from layers.store.filing import Filing, file_report

# ---- owners


def test_dispatch_goes_to_the_owner_who_is_proposed(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    share = at_desk.issue(uid).owner_share
    changed = at_desk.do(uid, "dispatch")
    assert (changed.owner_id, changed.owner_share, changed.certainty) == (OWNER_L0, share, "certain")


def test_another_owner_needs_a_reason_and_nothing_was_weighed_then(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    with pytest.raises(NotAllowed, match="'parks' is not the owner who is proposed"):
        at_desk.do(uid, "dispatch", owner="parks")
    changed = at_desk.do(uid, "dispatch", owner="parks", reason="they dug there")
    assert (changed.owner_id, changed.owner_share, changed.certainty) == ("parks", None, "")


def test_an_owner_may_be_called_by_name(at_desk: IssueDesk) -> None:
    assert at_desk.do(at_desk.report(), "dispatch", owner="路灯管理所").owner_id == "lamps"


def test_an_owner_that_is_none_is_answered_with_near_names(at_desk: IssueDesk) -> None:
    with pytest.raises(NotAllowed, match="no owner 'lamp'") as caught:
        at_desk.do(at_desk.report(), "dispatch", owner="lamp", reason="because")
    assert "lamps" in caught.value.fix


def test_where_nobody_answers_the_dispatcher_names_somebody(at_desk: IssueDesk) -> None:
    uid = at_desk.report(OUTSIDE)
    with pytest.raises(NotAllowed, match="has to name an owner"):
        at_desk.do(uid, "dispatch")
    assert at_desk.do(uid, "dispatch", owner="lamps").owner_id == "lamps"


def test_a_transfer_goes_to_another_owner_and_begins_anew(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "dispatch")
    at_desk.do(uid, "start")
    with pytest.raises(NotAllowed, match="needs to name the owner"):
        at_desk.do(uid, "transfer", reason="not ours")
    changed = at_desk.do(uid, "transfer", owner="parks", reason="not ours")
    assert (changed.status, changed.owner_id) == ("dispatched", "parks")


def test_a_return_leaves_the_owner_as_a_proposal_and_the_limit_as_it_was(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "dispatch")
    changed = at_desk.do(uid, "return", Role.OFFICER, reason="not ours")
    assert (changed.status, changed.owner_id, changed.due_us) == (
        "returned",
        OWNER_L0,
        at_desk.issue(uid).due_us,
    )


# ---- moving


def test_a_move_asks_again_whose_it_is(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    changed = at_desk.do(uid, "move", Role.OFFICER, lng=NEAR_L1[0], lat=NEAR_L1[1])
    assert (changed.lng, changed.lat) == NEAR_L1
    assert (changed.owner_id, changed.asset_id, changed.cell_path) == (OWNER_L1, "L1", "A/A01")
    assert (changed.status, changed.flags) == ("received", "")
    with at_desk.store.reading() as connection:
        proof = read_assignment(connection, uid)
    assert proof is not None
    assert proof["owners"][0]["id"] == OWNER_L1
    assert (proof["report"]["lng"], proof["report"]["occurred_at"]) == (
        NEAR_L1[0],
        "2026-11-21T04:00:00.000000Z",
    )


def test_a_move_goes_by_what_the_first_report_wrote(at_desk: IssueDesk) -> None:
    uid = at_desk.report(NO_LAMP, text="路灯 L0 不亮")
    place = at(0.5005, 0.5005)
    assert at_desk.do(uid, "move", lng=place[0], lat=place[1], accuracy_m=60).asset_id == "L0"


def test_a_move_may_name_another_datum(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    reference = parse_reference("EPSG:4549")
    x, y = at_desk.generation.metric.points([NEAR_L1[0]], [NEAR_L1[1]])
    changed = at_desk.do(uid, "move", lng=float(x[0]), lat=float(y[0]), reference=reference)
    assert (changed.lng, changed.lat) == pytest.approx(NEAR_L1, abs=1e-9)


def test_who_is_at_work_keeps_a_moved_issue_and_it_is_flagged(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "dispatch")
    changed = at_desk.do(uid, "move", lng=NEAR_L1[0], lat=NEAR_L1[1], reason="wrong corner")
    assert (changed.owner_id, changed.asset_id, changed.flags) == (OWNER_L0, "L1", OWNER_DIFFERS)
    assert (changed.certainty, changed.owner_share) == ("", None)
    assert at_desk.record(uid).events[-1].after["proposed_owner"] == OWNER_L1
    back = at_desk.do(uid, "move", lng=NEAR_L0[0], lat=NEAR_L0[1], reason="right after all")
    assert (back.owner_id, back.flags, back.certainty) == (OWNER_L0, "", "certain")


def test_a_transfer_settles_the_doubt_about_the_owner(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "dispatch")
    at_desk.do(uid, "move", lng=NEAR_L1[0], lat=NEAR_L1[1], reason="wrong corner")
    assert at_desk.do(uid, "transfer", owner=OWNER_L1, reason="theirs").flags == ""


def test_who_is_named_by_the_flag_is_dispatched_to_without_a_reason(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "dispatch")
    at_desk.do(uid, "move", lng=NEAR_L1[0], lat=NEAR_L1[1], reason="wrong corner")
    at_desk.do(uid, "return", reason="not ours")
    assert at_desk.do(uid, "dispatch", owner=OWNER_L1).owner_id == OWNER_L1


@pytest.mark.parametrize(
    "asked",
    [
        {"lng": 200.0, "lat": 0.0}, {"lng": float("nan"), "lat": 0.0}, {"lng": float("inf"), "lat": 0.0},
        {"lng": 120.8}, {"lng": 120.8, "lat": 32.0, "accuracy_m": -1.0},
        {"lng": 120.8, "lat": 32.0, "accuracy_m": float("nan")},
        {"lng": 1e300, "lat": 1e300, "reference": parse_reference("EPSG:4549")},
    ],
)  # fmt: skip
def test_a_position_that_is_none_moves_nothing(at_desk: IssueDesk, asked: dict[str, object]) -> None:
    uid = at_desk.report()
    with pytest.raises(CoordinateError):
        at_desk.do(uid, "move", **asked)
    assert len(at_desk.record(uid).events) == 1


# ---- merging


def test_a_merge_points_to_the_other_and_both_tell_it(at_desk: IssueDesk) -> None:
    one, other = at_desk.report(), at_desk.report(NO_LAMP)
    merged, target = at_desk.do_all(one, "merge", into=at_desk.issue(other).number)
    assert (merged.status, merged.merged_into, merged.report_count) == ("merged", other, 1)
    assert (target.uid, target.version, target.status) == (other, 2, "received")
    event = at_desk.record(other).events[-1]
    assert (event.kind, event.after["issue"], event.seq) == (JOINED_BY, one, target.seq)
    assert len(at_desk.record(one).reports) == 1


def test_reopening_or_undoing_a_merge_takes_it_out_again(at_desk: IssueDesk) -> None:
    for action, reason in (("reopen", "another lamp"), ("undo", "")):
        one, other = at_desk.report(), at_desk.report(NO_LAMP)
        at_desk.do(one, "merge", into=other)
        apart, target = at_desk.do_all(one, action, reason=reason)
        assert apart.merged_into is None
        assert at_desk.record(other).events[-1].kind == LEFT_BY
        assert target.version == 3


def test_nothing_is_merged_into_itself_or_into_what_is_done_or_not_seen(at_desk: IssueDesk) -> None:
    one, other, third = at_desk.report(), at_desk.report(NO_LAMP), at_desk.report(at(2.5, 0.5))
    for into, word in ((one, "into itself"), ("nothing", "no issue 'nothing'")):
        with pytest.raises(NotAllowed, match=word):
            at_desk.do(one, "merge", into=into)
    with pytest.raises(NotAllowed, match="There is no issue"):
        at_desk.do(one, "merge", into=third, cells=("A",))
    at_desk.do(other, "merge", into=third)
    with pytest.raises(NotAllowed, match="'merged'") as caught:
        at_desk.do(one, "merge", into=other)
    assert caught.value.fix == f"Merge into {at_desk.issue(third).number}."
    at_desk.do(third, "reject", reason="x")
    with pytest.raises(NotAllowed, match="'merged'") as caught:
        at_desk.do(one, "merge", into=other)
    assert caught.value.fix == "Reopen it first."


# ---- undoing


def test_an_undo_puts_back_every_field(at_desk: IssueDesk) -> None:
    """Each action is done and undone; the issue then says what it said before."""
    uid, other = at_desk.report(), at_desk.report(NO_LAMP)
    moved = {"lng": NEAR_L1[0], "lat": NEAR_L1[1], "reason": "wrong corner"}
    course = [
        ("move", moved),
        ("merge", {"into": other}),
        ("dispatch", {"owner": "parks", "reason": "theirs"}),
        ("move", {**moved, "lng": NEAR_L0[0]}),
        ("transfer", {"owner": "lamps", "reason": "theirs"}),
        ("start", {}),
        ("return", {"reason": "not ours"}),
        ("reject", {"reason": "nobody's"}),
        ("reopen", {"reason": "was wrong"}),
    ]
    for action, asked in course:
        before = at_desk.issue(uid)
        at_desk.do(uid, action, **asked)
        undone = at_desk.do(uid, "undo")
        assert said(undone) == said(before), action
        assert undone.version == before.version + 2
        if action != "merge":
            at_desk.do(uid, action, **asked)
    with at_desk.store.reading() as connection:
        assert verify_chain(connection) is None


def test_undoing_twice_goes_two_actions_back_and_comments_stay(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "dispatch")
    at_desk.do(uid, "start")
    at_desk.do(uid, "comment", Role.PLANNER, reason="seen", version=None)
    assert at_desk.do(uid, "undo").status == "dispatched"
    assert at_desk.do(uid, "undo").status == "received"
    with pytest.raises(WrongState, match="nothing to undo"):
        at_desk.do(uid, "undo")


def test_a_report_that_joined_since_stays_when_something_is_undone(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "dispatch")
    at_desk.store.write(lambda c: file_report(c, Filing(new_report(), uid), desk()))
    undone = at_desk.do(uid, "undo")
    assert (undone.status, undone.report_count) == ("received", 2)


def test_an_undone_merge_cannot_lead_into_what_is_done_by_now(at_desk: IssueDesk) -> None:
    one, other = at_desk.report(), at_desk.report(NO_LAMP)
    at_desk.do(one, "merge", into=other)
    at_desk.do(one, "reopen", reason="another lamp")
    at_desk.do(other, "reject", reason="nobody's")
    with pytest.raises(NotAllowed, match="nothing can be merged into it"):
        at_desk.do(one, "undo")
    assert at_desk.issue(one).status == "reopened"
