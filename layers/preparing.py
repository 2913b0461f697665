"""Reports made ready to be stored: located, assigned, and compared with open issues."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geo.crs import Reference
from geo.duplicates import Telling
from geo.types import Datum
from layers.assign import Assignments, assign
from layers.incoming import Incoming
from layers.issue_fields import fields_of
from layers.live import LiveCity, Words
from layers.open_issues import Said, SuspectIssue
from layers.positions import Positions, read_positions
from layers.proof import Proof, prove_all
from layers.store.values import NewIssue, NewReport, Private


@dataclass(frozen=True, slots=True)
class Prepared:
    """A report that is located and assigned, ready to be stored.

    Attributes:
        said: what memory keeps of the report.
        telling: what duplicates of it are told by.
        suspects: open issues that it may repeat, the likeliest first.
    """

    report: NewReport
    issue: NewIssue
    said: Said
    telling: Telling
    proof: Proof
    suspects: list[SuspectIssue]

    @property
    def flags(self) -> tuple[str, ...]:
        """What does not fit together in it."""
        return tuple(flag for flag in self.issue.flags.split(",") if flag)


def prepare(city: LiveCity, reports: Sequence[Incoming], at_us: int) -> list[Prepared]:
    """Locate and assign reports, all of one generation at once."""
    groups: defaultdict[int, list[int]] = defaultdict(list)
    words: dict[int, Words] = {}
    for row, report in enumerate(reports):
        by = city.words_at(at_us if report.occurred_us is None else report.occurred_us)
        groups[id(by)].append(row)
        words[id(by)] = by
    found: dict[int, Prepared] = {}
    for key, rows in groups.items():
        found |= dict(zip(rows, _prepare(city, words[key], [reports[r] for r in rows], at_us), strict=True))
    return [found[row] for row in range(len(reports))]


def _prepare(city: LiveCity, words: Words, reports: Sequence[Incoming], at_us: int) -> list[Prepared]:
    generation = words.generation
    where = read_positions(generation, words.finder, reports)
    answers = assign(
        generation, where.lng, where.lat, category=[r.category for r in reports],
        accuracy_m=where.accuracy_m, level=where.level, text=[r.text for r in reports],
        occurred_at=np.array([_at(r, at_us) for r in reports], dtype="datetime64[us]"),
        shape=list(where.shapes), extent=where.extents,
    )  # fmt: skip
    proofs = prove_all(answers)
    issues = [_new_issue(answers, row, proofs[row], where, at_us) for row in range(len(reports))]
    said = [
        Said(report.text, float(answers.evidence.deviation_m[row]), _at(report, at_us))
        for row, report in enumerate(reports)
    ]
    tellings = city.open.tellings(list(zip(issues, said, strict=True)))
    suspects = city.open.suspects_each(tellings)
    made = [
        _new_report(report, sources, generation.id, at_us)
        for report, sources in zip(reports, where.sources, strict=True)
    ]
    return [Prepared(*one) for one in zip(made, issues, said, tellings, proofs, suspects, strict=True)]


def _at(report: Incoming, at_us: int) -> int:
    return at_us if report.occurred_us is None else report.occurred_us


def _new_report(report: Incoming, sources: str, generation: str, at_us: int) -> NewReport:
    photos = tuple(photo.sha256 for photo in report.photos)
    return NewReport(
        channel=report.channel, received_us=at_us, occurred_us=_at(report, at_us),
        body_digest=report.body_digest, external_id=report.external_id, zone_assumed=report.zone_assumed,
        lng=report.lng, lat=report.lat, datum=_datum(report.reference), accuracy_m=report.accuracy_m,
        level=report.level, geometry=None if report.geometry is None else shapely.to_wkb(report.geometry),
        category=report.category, generation=generation,
        private=Private(report.reporter, report.contact, report.text, photos, sources),
    )  # fmt: skip


def _datum(reference: Reference) -> str:
    return reference.value if isinstance(reference, Datum) else f"EPSG:{reference.to_epsg()}"


def _new_issue(answers: Assignments, row: int, proof: Proof, where: Positions, at_us: int) -> NewIssue:
    category = str(answers.categories[row])
    fields: dict[str, Any] = {**fields_of(answers, row, proof)}
    due_us = answers.generation.config.limits.due_at(category, at_us)
    return NewIssue(category=category, flags=",".join(where.flags[row]), due_us=due_us, **fields)
