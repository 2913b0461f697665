"""The issue map beside plain folium: time to build, size of the file, time to the first frame.

    python -m benchmarks.maps_html

Folium's own pages get Leaflet and its plugins inlined here; as they are, they show nothing without a network.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import folium
import pandas as pd
from branca.element import Element
from folium.plugins import FastMarkerCluster, MarkerCluster

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browser import launched
from map_city import city, levels
from test_maps_page import many

from maps.files import WEB
from maps.issue_map import issue_map_html
from maps.page import vendored

SIDE = 39  # 1,521 cells
SIZES = (1_000, 10_000, 100_000)
SLOW = 10_000  # beyond, one folium marker per report takes minutes


def ours(reports: pd.DataFrame) -> str:
    """The page with everything: grid, filters, list, reasons."""
    return issue_map_html(**city(levels=levels(SIDE, 0.3 / SIDE), reports=reports))


def marker_cluster(reports: pd.DataFrame) -> str:
    """Plain folium: one marker with its text per report, no grid, no list."""
    cluster = MarkerCluster()
    for row in reports.itertuples():
        cluster.add_child(folium.Marker((row.lat, row.lng), popup=row.text))
    return inlined(cluster)


def fast_marker_cluster(reports: pd.DataFrame) -> str:
    """Plain folium: positions alone."""
    return inlined(FastMarkerCluster(reports[["lat", "lng"]].to_numpy().tolist()))


def inlined(cluster: MarkerCluster) -> str:
    """A folium map of the cluster with its libraries inside the file."""
    plain = folium.Map((32.15, 121.0), zoom_start=11, tiles=None)
    plain.options["max_zoom"] = 18
    plain.default_js, plain.default_css = [], []
    cluster.default_js, cluster.default_css = [], []
    plugin = WEB / "node_modules" / "leaflet.markercluster" / "dist"  # the build leaves it there for this
    scripts = [vendored("leaflet/leaflet.js"), (plugin / "leaflet.markercluster.js").read_text("utf-8")]
    styles = [vendored("leaflet/leaflet.css"), (plugin / "MarkerCluster.css").read_text("utf-8")]
    for text in scripts:
        plain.get_root().header.add_child(Element(f"<script>{text}</script>"))
    for text in styles:
        plain.get_root().header.add_child(Element(f"<style>{text}</style>"))
    plain.add_child(cluster)
    rendered: str = plain.get_root().render()
    return rendered


def first_frame_s(browser: object, file: Path) -> float:
    """From opening the file to a screenshot of it."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})  # type: ignore[attr-defined]
    start = time.perf_counter()
    page.goto(file.as_uri(), timeout=300_000)
    page.screenshot(timeout=300_000)
    taken = time.perf_counter() - start
    page.close()
    return taken


def main() -> None:
    """Print one line for each way and number of reports."""
    ways: list[Callable[[pd.DataFrame], str]] = [ours, marker_cluster, fast_marker_cluster]
    print(f"{'page':<22}{'reports':>9}{'build s':>9}{'MB':>8}{'first frame s':>15}")
    with launched() as browser, tempfile.TemporaryDirectory() as folder:
        for way in ways:
            for size in SIZES:
                if way is marker_cluster and size > SLOW:
                    continue
                reports = many(size, SIDE)
                start = time.perf_counter()
                text = way(reports)
                built = time.perf_counter() - start
                file = Path(folder) / f"{way.__name__}-{size}.html"
                file.write_text(text, encoding="utf-8")
                shown = first_frame_s(browser, file)
                megabytes = len(text.encode()) / 1e6
                print(f"{way.__name__:<22}{size:>9,}{built:>9.1f}{megabytes:>8.2f}{shown:>15.2f}", flush=True)


if __name__ == "__main__":
    main()
