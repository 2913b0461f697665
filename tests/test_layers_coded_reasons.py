"""Answers in columns say what answers row by row say, word for word."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from layers.answer_codes import coded_columns
from layers.answers import ANSWER_COLUMNS, answer_columns, reasons_by_language
from layers.assign import Assignments, assign
from layers.batch import answer_arrays
from layers.coded import Coded, coded_choice, coded_numbers, coded_words, together
from layers.coded_reasons import coded_reasons
from layers.findings import Lang
from layers.generation import Generation
from tests.test_layers_bulk import generation, reports

__all__ = ["generation", "reports"]

SAMPLE = slice(0, 2_500)


@pytest.fixture(scope="module")
def answers(generation: Generation, reports: dict[str, NDArray[Any]]) -> Assignments:
    """Answers of every kind."""
    return assign(generation, **{name: column[SAMPLE] for name, column in reports.items()})


@pytest.mark.parametrize("languages", [("zh", "en"), ("en",), ("en", "zh")])
def test_reasons_made_together_are_those_made_one_by_one(
    answers: Assignments, languages: tuple[Lang, ...]
) -> None:
    problems = np.full(len(answers), "", dtype=object)
    problems[np.isnan(answers.lng)] = "number"
    texts, which = coded_reasons(coded_columns(answers, problems), languages)
    said = reasons_by_language(answer_columns(answers, list(problems)), languages)
    expected = [" | ".join(row) for row in zip(*said.values(), strict=True)]
    assert texts.take(which).to_pylist() == expected
    assert len(set(expected)) > 100


def test_the_columns_of_arrow_are_those_of_the_table(answers: Assignments) -> None:
    arrays, columns = answer_arrays(answers), answer_columns(answers)
    assert list(arrays) == list(ANSWER_COLUMNS)
    for name in ANSWER_COLUMNS[:-1]:
        found, expected = arrays[name].to_pylist(), list(columns[name])
        assert found == [None if value != value else value for value in expected], name


def test_no_answers_are_no_rows(generation: Generation) -> None:
    assert all(len(column) == 0 for column in answer_arrays(assign(generation, [], [])).values())


def test_columns_are_told_apart_whatever_they_hold() -> None:
    words = coded_words(["b", "a", "b", ""])
    assert list(words.decoded()) == ["b", "a", "b", ""]
    assert list(coded_numbers(np.array([1.0, np.nan, 0.1])).decoded()) == ["1.0", "", "0.1"]
    choice = coded_choice(3, (np.array([1, 0, 0], bool), "x"), (np.array([1, 1, 0], bool), "y"))
    assert list(choice.decoded()) == ["x", "y", ""]
    wide = Coded(np.array([0, 5, -1]), np.array([*"abcdefgh"], dtype=object))
    assert wide.compact().arrow().to_pylist() == ["a", "f", "h"]
    which, first = together([words, Coded(np.array([-1, 0, 1, 0]), np.array(["p", "q"], dtype=object))])
    assert list(which) == [0, 1, 0, 2]
    assert list(first) == [0, 1, 3]


def test_keys_of_many_wide_columns_do_not_overflow() -> None:
    rng = np.random.default_rng(1)
    values = np.arange(1 << 20).astype(object)
    columns = [Coded(rng.integers(0, 1 << 20, 1000), values) for _ in range(6)]
    which, first = together(columns)
    assert list(which) == list(range(1000)) == list(first)
