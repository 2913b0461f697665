"""QGIS itself opens what was written, styled; skipped where QGIS is not installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from exports_made import RARE, hard_export, points_table, written

CHECK = Path(__file__).with_name("qgis_check.py")
FORMATS = (".gpkg", ".geojson", ".shp.zip", ".kml", ".kmz", ".fgb", ".csv", ".xlsx", ".dxf")


def _python() -> str:
    """A Python that has QGIS, which is that of the system and not the tests' own."""
    for name in (os.environ.get("QGIS_PYTHON", ""), "/usr/bin/python3", shutil.which("python3") or ""):
        if name and Path(name).exists():
            tried = subprocess.run([name, "-c", "import qgis.core"], capture_output=True, check=False)
            if tried.returncode == 0:
                return name
    pytest.skip("No Python here has QGIS (python3-qgis); name one that has in QGIS_PYTHON.")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What QGIS tells of one file of each format, by ending."""
    python = _python()
    folder = tmp_path_factory.mktemp("qgis")
    paths = {suffix: written(hard_export(points_table()), folder, f"热点{suffix}")[0] for suffix in FORMATS}
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GDAL", "PROJ"))
    }
    told = subprocess.run(
        [python, CHECK, *paths.values()],
        capture_output=True, check=True, timeout=300,
        env={**clean, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(folder)},
    )  # fmt: skip
    found = json.loads(told.stdout)
    return {suffix: found[str(path)] for suffix, path in paths.items()}


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_layer_is_valid_with_all_its_rows(suffix: str, seen: dict[str, Any]) -> None:
    assert seen[suffix]
    assert all(layer["valid"] and layer["rows"] for layer in seen[suffix].values())


def test_the_style_in_the_package_is_applied(seen: dict[str, Any]) -> None:
    layer = seen[".gpkg"]["hotspots"]
    assert layer["styled"]
    assert layer["crs"] == "EPSG:4326"
    assert layer["classes"]["hot"] == "#b2182b"
    assert layer["classes"]["cold"] == "#2166ac"
    assert seen[".gpkg"]["issues"]["styled"]


def test_columns_have_chinese_and_english_words(seen: dict[str, Any]) -> None:
    aliases = seen[".gpkg"]["hotspots"]["aliases"]
    assert aliases["relative_risk"] == "相对风险 relative risk"
    assert "中文列名很长很长" in aliases


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp.zip", ".kml", ".kmz", ".fgb", ".csv", ".xlsx"])
def test_rare_characters_arrive(suffix: str, seen: dict[str, Any]) -> None:
    assert any(RARE in layer["first"] for layer in seen[suffix].values())
