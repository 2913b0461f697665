"""Assignments as tables: the columns that files, programs and maps read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.assign import CERTAIN, LIKELY, Assignments
from layers.findings import Lang
from layers.generation import NONE, Objects, Positions
from layers.reasons import sentence
from layers.rules import AREA
from layers.terms import term

# What `locate` adds to a file, in this order.
ANSWER_COLUMNS = (
    *("cell_code", "cell_name", "cell_path", "topology", "certainty", "asset_id", "asset_kind", "asset_m"),
    *("owner_id", "owner_name", "owner_share", "alt_owner_id", "rule", "reason"),
)


def answer_frame(answers: Assignments, problems: Sequence[str] | None = None) -> pd.DataFrame:
    """One row a report: `ANSWER_COLUMNS` but the reason, and what the reason's sentences need.

    Args:
        answers: the assignments.
        problems: per row, what is wrong with its position (a ``problem.`` key of
            `layers.reasons.TEMPLATES` without its prefix), empty where nothing is.
    """
    generation = answers.generation
    cells, found = generation.cells, answers.cells
    owners = generation.owners
    owner_id = np.array([*(owner.id for owner in owners), ""], dtype=object)
    owner_name = np.array([*(owner.name for owner in owners), ""], dtype=object)
    kind = np.array([*answers.assets.kinds, ""], dtype=object)[answers.assets.kind]
    frame = pd.DataFrame(
        {
            "lng": answers.lng,
            "lat": answers.lat,
            "accuracy_m": answers.accuracy_m.round(1),
            "category": answers.categories,
            "cell_code": _pick(cells.code, found.cell),
            "cell_name": _pick(cells.name, found.cell),
            "cell_path": _pick(cells.path, found.cell),
            "topology": found.topology,
            "certainty": _certainty(answers),
            "asset_id": _asset_texts(answers, {k: f.id for k, f in generation.assets.items()}),
            "asset_kind": kind,
            "asset_m": answers.assets.distance_m.round(1),
            "owner_id": owner_id[answers.owner],
            "owner_name": owner_name[answers.owner],
            "owner_share": answers.owner_share.round(3),
            "alt_owner_id": owner_id[answers.rival_owner],
            "rule": np.array([*(rule.id for rule in generation.config.rules), ""], dtype=object)[
                answers.rule
            ],
            "cell_m": found.distance_m.round(1),
            "nearest_code": _pick(cells.code, found.nearest),
            "nearest_name": _pick(cells.name, found.nearest),
            "cells": _rivals(answers),
            "neighbour_name": _area_texts(answers, "neighbour", found.neighbour),
            "category_name_zh": _category_names(answers, "zh"),
            "category_name_en": _category_names(answers, "en"),
        },
        copy=False,
    )
    frame["area_kind"], frame["area_name"] = _rule_areas(answers)
    frame["parts"] = _parts(answers, list(problems) if problems is not None else [""] * len(answers))
    return frame


def reasons(frame: pd.DataFrame, languages: Sequence[Lang]) -> list[str]:
    """Each row's reason, in the languages, the first one first, separated by a bar."""
    said = [_sentences(frame, lang) for lang in languages]
    return [" | ".join(row) for row in zip(*said, strict=True)]


def _sentences(frame: pd.DataFrame, lang: Lang) -> list[str]:
    facts = frame.drop(columns="parts").astype(object)
    facts = facts.where(facts.notna(), "")
    facts["category_name"] = facts[f"category_name_{lang}"]
    for kind in ("asset_kind", "area_kind"):
        facts[kind] = facts[kind].map({word: term(lang, word) for word in facts[kind].unique()})
    columns = list(facts.columns)
    rows = zip(frame["parts"], facts.itertuples(index=False, name=None), strict=True)
    return [sentence(lang, parts, dict(zip(columns, row, strict=True))) for parts, row in rows]


def _pick(values: Objects, position: Positions) -> Objects:
    """``values[position]``, and an empty text where the position is -1."""
    return np.append(values, "")[position]


