"""What rules looked at when they answered, and what they answered in each role."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from layers.assign import Assignments
from layers.generation import NONE, Objects, Positions
from layers.resolve import Facts
from layers.rules import LEAD


def facts_of(answers: Assignments) -> Facts:
    """What the rules looked at, as far as one place and one asset a report tell it."""
    evidence, verdicts, held = answers.evidence, answers.verdicts, answers.holders
    cell = np.where(held.cell >= 0, held.cell, answers.cells.cell)
    sections = {kind: place.position for kind, place in verdicts.sections.items()}
    return Facts(
        answers.generation, evidence.codes, cell, answers.areas, verdicts.bound.assets,
        evidence.occurred_at, sections, held.owner,
    )  # fmt: skip


def lead_owner(answers: Assignments) -> Positions:
    """The position of each report's lead owner, -1 for nobody."""
    return answers.verdicts.owner


def rule_and_owner(answers: Assignments, role: Objects) -> tuple[Positions, Positions]:
    """The rule that answered each report in the role that is asked of it, and its owner; -1 for none."""
    verdicts = answers.verdicts
    rule, owner = verdicts.rule.copy(), verdicts.owner.copy()
    for other in set(role) - {LEAD}:
        rows = role == other
        nobody = np.full(len(rule), NONE, dtype=np.intp)
        its_rule, its_owner = verdicts.others.get(other, (nobody, nobody))
        rule[rows], owner[rows] = its_rule[rows], its_owner[rows]
    return rule, owner


def in_role(answers: Assignments, rule: Positions, owner: Positions) -> Assignments:
    """The answers with other rules and owners in the place of the lead's."""
    return replace(answers, verdicts=replace(answers.verdicts, rule=rule, owner=owner))


def categories_of(answers: Assignments) -> Objects:
    """The code of each report's category."""
    return answers.evidence.codes
