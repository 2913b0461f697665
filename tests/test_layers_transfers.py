"""A new generation: who waits is assigned anew; who is at work keeps the issue, flagged where it differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import shapely
from cities import RULES, at, small_city, words
from issue_desk import NEAR_L0, NEAR_L1, NO_LAMP, OUTSIDE, IssueDesk
from stores import NOON, file_one, new_report, opened

from geo.errors import WrongState
from layers.assign import assign
from layers.generation import Generation, load_draft
from layers.issue_fields import fields_of
from layers.issue_flags import OWNER_DIFFERS
from layers.life_cycle import Role
from layers.proof import prove
from layers.store.assignments import read_assignment
from layers.store.values import Issue
from layers.transfers import ASSIGNED, assign_again

NEW_RULE = '[[rule]]\nid = "new-lamps"\nwhen = {{ category = "0118", cell = "A" }}\nowner = "{owner}"\n\n'


@pytest.fixture(scope="module")
def generations(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Generation]:
    """The small city, once as it is, and with others who answer for the lamps in the west."""
    city = small_city(tmp_path_factory.mktemp("city"))
    found = {"0001": replace(load_draft(city), id="0001")}
    for number, owner in (("0002", "night-shift"), ("0003", "day-shift")):
        words(city, NEW_RULE.format(owner=owner) + RULES)
        found[number] = replace(load_draft(city), id=number)
    words(city, RULES)
    return {**found, "0004": replace(load_draft(city), id="0004")}


@dataclass
class Publishing(IssueDesk):
    """A desk at which new generations go live."""

    generations: Mapping[str, Generation] | None = None

    def publish(self, number: str, limit: int = 500) -> list[Issue]:
        """Make a generation live; returns the issues that changed."""
        assert self.generations is not None
        self.generation = self.generations[number]
        changed: list[Issue] = []
        after_id: int | None = 0
        while after_id is not None:
            start = after_id
            some, after_id = self.store.write(
                lambda c: assign_again(self.generation, c, start, limit, self.now_us)  # noqa: B023 - at once
            )
            changed += some
        return changed


@pytest.fixture
def at_desk(generations: Mapping[str, Generation], tmp_path: Path) -> Iterator[Publishing]:
    with opened(tmp_path) as store:
        yield Publishing(store, generations["0001"], generations=generations)


def test_an_issue_that_waits_takes_the_new_answer(at_desk: Publishing) -> None:
    uid = at_desk.report()
    (changed,) = at_desk.publish("0002")
    assert changed == at_desk.issue(uid)
    assert (changed.owner_id, changed.generation, changed.status) == ("night-shift", "0002", "received")
    event = at_desk.record(uid).events[-1]
    assert (event.kind, event.actor, event.reason) == (ASSIGNED, "woodpecker", "generation 0002")
    assert (event.before["owner_id"], event.after["owner_id"]) == ("lamps", "night-shift")
    with at_desk.store.reading() as connection:
        proof = read_assignment(connection, uid)
    assert proof is not None
    assert proof["generation"]["id"] == "0002"


def test_what_differs_by_the_generation_alone_changes_nothing(at_desk: Publishing) -> None:
    uid = at_desk.report(NO_LAMP, category="0126")
    before = at_desk.record(uid)
    assert at_desk.publish("0002") == []
    assert at_desk.record(uid) == before


def test_who_is_at_work_keeps_the_issue_and_the_transfer_list_names_the_other(at_desk: Publishing) -> None:
    uid = at_desk.report()
    before = at_desk.do(uid, "dispatch")
    (changed,) = at_desk.publish("0002")
    kept = replace(before, flags=OWNER_DIFFERS, version=3, seq=changed.seq, updated_us=changed.updated_us)
    assert changed == kept
    assert at_desk.record(uid).events[-1].after["proposed_owner"] == "night-shift"
    assert at_desk.do(uid, "transfer", owner="night-shift", reason="generation 0002").flags == ""


@pytest.mark.parametrize(
    "course", [("dispatch", "start"), ("dispatch", "handled"), ("dispatch", "handled", "verify")]
)
def test_so_it_is_until_it_is_done(at_desk: Publishing, course: tuple[str, ...]) -> None:
    uid = at_desk.report()
    for action in course:
        at_desk.do(uid, action)
    assert [issue.flags for issue in at_desk.publish("0002")] == [OWNER_DIFFERS]
    assert at_desk.issue(uid).owner_id == "lamps"


def test_what_is_done_is_left_alone(at_desk: Publishing) -> None:
    uid, other = at_desk.report(), at_desk.report()
    at_desk.do(uid, "reject", reason="nobody's")
    at_desk.do(other, "dispatch")
    at_desk.do(other, "handled")
    at_desk.do(other, "close", reason="seen on a photo")
    assert at_desk.publish("0002") == []


def test_a_flag_is_told_once_follows_the_next_generation_and_goes(at_desk: Publishing) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "dispatch")
    assert len(at_desk.publish("0002")) == 1
    assert at_desk.publish("0002") == []
    assert len(at_desk.publish("0003")) == 1
    assert at_desk.record(uid).events[-1].after["proposed_owner"] == "day-shift"
    (changed,) = at_desk.publish("0004")
    assert (changed.flags, changed.owner_id) == ("", "lamps")


def test_a_rollback_takes_the_flag_away_whether_at_work_or_returned(at_desk: Publishing) -> None:
    uid, returned = at_desk.report(), at_desk.report()
    for one in (uid, returned):
        at_desk.do(one, "dispatch")
    assert len(at_desk.publish("0002")) == 2
    at_desk.do(returned, "return", reason="not ours")
    assert [(issue.flags, issue.owner_id) for issue in at_desk.publish("0001")] == [("", "lamps")] * 2


def test_who_was_given_an_issue_against_the_answer_is_flagged_only_by_another_answer(
    at_desk: Publishing,
) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "dispatch", owner="parks", reason="they dug there")
    assert at_desk.publish("0004") == []
    assert [issue.flags for issue in at_desk.publish("0002")] == [OWNER_DIFFERS]
    assert at_desk.issue(uid).owner_id == "parks"


def test_an_issue_moved_by_hand_is_asked_where_it_lies_now(at_desk: Publishing) -> None:
    uid = at_desk.report(at(3.5, 0.5))
    at_desk.do(uid, "move", lng=NEAR_L1[0], lat=NEAR_L1[1])
    (changed,) = at_desk.publish("0002")
    assert (changed.lng, changed.lat, changed.owner_id) == (*NEAR_L1, "night-shift")


def test_words_times_and_lines_are_asked_again_as_they_were(at_desk: Publishing) -> None:
    """A line that somebody reported stays the issue's geometry, and a lamp that was named stays its lamp."""
    line = shapely.LineString([at(0.2, 0.5), at(0.8, 0.5)])
    answers = assign(
        at_desk.generation, [float("nan")], [float("nan")], category=["0118"], shape=[line], extent=[True]
    )
    fields = dict(fields_of(answers, 0, prove(answers)))
    lined = file_one(at_desk.store, NOON, new_report(), **fields).issue_uid
    named = at_desk.report(at(0.51, 0.5), text="路灯 L0 不亮", accuracy_m=80)
    at_desk.publish("0002")
    assert shapely.from_wkb(at_desk.issue(lined).geometry) == line
    assert (at_desk.issue(named).asset_id, at_desk.issue(named).owner_id) == ("L0", "night-shift")


def test_an_undo_does_not_bring_back_an_answer_that_was_replaced(at_desk: Publishing) -> None:
    """Neither its owner nor its place alone: half an old answer would be worse than either."""
    uid = at_desk.report(at(3.5, 0.5))
    at_desk.do(uid, "move", lng=NEAR_L1[0], lat=NEAR_L1[1])
    at_desk.publish("0002")
    with pytest.raises(WrongState, match=r"'move' cannot be undone: .*owner_id"):
        at_desk.do(uid, "undo")
    assert "undo" not in at_desk.may(uid, Role.ADMIN)


def test_all_are_reached_in_small_steps_and_none_twice(at_desk: Publishing) -> None:
    uids = [at_desk.report(place) for place in (NEAR_L0, NEAR_L1, OUTSIDE, NO_LAMP, NEAR_L0)]
    changed = at_desk.publish("0002", limit=2)
    assert [issue.uid for issue in changed] == [uids[0], uids[1], uids[3], uids[4]]
    assert at_desk.publish("0002", limit=2) == []


def test_an_issue_without_a_proof_is_left_to_people(at_desk: Publishing) -> None:
    file_one(at_desk.store, assignment=None)
    assert at_desk.publish("0002") == []
