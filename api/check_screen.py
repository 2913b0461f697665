"""The findings of `check` on a screen: grouped, the worst first, with their sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from api.screen import finding_json, language, result_json, say, table

if TYPE_CHECKING:
    from layers.consequences import Group
    from layers.findings import Finding, Lang

LARGEST = 5  # findings of one group that a person reads; --json gives all
HEADS = {
    "zh": ("级别", "后果", "图层", "数量", "平方米", "说明", "改正"),
    "en": ("severity", "consequence", "layer", "count", "m2", "reason", "fix"),
}


def show_check(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Groups with their sums and largest members for a person, every finding for a program."""
    from layers.consequences import consequence, grouped, ranked, summary

    if as_json:
        worst_first = ranked(findings)
        result_json([{**finding_json(f), "consequence": consequence(f.code)} for f in worst_first])
        return
    lang, groups = language(), grouped(findings)
    if groups:
        table(HEADS[lang], [row for group in groups for row in _rows(group, lang)])
    for line in summary(groups, lang):
        say(line)


def _rows(group: Group, lang: Lang) -> Iterator[tuple[str, ...]]:
    """The group's sum, then its largest members; one row where there is only one."""
    from layers.consequences import phrase

    first = group.findings[0]
    head = (first.severity, phrase(group.consequence, lang), first.layer, f"{group.count:,}")
    if len(group.findings) == 1:
        yield *head, _area(group.area_m2), first.reason(lang), first.fix(lang)
        return
    yield *head, _area(group.area_m2), _largest(len(group.findings), lang), first.fix(lang)
    for finding in group.findings[:LARGEST]:
        area = float(finding.detail.get("area_m2", "nan"))
        yield "", "", first.layer, "", _area(area), finding.reason(lang), ""


def _largest(count: int, lang: Lang) -> str:
    shown = min(count, LARGEST)
    if shown == count:
        return "如下：" if lang == "zh" else "these:"
    return f"最大的 {shown} 处：" if lang == "zh" else f"the {shown} largest:"


def _area(area_m2: float) -> str:
    return f"{area_m2:,.1f}" if area_m2 == area_m2 else ""
