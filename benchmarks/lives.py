"""A real server of a city as a process of its own: started, found ready, killed, started again."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import orjson

from api.running import FILE

ROOT = Path(__file__).parents[1]
READY_S = 120.0
_LOOK_S = 0.005


class Process(Protocol):
    """What is asked of a process."""

    @property
    def pid(self) -> int:
        """Its number."""
        ...

    def send_signal(self, sig: int) -> None:
        """Tell it something."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended."""
        ...


Start = Callable[[list[str], Path], Process]


def start_fresh(arguments: list[str], log: Path) -> Process:
    """The command line with arguments as a new process; what it says is appended to the log."""
    with log.open("ab") as said:
        command = [sys.executable, "-m", "api.cli", *arguments]
        return subprocess.Popen(command, cwd=ROOT, stderr=said, stdout=said)


class Life:
    """A server of a city from its start to its end.

    Args:
        log: where what it says is appended.
        start: how processes are started.
    """

    def __init__(self, folder: Path, port: int, log: Path, start: Start = start_fresh) -> None:
        self.folder, self.port, self.log = folder, port, log
        self._began = time.perf_counter()
        self._process = start(["serve", "--city", str(folder), "--port", str(port)], log)

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def wait_ready(self) -> float:
        """Wait until it answers; returns the seconds since it was started.

        Raises:
            RuntimeError: it ended instead, or takes too long.
        """
        while _announced(self.folder) != self.pid:
            took = time.perf_counter() - self._began
            if took > READY_S or _is_gone(self.pid):
                said = self.log.read_text(encoding="utf-8")[-2000:]
                raise RuntimeError(f"The server is not ready after {took:.1f} s. {said}")
            time.sleep(_LOOK_S)
        return time.perf_counter() - self._began

    def kill(self) -> None:
        """End it between two instructions."""
        self._process.send_signal(signal.SIGKILL)
        self.wait()

    def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """The exit code, once it has ended."""
        return self._process.wait(READY_S)

    def limit_files(self, size: int | None) -> None:
        """Let none of its files grow beyond a size in bytes, as a disk that fails; None: let them grow."""
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))


class Nursery:
    """A process that has imported the server and forks one for every life: they start in an instant.

    Close it, or use it as a context manager.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.lives"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def start(self, arguments: list[str], log: Path) -> Process:
        """As `start_fresh`."""
        return _Child(self, int(self.ask("start", str(log), *arguments)))

    def ask(self, *said: str) -> bytes:
        """What the process answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(orjson.dumps(said) + b"\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


class _Child:
    """A process that was forked."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self.pid, self._nursery = pid, nursery

    def send_signal(self, sig: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, sig)

    def wait(self, timeout: float | None = None) -> int:  # noqa: ARG002 - the nursery waits
        return int(self._nursery.ask("wait", str(self.pid)))


def _nurse() -> None:
    """What a nursery does: a line of JSON is a wish, a line is its answer."""
    from api import app, cli, serve_command  # noqa: F401 - before the first wish

    living = set()
    for line in sys.stdin.buffer:
        wish, *said = orjson.loads(line)
        if wish == "wait":
            answer = os.waitstatus_to_exitcode(os.waitpid(int(said[0]), 0)[1])
            living.discard(int(said[0]))
        elif (answer := os.fork()) == 0:
            _be_born(said[0], said[1:])
        else:
            living.add(answer)
        print(answer, flush=True)
    for pid in living:  # of a test that failed
        os.kill(pid, signal.SIGKILL)


def _be_born(log: str, arguments: list[str]) -> None:
    from api.cli import main

    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for own in (1, 2):
        os.dup2(handle, own)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv[1:] = arguments
    code = 1
    try:
        main()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else code
    finally:
        os._exit(code)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _announced(folder: Path) -> int:
    """The process that says it serves a city; what a killed one left behind is of another process."""
    try:
        return int(orjson.loads((folder / FILE).read_bytes())["pid"])
    except (OSError, ValueError, KeyError):
        return 0


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


if __name__ == "__main__":
    _nurse()
