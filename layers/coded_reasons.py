"""Reasons of many answers: each different one is made once, and all that share their sentences together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from string import Formatter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layers.answer_codes import Column
from layers.coded import Coded, coded_numbers, nothing, together
from layers.findings import Lang
from layers.generation import Positions
from layers.reasons import TEMPLATES
from layers.terms import term

_BAR = " | "  # between languages
_GAP = {"zh": "", "en": " "}  # between sentences
_TERMS = ("asset_kind", "area_kind")

Piece = str | tuple[str, Lang]  # words as they stand, or the name of a fact and the language to say it in


def coded_reasons(columns: Mapping[str, Column], languages: Sequence[Lang]) -> tuple[pa.Array, pa.Array]:
    """The different reasons, and which one each row has; as `layers.answers.reasons` says them.

    Args:
        columns: those of `layers.answer_codes.coded_columns`.
        languages: of the reasons, the first one first.
    """
    parts = columns["parts"]
    assert isinstance(parts, Coded)
    which = np.empty(len(parts), dtype=np.int32)
    texts: list[pa.Array] = []
    order = np.argsort(parts.codes, kind="stable")
    ends = np.searchsorted(parts.codes[order], np.arange(len(parts.values) + 1))
    facts = _Facts(columns)
    count = 0
    for number, sentences in enumerate(parts.values):
        rows = order[ends[number] : ends[number + 1]]
        if len(rows):
            said, of = _said(list(_pieces(sentences, languages)), facts, rows)
            which[rows] = of + count
            count += len(said)
            texts.append(said)
    return pa.concat_arrays(texts) if texts else pa.array([], pa.string()), pa.array(which)


class _Facts:
    """The facts of rows as codes and the texts for them, made when a sentence needs them."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns
        self._made: dict[tuple[str, Lang], tuple[Coded, pa.Array]] = {}

    def of(self, name: str, lang: Lang) -> tuple[Coded, pa.Array]:
        """A fact as a language says it, and its values as texts."""
        key: tuple[str, Lang] = (name, lang if name in (*_TERMS, "category_name") else "zh")
        if key not in self._made:
            coded = self._make(name, lang).compact()
            self._made[key] = coded, pa.array(coded.values, pa.large_string())
        return self._made[key]

    def _make(self, name: str, lang: Lang) -> Coded:
        column = self._columns[f"category_name_{lang}" if name == "category_name" else name]
        coded = column if isinstance(column, Coded) else coded_numbers(column)
        if name in _TERMS:
            words = [term(lang, str(value)) for value in coded.values]
            return Coded(coded.codes, np.array(words, dtype=object))
        return coded


def _said(pieces: list[Piece], facts: _Facts, rows: Positions) -> tuple[pa.Array, Positions]:
    """The different texts of rows that share their sentences, and which one each row has."""
    named = [piece for piece in pieces if not isinstance(piece, str)]
    columns = {id(facts.of(*fact)[0]): facts.of(*fact) for fact in named}
    taken = {key: (coded.take(rows), texts) for key, (coded, texts) in columns.items()}
    which, first = together([coded for coded, _ in taken.values()] or [nothing(len(rows))])
    of_fact = {key: _texts(coded.codes[first], texts) for key, (coded, texts) in taken.items()}
    written = [
        pa.scalar(piece, pa.large_string()) if isinstance(piece, str) else of_fact[id(facts.of(*piece)[0])]
        for piece in pieces
    ]
    if not named:
        return pa.array(["".join(map(str, pieces))], pa.string()), which
    return pc.binary_join_element_wise(*written, pa.scalar("", pa.large_string())).cast(pa.string()), which


def _texts(codes: Positions, texts: pa.Array) -> pa.Array:
    return texts.take(pa.array(np.where(codes < 0, len(texts) - 1, codes)))


def _pieces(sentences: tuple[str, ...], languages: Sequence[Lang]) -> Iterator[Piece]:
    """What a reason is made of."""
    for turn, lang in enumerate(languages):
        if turn:
            yield _BAR
        for number, name in enumerate(sentences):
            if number and _GAP[lang]:
                yield _GAP[lang]
            yield from _template(lang, name)


@cache
def _template(lang: Lang, name: str) -> tuple[Piece, ...]:
    """A template as words and names of facts."""
    said: list[Piece] = []
    for words, field, _, _ in Formatter().parse(TEMPLATES[lang][name]):
        said += [words] * bool(words)
        said += [(field, lang)] if field is not None else []
    return tuple(said)
