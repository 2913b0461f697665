"""No request waits for a compiler, and nobody else's compiled code is run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import geo
from api.compiled_code import is_private
from tests.served import published_city

ROOT = Path(geo.__file__).parents[1]

COUNTED = """
import sys
from contextlib import ExitStack
from pathlib import Path
import numpy as np
from numba.core.dispatcher import Dispatcher
from geo.bins_people import once_nearby
from geo.neighbours import bin_neighbours
from geo.scan import scan
from layers.assign import assign
from layers.city import City
from layers.live import open_live
from layers.store import open_store
from tests.cities import SOUTH, STEP, WEST

def compiled():
    modules = [m for name, m in sys.modules.items() if name.partition(".")[0] in ("geo", "layers")]
    kernels = {id(k): k for m in modules for k in vars(m).values() if isinstance(k, Dispatcher)}
    return {k.py_func.__qualname__: tuple(map(str, k.signatures)) for k in kernels.values()}

city = City(Path(sys.argv[1]))
with open_store(city.folder / "issues.db") as store:
    generation = open_live(city, store).generation
    before = compiled()
    assert sum(map(len, before.values())) > 20
    rng = np.random.default_rng(1)
    for rows in (1, 300, 70_000):
        lng, lat = WEST + rng.uniform(-1, 5, rows) * STEP, SOUTH + rng.uniform(-1, 3, rows) * STEP
        lng[::5], lat[::5] = WEST + 2 * STEP, SOUTH + STEP
        category = rng.choice(["0118", "E0105", "0126", ""], rows)
        accuracy = np.where(rng.random(rows) < 0.002, 20.0, 0.0)
        for part in (slice(None), slice(0, 1)):
            assign(generation, lng[part], lat[part], category=list(category[part]), accuracy_m=accuracy[part])
    assert not generation.leaf_index.is_for_few
    links = bin_neighbours(np.argwhere(np.ones((5, 5))), "queen")
    once_nearby(rng.integers(0, 25, 99), rng.integers(0, 9, 99), links)
    for replications in (5, 99):
        scan(rng.random((40, 2)), rng.poisson(2.0, 40), rng.uniform(1, 9, 40), replications=replications)
    after = compiled()
print("ok" if before == after else {k: v for k, v in after.items() if before.get(k) != v})
"""


def run(code: str, *args: str, before: tuple[str, ...] = (), **env: str) -> subprocess.CompletedProcess[str]:
    """A fresh process."""
    clean = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    return subprocess.run(
        [*before, sys.executable, "-B", "-c", code, *args], cwd="/", capture_output=True, text=True,
        env={**clean, "PYTHONPATH": str(ROOT), **env}, timeout=600,
    )  # fmt: skip


def test_nothing_is_compiled_after_a_service_is_ready(tmp_path: Path) -> None:
    """The first bulk request of a fresh process finds every loop it runs, of the types it runs it with."""
    city = published_city(tmp_path / "c")
    done = run(COUNTED, str(city.folder))
    assert done.stdout.strip() == "ok", done.stdout + done.stderr[-2000:]


KEPT = """
import numpy as np, shapely, sys
from geo.partition import PartitionIndex
from geo.partition_kernels import locate
index = PartitionIndex([shapely.box(0, 0, 1, 1)])
print(index.first(np.array([0.5, 2.0]), np.array([0.5, 0.5])).tolist(), locate.stats.cache_path)
"""


# Root may write everywhere, unless it gives that up.
HUMBLE = ("setpriv", "--bounding-set=-dac_override") if os.getuid() == 0 else ()


@pytest.mark.skipif(bool(HUMBLE) and shutil.which("setpriv") is None, reason="root may write everywhere here")
@pytest.mark.parametrize("kept", [False, True])
def test_a_read_only_install_and_home_do(tmp_path: Path, kept: bool) -> None:
    """Each process compiles for itself; or keeps it where it is told."""
    install, home, cache = (tmp_path / name for name in ("install", "home", "cache"))
    for folder in (home, cache):
        folder.mkdir()
    shutil.copytree(ROOT / "geo", install / "geo", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in (install / "geo", install, home):
        folder.chmod(0o555)
    told = {"NUMBA_CACHE_DIR": str(cache)} if kept else {}
    done = run(KEPT, before=HUMBLE, PYTHONPATH=str(install), HOME=str(home), **told)
    for folder in (install / "geo", install, home):
        folder.chmod(0o755)
    assert done.stdout.startswith("[0, -1] "), done.stderr[-2000:]
    assert done.stdout.strip().endswith("None") is not kept
    assert any(cache.rglob("*.nbi")) is kept
    assert not any(home.iterdir())
    assert not any(install.rglob("*.nb?"))


def test_compiled_code_is_not_kept_where_others_can_write(tmp_path: Path) -> None:
    mine, shared = tmp_path / "mine", tmp_path / "shared"
    for folder, mode in ((mine, 0o755), (shared, 0o777)):
        folder.mkdir()
        folder.chmod(mode)
    assert is_private(str(mine))
    assert is_private("")
    assert is_private(str(tmp_path / "none"))
    assert not is_private(str(shared))
    code = (
        "from api.compiled_code import forget_shared_cache; forget_shared_cache();"
        "from geo.partition_kernels import locate; print(locate.stats.cache_path)"
    )
    assert run(code, NUMBA_CACHE_DIR=str(mine)).stdout.startswith(str(mine))
    assert not run(code, NUMBA_CACHE_DIR=str(shared)).stdout.startswith(str(shared))
    assert not any(shared.iterdir())
