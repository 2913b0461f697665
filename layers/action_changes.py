"""What an action changes in an issue, besides where it stands."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from geo.crs import Reference
from geo.errors import NotAllowed, WrongState
from geo.types import Datum
from layers.action_corrections import CORRECTION, remembered
from layers.action_history import PROPOSED_OWNER, Past, changed_since, proposed_owner, put_back
from layers.action_moves import Moves, Spot, ask_for_moves
from layers.actors import Actor
from layers.correction_words import ReadsPlaces
from layers.generation import Generation
from layers.issue_flags import ASKED, CONFIRMED, OWNER_DIFFERS, flags_of, with_flag
from layers.life_cycle import DONE, WAITING, Action, Step
from layers.store.book import Book
from layers.store.corrections import NewCorrection
from layers.store.values import Issue, IssueChanges, IssueRecord, Json

_BY_HAND: IssueChanges = {"certainty": "", "owner_share": None}
"""Of an owner whom a person named: nothing was weighed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks to be done with an issue.

    Attributes:
        action: its word.
        reason: why; of a comment, its words.
        version: of the issue as it was seen, or ``seq``; only a comment, a claim and a release need none.
        as_it_is: it is meant for the issue however it stands, as one of many; then it needs none either.
        owner: id or name of the owner to dispatch or transfer to.
        into: uid or number of the issue to merge into.
        lng, lat: where to move it, in ``reference``.
        accuracy_m: how wrong the new position may be; nothing means not at all.
        remember: words that mean the new position from now on; True takes those of the first report.
        remember_in: code, path or name of the cell in which they do; empty is the usual one.
    """

    action: str
    reason: str = ""
    version: int | None = None
    owner: str = ""
    into: str = ""
    lng: float | None = None
    lat: float | None = None
    reference: Reference = Datum.WGS84
    accuracy_m: float | None = None
    seq: int | None = None
    as_it_is: bool = False
    remember: bool | str = False
    remember_in: str = ""

    @property
    def spot(self) -> Spot:
        """Where to move it."""
        return Spot(self.lng, self.lat, self.reference, self.accuracy_m)


@dataclass(frozen=True, slots=True)
class Case:
    """An issue and what somebody wants done with it; the action is one that the state allows.

    Attributes:
        book: the issues of the work, this one among them.
        last: what an undo would undo.
        moves: answers for new positions that were asked for together with those of others.
        places: reads words, where some are to be remembered.
    """

    generation: Generation
    book: Book
    record: IssueRecord
    asked: Asked
    actor: Actor
    last: Past | None
    at_us: int
    moves: Moves = field(default_factory=dict)
    places: ReadsPlaces | None = None

    @property
    def issue(self) -> Issue:
        """As it stands."""
        return self.record.issue


@dataclass(frozen=True, slots=True)
class Change:
    """Fields with their new values, and what else the event tells.

    Attributes:
        remembers: words that mean the new position from now on.
        takes_back: uid of the correction that was made with what is undone.
    """

    fields: IssueChanges = field(default_factory=IssueChanges)
    also: Json = field(default_factory=dict)
    remembers: NewCorrection | None = None
    takes_back: str | None = None


def check_named(step: Step, asked: Asked) -> None:
    """Refuse what an action does not take, and the lack of what it has to name.

    Raises:
        NotAllowed: of an owner, an issue, a position or words.
    """
    has_position = asked.lng is not None or asked.lat is not None or asked.accuracy_m is not None
    given = {"owner": bool(asked.owner), "issue": bool(asked.into), "position": has_position}
    words = {"owner": '"owner"', "issue": '"into"', "position": '"lng" and "lat"'}
    action = str(step.action)
    for name, there in given.items():
        if there and name != step.names:
            raise NotAllowed(f"{action!r} takes no {name}.", fix=f"Leave {words[name]} out.")
    if (asked.remember or asked.remember_in) and step.action != Action.MOVE:
        raise NotAllowed(f"{action!r} has nothing to remember.", fix='Leave "remember" out.')
    may_lack = ("", "owner") if step.action == Action.DISPATCH else ("",)
    if step.names not in may_lack and not given[step.names]:
        raise NotAllowed(f"{action!r} needs to name the {step.names}.", fix=f"Give {words[step.names]}.")


def changes_of(case: Case) -> Change:
    """What the action of a case changes.

    Raises:
        NotAllowed: what it names is not there or cannot be.
        WrongState: an undo would mix old and new answers.
        CoordinateError: the new position is none.
    """
    change = _CHANGES.get(case.asked.action)
    return Change() if change is None else change(case)


def _dispatched(case: Case) -> Change:
    """To the owner who is proposed, or to another one for a reason."""
    issue, asked = case.issue, case.asked
    if not asked.owner and issue.owner_id is None:
        fix = 'Give "owner", an id or a name; or move the issue to where somebody answers.'
        raise NotAllowed(
            f"Nobody answers for issue {issue.number}: 'dispatch' has to name an owner.", fix=fix
        )
    owner = _owner_id(case.generation, asked.owner or str(issue.owner_id))
    if owner not in _proposed(case) and not asked.reason.strip():
        raise NotAllowed(
            f"{owner!r} is not the owner who is proposed ({issue.owner_id}): that needs a reason.",
            fix='Give "reason", in a few words.',
        )
    return _given_to(issue, owner)


def _proposed(case: Case) -> set[str | None]:
    """Who may be named without a reason; anybody, where nobody is proposed."""
    issue, named = case.issue, case.asked.owner
    if issue.owner_id is None:
        return {_owner_id(case.generation, named)}
    differs = OWNER_DIFFERS in flags_of(issue.flags)
    return {issue.owner_id, *([proposed_owner(case.record.events)] if differs else [])}


def proposal(record: IssueRecord) -> str | None:
    """Who would answer for an issue by what is known now: its owner, or who is named by its flag."""
    flagged = OWNER_DIFFERS in flags_of(record.issue.flags)
    return proposed_owner(record.events) if flagged else record.issue.owner_id


def _transferred(case: Case) -> Change:
    return _given_to(case.issue, _owner_id(case.generation, case.asked.owner))


def _given_to(issue: Issue, owner: str) -> Change:
    """A person has decided: the doubt about the owner is settled."""
    flags = with_flag(_heard(issue.flags), OWNER_DIFFERS, False)
    settled: IssueChanges = {"owner_id": owner, "flags": flags}
    return Change(settled if owner == issue.owner_id else {**settled, **_BY_HAND})


def _owner_id(generation: Generation, reference: str) -> str:
    position = generation.owner_position(reference.strip())
    if position >= 0:
        return generation.owners[position].id
    words = [word for owner in generation.owners for word in (owner.id, owner.name) if word]
    near = difflib.get_close_matches(reference.strip(), list(dict.fromkeys(words)), n=3, cutoff=0.5)
    fix = f"Near it: {', '.join(near)}." if near else "Give the id or the name of an owner of the city."
    raise NotAllowed(f"Generation {generation.id} has no owner {reference!r}.", fix=fix)


def _merged(case: Case) -> Change:
    into = _mergeable(case, case.asked.into)
    return Change({"merged_into": into.uid, "flags": _heard(case.issue.flags)})


def _mergeable(case: Case, name: str) -> Issue:
    """The issue to merge into: another one, open, and one that the actor sees."""
    found = case.book.find(name)
    if found is None or not case.actor.sees(found.issue.cell_path):
        raise NotAllowed(
            f"There is no issue {name!r} to merge into.", fix="Give the id or number of an open issue."
        )
    target = found.issue
    if target.uid == case.issue.uid:
        raise NotAllowed(f"Issue {target.number} cannot be merged into itself.", fix="Name another issue.")
    if target.status in DONE:
        raise NotAllowed(
            f"Issue {target.number} is {target.status!r}: nothing can be merged into it.",
            fix=_instead(case.book, target),
        )
    return target


def _instead(book: Book, target: Issue) -> str:
    """Where a merged issue went in the end."""
    while target.merged_into is not None and (next_ := book.find(target.merged_into)) is not None:
        target = next_.issue
    return "Reopen it first." if target.status in DONE else f"Merge into {target.number}."


def _moved(case: Case) -> Change:
    """To the new position, with a new answer; who is at work stays, and is told if he would not answer."""
    issue, spot = case.issue, case.asked.spot
    spot.place()  # says what is wrong with it
    key = issue.uid, spot
    moves = case.moves if key in case.moves else _ask(case)
    fields = IssueChanges(**moves[key])
    proposed = fields["owner_id"]
    differs = issue.status not in WAITING and proposed != issue.owner_id
    fields["flags"] = with_flag(_heard(issue.flags), OWNER_DIFFERS, differs)
    words = remembered(case, fields["cell_path"])
    if not differs:
        return Change(fields, remembers=words)
    kept: IssueChanges = {**fields, "owner_id": issue.owner_id, **_BY_HAND}
    return Change(kept, {PROPOSED_OWNER: proposed}, words)


def _ask(case: Case) -> Moves:
    return ask_for_moves(case.generation, case.book.connection, [(case.issue, case.asked.spot)])


def _confirmed(case: Case) -> Change:
    return Change({"flags": with_flag(_heard(case.issue.flags), CONFIRMED)})


def _heard(flags: str) -> str:
    """The flags once a question to the reporter is settled."""
    return with_flag(flags, ASKED, False)


def _rejected(case: Case) -> Change:
    return Change({"flags": with_flag(_heard(case.issue.flags), CONFIRMED, False)})


def _undone(case: Case) -> Change:
    """Every field as it was before what is undone."""
    issue, last = case.issue, case.last
    assert last is not None  # else the table refuses
    if changed := changed_since(issue, last):
        raise WrongState(
            f"{last.action.value!r} cannot be undone: {', '.join(changed)} changed since.",
            fix="Do what is wanted instead: move it back, or name its owner.",
        )
    fields = put_back(last, case.actor.name)
    target = fields.get("merged_into")
    if target is not None:
        _mergeable(case, str(target))
    changes = IssueChanges(**fields)  # type: ignore[typeddict-item] # the names are its keys
    return Change(changes, takes_back=last.event.after.get(CORRECTION))


_CHANGES: Mapping[str, Callable[[Case], Change]] = {
    Action.DISPATCH: _dispatched,
    Action.TRANSFER: _transferred,
    Action.MERGE: _merged,
    Action.REOPEN: lambda _: Change({"merged_into": None}),
    Action.MOVE: _moved,
    Action.CONFIRM: _confirmed,
    Action.REJECT: _rejected,
    Action.ASK: lambda case: Change({"flags": with_flag(case.issue.flags, ASKED)}),
    Action.CLAIM: lambda case: Change({"claimed_by": case.actor.name, "claimed_us": case.at_us}),
    Action.RELEASE: lambda _: Change({"claimed_by": None, "claimed_us": None}),
    Action.UNDO: _undone,
}
