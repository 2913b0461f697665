"""Findings are ranked by what they mean for reports, the largest first, and summed up."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import layers.check  # noqa: F401 - registers the codes of check
from layers.consequences import CONSEQUENCE, PHRASES, RANKED, consequence, grouped, ranked, summary
from layers.findings import MESSAGES, Finding


def area(code: str, m2: float, layer: str = "grid:cell", severity: str = "warning") -> Finding:
    return Finding(code, severity, layer, detail={"area_m2": m2})  # type: ignore[arg-type]


def test_what_leaves_reports_without_a_cell_comes_before_two_cells_and_no_owner() -> None:
    codes = ["undeclared_owner", "orphan", "asset_without_owner", "overlap", "gap", "uncovered"]
    assert [f.code for f in ranked([Finding(code) for code in codes])] == [
        "uncovered", "gap", "overlap", "asset_without_owner", "orphan", "undeclared_owner",
    ]  # fmt: skip


def test_what_stops_a_publication_comes_before_all_and_slivers_last() -> None:
    slivers = Finding("uncovered_slivers", "note", count=9_000, detail={"area_m2": 9e9})
    found = ranked([slivers, area("gap", 5.0), Finding("rule_never"), Finding("no_last_rule", "error")])
    assert [f.code for f in found] == ["no_last_rule", "gap", "rule_never", "uncovered_slivers"]


def test_within_a_kind_the_largest_comes_first_and_what_was_not_measured_above_it() -> None:
    found = ranked([area("overlap", 3.0), area("overlap", 700.0), area("overlap", math.nan)])
    sizes = [f.detail["area_m2"] for f in found]
    assert math.isnan(sizes[0])
    assert sizes[1:] == [700.0, 3.0]
    counts = ranked([Finding("asset_without_owner", count=n) for n in (2, 40)])
    assert [f.count for f in counts] == [40, 2]


CODES = st.sampled_from(sorted(CONSEQUENCE))


@given(st.lists(st.tuples(CODES, st.floats(0.1, 1e6)), max_size=30))
def test_ranking_loses_nothing_and_never_puts_a_milder_consequence_first(
    rows: list[tuple[str, float]],
) -> None:
    findings = [area(code, m2) for code, m2 in rows]
    found = ranked(findings)
    assert sorted(map(id, found)) == sorted(map(id, findings))
    order = list(RANKED)
    assert all(
        order.index(consequence(a.code)) <= order.index(consequence(b.code)) for a, b in pairwise(found)
    )
    assert sum(group.count for group in grouped(findings)) == len(findings)


def test_groups_are_summed_up_by_consequence() -> None:
    findings = [
        area("gap", 10.0), area("gap", 30.5), area("uncovered", 2.0, "grid:street"),
        Finding("asset_without_owner", layer="asset:lamp", count=7),
        Finding("overlap_slivers", "note", "grid:cell", count=4_000, detail={"area_m2": 12.5}),
    ]  # fmt: skip
    groups = grouped(findings)
    assert [(g.findings[0].code, g.count) for g in groups] == [
        ("uncovered", 1), ("gap", 2), ("asset_without_owner", 7), ("overlap_slivers", 4_000),
    ]  # fmt: skip
    assert groups[1].area_m2 == pytest.approx(40.5)
    assert summary(groups, "en") == [
        "Reports would fall in no cell: 3, 42.5 m² in all.",
        "Nobody is named to answer: 7.",
        "Slivers of drawing: 4,000, 12.5 m² in all.",
    ]
    assert summary(groups, "zh")[0] == "上报落不进任何网格：3 处，共 42.5 平方米。"
    assert summary([], "en") == []


def test_every_ranked_code_can_be_found_and_every_consequence_has_a_name() -> None:
    assert set(CONSEQUENCE) <= set(MESSAGES)
    assert PHRASES.keys() == RANKED.keys()
    assert all(re.search("[\u4e00-\u9fff]", zh) and en for zh, en in PHRASES.values())
