"""A small city with a road, and a river along the border of its two districts, to cut into sections."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.city import City
from layers.generation import Generation
from layers.importing import Imported, ImportOptions, import_layer
from layers.sections import SectionAnswer, locate_sections
from tests.cities import METRIC, at, bring, small_city

Floats = NDArray[np.float64]
HEAD = "route,from_m,to_m,side,owner"


def route(*spots: tuple[float, float], **columns: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A line of the lattice with its columns."""
    return {"type": "LineString", "coordinates": [at(*spot) for spot in spots]}, columns


def road_city(folder: Path) -> City:
    """The small city with a road of 4 × 944.7 m eastwards in two pieces, and the border river northwards."""
    shutil.copytree(_road_city(), folder, dirs_exist_ok=True)
    return City(folder)


@functools.cache
def _road_city() -> Path:
    """Made once for all tests: every import starts a process."""
    city = small_city(Path(tempfile.mkdtemp(prefix="woodpecker-test-")))
    atexit.register(shutil.rmtree, city.folder, ignore_errors=True)
    pieces = [
        route((0, 0.5), (2, 0.5), code="D1", name="人民路"),
        route((2, 0.5), (4, 0.5), code="D2", name="人民路"),
        route((0, 1.2), (4, 1.2), code="D3", name="青年路"),
    ]
    bring(city, "asset:road", pieces)
    bring(city, "asset:river", [route((2, 0), (2, 2), code="R1", name="界河")])
    return city.folder


def cut(city: City, rows: Sequence[str], kind: str = "road", head: str = HEAD, **options: str) -> Imported:
    """Import lines of a CSV as sections."""
    path = city.folder / f"{kind}_sections.csv"
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return import_layer(city, path, "section", kind, ImportOptions(**{"owner": "owner", **options}))


def ask(generation: Generation, kind: str, *spots: tuple[float, float], asset: Any = None) -> SectionAnswer:
    """Where places of the lattice lie."""
    assert generation.config.metric_crs == METRIC
    lng, lat = np.array([at(*spot) for spot in spots]).T
    return locate_sections(generation, kind, *generation.metric.points(lng, lat), asset=asset)


def owners(generation: Generation, kind: str, answer: SectionAnswer) -> list[str]:
    """The owner of each answer's section, ``-`` where there is none."""
    sections = generation.sections[kind]
    return [generation.owners[sections.owner[i]].id if i >= 0 else "-" for i in answer.position]
