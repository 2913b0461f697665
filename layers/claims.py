"""Who has taken up an issue: a dispatcher claims it to look at it, so that no other takes the same one.

A claim keeps other people of the desk away, not the field: an officer goes on with what he was sent to. It is
over when its owner has decided, releases it, or has not renewed it for a while (``[limits] claim_minutes``).
"""

from __future__ import annotations

from layers.store.values import Issue


def holder(issue: Issue, claim_us: int, now_us: int) -> str | None:
    """Who holds an issue at a time; None where nobody does, or the claim is stale."""
    until = held_until(issue, claim_us)
    return None if until is None or now_us >= until else issue.claimed_by


def held_until(issue: Issue, claim_us: int) -> int | None:
    """When the claim of an issue ends, microseconds since 1970 UTC; None where nobody claimed it."""
    if issue.claimed_by is None or issue.claimed_us is None:
        return None
    return issue.claimed_us + claim_us