def _certainty(answers: Assignments) -> Objects:
    """About the owner; empty where nobody answers or a stated accuracy was not weighed."""
    share = answers.owner_share
    words = np.select([share >= CERTAIN, share >= LIKELY, share >= 0], ["certain", "likely", "ambiguous"], "")
    words[answers.cells.is_deep & (answers.owner >= 0)] = "ambiguous"
    return words.astype(object)


def _asset_texts(answers: Assignments, values: dict[str, Objects]) -> Objects:
    picked = np.full(len(answers), "", dtype=object)
    for number, kind in enumerate(answers.assets.kinds):
        of_kind = answers.assets.kind == number
        picked[of_kind] = values[kind][answers.assets.position[of_kind]]
    return picked


def _area_texts(answers: Assignments, kind: str, position: Positions) -> Objects:
    if kind not in answers.generation.areas:
        return np.full(len(answers), "", dtype=object)
    return _pick(answers.generation.areas[kind].name, position)


def _rivals(answers: Assignments) -> Objects:
    """The cells that tie for a position, by name and code."""
    tied = np.full(len(answers), "", dtype=object)
    cells = answers.generation.cells
    for row, cell in zip(*answers.cells.rivals, strict=True):
        tied[row] += ("" if not tied[row] else ", ") + f"{cells.name[cell]} ({cells.code[cell]})"
    return tied


def _category_names(answers: Assignments, lang: Lang) -> Objects:
    """Names in a language; an unknown category is its own name."""
    table = answers.generation.config.categories
    codes, row = np.unique(answers.categories.astype(str), return_inverse=True)
    names = [table[code].name(lang) if code in table else code for code in codes]
    return np.array(names, dtype=object)[row]


def _rule_areas(answers: Assignments) -> tuple[Objects, Objects]:
    """Kind and name of the area that gave the owner, where one did."""
    kinds, names = np.full(len(answers), "", dtype=object), np.full(len(answers), "", dtype=object)
    for number, rule in enumerate(answers.generation.config.rules):
        if rule.via == AREA and rule.target in answers.areas:
            rows = answers.rule == number
            kinds[rows] = rule.target
            names[rows] = _area_texts(answers, rule.target, answers.areas[rule.target])[rows]
    return kinds, names


def _parts(answers: Assignments, problems: Sequence[str]) -> list[tuple[str, ...]]:
    """The sentences that explain each row, as keys of `layers.reasons.TEMPLATES`."""
    rules = answers.generation.config.rules
    via = np.array([*(f"via.{rule.via}" for rule in rules), "via.none"], dtype=object)[answers.rule]
    where = np.array([f"topology.{t}" for t in answers.cells.topology], dtype=object)
    outside = answers.cells.topology == "outside"
    where[answers.cells.is_deep] = "topology.deep_gap"
    where[outside & (answers.cells.cell >= 0)] = "topology.near"
    where[outside & (answers.cells.neighbour >= 0)] = "topology.neighbour"
    where[outside & (answers.cells.nearest == NONE)] = "topology.nowhere"
    asset = _asset_parts(answers)
    accuracy = np.where(answers.accuracy_m > 0, "accuracy.unweighed", "").astype(object)
    known = np.isin(answers.categories.astype(str), ["", *answers.generation.config.categories])
    category = np.where(known, "", "category.unknown").astype(object)
    rows = zip(problems, where, category, asset, via, accuracy, strict=True)
    return [(row[1], f"problem.{row[0]}") if row[0] else tuple(part for part in row if part) for row in rows]


def _asset_parts(answers: Assignments) -> NDArray[np.object_]:
    table = answers.generation.config.categories
    wanting = [code for code, category in table.items() if category.asset_kinds]
    wanted = np.isin(answers.categories.astype(str), wanting)
    parts = np.where(wanted, "asset.none", "").astype(object)
    parts[answers.assets.kind >= 0] = "asset.found"
    return parts
