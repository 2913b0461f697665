"""The house stands as it was drawn: imports run one way, no names of other places in the tree."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = ("geo", "layers", "maps", "api")


def _modules(floor: str) -> list[Path]:
    return [path for path in sorted((ROOT / floor).rglob("*.py")) if "node_modules" not in path.parts]


def _imported(path: Path) -> set[str]:
    """Top-level packages that a module imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports across the house are absolute"
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("floor", FLOORS)
def test_imports_run_from_the_roof_down(floor: str) -> None:
    above = set(FLOORS[FLOORS.index(floor) + 1 :])
    modules = _modules(floor)
    assert modules
    for path in modules:
        assert not _imported(path) & above, f"{path} imports a floor above its own"


def test_the_ground_floor_knows_no_files_no_network_no_clock() -> None:
    forbidden = {
        "pathlib",
        "os",
        "io",
        "sqlite3",
        "time",
        "datetime",
        "fastapi",
        "geopandas",
        "pyogrio",
        "requests",
    }
    for path in _modules("geo"):
        assert not _imported(path) & forbidden, path


def test_no_registry_and_no_path_of_a_machine_is_named() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    registry = re.compile(r"\b(?:registry\.)?(?:npm" + r"js|py" + r"pi|python" + r"hosted)\.(?:org|com)\b")
    machine = re.compile(r"(?:^|[\s\"'=(])/(?:work|home|root|farm)/")
    for name in listed.stdout.split():
        path = ROOT / name
        if path.is_file() and path.suffix in {
            ".py",
            ".md",
            ".toml",
            ".json",
            ".txt",
            ".js",
            ".css",
            ".html",
            ".yml",
            "",
        }:
            text = path.read_text(encoding="utf-8", errors="ignore")
            assert not registry.search(text), name
            assert not machine.search(text), name
