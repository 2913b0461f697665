"""Assignments as tables: the columns that files, programs and maps read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.assets import AssetAnswer
from layers.assign import CERTAIN, LIKELY, Assignments
from layers.findings import Lang
from layers.generation import NONE, Generation, Objects, Positions
from layers.reasons import sentence
from layers.rules import AREA, ROLES
from layers.surroundings import NEIGHBOUR
from layers.terms import term
from layers.verdicts import ASSET_BOUND, SECTION_BOUND, STREET_BOUND

Floats = NDArray[np.float64]

MOST_CANDIDATES = 3  # assets that an answer lists where it is bound to none
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
    return pd.DataFrame(answer_columns(answers, problems), copy=False)


def answer_columns(answers: Assignments, problems: Sequence[str] | None = None) -> dict[str, Any]:
    """The columns of `answer_frame`, for those who need no table."""
    area_kind, area_name = _rule_areas(answers)
    return {
        **_evidence_columns(answers),
        **_place_columns(answers),
        **_owner_columns(answers),
        "area_kind": area_kind,
        "area_name": area_name,
        "parts": _parts(answers, list(problems) if problems is not None else [""] * len(answers)),
    }


def _evidence_columns(answers: Assignments) -> dict[str, Any]:
    evidence = answers.evidence
    return {
        "lng": evidence.lng,
        "lat": evidence.lat,
        "accuracy_m": evidence.accuracy_m.round(1),
        "level": np.char.mod("%g", evidence.level).astype(object),
        "category": evidence.codes,
        "category_name_zh": _category_names(answers, "zh"),
        "category_name_en": _category_names(answers, "en"),
    }


def _place_columns(answers: Assignments) -> dict[str, Any]:
    cells, found = answers.generation.cells, answers.cells
    assets = answers.assets
    return {
        "cell_code": _pick(cells.code, found.cell),
        "cell_name": _pick(cells.name, found.cell),
        "cell_path": _pick(cells.path, found.cell),
        "topology": found.topology,
        "cell_m": found.distance_m.round(1),
        "nearest_code": _pick(cells.code, found.nearest),
        "nearest_name": _pick(cells.name, found.nearest),
        "cells": _rivals(answers),
        "neighbour_name": _area_texts(answers, NEIGHBOUR, found.neighbour),
        "asset_id": asset_texts(answers.generation, assets, "id"),
        "asset_name": asset_texts(answers.generation, assets, "name"),
        "asset_kind": np.array([*assets.kinds, ""], dtype=object)[assets.kind],
        "asset_m": assets.distance_m.round(3).round(1),  # by way of the proof's digits
        "asset_share": _percent(answers.verdicts.bound.share),
        "candidates": _candidates(answers),
        "section_name": _section_names(answers),
    }


def _owner_columns(answers: Assignments) -> dict[str, Any]:
    verdicts, owners = answers.verdicts, answers.generation.owners
    owner_id = np.array([*(owner.id for owner in owners), ""], dtype=object)
    owner_name = np.array([*(owner.name for owner in owners), ""], dtype=object)
    rules = np.array([*(rule.id for rule in answers.generation.config.rules), ""], dtype=object)
    others = {role: owner_name[owner] for role, (_, owner) in verdicts.others.items()}
    nobody = np.full(len(answers), "", dtype=object)
    return {
        "certainty": certainty(answers),
        "owner_id": owner_id[verdicts.owner],
        "owner_name": owner_name[verdicts.owner],
        "owner_share": _said_share(answers).round(6).round(3),  # likewise
        "owner_percent": _percent(verdicts.share),
        "alt_owner_id": owner_id[verdicts.rival],
        "alt_owner_name": owner_name[verdicts.rival],
        "rule": rules[verdicts.rule],
        **{role: others.get(role, nobody) for role in ROLES[1:]},
        "question_zh": verdicts.question_zh,
        "question_en": verdicts.question_en,
    }


def reasons(frame: pd.DataFrame, languages: Sequence[Lang]) -> list[str]:
    """Each row's reason, in the languages, the first one first, separated by a bar."""
    said = reasons_by_language({str(name): column for name, column in frame.items()}, languages)
    return [" | ".join(row) for row in zip(*(said[lang] for lang in languages), strict=True)]


def reasons_by_language(columns: Mapping[str, Any], languages: Sequence[Lang]) -> dict[Lang, list[str]]:
    """Each row's reason in every language; the columns are those of `answer_frame`."""
    names = [name for name in columns if name != "parts"]
    facts = [_blank_for_nan(columns[name]) for name in names]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*facts, strict=True)]
    return {lang: list(map(partial(_reason, lang), columns["parts"], rows)) for lang in languages}


def _blank_for_nan(column: Any) -> list[object]:
    """The values of a column, an empty text in place of NaN."""
    return ["" if value != value else value for value in np.asarray(column, dtype=object).tolist()]


def _reason(lang: Lang, parts: tuple[str, ...], row: dict[str, object]) -> str:
    said = {"category_name": row[f"category_name_{lang}"]}
    said |= {kind: term(lang, str(row[kind])) for kind in ("asset_kind", "area_kind")}
    return sentence(lang, parts, {**row, **said})


def _pick(values: Objects, position: Positions) -> Objects:
    """``values[position]``, and an empty text where the position is -1."""
    return np.append(values, "")[position]


def certainty(answers: Assignments) -> Objects:
    """About the owner: certain, likely, ambiguous; empty where nobody answers."""
    share = answers.verdicts.share
    words = np.select([share >= CERTAIN, share >= LIKELY, share >= 0], ["certain", "likely", "ambiguous"], "")
    words[answers.cells.is_deep & (answers.owner >= 0)] = "ambiguous"
    return words.astype(object)


