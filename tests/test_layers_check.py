"""check: real faults are named with their size, slivers are counted, a sound city passes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import shapely

from layers.check import check
from layers.check_layers import write_check_layers
from layers.findings import MESSAGES, Finding
from layers.generation import load_draft
from layers.tables import read_table, table_names
from tests.cities import RULES, bring, small_city, square, words

SOUND = """
[[owner]]
id = "all"
name = "全部"

[[rule]]
id = "territory"
owner = "all"
"""


def counted(findings: list[Finding]) -> dict[str, int]:
    found: dict[str, int] = {}
    for finding in findings:
        found[finding.code] = found.get(finding.code, 0) + 1
    return found


def sound_city(folder: Path):  # type: ignore[no-untyped-def]
    """The small city with every owner declared."""
    city = small_city(folder)
    ids = ["west", "east", *(f"body-{r}{c}" for r in range(2) for c in range(4))]
    ids += ["wuye", "lamps", "parks", "water", "noise-west"]
    declared = "".join(f'[[owner]]\nid = "{i}"\nname = "{i}"\n' for i in ids)
    rules = RULES[RULES.index("[[rule]]") :] + '\n[[owner]]\nid = "spare"\nname = "spare"\n'
    words(
        city,
        declared
        + rules.replace(
            'asset_kind = "street_light" }\nowner = "@asset"',
            'asset_kind = "street_light" }\nowner = "lamps"',
        ),
    )
    return city


def test_a_city_in_order_has_no_findings(tmp_path: Path) -> None:
    assert check(load_draft(sound_city(tmp_path))) == []


def test_owners_that_nobody_declared_and_assets_without_one_are_found(tmp_path: Path) -> None:
    findings = {f.code: f for f in check(load_draft(small_city(tmp_path)))}
    assert findings.keys() == {"undeclared_owner", "asset_without_owner"}
    assert findings["undeclared_owner"].count == 14
    assert (findings["asset_without_owner"].count, findings["asset_without_owner"].value) == (1, "L2")


def test_a_gap_and_an_overlap_are_measured_in_square_metres(tmp_path: Path) -> None:
    city = sound_city(tmp_path)
    bring(
        city, "grid:cell",
        [(square(0, 0, 2, 2), {"code": "A1", "o": "west"}),
         (square(1.9, 0, 1.1, 2), {"code": "B1", "o": "east"}),
         (square(3.1, 0, 0.9, 2), {"code": "B2", "o": "east"})],
        code="code", owner="o",
    )  # fmt: skip
    findings = {f.code: f for f in check(load_draft(city))}
    overlap, uncovered = findings["overlap"], findings["uncovered"]
    assert overlap.value == "A1 B1"
    assert overlap.detail["area_m2"] == pytest.approx(94.5 * 2 * 1109, rel=0.01)
    assert uncovered.value == "B"
    assert uncovered.detail["area_m2"] == pytest.approx(94.5 * 2 * 1109, rel=0.01)
    assert uncovered.geometry is not None
    assert uncovered.geometry.symmetric_difference(shapely.box(120.83, 32.0, 120.831, 32.02)).area < 1e-9
    assert findings["outside_parent"].value == "B1"
    assert "m²" in overlap.reason("en")
    assert "平方米" in overlap.reason("zh")


def test_slivers_are_counted_and_do_not_drown_the_gap(tmp_path: Path) -> None:
    city = sound_city(tmp_path)
    cells = [
        (
            square(c + (0.0001 if c else 0), 0, 1 - (0.0001 if c else 0), 2),
            {"code": f"{'A' if c < 2 else 'B'}{c}", "o": "west"},
        )
        for c in range(4)
    ]
    bring(city, "grid:cell", cells, code="code", owner="o")
    findings = check(load_draft(city))
    assert [f.severity for f in findings] == ["note"]
    assert findings[0].code == "uncovered_slivers"
    assert findings[0].count == 3


def test_gaps_of_the_top_level_are_found(tmp_path: Path) -> None:
    city = sound_city(tmp_path)
    districts = [
        (square(0, 0, 1.99, 2), {"code": "A", "o": "west"}),
        (square(2, 0, 2, 2), {"code": "B", "o": "east"}),
    ]
    bring(city, "grid:district", districts, code="code", owner="o")
    findings = check(load_draft(city))
    gap = next(f for f in findings if f.code == "gap")
    assert gap.detail["area_m2"] == pytest.approx(9.45 * 2 * 1109, rel=0.01)


def test_a_cell_beyond_every_parent_is_an_orphan(tmp_path: Path) -> None:
    city = sound_city(tmp_path)
    cells = [(square(0, 0, 2, 2), {"code": "A1", "o": "west"}), (square(8, 8), {"code": "X9", "o": "west"})]
    bring(city, "grid:cell", cells, code="code", owner="o")
    assert counted(check(load_draft(city)))["orphan"] == 1


def test_a_code_that_disagrees_with_its_parent_is_found_where_the_others_agree(tmp_path: Path) -> None:
    city = sound_city(tmp_path)
    cells = [
        (square(c / 5, 0, 0.2, 2), {"code": f"{'A' if c < 10 else 'B'}{c}", "o": "west"}) for c in range(20)
    ]
    cells[3][1]["code"] = "B3"
    bring(city, "grid:cell", cells, code="code", owner="o")
    odd = [f for f in check(load_draft(city)) if f.code == "code_and_parent"]
    assert [f.value for f in odd] == ["B3"]


def test_cells_without_a_body_are_found_and_stand_for_themselves(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    bring(city, "grid:district", [(square(0, 0, 4, 2), {"code": "D", "name": "区"})], code="code")
    bring(city, "grid:cell", [(square(0, 0, 4, 2), {"code": "1", "name": "格"})], code="code")
    generation = load_draft(city)
    finding = next(f for f in check(generation) if f.code == "cell_without_owner")
    assert finding.value == "1"
    assert generation.owners[int(generation.cells.body[generation.cells.leaves[0]])].name == "格"


@pytest.mark.parametrize(
    ("rules", "code", "word"),
    [
        ("", "no_last_rule", ""),
        ('[[rule]]\nid = "a"\nwhen = { cell = "A" }\nowner = "@cell"\n', "no_last_rule", "a"),
        ('[[rule]]\nid = "a"\nowner = "@asset"\n', "no_last_rule", "a"),
        ('[[rule]]\nid = "a"\nwhen = { category = "0" }\nowner = "w"\n' + SOUND, "rule_never", "0"),
        ('[[rule]]\nid = "a"\nwhen = { cell = "Z" }\nowner = "w"\n' + SOUND, "rule_never", "Z"),
        ('[[rule]]\nid = "a"\nwhen = { asset_kind = "ufo" }\nowner = "w"\n' + SOUND, "rule_never", "ufo"),
        ('[[rule]]\nid = "a"\nwhen = { area.moon = "1" }\nowner = "w"\n' + SOUND, "rule_never", "area.moon"),
        ('[[rule]]\nid = "a"\nowner = "@area.moon"\n' + SOUND, "rule_never", "moon"),
        ('[[rule]]\nid = "a"\nwhen = { area.property = "no" }\nowner = "w"\n' + SOUND, "rule_never", "no"),
        ('[[rule]]\nid = "a"\nwhen = { asset.colour = "red" }\nowner = "w"\n' + SOUND, "rule_never", "red"),
    ],
)
def test_rules_that_cannot_work_are_found(tmp_path: Path, rules: str, code: str, word: str) -> None:
    city = small_city(tmp_path)
    words(city, rules)
    found = [f for f in check(load_draft(city)) if f.code == code]
    assert found
    assert word in found[0].reason("en") + found[0].value


@pytest.mark.parametrize(
    ("edge", "missing"),
    [
        ('asset = "river:R1"\ncell = "A"', None),
        ('asset = "river:运料河"\nowner = "all"', None),
        ('asset = "river:运粮河"\ncell = "A"', "river:运粮河"),
        ('asset = "canal:R1"\ncell = "A"', "canal:R1"),
        ('asset = "river:R1"\ncell = "a"', "names what is not there: a."),
    ],
)
def test_shared_edges_that_hold_nothing_are_found(tmp_path: Path, edge: str, missing: str | None) -> None:
    city = small_city(tmp_path)
    words(city, f"{SOUND}\n[[shared_edge]]\n{edge}\n")
    found = [f for f in check(load_draft(city)) if f.code == "shared_edge_never"]
    assert len(found) == (missing is not None)
    if missing is not None:
        assert missing in found[0].reason("en")
        assert "shared_edge" in found[0].fix("zh")


def test_a_shared_edge_of_an_owner_whom_nobody_declared_is_found(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    words(city, f'{SOUND}\n[[shared_edge]]\nasset = "river:R1"\nowner = "nobody-knows"\n')
    undeclared = [f for f in check(load_draft(city)) if f.code == "undeclared_owner"]
    assert "nobody-knows" in load_draft(city).undeclared
    assert undeclared


def test_without_a_rule_for_all_the_bare_categories_are_named(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    words(city, '[[rule]]\nid = "a"\nwhen = { category = "0118" }\nowner = "x"\n')
    bare = next(f for f in check(load_draft(city)) if f.code == "category_without_owner")
    assert bare.count == 84


def test_findings_and_a_proposal_are_layers_to_look_at(tmp_path: Path) -> None:
    city = sound_city(tmp_path)
    cells = [
        (square(0, 0, 2.002, 2), {"code": "A1", "o": "west"}),
        (square(2, 0, 2, 2), {"code": "B1", "o": "east"}),
    ]
    bring(city, "grid:cell", cells, code="code", owner="o")
    draft = load_draft(city)
    path = tmp_path / "look.gpkg"
    written = write_check_layers(path, draft, check(draft), fix=True)
    assert written == ["overlap", "outside_parent", "fixed_district", "fixed_cell"]
    assert set(table_names(path)) == set(written)
    assert read_table(path, "overlap")["area_m2"][0] == pytest.approx(1.89 * 2218, rel=0.02)
    fixed = read_table(path, "fixed_cell")
    assert set(fixed["code"]) == {"A1", "B1"}
    assert fixed["moved_m2"].sum() == pytest.approx(1.89 * 2218, rel=0.02)


def test_every_message_speaks_both_languages_with_the_same_facts() -> None:
    for code, message in MESSAGES.items():
        # A detail that is itself a text comes in both languages: why_zh, why_en.
        facts = [set(re.findall(r"{(\w+?)(?:_zh|_en)?[}:!]", text)) for text in (message.zh, message.en)]
        assert facts[0] == facts[1], code
        assert bool(message.fix_zh) == bool(message.fix_en), code


def test_a_level_that_is_not_listed_and_a_metric_crs_from_elsewhere_are_found(tmp_path: Path) -> None:
    city = sound_city(tmp_path)
    text = city.words().replace('levels = ["district", "cell"]', 'levels = ["cell"]')
    city.toml.write_text(text.replace("EPSG:4549", "EPSG:32610"), encoding="utf-8")
    found = {finding.code: finding for finding in check(load_draft(city))}
    assert found["level_not_listed"].value == "district"
    assert found["metric_crs_unfit"].severity == "error"


def test_levels_in_the_wrong_order_are_no_crash(tmp_path: Path) -> None:
    city = sound_city(tmp_path)
    text = city.words().replace('levels = ["district", "cell"]', 'levels = ["cell", "district"]')
    city.toml.write_text(text, encoding="utf-8")
    assert check(load_draft(city))
