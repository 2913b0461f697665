"""Fixtures that any test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

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
