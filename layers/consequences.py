"""What the findings of `check` mean for reports: ranked by it, grouped and summed up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from layers.findings import Finding, Lang

NO_CELL, TWO_CELLS, NO_OWNER, DOUBTFUL, SLIVERS = "no_cell", "two_cells", "no_owner", "doubtful", "slivers"

# From what misleads most reports to what misleads none; a code that is not listed is doubtful.
RANKED: dict[str, tuple[str, ...]] = {
    NO_CELL: ("no_grid", "uncovered", "gap"),
    TWO_CELLS: ("overlap",),
    NO_OWNER: (
        "no_last_rule", "category_without_owner", "cell_without_owner", "asset_without_owner",
        "section_without_owner", "section_no_route", "section_gap",
    ),
    DOUBTFUL: (
        "datum_wrong", "datum_doubtful",
        "section_overlap", "section_reversed", "section_beyond", "route_broken",
        "route_mark_unused", "route_marks_unread",
        "orphan", "outside_parent", "code_and_parent", "undeclared_owner",
    ),
    SLIVERS: ("uncovered_slivers", "gap_slivers", "overlap_slivers", "outside_parent_slivers"),
}  # fmt: skip
CONSEQUENCE = {code: consequence for consequence, codes in RANKED.items() for code in codes}
_PLACE = {code: at for at, code in enumerate(CONSEQUENCE)}
_FIRST_SLIVER = _PLACE[RANKED[SLIVERS][0]]
_SEVERITY = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one kind in one layer, the largest first.

    Attributes:
        consequence: a key of `RANKED`.
        count: how many things were found.
        area_m2: their area together; NaN where they have none, or where one was not measured.
    """

    consequence: str
    findings: tuple[Finding, ...]
    count: int
    area_m2: float


def consequence(code: str) -> str:
    """What a finding of this code means for reports."""
    return CONSEQUENCE.get(code, DOUBTFUL)


def ranked(findings: Sequence[Finding]) -> list[Finding]:
    """What stops a publication first, then by consequence, within that the largest first.

    Equally large ones keep their order.
    """
    return sorted(findings, key=_rank)


def _rank(finding: Finding) -> tuple[bool, float, int, float]:
    place = _PLACE.get(finding.code, _FIRST_SLIVER - 0.5)
    return finding.severity != "error", place, _SEVERITY[finding.severity], -_size(finding)


def _size(finding: Finding) -> float:
    """Square metres, else metres, else how many; an area that was not measured is the largest."""
    size = float(finding.detail.get("area_m2", finding.detail.get("length_m", finding.count)))
    return size if size == size else np.inf


def grouped(findings: Sequence[Finding]) -> list[Group]:
    """The findings by kind and layer, in the order of `ranked`."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in ranked(findings):
        groups.setdefault((finding.severity, finding.code, finding.layer), []).append(finding)
    return [
        Group(consequence(code), tuple(of_kind), sum(f.count for f in of_kind), _area(of_kind))
        for (_, code, _), of_kind in groups.items()
    ]


def _area(findings: Sequence[Finding]) -> float:
    return float(sum(finding.detail.get("area_m2", np.nan) for finding in findings))


PHRASES: dict[str, tuple[str, str]] = {
    NO_CELL: ("上报落不进任何网格", "reports would fall in no cell"),
    TWO_CELLS: ("上报落进两个网格", "reports would fall in two cells"),
    NO_OWNER: ("无人负责", "nobody is named to answer"),
    DOUBTFUL: ("数据有疑问", "the data are in doubt"),
    SLIVERS: ("绘图细缝", "slivers of drawing"),
}


def phrase(of: str, lang: Lang) -> str:
    """What a consequence is called."""
    return PHRASES[of][0 if lang == "zh" else 1]


def summary(groups: Sequence[Group], lang: Lang) -> list[str]:
    """A line for each consequence that occurs: how many findings and how much ground."""
    lines = []
    for of in RANKED:
        members = [group for group in groups if group.consequence == of]
        if members:
            area = float(np.nansum([group.area_m2 for group in members]))
            lines.append(_line(phrase(of, lang), sum(group.count for group in members), area, lang))
    return lines


def _line(what: str, count: int, area_m2: float, lang: Lang) -> str:
    if lang == "zh":
        return f"{what}：{count:,} 处" + (f"，共 {area_m2:,.1f} 平方米。" if area_m2 else "。")
    what = what[0].upper() + what[1:]
    return f"{what}: {count:,}" + (f", {area_m2:,.1f} m² in all." if area_m2 else ".")
