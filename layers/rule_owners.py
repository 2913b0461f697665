"""Owners as rules and people name them, and a generation under other rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from layers.generation import Generation
from layers.rules import FIXED, Owner, Rule


def owner_text(owner_id: str, name: str) -> str:
    """An owner as people read it: id and name, once where they are the same."""
    return owner_id if name in ("", owner_id) else f"{owner_id} {name}"


def owner_positions(generation: Generation) -> dict[str, frozenset[int]]:
    """The owners that a text may mean: the one with this id, else all with this name."""
    found: dict[str, frozenset[int]] = {}
    for position, owner in enumerate(generation.owners):
        for name in filter(None, (owner.name, owner.name_en)):
            found[name] = found.get(name, frozenset()) | {position}
    return found | {owner.id: frozenset({position}) for position, owner in enumerate(generation.owners)}


def with_rules(generation: Generation, rules: Sequence[Rule], owners: Sequence[Owner]) -> Generation:
    """A generation under other rules; owners that are declared with them join its own, or rename them."""
    bodies, undeclared = list(generation.owners), list(generation.undeclared)
    for owner in owners:
        # What a layer called by this id or, without a declaration, by this name is this owner.
        same = [i for i, o in enumerate(bodies) if o.id == owner.id] or [
            i for i, o in enumerate(bodies) if o.id == owner.name and o.id in undeclared
        ]
        if same:
            undeclared = [name for name in undeclared if name != bodies[same[0]].id]
            bodies[same[0]] = owner
        else:
            bodies.append(owner)
    fixed = [_position(bodies, undeclared, rule.target) if rule.via == FIXED else -1 for rule in rules]
    config = replace(generation.config, rules=tuple(rules), owners=tuple(owners) or generation.config.owners)
    return replace(
        generation,
        config=config,
        owners=tuple(bodies),
        fixed_owner=tuple(fixed),
        undeclared=tuple(undeclared),
    )


def _position(bodies: list[Owner], undeclared: list[str], reference: str) -> int:
    """Where the owner of this id or name stands; one that is not there is added."""
    for key in ("id", "name"):
        found = [i for i, owner in enumerate(bodies) if getattr(owner, key) == reference]
        if found:
            return found[0]
    undeclared.append(reference)
    bodies.append(Owner(reference, reference))
    return len(bodies) - 1
