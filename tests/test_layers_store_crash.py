"""Whoever was told that a report is stored finds it again, even if the power goes or the disk is full."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select
from stores import desk, new_issue, new_report, opened

from layers.store import Store, open_store
from layers.store.events import verify_chain
from layers.store.filing import Filing, file_report
from layers.store.schema import EVENTS, ISSUES, PHOTOS, PRIVATE, REPORTS

KILLS = 5
PER_LIFE = 40


def _file(store: Store, first: int, count: int) -> list[str]:
    """File reports with external ids from a number on; returns what was acknowledged."""
    futures = []
    for number in range(first, first + count):
        filing = Filing(new_report(external_id=str(number)), new_issue())
        futures.append(store.submit(lambda c, filing=filing: file_report(c, filing, desk())))
    return [str(n) for n, f in enumerate(futures, first) if f.exception() is None]


def child(path: str, first: int) -> None:
    """What the killed process does: file reports one after the other and say so."""
    with open_store(Path(path)) as store:
        for number in range(first, 10**6):
            for said in _file(store, number, 1):
                print(said, flush=True)  # noqa: T201 - the acknowledgement


def full(path: str) -> None:
    """What a process does whose files may not grow: file, be refused, get space, file again."""
    import resource

    with open_store(Path(path)) as store:
        done = _file(store, 0, 5)
        size = sum(file.stat().st_size for file in Path(path).parent.glob("issues.db*"))
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        for number in range(5, 200, 5):
            done += _file(store, number, 5)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        print(len(done), *done)  # noqa: T201 - the result
        print(len(_file(store, 0, 200)), store.alive)  # noqa: T201


def _python(call: str, *arguments: object) -> list[str]:
    here = Path(__file__)
    said = ", ".join(repr(argument) for argument in arguments)
    code = f"import sys; sys.path[:0] = [{str(here.parent)!r}, {str(here.parents[1])!r}]; "
    return [sys.executable, "-c", f"{code}import {here.stem}; {here.stem}.{call}({said})"]


def test_a_killed_writer_loses_nothing_acknowledged_and_doubles_nothing(tmp_path: Path) -> None:
    rng = random.Random(5)
    path, acknowledged, next_ = tmp_path / "issues.db", set[str](), 0
    for _ in range(KILLS):
        lines = rng.randrange(3, PER_LIFE)
        with subprocess.Popen(
            _python("child", str(path), next_), stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            acknowledged |= {process.stdout.readline().strip() for _ in range(lines)}
            process.kill()
            acknowledged |= {line.strip() for line in process.stdout if line.endswith("\n")}
        next_ = max(map(int, acknowledged)) + 1
        _look(tmp_path, acknowledged)
    with opened(tmp_path) as store:
        assert len(_file(store, 0, next_ + 5)) == next_ + 5  # everybody asks again, to be sure
    _look(tmp_path, {str(number) for number in range(next_ + 5)}, exactly=True)


def _look(folder: Path, acknowledged: set[str], *, exactly: bool = False) -> None:
    with opened(folder) as store, store.reading() as connection:
        found = list(connection.scalars(select(REPORTS.c.external_id)))
        assert len(set(found)) == len(found)
        assert acknowledged <= set(found)
        assert not exactly or set(found) == acknowledged
        assert verify_chain(connection) is None
        for table in (ISSUES, PRIVATE, PHOTOS, EVENTS):
            assert connection.scalar(select(func.count()).select_from(table)) == len(found), table.name


def test_a_disk_that_is_full_when_the_log_is_written_loses_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        _python("full", str(tmp_path / "issues.db")), capture_output=True, text=True, check=True
    )
    first, second = done.stdout.splitlines()
    count, *acknowledged = first.split()
    assert 5 <= int(count) < 200
    assert second == "200 True"
    _look(tmp_path, {str(number) for number in range(200)}, exactly=True)
    assert set(acknowledged) <= {str(number) for number in range(200)}
