"""Why a rule did not give the owner that somebody expected, and which other one would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from layers.findings import Lang
from layers.generation import Positions
from layers.resolve import Facts, answer_of, named_by, unmet
from layers.rule_messages import SENTENCES
from layers.rule_owners import owner_text


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a case asks for.

    Attributes:
        owners: positions of the owners that fulfil it; none means that nobody shall answer.
        rule: id of the rule that shall answer; empty for any.
    """

    role: str
    owners: frozenset[int]
    rule: str = ""

    def is_met(self, owner: int, rule: str) -> bool:
        """Whether an owner (-1 for nobody), given by a rule, is what was asked for."""
        right = owner in self.owners if self.owners else owner < 0
        return right and self.rule in ("", rule)


def hints(facts: Facts, wanted: Sequence[Wanted], answered: Positions, lang: Lang) -> list[str]:
    """A sentence for each report that got another answer than was wanted; empty where no rule is near it.

    A rule that matches and stands too far down comes first, then the one of which fewest conditions fail.

    Args:
        facts: of the reports.
        wanted: what each should have got.
        answered: per report, the position of the rule that answered, -1 for none.
    """
    found = [""] * len(wanted)
    fewest = [len(facts.generation.config.rules) + 99] * len(wanted)
    for number, rule in enumerate(facts.generation.config.rules):
        rows = [i for i, w in enumerate(wanted) if rule.role == w.role and w.rule in ("", rule.id)]
        if not rows:
            continue
        own, named, failing = answer_of(facts, number), named_by(facts, number), unmet(facts, number)
        for i in rows:
            asked_for = named[i] in wanted[i].owners or wanted[i].rule
            if not asked_for or number == answered[i] or (own[i] >= 0 and not 0 <= answered[i] < number):
                continue
            score = 0 if own[i] >= 0 else 1 + len(failing[i])
            if score < fewest[i]:
                fewest[i] = score
                found[i] = _sentence(facts, number, int(answered[i]), int(named[i]), failing[i], lang)
    return found


def _sentence(facts: Facts, number: int, answered: int, named: int, failing: set[str], lang: Lang) -> str:
    said, generation = SENTENCES[lang], facts.generation
    rule = generation.config.rules[number].id
    if not failing and named < 0:
        return said["hint.names_nobody"].format(rule=rule)
    conditions = ", ".join(sorted(failing))
    if named < 0:
        return said["hint.unmet_rule"].format(rule=rule, conditions=conditions)
    owner = owner_text(generation.owners[named].id, generation.owners[named].name)
    if failing:
        return said["hint.unmet"].format(rule=rule, owner=owner, conditions=conditions)
    above = generation.config.rules[answered].id
    return said["hint.later"].format(rule=rule, owner=owner, above=above)
