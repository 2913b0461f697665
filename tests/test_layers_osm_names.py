"""Other names of what an extract holds: former ones, short ones, and those in the languages of a town."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from layers.osm.names import other_names, spoken_languages


def columns(tags: Sequence[Mapping[str, str]]) -> dict[str, list[str | None]]:
    return {name: column.to_pylist() for name, column in other_names(tags).items()}


def test_other_and_former_names_are_lists() -> None:
    tags = [
        {
            "name": "Linnansilta",
            "alt_name": "Pitkäsilta; Långa bron",
            "short_name": " Silta ",
            "old_name": "A",
        },
        {"name": "x"},
    ]
    assert columns(tags) == {
        "alt_name": ["Pitkäsilta; Långa bron;Silta", None],
        "old_name": ["A", None],
    }


def test_other_and_former_names_count_in_the_languages_of_the_town() -> None:
    streets = [{"name": f"{i}-katu", "name:sv": f"{i}-gatan"} for i in range(9)]
    market = {"name": "Kauppatori", "old_name": "Tori", "old_name:sv": "Torget", "alt_name:en": "Market"}
    found = columns([*streets, {**market, "old_name:ru": "Площадь"}])
    assert (found["old_name"][-1], found["alt_name"][-1]) == ("Tori;Torget", "Market")


def test_things_without_other_names_get_no_columns() -> None:
    assert columns([{"name": "x", "name:en": "y", "name:zh": "z", "old_name": " "}]) == {}
    assert columns([]) == {}


def test_the_languages_of_a_town_are_those_that_many_names_are_in() -> None:
    """A capital has its name in two hundred languages; its streets have theirs in two."""
    streets = [{"name": f"{i}-katu", "name:fi": f"{i}-katu", "name:sv": f"{i}-gatan"} for i in range(100)]
    capital = {"name": "Helsinki", "name:sv": "Helsingfors", "name:ru": "Хельсинки", "name:la": "Helsingia"}
    assert spoken_languages([*streets, capital]) == ["fi", "sv"]
    assert columns([*streets, capital])["name_sv"][-1] == "Helsingfors"


def test_a_few_names_in_a_language_are_no_language_of_a_small_town() -> None:
    assert spoken_languages([{"name": "a", "name:fr": "b"}, {"name": "c", "name:fr": "d"}]) == []
