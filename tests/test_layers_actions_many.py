"""Many issues in one work: each as if it were alone, and what one is refused spoils no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from cities import at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from issue_desk import NEAR_L1, NO_LAMP, OWNER_L1, IssueDesk
from stores import NOON

from geo.errors import (
    ConflictError,
    CoordinateError,
    GridError,
    NotAllowed,
    NotFoundError,
    WrongRole,
    WrongState,
)
from layers.actions import JOINED_BY, Asked, act, act_on_many, previews
from layers.actors import Actor
from layers.life_cycle import Action, Role
from layers.store.events import chain_head
from layers.store.values import Issue

LI, ZHAO = Actor("Li", Role.DISPATCHER), Actor("Zhao", Role.OFFICER)
NAMES_AND_TIMES = {"uid", "number", "seq", "merged_into"}


def do(
    at_desk: IssueDesk, wanted: Sequence[tuple[str, Asked]], actor: Actor = LI
) -> tuple[list[Issue | GridError], list[Issue]]:
    """Act on many in one work."""
    return at_desk.store.write(lambda c: act_on_many(at_desk.generation, c, wanted, actor, NOON))


def as_it_is(action: str, **said: object) -> Asked:
    return Asked(action, as_it_is=True, **said)  # type: ignore[arg-type]


def test_one_refusal_spoils_no_other_and_each_is_told(at_desk: IssueDesk) -> None:
    good, closed, seen, moved, nobodys = (at_desk.report() for _ in range(5))
    at_desk.do(closed, "reject", reason="no")
    at_desk.do(moved, "comment", reason="moved on")
    outside = at_desk.report(at(-30, -30))
    dispatch = as_it_is("dispatch")
    wanted = [
        (good, dispatch), (closed, dispatch), ("nothing", dispatch), (moved, as_it_is("dispatch", seq=1)),
        (seen, as_it_is("dispatch", seq=at_desk.issue(seen).seq)), (outside, dispatch), (good, dispatch),
        (at_desk.issue(nobodys).number, dispatch),
    ]  # fmt: skip
    results, changed = do(at_desk, wanted)
    assert [type(one) for one in results] == [
        Issue, WrongState, NotFoundError, ConflictError, Issue, NotAllowed, WrongState, Issue,
    ]  # fmt: skip
    assert [one.uid for one in changed] == [good, seen, nobodys]
    assert changed == [at_desk.issue(one.uid) for one in changed]
    assert at_desk.issue(outside).status == "received"


def test_who_is_confined_to_cells_changes_only_what_lies_there(at_desk: IssueDesk) -> None:
    here, there = at_desk.report(), at_desk.report(at(2.5, 0.5))
    confined = Actor("Li", Role.DISPATCHER, (at_desk.issue(here).cell_code,))
    results, changed = do(at_desk, [(here, as_it_is("dispatch")), (there, as_it_is("dispatch"))], confined)
    assert isinstance(results[1], NotFoundError)
    assert [one.uid for one in changed] == [here]


def test_a_role_that_may_not_is_refused_for_each(at_desk: IssueDesk) -> None:
    wanted = [(at_desk.report(), as_it_is("dispatch")) for _ in range(2)]
    results, changed = do(at_desk, wanted, ZHAO)
    assert all(isinstance(one, WrongRole) for one in results)
    assert changed == []


def test_many_merged_into_one_are_each_told_by_it(at_desk: IssueDesk) -> None:
    ones, target = [at_desk.report() for _ in range(3)], at_desk.report(NO_LAMP)
    results, changed = do(at_desk, [(one, as_it_is("merge", into=target)) for one in (*ones, target)])
    assert [type(one) for one in results] == [Issue, Issue, Issue, NotAllowed]
    assert [one.uid for one in changed] == [ones[0], target, *ones[1:]]
    events = at_desk.record(target).events
    assert [(event.kind, event.after.get("issue")) for event in events[1:]] == [
        (JOINED_BY, one) for one in ones
    ]
    assert at_desk.issue(target).version == 4


def test_what_comes_later_in_a_work_sees_what_came_before(at_desk: IssueDesk) -> None:
    one, other = at_desk.report(), at_desk.report(NO_LAMP)
    results, _ = do(
        at_desk,
        [(other, as_it_is("reject", reason="no")), (one, as_it_is("merge", into=other)),
         (other, as_it_is("undo")), (one, as_it_is("merge", into=other))],
    )  # fmt: skip
    assert [type(result) for result in results] == [Issue, NotAllowed, Issue, Issue]


def test_many_are_moved_as_each_would_be(at_desk: IssueDesk) -> None:
    ones = [at_desk.report(text=text) for text in ("灯杆L1", "", "灯不亮")]
    alone = at_desk.report(text="灯杆L1")
    moved = as_it_is("move", lng=NEAR_L1[0], lat=NEAR_L1[1], accuracy_m=15.0)
    (by_itself,) = at_desk.store.write(lambda c: act(at_desk.generation, c, alone, moved, LI, NOON))
    results, _ = do(at_desk, [(one, moved) for one in ones])
    assert all(isinstance(one, Issue) and one.owner_id == OWNER_L1 for one in results)
    (first,) = [one for one in results[:1] if isinstance(one, Issue)]
    same = ("lng", "lat", "cell_path", "owner_id", "asset_id", "certainty", "owner_share")
    assert [getattr(first, name) for name in same] == [getattr(by_itself, name) for name in same]
    (refused,), _ = do(at_desk, [(ones[0], as_it_is("move", lng=float("nan"), lat=0.0))])
    assert isinstance(refused, CoordinateError)


actions = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(list(Action)), st.sampled_from([LI, ZHAO])),
    min_size=1, max_size=12,
)  # fmt: skip


@given(actions)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_work_of_many_does_what_many_works_do(
    at_desk: IssueDesk, tried: list[tuple[int, Action, Actor]]
) -> None:
    """The same actions on four issues, one by one and all at once: the same issues, the same refusals."""
    together, alone = [[at_desk.report() for _ in range(4)] for _ in range(2)]
    actor = tried[0][2]

    def asked(action: Action, of: list[str]) -> Asked:
        said: dict[str, dict[str, object]] = {
            "dispatch": {"owner": "parks"}, "transfer": {"owner": "lamps"}, "merge": {"into": of[0]},
            "move": {"lng": NEAR_L1[0], "lat": NEAR_L1[1]},
        }  # fmt: skip
        return as_it_is(action, reason="x", **said.get(action, {}))

    results, changed = do(at_desk, [(together[n], asked(action, together)) for n, action, _ in tried], actor)
    errors = []
    for n, action, _ in tried:
        try:
            at_desk.store.write(
                lambda c: act(at_desk.generation, c, alone[n], asked(action, alone), actor, NOON)  # noqa: B023
            )
        except GridError as error:
            errors.append(type(error))
        else:
            errors.append(Issue)
    assert [type(one) for one in results] == errors
    assert changed == [at_desk.issue(one.uid) for one in changed]
    for one, other in zip(together, alone, strict=True):
        first, second = asdict(at_desk.issue(one)), asdict(at_desk.issue(other))
        assert {k: v for k, v in first.items() if k not in NAMES_AND_TIMES} == {
            k: v for k, v in second.items() if k not in NAMES_AND_TIMES
        }
        kinds = [[event.kind for event in at_desk.record(uid).events] for uid in (one, other)]
        assert kinds[0] == kinds[1]


def test_a_preview_says_what_would_be_and_writes_nothing(at_desk: IssueDesk) -> None:
    uid = at_desk.report()
    at_desk.do(uid, "dispatch")
    moved = Asked("move", "wrong corner", lng=NEAR_L1[0], lat=NEAR_L1[1])
    with at_desk.store.reading() as connection:
        before = chain_head(connection)
        seen, refused = previews(
            at_desk.generation, connection, [(uid, moved), (uid, Asked("reject"))], LI, NOON
        )
        assert chain_head(connection) == before
    assert not isinstance(seen, GridError)
    assert isinstance(refused, WrongState)
    assert (seen.issue.asset_id, seen.issue.owner_id, seen.proposed_owner) == ("L1", "lamps", OWNER_L1)
    assert seen.proof is not None
    after = at_desk.do(uid, "move", reason="wrong corner", lng=NEAR_L1[0], lat=NEAR_L1[1])
    told = ("status", "lng", "lat", "cell_path", "owner_id", "asset_id", "certainty", "flags")
    assert [getattr(after, name) for name in told] == [getattr(seen.issue, name) for name in told]
    with at_desk.store.reading() as connection:
        (old,) = previews(at_desk.generation, connection, [(uid, Asked("start", version=1))], LI, NOON)
    assert isinstance(old, ConflictError)