def _said_share(answers: Assignments) -> Floats:
    """The lead owner's share; in a deep gap, which may be somebody else's, it is not known."""
    return np.where(answers.cells.is_deep, np.nan, answers.verdicts.share)


def _percent(share: Floats) -> Objects:
    """Whole percents as texts, never 100 where something is left, nor 0; empty where not known."""
    whole = np.where(share >= 1 - 1e-9, 100, np.clip(np.nan_to_num(share * 100).round(), 1, 99))
    texts = np.char.mod("%d", whole.astype(int)).astype(object)
    texts[np.isnan(share)] = ""
    return np.asarray(texts)


def asset_texts(generation: Generation, assets: AssetAnswer, column: str) -> Objects:
    """The ids or names of assets, empty where there is none."""
    picked = np.full(len(assets.kind), "", dtype=object)
    for number, kind in enumerate(assets.kinds):
        of_kind = assets.kind == number
        picked[of_kind] = getattr(generation.assets[kind], column)[assets.position[of_kind]]
    return picked


def _candidates(answers: Assignments) -> Objects:
    """The first assets that a report may concern, with their shares, where it is bound to none of them."""
    said = np.full(len(answers), "", dtype=object)
    shares = answers.verdicts.assets
    open_ = (answers.verdicts.bound.what != ASSET_BOUND)[shares.row] & (shares.share > 0)
    row = shares.row[open_]
    turn = np.arange(len(row)) - np.searchsorted(row, row)
    entries = np.flatnonzero(open_)[turn < MOST_CANDIDATES]
    of = AssetAnswer(
        answers.assets.kinds, shares.kind[entries], shares.position[entries], shares.distance_m[entries]
    )
    ids, percent = asset_texts(answers.generation, of, "id"), _percent(shares.share[entries])
    for at, (id_, part) in zip(shares.row[entries], zip(ids, percent, strict=True), strict=True):
        said[at] += ("" if not said[at] else ", ") + f"{id_} ({part} %)"
    return said


def _section_names(answers: Assignments) -> Objects:
    """The name of the section that gave the owner, or that the report is bound to."""
    names = np.full(len(answers), "", dtype=object)
    for kind, place in reversed(list(answers.verdicts.sections.items())):
        there = place.position >= 0
        names[there] = answers.generation.sections[kind].name[place.position[there]]
    return names


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
    verdicts = answers.verdicts
    known = np.isin(answers.categories.astype(str), ["", *answers.generation.config.categories])
    columns = (
        _where(answers),
        np.where(answers.evidence.is_shape, np.where(answers.evidence.extents, "shape.extent", "shape.place"),
                 np.where(answers.evidence.accuracy_m > 0, "accuracy.weighed", "")),
        np.where(known, "", "category.unknown"),
        _asset_parts(answers),
        _via(answers),
        *(np.where(owner >= 0, f"role.{role}", "") for role, (_, owner) in verdicts.others.items()),
        np.where((verdicts.share < CERTAIN) & (verdicts.rival >= 0), "share.rival",
                 np.where(verdicts.share < CERTAIN, "share.alone", "")),
        np.where(verdicts.question_zh != "", "question", ""),
    )  # fmt: skip
    rows = zip(problems, *columns, strict=True)
    return [(row[1], f"problem.{row[0]}") if row[0] else tuple(p for p in row if p) for row in rows]


def _where(answers: Assignments) -> Objects:
    found = answers.cells
    where = np.array([f"topology.{t}" for t in found.topology], dtype=object)
    outside = found.topology == "outside"
    where[found.is_tied & ~answers.is_tie_break] = "topology.held"
    where[found.is_deep] = "topology.deep_gap"
    where[outside & (found.cell >= 0)] = "topology.near"
    where[outside & (found.neighbour >= 0)] = "topology.neighbour"
    where[outside & (found.nearest == NONE)] = "topology.nowhere"
    return where


def _via(answers: Assignments) -> Objects:
    """How the lead owner was reached."""
    rules = answers.generation.config.rules
    via = np.array([*(f"via.{rule.via}" for rule in rules), "via.none"], dtype=object)[answers.rule]
    via[(via == "via.cell") & (answers.holders.edge >= 0)] = "via.holder"
    body = _pick_positions(answers.generation.cells.body, answers.cells.cell)
    via[(via == "via.cell") & (body != answers.owner)] = "via.other_cell"
    return np.asarray(via)


def _pick_positions(values: Positions, position: Positions) -> Positions:
    return np.append(values, NONE)[position]


def _asset_parts(answers: Assignments) -> Objects:
    bound = answers.verdicts.bound
    table = answers.generation.config.categories
    wanting = [code for code, category in table.items() if category.asset_kinds]
    parts = np.where(np.isin(answers.categories.astype(str), wanting), "asset.none", "").astype(object)
    doubtful = np.zeros(len(answers), dtype=bool)
    doubtful[answers.verdicts.assets.row[answers.verdicts.assets.share > 0]] = True
    parts[doubtful & (bound.what == "")] = "asset.open"
    parts[(bound.what == ASSET_BOUND) & (bound.share >= 1 - 1e-9)] = "asset.found"
    parts[(bound.what == ASSET_BOUND) & (bound.share < 1 - 1e-9)] = "asset.likely"
    parts[bound.what == STREET_BOUND] = "asset.street"
    parts[bound.what == SECTION_BOUND] = "asset.section"
    return np.asarray(parts)
