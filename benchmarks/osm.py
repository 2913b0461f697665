"""Importing an OpenStreetMap extract beside what other readers need: ``python -m benchmarks.osm FILE``.

The peers do less: the bare pass of osmium only counts objects, and GDAL's driver only reads its own layers
into frames, without kinds, owners, grid or a file to publish. Each runs in a process of its own, so that the
peak memory is its own.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WAYS = ("woodpecker import osm", "osmium, a bare pass", "osmium, with areas", "pyogrio, the OSM driver")
GDAL_LAYERS = ("points", "lines", "multipolygons", "multilinestrings", "other_relations")


def main(path: str = "") -> None:
    """Print one table; nothing without a file."""
    if not path:
        print("benchmarks.osm: give an extract: python -m benchmarks.osm FILE")
        return
    print(f"{'':28}{'s':>8}{'MB':>8}   {Path(path).name}")
    for way in WAYS:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.osm", path, way], capture_output=True, text=True, check=True
        )
        seconds, peak = done.stdout.split()[-2:]
        print(f"{way:28}{float(seconds):8.1f}{float(peak):8.0f}")


def measured(path: str, way: str) -> None:
    """Print the seconds of one way and the peak memory in MB of its largest process."""
    began = time.perf_counter()
    _RUNS[way](path)
    seconds = time.perf_counter() - began
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(seconds, max(peaks) / 1024)


def _import(path: str) -> None:
    from layers.city import City
    from layers.osm.importing import OsmOptions, import_osm

    with tempfile.TemporaryDirectory() as folder:
        import_osm(City(Path(folder) / "town"), Path(path), OsmOptions())


def _bare(path: str) -> None:
    import osmium

    sum(1 for _ in osmium.FileProcessor(path).with_locations())


def _areas(path: str) -> None:
    import osmium

    sum(1 for _ in osmium.FileProcessor(path).with_areas())


def _gdal(path: str) -> None:
    import pyogrio

    for layer in GDAL_LAYERS:
        pyogrio.read_dataframe(path, layer=layer, use_arrow=True)


_RUNS = dict(zip(WAYS, (_import, _bare, _areas, _gdal), strict=True))

if __name__ == "__main__":
    if len(sys.argv) > 2:
        measured(*sys.argv[1:3])
    else:
        main(*sys.argv[1:2])
