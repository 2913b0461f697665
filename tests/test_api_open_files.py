"""A server has as many files allowed as it needs, or says how many there are."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")


def allowed(soft: int, hard: int, wanted: int) -> tuple[int, int]:
    """What a process with these limits is told, and its soft limit then."""
    said = (
        "import resource; from api.open_files import allow_files\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))\n"
        f"print(allow_files({wanted}), resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    answer = subprocess.run([sys.executable, "-c", said], capture_output=True, check=True, text=True).stdout
    told, now = map(int, answer.split())
    return told, now


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "now"),
    [(256, 1024, 800, 800), (256, 1024, 5000, 1024), (512, 1024, 300, 512)],
)
def test_the_limit_is_raised_as_far_as_is_wanted_and_possible(
    soft: int, hard: int, wanted: int, now: int
) -> None:
    assert allowed(soft, hard, wanted) == (now, now)
