"""Who has taken up an issue: a dispatcher claims it to look at it, so that no other takes the same one.

A claim keeps other people of the desk away, not the field: an officer goes on with what he was sent to. It is
over when whoever made it has decided or releases it, or has not renewed it for a while (``[limits]
claim_minutes``).
"""

from __future__ import annotations

from geo.errors import ClaimedError, GridError, WrongState
from layers.actors import Actor
from layers.life_cycle import CLAIMS, DONE, Action, Role, State
from layers.store.values import Issue, IssueChanges
from layers.times import time_text

HELD_OFF = (Role.DISPATCHER, Role.ADMIN)
"""Whom a claim of somebody else keeps from everything but comments."""


def holder(issue: Issue, claim_us: int, now_us: int) -> str | None:
    """Who holds an issue at a time; None where nobody does, or the claim is stale."""
    until = held_until(issue, claim_us)
    return None if until is None or now_us >= until else issue.claimed_by


def held_until(issue: Issue, claim_us: int) -> int | None:
    """When the claim of an issue ends, microseconds since 1970 UTC; None where nobody claimed it."""
    if issue.claimed_by is None or issue.claimed_us is None:
        return None
    return issue.claimed_us + claim_us


def in_the_way(issue: Issue, action: str, actor: Actor, claim_us: int, now_us: int) -> GridError | None:
    """What of claims keeps an actor from an action; None where nothing does.

    Who has claimed an issue may release it; so may an administrator, and anybody once the claim is stale.
    """
    if action == Action.RELEASE and issue.claimed_by is None:
        fix = "Nothing is to be released."
        return WrongState(f"Issue {issue.number} is claimed by nobody.", fix=fix)
    held_by = holder(issue, claim_us, now_us)
    if held_by in (None, actor.name) or action == Action.COMMENT or actor.role not in HELD_OFF:
        return None
    if action == Action.RELEASE and actor.role == Role.ADMIN:
        return None
    until = time_text(held_until(issue, claim_us) or now_us)
    return ClaimedError(
        f"Issue {issue.number} is claimed by {held_by!r} until {until}.",
        fix="Take another one, or ask for it; an administrator can release it.",
    )


def left_behind(
    issue: Issue, action: str, after: State, actor: Actor, claim_us: int, now_us: int
) -> IssueChanges:
    """What an action besides claiming does to the claim: deciding ends one's own, and a stale one."""
    if issue.claimed_by is None or action in CLAIMS:
        return {}
    decides = action != Action.UNDO and after != issue.status
    own_or_stale = holder(issue, claim_us, now_us) in (None, actor.name)
    return NOBODY if after in DONE or (decides and own_or_stale) else {}


NOBODY: IssueChanges = {"claimed_by": None, "claimed_us": None}
