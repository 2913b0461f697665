"""Assignments as tables: the columns that files, programs and maps read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from layers.answer_codes import coded_certainty, coded_columns
from layers.assign import Assignments
from layers.coded import Coded
from layers.findings import Lang
from layers.generation import Objects
from layers.reasons import sentence
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
    return pd.DataFrame(answer_columns(answers, problems), copy=False)


def answer_columns(answers: Assignments, problems: Sequence[str] | None = None) -> dict[str, Any]:
    """The columns of `answer_frame`, for those who need no table."""
    columns = coded_columns(answers, problems)
    return {
        name: column.decoded() if isinstance(column, Coded) else column for name, column in columns.items()
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


def certainty(answers: Assignments) -> Objects:
    """About the owner: certain, likely, ambiguous; empty where nobody answers."""
    return coded_certainty(answers).decoded()
