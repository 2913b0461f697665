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
    """The facts of rows as codes, made when a sentence needs them."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns
        self._made: dict[tuple[str, Lang], Coded] = {}

    def of(self, name: str, lang: Lang) -> Coded:
        """A fact as a language says it."""
        if (name, lang) not in self._made:
            self._made[name, lang] = self._make(name, lang)
        return self._made[name, lang]

    def _make(self, name: str, lang: Lang) -> Coded:
        column = self._columns[f"category_name_{lang}" if name == "category_name" else name]
        coded = column if isinstance(column, Coded) else coded_numbers(column)
        if name in _TERMS:
            words = [term(lang, str(value)) for value in coded.values]
            return Coded(coded.codes, np.array(words, dtype=object))
        return coded


def _said(pieces: list[Piece], facts: _Facts, rows: Positions) -> tuple[pa.Array, Positions]:
    """The different texts of rows that share their sentences, and which one each row has."""
    named = dict.fromkeys(piece for piece in pieces if not isinstance(piece, str))
    columns = {fact: facts.of(*fact).take(rows) for fact in named}
    which, first = together(list(columns.values()) or [nothing(len(rows))])
    written = [
        pa.scalar(piece) if isinstance(piece, str) else columns[piece].take(first).arrow().dictionary_decode()
        for piece in pieces
    ]
    if all(isinstance(piece, str) for piece in pieces):
        return pa.array(["".join(map(str, pieces))]), which
    return pc.binary_join_element_wise(*written, ""), which


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
