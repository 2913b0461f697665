"""A real server loses nothing that it acknowledged, whatever ends it; and says what it cannot store."""

from __future__ import annotations

import http.client
import io
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live_cities import published_city
from PIL import Image
from services import lamp

from benchmarks.durability import kill_again_and_again, make_city
from benchmarks.lives import Life, Nursery, free_port
from benchmarks.senders import form

KILLS = 8
ROOT = Path(__file__).parents[1]
Answer = tuple[int, dict[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """Starts servers."""
    with Nursery() as process:
        yield process


def ask(life: Life, path: str, body: bytes | None = None, **headers: str) -> Answer:
    """The answer of a server: status, headers, JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", life.port, timeout=60)
    said = {"Content-Type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
    connection.request("GET" if body is None else "POST", path, body, said)
    answer = connection.getresponse()
    told = answer.status, dict(answer.getheaders()), json.loads(answer.read())
    connection.close()
    return told


def file_one(life: Life, word: str) -> Answer:
    """File a report with a text, once."""
    return ask(life, "/v1/reports", json.dumps(lamp(text=word, external_id=word)).encode())


def born(folder: Path, nursery: Nursery) -> Life:
    """A server of the small city that is ready."""
    life = Life(folder, free_port(), folder / "server.log", nursery.start)
    life.wait_ready()
    return life


def texts(folder: Path) -> list[str]:
    """What the reports in a city's store say."""
    from sqlalchemy import select

    from layers.store import open_store
    from layers.store.events import verify_chain
    from layers.store.schema import PRIVATE

    with open_store(folder / "issues.db") as store, store.reading() as connection:
        assert verify_chain(connection) is None
        return list(connection.scalars(select(PRIVATE.c.text)))


def test_a_server_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path, nursery: Nursery) -> None:
    found = kill_again_and_again(make_city(tmp_path / "city"), KILLS, seed=7, start=nursery.start)
    assert (found.lost, found.doubled, found.wrong) == ([], [], [])
    assert found.reports > KILLS
    assert found.comments > 0
    assert found.broken >= KILLS


def test_a_disk_that_fails_is_told_loses_nothing_and_is_forgotten_when_it_works(
    tmp_path: Path, nursery: Nursery
) -> None:
    published_city(tmp_path)
    life = born(tmp_path, nursery)
    acknowledged = [f"first {n}" for n in range(5) if file_one(life, f"first {n}")[0] == 201]
    life.limit_files(max(file.stat().st_size for file in tmp_path.glob("issues.db*")))
    refused = []
    for n in range(40):
        status, headers, said = file_one(life, f"second {n}")
        assert status in (201, 503)
        if status == 503:
            assert int(headers["retry-after"]) > 0
            assert said["code"] == "store_unavailable"
            refused.append(f"second {n}")
        else:
            acknowledged.append(f"second {n}")
    assert len(acknowledged) >= 5
    assert refused
    status, headers, said = ask(life, "/readyz")
    assert (status, said["checks"]["write"]) == (503, {"ok": False})
    assert int(headers["retry-after"]) > 0
    assert ask(life, "/healthz")[0] == 200

    life.limit_files(None)
    assert ask(life, "/readyz")[0] == 200
    again = [file_one(life, word)[0] for word in [*acknowledged, *refused]]
    assert again == [200] * len(acknowledged) + [201] * len(refused)
    assert life.stop() == 0
    assert sorted(texts(tmp_path)) == sorted([*acknowledged, *refused])


def test_a_photo_that_cannot_be_stored_is_answered_with_try_again(tmp_path: Path, nursery: Nursery) -> None:
    published_city(tmp_path)
    life = born(tmp_path, nursery)
    assert file_one(life, "before")[0] == 201
    noise = Image.frombytes("RGB", (64, 64), random.Random(1).randbytes(64 * 64 * 3))
    out = io.BytesIO()
    noise.save(out, "PNG")
    body, kind = form(json.dumps(lamp(text="photo")).encode(), out.getvalue())
    life.limit_files(1_000)
    status, headers, said = ask(life, "/v1/reports", body, Content_Type=kind, Idempotency_Key="p")
    assert (status, said["code"]) == (503, "store_unavailable")
    assert int(headers["retry-after"]) > 0
    assert not [path for path in (tmp_path / "photos").glob("*") if path.is_file()]
    life.limit_files(None)
    assert ask(life, "/v1/reports", body, Content_Type=kind, Idempotency_Key="p")[0] == 201
    assert life.stop() == 0
    assert sorted(texts(tmp_path)) == ["before", "photo"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes; skips where none may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("Only root may mount a small disk.")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_and_loses_nothing(small_disk: Path, nursery: Nursery) -> None:
    published_city(small_disk)
    (small_disk / "serve.toml").write_text("least_free_mb = 1\n", encoding="utf-8")
    life = born(small_disk, nursery)
    filler = small_disk / "filler"
    acknowledged = [f"first {n}" for n in range(3) if file_one(life, f"first {n}")[0] == 201]
    _fill(filler)
    refused = []
    for n in range(60):
        status, _, said = file_one(life, f"second {n}")
        assert (status, said.get("code")) in ((201, None), (503, "store_unavailable"))
        (refused if status == 503 else acknowledged).append(f"second {n}")
    assert refused
    status, _, said = ask(life, "/readyz")
    assert status == 503
    assert not said["checks"]["disk"]["ok"]
    assert ask(life, "/v1/issues?status=received,closed")[0] == 200
    life.kill()

    filler.unlink()
    life = born(small_disk, nursery)
    assert ask(life, "/readyz")[0] == 200
    assert [file_one(life, word)[0] for word in acknowledged] == [200] * len(acknowledged)
    assert [file_one(life, word)[0] for word in refused] == [201] * len(refused)
    assert life.stop() == 0
    assert sorted(texts(small_disk)) == sorted([*acknowledged, *refused])


def _fill(path: Path) -> None:
    """Take all the room that is left."""
    with path.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue


def dying(folder: str) -> None:
    """What a process does whose writer dies at the second report: serve, be asked, end."""
    from api import serve_command
    from api.server import Server
    from layers.store import writer

    deliver, count = writer._deliver, []

    def fail(job: Any, outcome: Any) -> None:
        count.append(job)
        if (Path(folder) / "die").exists():
            raise MemoryError("nothing is left")
        deliver(job, outcome)

    writer._deliver = fail
    server = Server("127.0.0.1", 0)
    sys.exit(serve_command.run(serve_command.read_settings(Path(folder), server.host), server))


def test_a_writer_that_dies_ends_the_server_with_a_code_of_its_own_and_loses_nothing(tmp_path: Path) -> None:
    from api.running import running_server
    from api.serve_command import WRITER_DIED

    published_city(tmp_path)
    paths = [str(Path(__file__).parent), str(ROOT)]
    code = (
        f"import sys; sys.path[:0] = {paths!r}; import {Path(__file__).stem} as t; t.dying({str(tmp_path)!r})"
    )
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "Serving" in "".join(line for line in iter(process.stderr.readline, "Stop it with Ctrl+C.\n"))
        server = running_server(tmp_path)
        assert server is not None
        with server.connected() as connection:
            for word, expected in (("first", 201), ("second", 503)):
                body = json.dumps(lamp(text=word, external_id=word))
                headers = server.headers(Content_Type="application/json")
                connection.request("POST", "/v1/reports", body, headers)
                answer = connection.getresponse()
                said = json.loads(answer.read())
                assert answer.status == expected
                (tmp_path / "die").touch()
        assert (said["code"], answer.headers["Retry-After"]) == ("store_unavailable", "2")
        assert process.wait(60) == WRITER_DIED
        assert "can no longer be written" in process.stderr.read()
    assert running_server(tmp_path) is None
    # The second was on disk when the writer died before it could say so: it may be there, once.
    assert sorted(texts(tmp_path)) in (["first"], ["first", "second"])
