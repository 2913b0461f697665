"""The page about geocoding lists every fault and every way of finding a place, as the answers say them."""

from __future__ import annotations

import re
from pathlib import Path

from geo.address_ranges import Ranged
from geo.house_numbers import BETWEEN, Numbered
from layers.candidates import Fault, Match, Outcome
from layers.geocoding_codes import other_kind, unknown_code
from layers.geocoding_corrections import Aliases
from layers.geocoding_lines import no_meeting, unknown_metre, unknown_thing
from layers.geocoding_numbers import groups
from layers.geocoding_ranges import by_range, numbers_elsewhere, range_elsewhere
from layers.geocoding_spots import (
    UNSURE,
    beyond,
    elsewhere,
    inferred,
    mistyped,
    typo,
    unknown_name,
    unknown_number,
    unknown_parent,
)

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "geocoding.md").read_text("utf-8")
RANGED = Ranged(Numbered(0.0, 0.0, 9.0, BETWEEN, (2, 40)), is_left=False)
KNOWN = Numbered(0.0, 0.0, 9.0, BETWEEN, (16, 20))
MADE_ELSEWHERE = {"correction": Aliases, "group_unknown": groups}  # not by a function of their own


def faults() -> list[Fault | None]:
    """One of each kind, as the page has them."""
    return [
        typo("人名西路", "人民西路", "homophone"),
        typo("虹北桥村", "虹桥北村", "typo"),
        typo("幸福路", "永福路", "other"),
        inferred("18", (16, 20)),
        by_range("18", RANGED),
        range_elsewhere("18", RANGED),
        numbers_elsewhere("18", KNOWN),
        beyond("48", (44, 46)),
        unknown_number("999号", "人民西路"),
        mistyped("03120458", "03120456"),
        other_kind("03120456", "井盖", "asset:street_light"),
        unknown_code("99999999"),
        no_meeting("人民西路", "新港中心路"),
        unknown_metre("K99+000", "通吕运河"),
        unknown_thing("闸口", "人民西路"),
        elsewhere("幸福街道", "虹桥北村65幢"),
        unknown_name("好客饭店"),
        unknown_parent("火星街道"),
    ]


def rows(heading: str) -> dict[str, list[str]]:
    """The rows of the table below a heading, by their code."""
    part = PAGE.partition(f"{heading}\n")[2].partition("\n#")[0]
    cells = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in cells}


def test_every_fault_stands_on_the_page_in_both_languages_with_its_penalty() -> None:
    listed = rows("### Faults")
    for fault in faults():
        assert fault is not None
        takes = f"{fault.penalty:g}" if fault.penalty else "in the score"
        zh, en, said = listed[fault.code]
        assert (zh, en, said.split(" and ")[0].split(";")[0]) == (fault.zh, fault.en, takes)


def test_no_fault_that_is_made_is_missing_from_the_page() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "layers").glob("geocod*.py"))
    made = set(re.findall(r'(?:\bFault\(\s*|code=)"(\w+)"', sources)) | {UNSURE}
    assert made == set(rows("### Faults"))
    assert made - {fault.code for fault in faults() if fault is not None} == set(MADE_ELSEWHERE)


def test_every_way_of_finding_a_place_has_its_radius() -> None:
    table = PAGE.partition("### How each radius comes about\n")[2].partition("\n#")[0]
    named = [re.findall(r"`(\w+)`", line.split(" | ")[0]) for line in table.splitlines()]
    assert {name for names in named for name in names} - {"match"} == {match.value for match in Match}


def test_every_outcome_is_explained() -> None:
    assert {outcome.value for outcome in Outcome} <= set(rows("## How an answer is read"))
