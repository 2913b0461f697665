"""Texts of a table: each asked once, every row in its place, on one process or on several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import CityError, LayerError
from layers.candidates import Answer, Candidate, Fault, Match, Outcome
from layers.city import City
from layers.generation import DRAFT
from layers.geocoding_many import Asking, Many, load_geocoder
from layers.geocoding_tables import (
    GEOCODE_COLUMNS,
    MOST_LETTERS,
    NOWHERE,
    Placed,
    geocode_piece,
    placed,
    text_column,
)
from tests.civic_city import civic_city

PLACE = Candidate(120.0, 32.0, 12.34, Match.ADDRESS, 0.98765, 0.5, "人民路12号", cell_code="A")
WRONG = Fault("homophone", "人名路", "按同音字理解", "read by its sound")


def echo(texts: Sequence[str]) -> Iterator[Placed]:
    """A place for every text, at as many degrees as it has letters."""
    for text in texts:
        yield NOWHERE._replace(lng=float(len(text)), lat=1.0, label=text, outcome="found")


@given(
    st.lists(st.none() | st.sampled_from(["", " ", "a", "ab", "人民路", "a" * (MOST_LETTERS + 1)])),
    st.booleans(),
)
def test_every_row_gets_the_answer_of_its_own_text(texts: list[str | None], coded: bool) -> None:
    column = pa.array(texts, pa.string())
    table = pa.table({"t": column.dictionary_encode() if coded else column, "lng": range(len(texts))})
    piece = geocode_piece(table, "t", echo, before=10)
    assert piece.table.column_names == ["t", "input_lng", *GEOCODE_COLUMNS]
    fits = [text is not None and bool(text.strip()) and len(text) <= MOST_LETTERS for text in texts]
    assert piece.table["label"].to_pylist() == [
        text if fit else None for text, fit in zip(texts, fits, strict=True)
    ]
    assert piece.table["t"].to_pylist() == texts
    assert piece.rejects["row"].tolist() == [at + 11 for at, fit in enumerate(fits) if not fit]
    assert sum(piece.outcomes.values()) == len(texts)
    assert piece.outcomes["found"] == sum(fits)


def test_a_text_that_comes_again_is_asked_once_and_none_that_no_row_has() -> None:
    asked: list[str] = []

    def ask(texts: Sequence[str]) -> Iterator[Placed]:
        asked.extend(texts)
        yield from echo(texts)

    coded = pa.DictionaryArray.from_arrays(pa.array([2, 0, 2, None]), pa.array(["x", "elsewhere", "y"]))
    geocode_piece(pa.table({"t": coded}), "t", ask)
    assert sorted(asked) == ["x", "y"]


def test_numbers_are_texts_as_they_are_written() -> None:
    piece = geocode_piece(pa.table({"t": [3120456, 7]}), "t", echo)
    assert piece.table["label"].to_pylist() == ["3120456", "7"]


def test_a_place_is_told_only_where_one_is_meant() -> None:
    found = placed(Answer(Outcome.FOUND, (PLACE,)), "zh")
    assert found == (120.0, 32.0, 12.3, "address", 0.988, 0.5, "人民路12号", "A", "found", None)
    assert placed(Answer(Outcome.NONE), "zh") == NOWHERE
    other = Candidate(121.0, 32.0, 1.0, Match.CODE, 0.9, 1.0, "b", faults=(WRONG,))
    several = placed(Answer(Outcome.AMBIGUOUS, (other, PLACE), "哪一个？", "Which one?"), "en")
    assert several == NOWHERE._replace(
        outcome="ambiguous", label="b | 人民路12号", faults="Which one?; homophone: read by its sound"
    )


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"n": ["1"], "描述": ["灯坏了"]}, "描述"),
        ({"text": ["坏了"], "Address ": ["人民路12号"], "kind": ["灯泡"]}, "Address "),
        ({"location": ["(41.8, -87.6)"], "text": ["lamp out"]}, "text"),
        ({"Incident Address": ["12 Main St"], "Descriptor": ["lamp out"]}, "Incident Address"),
        ({"诉求描述": ["灯坏了"], "来电人": ["某某"]}, "诉求描述"),
        ({"id": ["7"], "whatever": ["人民路"]}, "whatever"),
    ],
)
def test_the_column_of_the_texts_is_told(columns: dict[str, list[str]], expected: str) -> None:
    assert text_column(pa.table(columns)) == expected


def test_a_column_that_holds_no_texts_is_refused() -> None:
    with pytest.raises(LayerError, match="list"):
        text_column(pa.table({"t": [[1]]}), "t")
    with pytest.raises(LayerError, match="2 columns"):
        text_column(pa.table({"ab": ["abc"], "cd": ["def"]}))


# ---- several processes


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Asking:
    city = civic_city(tmp_path_factory.mktemp("many"))
    return Asking(partial(load_geocoder, City(Path(city.folder)), DRAFT), within="A")


def test_several_processes_say_the_same_in_the_same_order(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layers.geocoding_many.WORTH", 100)
    texts = [f"虹桥北村{number}幢" if number % 7 else "今天天气真好" for number in range(250)]
    here, several = Many(asking, processes=1), Many(asking, processes=2)
    try:
        rows = list(several.rows(texts))
        assert rows == list(here.rows(texts))
        assert {row.outcome for row in rows} >= {"found", "none"}
        assert list(several.rows(texts[:3])) == rows[:3]
    finally:
        several.close()
        here.close()


def test_a_process_that_ends_early_is_said(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layers.geocoding_many.WORTH", 1)
    many = Many(Asking(partial(load_geocoder, City(Path("nowhere")), DRAFT)), processes=2)
    try:
        with pytest.raises(CityError):
            list(many.rows(["a", "b", "c"]))
    finally:
        many.close()
