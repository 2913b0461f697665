"""What the command line shows: Rich on a terminal, plain lines in a pipe, JSON where it was asked for."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from layers.findings import Finding, Lang

SHOWN = 10  # findings of one kind that a person reads before "and n more"


def language() -> Lang:
    """The language of the terminal: Chinese where the locale says so, else English."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if locale.startswith("zh") else "en"


def say(text: str) -> None:
    """A line for a person, on stderr, so that stdout holds nothing but results."""
    click.echo(text, err=True)


def result_json(value: object) -> None:
    """A result for a program: one JSON document on stdout, NaN as null."""
    click.echo(json.dumps(_plain(value), ensure_ascii=False, indent=2))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):  # a numpy scalar
        value = value.item()
    return None if isinstance(value, float) and value != value else value


def counted(number: int, thing: str) -> str:
    """``1 finding``, ``2 findings``."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on stdout, drawn on a terminal, tab-separated in a pipe; without columns it has no header."""
    if not sys.stdout.isatty():
        for row in (columns, *rows) if columns else rows:
            click.echo("\t".join(map(_shown, row)))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, show_header=bool(columns))
    for row in rows:
        # Text, not markup: what stands in a city's data is never a command to the terminal.
        drawn.add_row(*(Text(_shown(cell)) for cell in row))
    Console().print(drawn)


def _shown(cell: object) -> str:
    """A cell as text without control characters, which a terminal or a table would obey."""
    text = "" if cell is None else str(cell)
    return "".join(c if c.isprintable() else " " for c in text)


@contextmanager
def working(what: str) -> Iterator[None]:
    """A spinner on a terminal while something takes its time; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on a terminal while rows are worked off, to be told how many of how many; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _done, _rows: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, rows: bar.update(task, completed=done, total=rows)


def write_rejects(path: Path, rejects: Sequence[Finding]) -> None:
    """Rows that could not be used, as a CSV: row, column, value, reason, fix."""
    lang = language()
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(("row", "column", "value", "reason", "fix"))
        out.writerows((f.row, f.column, f.value, f.reason(lang), f.fix(lang)) for f in rejects)


def show_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Findings for a person, grouped by kind, or all of them for a program."""
    lang = language()
    if as_json:
        result_json([finding_json(finding) for finding in findings])
        return
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.code, finding.layer), []).append(finding)
    rows = []
    for (severity, _, layer), members in groups.items():
        for finding in members[:SHOWN]:
            where = "" if finding.row is None else str(finding.row)
            rows.append((severity, layer, where, finding.column, finding.reason(lang), finding.fix(lang)))
        if len(members) > SHOWN:
            rows.append((severity, layer, "", "", _more(len(members) - SHOWN, lang), ""))
    if rows:
        table(("severity", "layer", "row", "column", "reason", "fix"), rows)


def _more(count: int, lang: Lang) -> str:
    return f"…… 另有 {count} 条" if lang == "zh" else f"… and {count} more of these"


def finding_json(finding: Finding) -> dict[str, object]:
    """A finding with its sentences in both languages."""
    return {
        "severity": finding.severity,
        "code": finding.code,
        "layer": finding.layer,
        "row": finding.row,
        "column": finding.column,
        "value": finding.value,
        "count": finding.count,
        **finding.detail,
        "reason": finding.reason("en"),
        "reason_zh": finding.reason("zh"),
        "fix": finding.fix("en"),
        "fix_zh": finding.fix("zh"),
    }
