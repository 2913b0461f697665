"""What is a name and what is not, in registers as they are: missing ones, signs, numbers, addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from layers.gazetteer import build_gazetteer
from layers.gazetteer_columns import text_column
from layers.gazetteer_entries import _plain_codes, plain_code
from layers.generation import load_draft
from tests.cities import bring, point, small_city, square
from tests.routes_city import route


def house(column: float, row: float, **columns: Any) -> Any:
    """A house of about 19 m × 22 m with its columns."""
    return square(column, row, 0.02, 0.02), columns


def test_words_for_a_missing_name_and_what_nobody_says_are_no_names(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    names = ["", "?", "——", "未知", "（未命名）", "NULL", "nan", "Nan", "路" * 101, "人民路"]
    bring(
        city, "asset:road", [route((0, 0.1), (1, 0.1), id=f"r{n}", name=name) for n, name in enumerate(names)]
    )
    houses = [
        house(0.1 * n, 0.5, id=f"h{n}", name="", estate=name, number=str(n + 1))
        for n, name in enumerate(names[:7])
    ]
    bring(city, "asset:building", houses)
    gazetteer = build_gazetteer(load_draft(city))
    said = [text for text in gazetteer.names.text.tolist() if "路" in text or text in names]
    assert sorted(said) == ["Nan", "人民路"], "Nan is a town"
    assert "未知" not in gazetteer.name[gazetteer.kind == "estate"].tolist()


def test_an_asset_named_after_its_street_has_no_name_of_its_own(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    lamps = [(point(0.1 * n, 0.5), {"id": f"L{n}", "name": "D ST", "STREETNAME": "D ST"}) for n in range(3)]
    bring(city, "asset:street_light", lamps)
    gazetteer = build_gazetteer(load_draft(city))
    assert not gazetteer.is_named[gazetteer.kind == "asset:street_light"].any()


def test_a_sign_before_a_town_does_not_bear_its_name_nor_a_number_for_a_name(
    tmp_path: Path,
) -> None:
    city = small_city(tmp_path)
    bring(city, "asset:traffic_sign", [(point(0.5, 0.5), {"id": "n1", "name": "Lauf a.d.Pegnitz"})])
    bring(city, "asset:manhole", [(point(0.5, 0.6), {"id": "n2", "name": "11370"})])
    gazetteer = build_gazetteer(load_draft(city))
    assert "Lauf a.d.Pegnitz" not in gazetteer.names.text.tolist()
    assert gazetteer.name[gazetteer.with_code("11370")].tolist() == ["11370"]


def test_places_whose_address_is_one_column_are_addresses_of_their_streets(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    said = [f"{number} E 50TH PL" for number in (700, 702, 704)]
    reports = [{"id": f"13-{n}", "name": text, "Street_Address": text} for n, text in enumerate(said)]
    bring(city, "place", [(point(0.1 + 1.3 * n, 0.5), columns) for n, columns in enumerate(reports)])
    gazetteer = build_gazetteer(load_draft(city))
    (street,) = np.flatnonzero(gazetteer.name == "E 50TH PL").tolist()
    assert gazetteer.number[gazetteer.children(street)].tolist() == ["700", "702", "704"]
    assert np.ptp(gazetteer.x[gazetteer.children(street)]) > 2000, "streets of such a city are long"
    assert not [kind for kind in gazetteer.kind.tolist() if kind.startswith("place")]


@given(st.lists(st.text(alphabet="aZ09-_ .;\n\r井Ａ①é", max_size=6), max_size=8))
def test_codes_folded_at_once_are_what_each_is_alone(codes: list[str]) -> None:
    column = text_column(codes)
    assert _plain_codes(column).tolist() == [plain_code(code) for code in codes]
