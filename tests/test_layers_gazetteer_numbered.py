"""What columns and written addresses say of streets, numbers, codes and other names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layers.gazetteer_columns import aliases, is_alias, is_said, joined, key, keys, split
from layers.gazetteer_numbered import parse_address, without_parents


def column(*texts: str) -> np.ndarray:  # type: ignore[type-arg]
    return np.array([*texts, None], dtype=object)[:-1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("颐和东路15号", ("颐和东路", "15")),
        ("工农路111－2号3幢", ("工农路", "111-2")),
        ("工农路18号之3", ("工农路", "18")),
        ("312国道1号", ("312国道", "1")),
        ("城镇东路5号", ("城镇东路", "5")),
        ("1283 Canal St", ("Canal St", "1283")),
        ("995A JAMES ST, Springfield", ("JAMES ST", "995A")),
        ("Hauptstraße 12a", ("Hauptstraße", "12a")),
        ("Hauptstraße 12 a, 91207 Lauf", ("Hauptstraße", "12 a")),
        ("Straße des 17. Juni 135", ("Straße des 17. Juni", "135")),
        ("Mannerheimintie 5-7, Helsinki", ("Mannerheimintie", "5-7")),
        ("地铁2号线", ("", "")),
        ("人民路", ("", "")),
        ("", ("", "")),
        ("91207 Lauf", ("Lauf", "91207")),
    ],
)
def test_written_addresses_are_read(text: str, said: tuple[str, str]) -> None:
    assert parse_address(text) == said


def test_the_street_of_an_address_stands_behind_its_parents() -> None:
    assert without_parents("崇川区虹桥街道青年路") == "青年路"
    assert without_parents("青年路") == "青年路"
    assert without_parents("石港镇街") == "石港镇街"


@pytest.mark.parametrize(
    "name",
    [
        "name_en",
        "NAME_zh",
        "alias",
        "alias_2",
        "former_name",
        "alt_name",
        "old_name",
        "别名",
        "道路曾用名",
        "en_name",
    ],
)
def test_columns_of_other_names(name: str) -> None:
    assert is_alias(name)


@pytest.mark.parametrize("name", ["name", "names_count", "owner", "surname_owner", "ref", "名称", "filename"])
def test_columns_of_no_other_names(name: str) -> None:
    assert not is_alias(name)


def test_other_names_are_each_there_once_and_never_the_name_itself() -> None:
    frame = pd.DataFrame({"name_en": ["A", None, "B"], "alias": ["甲;A；乙、丙", "甲", " "]})
    assert aliases(frame, column("甲", "乙", "B")).tolist() == ["A;乙;丙", "甲", ""]


def test_codes_of_several_columns_are_joined_once() -> None:
    assert joined([column("1", "", "3"), column("1", "2", "4")]).tolist() == ["1", "2", "3;4"]
    assert joined([column("1"), column("")]).tolist() == ["1"]
    assert split(" a; b；；c ") == ["a", "b", "c"]


def test_made_up_ids_are_told_from_codes() -> None:
    ids = column("lamp-000001", "lamp-000001~2", "w123", "n-5", "03120456", "lamp-12", "bench-000001", "W123")
    assert is_said("lamp", ids).tolist() == [False, False, False, False, True, True, True, True]


def test_names_are_compared_without_case_width_and_blanks() -> None:
    assert key("Ｃａｎａｌ   St ") == "canal st"
    assert keys(column("A", "a", "Ｂ")).tolist() == ["a", "a", "b"]
    assert keys(column()).tolist() == []
