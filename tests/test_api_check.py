"""woodpecker check shows few real problems above thousands of small ones."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import woodpecker
from layers.tables import read_table
from tests.cities import bring, small_city, square


def call(*args: object) -> Result:
    return CliRunner().invoke(woodpecker, ["check", *(str(arg) for arg in args)], catch_exceptions=False)


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sixteen strips with slits of growing width between them; an overlap; a lamp of nobody."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    opened = small_city(tmp_path / "city")
    slits = [0.001 * n for n in range(16)]
    cells = [
        (square(c / 4 + slit, 0, 0.25 - slit, 2), {"code": f"{'AB'[c // 8]}{c}", "o": "west"})
        for c, slit in enumerate(slits)
    ]
    cells.append((square(3.9, 0, 0.1, 2), {"code": "B99", "o": "west"}))
    bring(opened, "grid:cell", cells, code="code", owner="o")
    return opened.folder


def rows_of(result: Result) -> list[list[str]]:
    return [line.split("\t") for line in result.stdout.splitlines()]


def test_groups_come_by_consequence_with_sums_and_the_largest(city: Path) -> None:
    result = call("--city", city)
    assert result.exit_code == 1
    rows = rows_of(result)
    assert rows[0] == ["severity", "consequence", "layer", "count", "m2", "reason", "fix"]
    heads = [row for row in rows[1:] if row[0]]
    assert [row[1] for row in heads] == [
        "reports would fall in no cell", "reports would fall in two cells", "nobody is named to answer",
        "the data are in doubt",
    ]  # fmt: skip
    gaps = heads[0]
    assert int(gaps[3]) > 5
    assert gaps[5] == "the 5 largest:"
    shown = rows[rows.index(gaps) + 1 :][:5]
    sizes = [float(row[4].replace(",", "")) for row in shown]
    assert sizes == sorted(sizes, reverse=True)
    assert float(gaps[4].replace(",", "")) > sum(sizes)


def test_a_line_for_each_consequence_ends_it_in_both_languages(
    city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert re.search(r"Reports would fall in no cell: \d+, [\d,.]+ m² in all", call("--city", city).stderr)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    result = call("--city", city)
    assert "上报落进两个网格：1 处，共 " in result.stderr
    assert result.stdout.startswith("级别\t后果\t图层")


def test_json_holds_every_finding_with_its_consequence(city: Path) -> None:
    found = json.loads(call("--city", city, "--json").stdout)
    order = [f["consequence"] for f in found]
    assert list(dict.fromkeys(order)) == ["no_cell", "two_cells", "no_owner", "doubtful"]
    assert order.count("no_cell") > 5


def test_the_layers_name_the_consequence(city: Path) -> None:
    call("--city", city)
    assert set(read_table(city / "check.gpkg", "uncovered")["consequence"]) == {"no_cell"}
