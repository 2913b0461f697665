"""Fixtures that any test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import launched
from cities import small_city
from hypothesis import settings
from issue_desk import IssueDesk
from playwright.sync_api import Browser
from stores import opened

from layers.generation import Generation, load_live
from layers.store.checking import check_issues
from layers.store.events import verify_chain

# On a busy machine a deadline fails by chance.
# In CI the examples are always the same: what they find anew, they find on a developer's machine.
settings.register_profile("woodpecker", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("woodpecker")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that lies beside the project; tests that need it skip where it is absent."""
    default = Path(__file__).parents[1] / ".." / "shared" / "data"
    path = Path(os.environ.get("WOODPECKER_DATA", default)).resolve()
    if not path.is_dir():
        pytest.skip(f"No shared data at {path}; point WOODPECKER_DATA at it.")
    return path


@pytest.fixture(scope="session")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """The small city."""
    return load_live(small_city(tmp_path_factory.mktemp("generation") / "city"))


@pytest.fixture
def at_desk(generation: Generation, tmp_path: Path) -> Iterator[IssueDesk]:
    """People who act on issues of the small city; what they did stands in an unbroken chain afterwards."""
    with opened(tmp_path) as store:
        yield IssueDesk(store, generation)
        with store.reading() as connection:
            assert verify_chain(connection) is None
            assert list(check_issues(connection)) == []


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for a module's tests; while it is there, its thread can run no loop of asyncio's."""
    with launched() as browser:
        yield browser
