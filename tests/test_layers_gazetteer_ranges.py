"""House numbers along streets, from the columns of their pieces to the streets of the gazetteer."""

from __future__ import annotations

from pathlib import Path

from layers.gazetteer import build_gazetteer
from layers.gazetteer_ranges import ranges_of
from layers.generation import load_draft
from tests.cities import bring, small_city
from tests.routes_city import road_city, route


def test_every_side_of_every_piece_with_numbers_belongs_to_its_street(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    roads = [
        route((1, 0.1), (0, 0.1), id="a", name="青年路", l1="99", l2="1", r1="０98", r2="2"),
        route((1, 0.1), (2, 0.1), id="b", name="青年路", l1="101A", l2="199", r1="0", r2="0"),
        route((0, 0.9), (2, 0.9), id="c", name="人民路", l1="", l2="", r1="N6W230", r2="W12"),
        route((0, 1.9), (2, 1.9), id="d", name="", l1="1", l2="9", r1="2", r2="8"),
    ]
    bring(city, "asset:road", roads, ranges="l1,l2,r1,r2")
    generation = load_draft(city)
    gazetteer = build_gazetteer(generation)
    ranges = ranges_of(generation, gazetteer)
    said = [
        (gazetteer.name[street], generation.assets[kind].id[piece], bool(left), int(first), int(last))
        for street, kind, piece, left, first, last in zip(
            ranges.street, ranges.kind, ranges.piece, ranges.is_left, ranges.first, ranges.last, strict=True
        )
    ]
    assert said == [
        ("青年路", "a", True, 99, 1), ("青年路", "a", False, 98, 2), ("青年路", "b", True, 101, 199),
        ("人民路", "c", False, 6, 12),
    ]  # fmt: skip
    (youth, people) = sorted(ranges.streets)
    assert (len(ranges.of_street(youth)), len(ranges.of_street(people))) == (3, 1)
    assert ranges.of_street(people).last.tolist() == [12]


def test_a_city_without_ranges_has_none(tmp_path: Path) -> None:
    generation = load_draft(road_city(tmp_path))
    ranges = ranges_of(generation, build_gazetteer(generation))
    assert len(ranges) == 0
    assert ranges.streets == frozenset()
    assert len(ranges.of_street(0)) == 0
