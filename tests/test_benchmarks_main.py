"""`python -m benchmarks`: it lists what there is, and runs what is named in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as benchmarks

FOLDER = Path(benchmarks.__file__).parent


def run(
    monkeypatch: pytest.MonkeyPatch, *names: str, codes: tuple[int, ...] = ()
) -> tuple[int, list[list[str]]]:
    """The exit code, and the commands that were run, which end with these codes and else well."""
    commands: list[list[str]] = []
    ends = iter(codes)

    def ended(command: list[str]) -> subprocess.CompletedProcess[str]:
        commands.append(command[2:])
        return subprocess.CompletedProcess(command, next(ends, 0))

    monkeypatch.setattr(sys, "argv", ["benchmarks", *names])
    monkeypatch.setattr(subprocess, "run", ended)
    return benchmarks.main(), commands


def test_every_benchmark_can_be_named() -> None:
    own = {path.stem for path in FOLDER.glob("*.py") if "\ndef main(" in path.read_text("utf-8")}
    assert {*benchmarks.USUAL, *benchmarks.BY_NAME} == own - {"__main__", "osm"}


def test_help_says_what_each_measures_and_runs_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        run(monkeypatch, "--help")
    said = capsys.readouterr().out
    assert end.value.code == 0
    assert "  locate              Locating beside a spatial join\n" in said
    assert all(f"\n  {name} " in said for name in (*benchmarks.USUAL, *benchmarks.BY_NAME))


def test_those_that_are_named_are_run_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    code, commands = run(monkeypatch, "tiles", "nearest", "desk")
    assert code == 0
    assert commands == [["benchmarks.tiles"], ["benchmarks.nearest", "300000", "1"], ["benchmarks.desk"]]


def test_without_names_the_usual_ones_are_run(monkeypatch: pytest.MonkeyPatch) -> None:
    _, commands = run(monkeypatch)
    assert [command[0] for command in commands] == [f"benchmarks.{name}" for name in benchmarks.USUAL]


def test_one_that_fails_stops_no_other_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, commands = run(monkeypatch, "names", "tiles", codes=(1, 0))
    assert (code, len(commands)) == (1, 2)
    assert capsys.readouterr().err == "failed: names\n"


def test_an_unknown_name_is_refused_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        run(monkeypatch, "everything")
    assert end.value.code == 2
    assert "'everything' is none of partition, nearest" in capsys.readouterr().err
