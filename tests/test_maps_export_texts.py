"""Whatever text stands in a city's data, a file either holds it or says what became of it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas
import pytest
import shapely
from exports_made import METRIC, one_table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maps.export import FORMATS, write_export
from maps.export_png_texts import wrapped

NASTY = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="=+-@'\"<>&;,\t\r\n\\ \x00\x0b\x1f\u2028\ufffe_x0041\U00020bb7䶮😀字$%{}", max_size=30),
    st.none(),
)
FAST = [suffix for suffix in FORMATS if suffix not in (".png", ".dxf")]


@pytest.mark.parametrize("suffix", FAST)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(NASTY, min_size=1, max_size=4), name=st.text(max_size=12))
def test_any_text_in_any_column_is_written_and_read_back(
    suffix: str, texts: list[str | None], name: str
) -> None:
    """`write_export` compares what it reads back with what it was given, and would refuse otherwise."""
    points = [shapely.Point(120.8 + n / 100, 32) for n in range(len(texts))]
    frame = geopandas.GeoDataFrame({"id": range(len(texts))}, geometry=points, crs="EPSG:4326")
    frame[name.encode(errors="replace").decode() or "x"] = [
        text if text is None else text.encode(errors="replace").decode() for text in texts
    ]
    if frame.geometry.name not in frame or not isinstance(frame, geopandas.GeoDataFrame):
        return
    with tempfile.TemporaryDirectory() as folder:
        write_export(one_table(frame), Path(folder) / f"a{suffix}", metric_crs=METRIC)


@pytest.mark.parametrize("suffix", [".png", ".dxf"])
def test_nasty_labels_are_drawn(suffix: str, tmp_path: Path) -> None:
    texts = ["$x", "%%c50", "a\nb", "\U00020bb7😀", "^J", "{\\C1;red}", "\\U+4E2D", ""]
    points = [shapely.Point(120.8 + n / 100, 32) for n in range(len(texts))]
    frame = geopandas.GeoDataFrame({"name": texts}, geometry=points, crs="EPSG:4326")
    write_export(one_table(frame), tmp_path / f"a{suffix}", metric_crs=METRIC)


@given(text=st.text(max_size=200), most=st.integers(4, 40))
def test_lines_are_no_wider_than_asked_and_lose_nothing(text: str, most: int) -> None:
    lines = wrapped(text, most)
    assert all(sum(2 if ord(c) > 0x2E7F else 1 for c in line) <= most for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
