"""What was done with an issue, read from its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from layers.life_cycle import CLAIMS, Action, Done, State
from layers.store.fields import CHANGEABLE, told
from layers.store.values import Event, Issue

PROPOSED_OWNER = "proposed_owner"
"""In an event: who would answer, where somebody else goes on doing so."""

CLAIM_FIELDS = ("claimed_by", "claimed_us")


@dataclass(frozen=True, slots=True)
class Past(Done):
    """An action with the event that it wrote."""

    event: Event = field(kw_only=True)


def history_of(events: Sequence[Event]) -> list[Past]:
    """The actions among the events of an issue, oldest first; reports that come in are none."""
    state, past = State.RECEIVED, []
    for event in events:
        if event.kind in tuple(Action):
            past.append(Past(Action(event.kind), state, event.actor, event=event))
        state = State(event.after.get("status", state))
    return past


def proposed_owner(events: Sequence[Event]) -> str | None:
    """Who would answer for an issue that is flagged so, by the last event that says it; None for nobody."""
    said = (event.after[PROPOSED_OWNER] for event in reversed(events) if PROPOSED_OWNER in event.after)
    return next(said, None)


def put_back(past: Past, who: str) -> dict[str, object]:
    """The fields of an issue as they were before an action, geometry in bytes.

    Who undoes his own action has his claim again, too; who undoes another's gives nobody a claim.
    """
    gone = () if past.who == who else CLAIM_FIELDS
    before = {
        name: value for name, value in past.event.before.items() if name in CHANGEABLE and name not in gone
    }
    shape = before.get("geometry")
    return {**before, **({"geometry": bytes.fromhex(shape)} if shape is not None else {})}


def changed_since(issue: Issue, past: Past) -> tuple[str, ...]:
    """The fields that an action changed and that are no longer as it left them.

    To undo it would then put back what nobody has seen: part of an old answer and part of a new one. Claims
    come and go beside what is done.
    """
    beside = () if past.action in CLAIMS else CLAIM_FIELDS
    now = told({name: getattr(issue, name) for name in CHANGEABLE if name not in beside})
    after = past.event.after
    return tuple(name for name in past.event.before if name in now and now[name] != after[name])
