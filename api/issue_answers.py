"""What an issue is answered with: everything that a dispatcher's panel needs in order not to guess."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from api.access import ACCESS
from api.report_answers import outcome_json, suspect_json
from api.service import Service
from layers.action_changes import proposal
from layers.action_history import Past, history_of
from layers.actions import JOINED_BY, LEFT_BY, Preview, allowed_actions
from layers.actors import Actor
from layers.correction_words import CORRECTORS
from layers.generation import Generation
from layers.intake import Outcome
from layers.issue_features import Names, feature
from layers.issue_fields import lead_of
from layers.life_cycle import ACTION_WORDS, BACK, STAYS, Action, State, step_of, taken_back, undoable
from layers.live import LiveCity
from layers.store.assignments import read_assignment
from layers.store.corrections import NewCorrection
from layers.store.filing import JOINED, RECEIVED
from layers.store.issues import issues_named
from layers.store.private import read_privates
from layers.store.values import Event, Issue, IssueRecord, Private, Report
from layers.suspects import SuspectIssue
from layers.times import time_text
from layers.told import told_answer
from layers.transfers import ASSIGNED
from layers.webhooks import REASONS_TOLD, public_fields
from layers.why import named_owner, suspect_reasons, why

MAY_ACT = ACCESS["POST", "/v1/issues/{id}/actions"]
EVENT_WORDS: Mapping[str, tuple[str, str]] = {
    **{str(action): words for action, words in ACTION_WORDS.items()},
    RECEIVED: ("上报", "reported"),
    JOINED: ("再次上报", "reported again"),
    JOINED_BY: ("并入另一案卷", "another issue was merged into it"),
    LEFT_BY: ("移出另一案卷", "another issue was taken out of it"),
    ASSIGNED: ("重新判定", "assigned anew"),
}
# What an action takes in its body, by what the table says that it names.
_TAKES = {"owner": ("owner",), "issue": ("into",), "position": ("lng", "lat"), "": ()}


def issue_json(service: Service, connection: Connection, record: IssueRecord, actor: Actor) -> dict[str, Any]:
    """An issue with its reports, history, proof and story, what it may repeat, and what the actor may do."""
    live, names, now = service.live, service.names, service.now_us()
    generation, uid = live.generation, record.issue.uid
    proof = read_assignment(connection, uid)
    private = read_privates(connection, uid) if actor.reads_private else {}
    may: Sequence[Action] = ()
    if actor.role in MAY_ACT:
        may = allowed_actions(record, actor, claim_us=names.claim_us, now_us=now)
    return {
        **orjson.loads(feature(record.issue, names, now)),
        "reports": [_report(one, private.get(one.uid), actor) for one in record.reports],
        "events": _events(record, actor),
        "assignment": None if proof is None else told_answer(proof, generation.config.languages),
        "why": None if proof is None else why(proof, generation),
        "proof": proof,
        "proposed_owner": owner_json(proposal(record), generation),
        "duplicates": suspects_json(connection, live.suspects_of(uid), actor, names),
        "actions": list(may),
        "may": [_form(record, action, actor) for action in may],
    }


def proposal_json(live: LiveCity, names: Names, outcome: Outcome, actor: Actor) -> dict[str, Any]:
    """What would become of a report: for whoever takes it down, before it is stored."""
    proof, generation = outcome.proof, live.generation
    category = "" if proof is None else proof["report"]["category"]
    with live.store.reading() as connection:
        suspects = suspects_json(connection, outcome.suspects, actor, names)
    return {
        **outcome_json(live, outcome),
        "category": category or None,
        "category_name": names.categories.get(category),
        "why": None if proof is None else why(proof, generation),
        "proposed_owner": None if proof is None else owner_json(lead_of(proof)["id"], generation),
        "duplicates": suspects,
    }


def preview_json(seen: Preview, generation: Generation, names: Names, now_us: int) -> dict[str, Any]:
    """An issue as an action would leave it, with the answer that it would have then, where that is new."""
    proof = seen.proof
    return {
        **orjson.loads(feature(seen.issue, names, now_us)),
        "dry_run": True,
        "proposed_owner": owner_json(seen.proposed_owner, generation),
        "assignment": None if proof is None else told_answer(proof, generation.config.languages),
        "why": None if proof is None else why(proof, generation),
        "remembers": None if seen.remembers is None else _remembers(seen.remembers),
    }


def _remembers(new: NewCorrection) -> dict[str, Any]:
    """The words that a move would have remembered, and where they would mean its place."""
    return {"text": new.text, "cell_path": new.cell_path, "radius_m": new.radius_m}


def owner_json(owner_id: str | None, generation: Generation) -> dict[str, Any] | None:
    """An owner by id and names."""
    return None if owner_id is None else named_owner(owner_id, generation)


def suspects_json(
    connection: Connection, suspects: Sequence[SuspectIssue], actor: Actor, names: Names
) -> list[dict[str, Any]]:
    """Open issues that one may repeat, as far as an actor may see them, with what tells them apart."""
    issues = issues_named(connection, {one.uid for one in suspects})
    seen = [one for one in suspects if one.uid in issues and actor.sees(issues[one.uid].cell_path)]
    return [{**suspect_json(one), **_suspect(one, issues[one.uid], names)} for one in seen]


def _suspect(one: SuspectIssue, issue: Issue, names: Names) -> dict[str, Any]:
    return {
        "reasons_told": suspect_reasons(one.reasons),
        "status": issue.status,
        "category": issue.category or None,
        "category_name": names.categories.get(issue.category),
        "lng": issue.lng,
        "lat": issue.lat,
        "owner_id": issue.owner_id,
        "owner_name": None if issue.owner_id is None else names.owners.get(issue.owner_id),
        "created_at": time_text(issue.created_us),
        "report_count": issue.report_count,
    }


def _report(report: Report, private: Private | None, actor: Actor) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": report.uid,
        "channel": report.channel,
        "external_id": report.external_id if actor.reads_private else None,
        "received_at": time_text(report.received_us),
        "occurred_at": time_text(report.occurred_us),
        "zone_assumed": report.zone_assumed,
        "lng": report.lng,
        "lat": report.lat,
        "datum": report.datum,
        "accuracy_m": report.accuracy_m,
        "level": report.level,
        "category": report.category,
    }
    if private is not None:
        said["text"] = private.text
        said["photos"] = [f"/v1/photos/{photo}" for photo in private.photos]
        said["sources"] = orjson.loads(private.sources) if private.sources else []
        if actor.knows_reporters:
            said |= {"reporter": private.reporter, "contact": private.contact}
    return said


def _events(record: IssueRecord, actor: Actor) -> list[dict[str, Any]]:
    undone = {past.event.seq for past in taken_back(history_of(record.events))}
    return [_event(event, event.seq in undone, actor) for event in record.events]


def _event(event: Event, undone: bool, actor: Actor) -> dict[str, Any]:
    # What somebody commented may be the words of who reported it.
    tells = actor.reads_private or event.kind in REASONS_TOLD
    return {
        "seq": event.seq,
        "at": time_text(event.at_us),
        "actor": event.actor,
        "kind": event.kind,
        "name": _words(EVENT_WORDS.get(event.kind, (event.kind, event.kind))),
        "reason": event.reason if tells else "",
        "undone": undone,
        "before": public_fields(event.before),
        "after": public_fields(event.after),
    }


def _form(record: IssueRecord, action: Action, actor: Actor) -> dict[str, Any]:
    """What an action takes and needs, and where it leads."""
    status = record.issue.status
    step = step_of(status, action)
    assert step is not None  # else it would not be allowed
    last = undoable(history_of(record.events), actor.name) if step.after == BACK else None
    takes = _TAKES[step.names]
    # Where somebody is proposed, dispatching need not name him.
    needs = () if action == Action.DISPATCH and record.issue.owner_id is not None else takes
    after = status if step.after == STAYS else step.after
    return {
        "action": action,
        "name": _words(ACTION_WORDS[action]),
        "needs": [*needs, *(["reason"] if step.reason else [])],
        "takes": [*takes, *(_also_taken(actor) if step.names == "position" else ()), "reason"],
        "leads_to": last.before if last is not None else State(after),
        "undoes": None if last is None else _past(last),
    }


def _also_taken(actor: Actor) -> tuple[str, ...]:
    """What a move takes besides the position."""
    words = ("remember", "remember_in") if actor.role in CORRECTORS else ()
    return ("accuracy_m", "datum", *words)


def _past(past: Past) -> dict[str, Any]:
    return {
        "action": past.action,
        "name": _words(ACTION_WORDS[past.action]),
        "actor": past.event.actor,
        "at": time_text(past.event.at_us),
        "seq": past.event.seq,
    }


def _words(words: Iterable[str]) -> dict[str, str]:
    return dict(zip(("zh", "en"), words, strict=True))
