"""What answers say, as columns that hold each text once: cells, assets, owners, and what sentences need."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from layers.assets import AssetAnswer
from layers.assign import CERTAIN, LIKELY, Assignments
from layers.coded import Coded, coded_at, coded_choice, coded_numbers, coded_words, nothing, together
from layers.findings import Lang
from layers.generation import NONE, Generation, Objects, Positions
from layers.rules import AREA, CELL, ROLES
from layers.surroundings import NEIGHBOUR
from layers.verdicts import ASSET_BOUND, SECTION_BOUND, STREET_BOUND

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Column = Coded | Floats

MOST_CANDIDATES = 3  # assets that an answer lists where it is bound to none


def coded_columns(answers: Assignments, problems: Sequence[str] | Objects | None = None) -> dict[str, Column]:
    """The columns of `layers.answers.answer_columns`; texts are coded, numbers as they are.

    Args:
        answers: the assignments.
        problems: as there.
    """
    category, topology = coded_words(answers.categories), coded_words(answers.cells.topology)
    deep = answers.cells.is_deep
    area_kind, area_name = _rule_areas(answers)
    said = nothing(len(answers)) if problems is None else coded_words(np.asarray(problems, dtype=object))
    return {
        **_evidence_columns(answers, category),
        **_place_columns(answers, topology),
        **_owner_columns(answers, deep),
        "area_kind": area_kind,
        "area_name": area_name,
        "parts": _parts(answers, said, category, topology, deep),
    }


def _evidence_columns(answers: Assignments, category: Coded) -> dict[str, Column]:
    evidence = answers.evidence
    level = coded_numbers(evidence.level)
    levels = [f"{float(text):g}" if text else "nan" for text in level.values]
    return {
        "lng": evidence.lng,
        "lat": evidence.lat,
        "accuracy_m": evidence.accuracy_m.round(1),
        "level": Coded(level.codes, np.array(levels, dtype=object)),
        "category": category,
        "category_name_zh": _category_names(answers, category, "zh"),
        "category_name_en": _category_names(answers, category, "en"),
    }


def _place_columns(answers: Assignments, topology: Coded) -> dict[str, Column]:
    generation, found, assets = answers.generation, answers.cells, answers.assets
    of_cell, at_asset = generation.lookups.cell_texts, _asset_positions(generation, assets)
    return {
        "cell_code": Coded(found.cell, of_cell["code"]),
        "cell_name": Coded(found.cell, of_cell["name"]),
        "cell_path": Coded(found.cell, of_cell["path"]),
        "topology": topology,
        "cell_m": found.distance_m.round(1),
        "nearest_code": Coded(found.nearest, of_cell["code"]),
        "nearest_name": Coded(found.nearest, of_cell["name"]),
        "cells": _rivals(answers),
        "neighbour_name": _area_names(answers, NEIGHBOUR, found.neighbour),
        "asset_id": Coded(at_asset, generation.lookups.asset_texts["id"]),
        "asset_name": Coded(at_asset, generation.lookups.asset_texts["name"]),
        "asset_kind": Coded(assets.kind, np.array([*assets.kinds, ""], dtype=object)),
        "asset_m": assets.distance_m.round(3).round(1),  # by way of the proof's digits
        "asset_share": _percent(answers.verdicts.bound.share),
        "candidates": _candidates(answers),
        "section_name": _section_names(answers),
    }


def _owner_columns(answers: Assignments, deep: Bools) -> dict[str, Column]:
    verdicts, owners = answers.verdicts, answers.generation.owners
    owner_id = np.array([*(owner.id for owner in owners), ""], dtype=object)
    owner_name = np.array([*(owner.name for owner in owners), ""], dtype=object)
    rules = np.array([*(rule.id for rule in answers.generation.config.rules), ""], dtype=object)
    others = {role: Coded(owner, owner_name) for role, (_, owner) in verdicts.others.items()}
    nobody = nothing(len(answers))
    return {
        "certainty": _certainty(answers, deep),
        "owner_id": Coded(verdicts.owner, owner_id),
        "owner_name": Coded(verdicts.owner, owner_name),
        # The share is not known in a deep gap, which may be somebody else's.
        "owner_share": np.where(deep, np.nan, verdicts.share).round(6).round(3),  # likewise
        "owner_percent": _percent(verdicts.share),
        "alt_owner_id": Coded(verdicts.rival, owner_id),
        "alt_owner_name": Coded(verdicts.rival, owner_name),
        "rule": Coded(verdicts.rule, rules),
        **{role: others.get(role, nobody) for role in ROLES[1:]},
        "question_zh": coded_words(verdicts.question_zh),
        "question_en": coded_words(verdicts.question_en),
    }


def coded_certainty(answers: Assignments) -> Coded:
    """About the owner: certain, likely, ambiguous; empty where nobody answers."""
    return _certainty(answers, answers.cells.is_deep)


def _certainty(answers: Assignments, deep: Bools) -> Coded:
    share = answers.verdicts.share
    return coded_choice(
        len(answers), (deep & (answers.owner >= 0), "ambiguous"),
        (share >= CERTAIN, "certain"), (share >= LIKELY, "likely"), (share >= 0, "ambiguous"),
    )  # fmt: skip


_PERCENTS = np.array([*map(str, range(101)), ""], dtype=object)


def _percent(share: Floats) -> Coded:
    """Whole percents as texts, never 100 where something is left, nor 0; empty where not known."""
    whole = np.where(share >= 1 - 1e-9, 100, np.clip(np.nan_to_num(share * 100).round(), 1, 99))
    return Coded(np.where(np.isnan(share), NONE, whole).astype(np.intp), _PERCENTS)


def _asset_positions(generation: Generation, assets: AssetAnswer) -> Positions:
    """Positions in tables over the assets of all kinds, -1 for none."""
    start = generation.lookups.first_asset
    return np.where(assets.kind >= 0, start[assets.kind] + assets.position, NONE)


def _candidates(answers: Assignments) -> Coded:
    """The first assets that a report may concern, with their shares, where it is bound to none of them."""
    shares = answers.verdicts.assets
    open_ = (answers.verdicts.bound.what != ASSET_BOUND)[shares.row] & (shares.share > 0)
    row = shares.row[open_]
    turn = np.arange(len(row)) - np.searchsorted(row, row)
    entries = np.flatnonzero(open_)[turn < MOST_CANDIDATES]
    of = AssetAnswer(
        answers.assets.kinds, shares.kind[entries], shares.position[entries], shares.distance_m[entries]
    )
    ids = answers.generation.lookups.asset_texts["id"][_asset_positions(answers.generation, of)]
    percent = _percent(shares.share[entries]).decoded()
    said = (f"{id_} ({part} %)" for id_, part in zip(ids, percent, strict=True))
    return _listed(len(answers), shares.row[entries], list(said))


def _listed(count: int, row: Positions, texts: Sequence[str]) -> Coded:
    """The texts of each row, which are sorted by row, in one, with commas between them."""
    grouped = groupby(zip(row.tolist(), texts, strict=True), key=lambda pair: pair[0])
    lists = [(at, ", ".join(text for _, text in pairs)) for at, pairs in grouped]
    return coded_at(count, [at for at, _ in lists], [text for _, text in lists])


def _section_names(answers: Assignments) -> Coded:
    """The name of the section that gave the owner, or that the report is bound to."""
    said = nothing(len(answers))
    for kind, place in reversed(list(answers.verdicts.sections.items())):
        there = place.position >= 0
        names = answers.generation.sections[kind].name
        codes = np.where(there, place.position, said.codes + np.where(said.codes >= 0, len(names), 0))
        said = Coded(codes, np.concatenate([names, said.values]))
    return said


def _area_names(answers: Assignments, kind: str, position: Positions) -> Coded:
    if kind not in answers.generation.areas:
        return nothing(len(answers))
    return Coded(position, np.append(answers.generation.areas[kind].name, ""))


def _rivals(answers: Assignments) -> Coded:
    """The cells that tie for a position, by name and code."""
    cells, (row, cell) = answers.generation.cells, answers.cells.rivals
    texts = [f"{cells.name[at]} ({cells.code[at]})" for at in cell]
    return _listed(len(answers), row, texts)


def _category_names(answers: Assignments, category: Coded, lang: Lang) -> Coded:
    """Names in a language; an unknown category is its own name."""
    table = answers.generation.config.categories
    names = [table[code].name(lang) if code in table else code for code in map(str, category.values)]
    return Coded(category.codes, np.array(names, dtype=object))


def _rule_areas(answers: Assignments) -> tuple[Coded, Coded]:
    """Kind and name of the area that gave the owner, where one did."""
    count, rules = len(answers), answers.generation.config.rules
    targets = [rule.target if rule.via == AREA and rule.target in answers.areas else "" for rule in rules]
    kind = Coded(answers.rule, np.array([*targets, ""], dtype=object))
    name = nothing(count)
    for target in sorted(set(targets) - {""}):
        names = np.append(answers.generation.areas[target].name, "")
        rows = np.isin(answers.rule, [at for at, one in enumerate(targets) if one == target])
        position = np.where(answers.areas[target] < 0, len(names) - 1, answers.areas[target])
        codes = np.where(rows, position, np.where(name.codes < 0, NONE, name.codes + len(names)))
        name = Coded(codes, np.concatenate([names, name.values]))
    return kind, name


# ---- the sentences that explain an answer


def _parts(answers: Assignments, problems: Coded, category: Coded, topology: Coded, deep: Bools) -> Coded:
    """The sentences that explain each row, as tuples of keys of `layers.reasons.TEMPLATES`."""
    verdicts, evidence, count = answers.verdicts, answers.evidence, len(answers)
    table = answers.generation.config.categories
    known = np.array([code == "" or code in table for code in map(str, category.values)])
    open_share = verdicts.share < CERTAIN
    columns = (
        problems,
        _where(answers, topology, deep),
        coded_choice(
            count, (evidence.is_shape & evidence.extents, "shape.extent"), (evidence.is_shape, "shape.place"),
            (evidence.accuracy_m > 0, "accuracy.weighed"),
        ),
        Coded(category.codes, np.where(known, "", "category.unknown").astype(object)),
        _asset_parts(answers, category),
        _via(answers),
        *(coded_choice(count, (owner >= 0, f"role.{role}")) for role, (_, owner) in verdicts.others.items()),
        coded_choice(
            count, (open_share & (verdicts.rival >= 0), "share.rival"), (open_share, "share.alone")
        ),
        coded_choice(count, (~coded_words(verdicts.question_zh).equal(""), "question")),
    )  # fmt: skip
    which, first = together(columns)
    rows = zip(*(column.take(first).decoded() for column in columns), strict=True)
    said = [(row[1], f"problem.{row[0]}") if row[0] else tuple(part for part in row if part) for row in rows]
    values = np.empty(len(said), dtype=object)
    values[:] = said
    return Coded(which, values)


def _where(answers: Assignments, topology: Coded, deep: Bools) -> Coded:
    found, outside = answers.cells, topology.equal("outside")
    special = (
        (outside & (found.nearest == NONE), "topology.nowhere"),
        (outside & (found.neighbour >= 0), "topology.neighbour"),
        (outside & (found.cell >= 0), "topology.near"),
        (deep, "topology.deep_gap"),
        (found.is_tied & ~answers.is_tie_break, "topology.held"),
    )
    codes, values = topology.codes.copy(), [f"topology.{word}" for word in topology.values]
    for rows, word in reversed(special):
        codes[rows] = len(values)
        values.append(word)
    return Coded(codes, np.array(values, dtype=object))


def _via(answers: Assignments) -> Coded:
    """How the lead owner was reached."""
    rules = answers.generation.config.rules
    words = [*(f"via.{rule.via}" for rule in rules), "via.holder", "via.other_cell", "via.none"]
    by_cell = np.array([*(rule.via == CELL for rule in rules), False])[answers.rule]
    codes = answers.rule.copy()
    body = np.append(answers.generation.cells.body, NONE)[answers.cells.cell]
    codes[by_cell & (body != answers.owner)] = len(rules) + 1
    codes[by_cell & (answers.holders.edge >= 0)] = len(rules)
    return Coded(codes, np.array(words, dtype=object))


def _asset_parts(answers: Assignments, category: Coded) -> Coded:
    bound, shares = answers.verdicts.bound, answers.verdicts.assets
    table = answers.generation.config.categories
    wanting = np.array(
        [code in table and bool(table[code].asset_kinds) for code in category.values], dtype=bool
    )
    doubtful = np.zeros(len(answers), dtype=bool)
    doubtful[shares.row[shares.share > 0]] = True
    what, sure = coded_words(bound.what), bound.share >= 1 - 1e-9
    is_asset = what.equal(ASSET_BOUND)
    return coded_choice(
        len(answers),
        (what.equal(SECTION_BOUND), "asset.section"), (what.equal(STREET_BOUND), "asset.street"),
        (is_asset & ~sure, "asset.likely"), (is_asset & sure, "asset.found"),
        (doubtful & what.equal(""), "asset.open"), (wanting[category.codes], "asset.none"),
    )  # fmt: skip
