"""What rules looked at when they answered, and what they answered in each role."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from layers.assign import Assignments
from layers.generation import NONE, Objects
from layers.resolve import Facts
from layers.rules import LEAD


def facts_of(answers: Assignments) -> Facts:
    """What the rules looked at, as far as one place and one asset a report tell it."""
    evidence, held = answers.evidence, answers.holders
    cell = np.where(held.cell >= 0, held.cell, answers.cells.cell)
    sections = {kind: place.position for kind, place in answers.verdicts.sections.items()}
    return Facts(
        answers.generation, answers.categories, cell, answers.areas, answers.assets,
        evidence.occurred_at, sections, held.owner,
    )  # fmt: skip


def in_role(answers: Assignments, role: Objects) -> Assignments:
    """The answers with the rule and the owner of the role that is asked of each report in the lead's place.

    How sure a role other than the lead is, is not known: its share is NaN.
    """
    verdicts = answers.verdicts
    rule, owner, rival = (column.copy() for column in (verdicts.rule, verdicts.owner, verdicts.rival))
    share = verdicts.share.copy()
    for other in set(role) - {LEAD}:
        rows = role == other
        nobody = np.full(len(rule), NONE, dtype=np.intp)
        its_rule, its_owner = verdicts.others.get(other, (nobody, nobody))
        rule[rows], owner[rows] = its_rule[rows], its_owner[rows]
        share[rows], rival[rows] = np.nan, NONE
    asked = replace(verdicts, rule=rule, owner=owner, share=share, rival=rival, others={})
    return replace(answers, verdicts=asked)
