"""Texts of a table geocoded: the same rows with the places that they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geo.crs import Reference, convert_points
from geo.errors import LayerError
from geo.types import Datum
from layers.batch import arrow_set_aside
from layers.candidates import Answer, Candidate, Fault, Outcome
from layers.coded import Coded
from layers.findings import Lang
from layers.geocoding_datum import name_of
from layers.reading.columns import column_called, find_column
from layers.report_rows import REJECT_COLUMNS
from layers.report_values import check_readable, column_of, is_text, words

Objects = NDArray[np.object_]

# What `geocode` adds to a file, in this order.
GEOCODE_COLUMNS = (
    *("lng", "lat", "radius_m", "match", "text_score", "position_score", "label", "cell_code"),
    *("outcome", "faults"),
)
MOST_LETTERS = 10_000  # of a text
MOST_SHOWN = 200  # letters of a text among the rejects
DATUM = "datum"  # one more, where the positions are not in WGS-84

# Names of columns that are taken for the texts where none is named; an address before a story.
TEXT_NAMES = (
    *("address", "full_address", "fulladdress", "street_address", "incident_address", "location", "place"),
    *("地址", "详细地址", "案发地址", "案发地点", "事发地址", "事发地点", "发生地址", "发生地点", "案件地址"),
    *("问题地址", "地点", "位置", "位置描述", "地址描述", "地点描述"),
    *("text", "description", "描述", "问题描述", "案件描述", "事件描述", "诉求内容", "诉求描述", "反映内容"),
    *("投诉内容", "工单内容", "上报内容", "内容", "complaint", "query", "q"),
)
REASONS: dict[str, dict[Lang, str]] = {
    "no_text": {"zh": "没有文字。", "en": "There is no text."},
    "long_text": {
        "zh": f"文字超过 {MOST_LETTERS:,} 字。",
        "en": f"The text is over {MOST_LETTERS:,} letters.",
    },
}
_NUMBERS = frozenset({"lng", "lat", "radius_m", "text_score", "position_score"})
_TYPES = {name: pa.float64() if name in _NUMBERS else pa.string() for name in (*GEOCODE_COLUMNS, DATUM)}


def columns_in(reference: Reference) -> tuple[str, ...]:
    """What is added to a file whose positions are in a datum or CRS."""
    return GEOCODE_COLUMNS if reference is Datum.WGS84 else (*GEOCODE_COLUMNS, DATUM)


class Placed(NamedTuple):
    """What came of a text, as a table has it; a place only where one is meant.

    Attributes:
        lng, lat: WGS-84.
        label: of the place; where several may be meant theirs, with bars between them.
        faults: what does not fit, each after its code; where several places may be meant, what to ask.
    """

    lng: float | None
    lat: float | None
    radius_m: float | None
    match: str | None
    text_score: float | None
    position_score: float | None
    label: str | None
    cell_code: str | None
    outcome: str
    faults: str | None


Ask = Callable[[Sequence[str]], Iterable[Placed]]
NOWHERE = Placed(None, None, None, None, None, None, None, None, Outcome.NONE.value, None)


def placed(answer: Answer, language: Lang) -> Placed:
    """An answer as a row, in a language."""
    if answer.best is not None:
        return _of(answer.best, answer.outcome, language)
    if not answer.candidates:
        return NOWHERE
    labels = " | ".join(dict.fromkeys(one.label for one in answer.candidates))
    asked = answer.question_zh if language == "zh" else answer.question_en
    said = "; ".join(filter(None, (asked, fault_words(answer.candidates[0].faults, language))))
    return NOWHERE._replace(label=labels, outcome=answer.outcome.value, faults=said or None)


def _of(one: Candidate, outcome: Outcome, language: Lang) -> Placed:
    return Placed(
        one.lng, one.lat, round(one.radius_m, 1), one.match.value, round(one.text_score, 3),
        round(one.position_score, 3), one.label, one.cell_code or None, outcome.value,
        fault_words(one.faults, language) or None,
    )  # fmt: skip


def fault_words(faults: Sequence[Fault], language: Lang) -> str:
    """The faults in a language, each after its code, with semicolons between them."""
    return "; ".join(f"{fault.code}: {fault.zh if language == 'zh' else fault.en}" for fault in faults)


@dataclass(frozen=True, slots=True)
class GeocodedPiece:
    """The places of some rows of a file.

    Attributes:
        table: the rows with `columns_in` the reference, whose texts are dictionaries.
        rejects: row, column, value and reason of those without a text that can be read; rows count from the
            first of the file.
        outcomes: how many rows came to what.
    """

    table: pa.Table
    rejects: pd.DataFrame
    outcomes: Counter[str]


def geocode_piece(
    table: pa.Table,
    column: str,
    ask: Ask,
    *,
    reference: Reference = Datum.WGS84,
    language: Lang = "zh",
    before: int = 0,
) -> GeocodedPiece:
    """Geocode some rows of a file; a text that comes again is asked once.

    Args:
        table: shape (n, …).
        column: of the texts.
        ask: answers texts, in their order.
        reference: of the positions in the result.
        language: of faults and reasons.
        before: how many rows of the file came before.
    """
    texts = words(column_of(table, column))
    problems = _problems(texts)
    fit = np.flatnonzero(_is_used(texts) & (problems == ""))
    rows = [NOWHERE] * len(texts.values)
    for at, row in zip(fit.tolist(), ask(texts.values[fit].tolist()), strict=True):
        rows[at] = row
    kept = arrow_set_aside(table, columns_in(reference))
    for name, values in _arrays(rows, reference).items():
        kept = kept.append_column(name, _taken(values, texts.codes))
    counts = Counter(np.array([row.outcome for row in rows], dtype=object)[texts.codes].tolist())
    return GeocodedPiece(kept, _rejects(texts, problems, column, language, before), counts)


def _is_used(texts: Coded) -> NDArray[np.bool_]:
    """Which of the texts occur: a dictionary may be that of the whole file."""
    used = np.zeros(len(texts.values), dtype=bool)
    used[texts.codes] = True
    return used


def _problems(texts: Coded) -> Objects:
    """What keeps each text from being asked; empty where nothing does."""
    values: list[str] = texts.values.tolist()
    said = [
        "no_text" if not text.strip() else "long_text" if len(text) > MOST_LETTERS else "" for text in values
    ]
    return np.array(said, dtype=object)


def _arrays(rows: Sequence[Placed], reference: Reference) -> dict[str, pa.Array]:
    """The answers as columns."""
    columns: dict[str, list[Any]] = dict(zip(Placed._fields, map(list, zip(*rows, strict=True)), strict=True))
    if reference is not Datum.WGS84:
        lng, lat = (np.array(columns[name], dtype=float) for name in ("lng", "lat"))
        known = np.isfinite(lng)
        lng[known], lat[known] = convert_points(lng[known], lat[known], Datum.WGS84, reference)
        columns |= {"lng": lng.tolist(), "lat": lat.tolist()}
        columns[DATUM] = [name_of(reference)] * len(rows)
    return {name: pa.array(columns[name], _TYPES[name], from_pandas=True) for name in columns_in(reference)}


def _taken(values: pa.Array, codes: NDArray[np.intp]) -> pa.Array:
    """The value of every row; texts as a dictionary."""
    at = pa.array(np.where(codes < 0, len(values) - 1, codes), pa.int32())
    if not pa.types.is_string(values.type):
        return values.take(at)
    coded = values.dictionary_encode()
    return pa.DictionaryArray.from_arrays(coded.indices.take(at), coded.dictionary)


def _rejects(texts: Coded, problems: Objects, column: str, language: Lang, before: int) -> pd.DataFrame:
    """One line for each row without a text that is read; rows count from 1, without the header."""
    of = problems[texts.codes]
    at = np.flatnonzero(of != "")
    values = [text[:MOST_SHOWN] for text in texts.values[texts.codes[at]].tolist()]
    why = [REASONS[problem][language] for problem in of[at].tolist()]
    columns = {"row": at + 1 + before, "column": column, "value": values, "reason": why}
    return pd.DataFrame(columns, columns=list(REJECT_COLUMNS))


def text_column(table: pa.Table, given: str = "", *, option: str = "--text") -> str:
    """The column that holds the texts: the given one, else by its name, else the only one with words.

    Args:
        table: with any columns.
        given: a name, empty for none.
        option: by which the caller gives it.

    Raises:
        LayerError: there is none, there are several, or it cannot hold texts.
    """
    if given:
        name = find_column(table.column_names, given)
        check_readable(name, table.schema.field(name).type)
        return name
    worded = [name for name in table.column_names if _has_words(table.column(name))]
    named = column_called(worded, TEXT_NAMES)
    if named or len(worded) == 1:
        return named or worded[0]
    what = f"{len(worded)} columns hold words" if worded else "No column holds words"
    raise LayerError(
        f"{what}: which one is to be geocoded is not clear.",
        fix=f"Name it with {option}. Columns: {', '.join(table.column_names)}.",
    )


def _has_words(column: pa.ChunkedArray) -> bool:
    """Whether most of what a column holds is made of letters, and not the same throughout."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not is_text(kind):
        return False
    texts = column.cast(kind).drop_null().unique()
    worded = pc.match_substring_regex(texts, r"\pL{2}").to_numpy(zero_copy_only=False)
    return len(texts) > 0 and bool(worded.mean() > 0.5)
