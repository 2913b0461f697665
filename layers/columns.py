"""Which column of a stranger's file is the code, and which the name."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from geo.errors import LayerError

CODE_WORDS = (
    (4, re.compile(r"code|编码|编号|代码", re.I)),
    (3, re.compile(r"_id$|^id$|geoid|fips", re.I)),
    (2, re.compile(r"id|num|号|no$", re.I)),
)
NAME_WORDS = ((3, re.compile(r"name|名称|名字|^名$|label|地名$", re.I)),)
# What names these kinds names something else where it stands in a layer of another: the road of a lamp.
OWN_NAMES = {
    "road": "路名 街名 街路名",
    "river": "河名",
    "bridge": "桥名",
    "village": "村名",
    "property": "小区名",
}
MOSTLY = 0.5  # of the rows have a value of their own: keys repeat by mistake and for cells in parts


def guess_code(frame: pd.DataFrame, kind: str) -> str:
    """The column that holds each row's own code, or an empty text where none does.

    Args:
        frame: attributes of a layer.
        kind: the level or kind; a column named after it goes before others.

    Raises:
        LayerError: several columns could be it and differ; identical candidates are no ambiguity.
    """
    scores = {
        column: _score(column, CODE_WORDS, kind)
        for column in frame.columns
        if _score(column, CODE_WORDS, "") and _is_key(frame[column])
    }
    top = [column for column, score in scores.items() if score == max(scores.values())]
    distinct = {column: _distinct(frame[column]) for column in top}
    best = [column for column in top if distinct[column] == max(distinct.values())]
    if any(not _same(frame[best[0]], frame[other]) for other in best[1:]):
        raise LayerError(
            f"Several columns could be the code: {', '.join(best)}.", fix=f"Choose one: --code {best[0]}."
        )
    return best[0] if best else ""


def guess_name(frame: pd.DataFrame, kind: str, code: str) -> str:
    """The column that names each row, or an empty text: the one with most distinct values wins."""
    candidates = [c for c in frame.columns if c != code and _is_text(frame[c])]
    own = {_plain(kind), *OWN_NAMES.get(kind, "").split()}
    named = [c for c in candidates if _score(c, NAME_WORDS, "") or _plain(c) in own]
    if not named:
        return ""
    return max(named, key=lambda c: (frame[c].nunique(), _score(c, NAME_WORDS, kind)))


def _score(column: str, words: Sequence[tuple[int, re.Pattern[str]]], kind: str) -> int:
    score = max((points for points, pattern in words if pattern.search(column)), default=0)
    return score * 2 + bool(kind and _plain(kind) in _plain(column)) * 3 if score else 0


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def _is_key(values: pd.Series) -> bool:
    """Most rows have a value of their own."""
    if values.dtype.kind == "f" and not (values.dropna() % 1 == 0).all():
        return False
    return bool(len(values)) and _distinct(values) >= max(MOSTLY * len(values), 1)


def _distinct(values: pd.Series) -> int:
    return len({text for text in texts_of(values) if text})


def _is_text(values: pd.Series) -> bool:
    return values.dtype.kind in "OUT" or isinstance(values.dtype, pd.StringDtype)


def _same(one: pd.Series, other: pd.Series) -> bool:
    return bool((texts_of(one) == texts_of(other)).all())


def texts_of(values: pd.Series) -> pd.Series:
    """A column as trimmed texts, empty where missing; whole numbers without a decimal point."""
    if values.dtype.kind == "f" and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    text = values.astype(object).where(values.notna(), "").astype(str)
    return text.str.strip().astype(object)
