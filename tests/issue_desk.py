"""Issues of the small city, and people who act on them, for the tests of what is done with an issue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cities import at
from stores import NOON, file_one, new_report

from layers.actions import Asked, act, allowed_actions
from layers.actors import Actor
from layers.assign import assign
from layers.generation import Generation
from layers.issue_fields import fields_of
from layers.life_cycle import Action, Role
from layers.proof import prove
from layers.store import Store
from layers.store.issues import read_issue
from layers.store.values import Issue, IssueRecord, Private

HOUR_US = 3_600_000_000
NEAR_L0, NEAR_L1, NO_LAMP = at(0.5, 0.5), at(1.5, 0.5), at(0.2, 0.8)
OWNER_L0, OWNER_L1, OWNER_CELL = "lamps", "parks", "body-00"
OUTSIDE = at(-30, -30)
GONE = {"version", "seq", "updated_us", "report_count"}  # what an undo leaves as it is


def said(issue: Issue) -> dict[str, object]:
    """What an issue says of itself, but for what counts its changes."""
    return {name: value for name, value in asdict(issue).items() if name not in GONE}


@dataclass
class IssueDesk:
    """A store, the generation that answers, and what time it is."""

    store: Store
    generation: Generation
    now_us: int = NOON

    def report(
        self, place: Sequence[float] = NEAR_L0, category: str = "0118", text: str = "", accuracy_m: float = 0
    ) -> str:
        """File a report as it would come in; returns the uid of the issue that it opens."""
        answers = assign(
            self.generation, *([value] for value in place), category=[category], accuracy_m=[accuracy_m],
            text=[text],
        )  # fmt: skip
        fields = dict(fields_of(answers, 0, prove(answers)))
        report = new_report(lng=place[0], lat=place[1], category=category, private=Private(text=text))
        return file_one(self.store, self.now_us, report, category=category, **fields).issue_uid

    def do(
        self, name: str, action: str, role: Role = Role.DISPATCHER, cells: tuple[str, ...] = (), **asked: Any
    ) -> Issue:
        """Act on an issue, at its version unless another one is said, as somebody of a role."""
        return self.do_all(name, action, role, cells, **asked)[0]

    def do_all(
        self,
        name: str,
        action: str,
        role: Role = Role.DISPATCHER,
        cells: tuple[str, ...] = (),
        who: str = "",
        after_us: int = HOUR_US,
        **asked: Any,
    ) -> tuple[Issue, ...]:
        """The same; returns the other issues that changed, too."""
        given = {"version": self.record(name).issue.version, **asked}
        actor, self.now_us = Actor(who or f"a {role.value}", role, cells), self.now_us + after_us
        said = Asked(action, **given)
        return self.store.write(
            lambda connection: act(self.generation, connection, name, said, actor, self.now_us)
        )

    def may(self, name: str, role: Role = Role.DISPATCHER, who: str = "") -> tuple[Action, ...]:
        """What somebody of a role may do with an issue, an instant after the last action."""
        actor = Actor(who or f"a {role.value}", role)
        claim_us = self.generation.config.limits.claim_us
        return allowed_actions(self.record(name), actor, claim_us=claim_us, now_us=self.now_us)

    def record(self, name: str) -> IssueRecord:
        """An issue with its events."""
        with self.store.reading() as connection:
            record = read_issue(connection, name)
        assert record is not None
        return record

    def issue(self, name: str) -> Issue:
        """An issue as it stands."""
        return self.record(name).issue
