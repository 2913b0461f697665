"""WKT in reports: each text is read for itself, and what is nonsense is told apart from what is not there."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.crs import from_wgs84, parse_reference
from geo.types import Datum
from layers.report_shapes import shapes_said

GOOD = "LINESTRING(120.801 32.001,120.809 32.009)"


def texts(*said: str) -> np.ndarray:
    return np.array(said, dtype=object)


@pytest.mark.parametrize(
    "text",
    [
        "garbage", "<script>", "=1+1", "POLYGON EMPTY", "POINT(120.8 32)", "MULTIPOINT((120 32),(121 32))",
        "POLYGON((0 0,1 1,1 0,0 1,0 0))", "CIRCULARSTRING(120.80 32,120.81 32.01,120.82 32)",
        "CURVEPOLYGON(CIRCULARSTRING(0 0,4 0,4 4,0 4,0 0))", "LINESTRING(120.805 32.005)",
        "LINESTRING(120.8 32,120.8 32)", "LINESTRING(120.8 32,120.9 NaN)", "LINESTRING(120.8 32,120.9 inf)",
        "LINESTRING(32 120,33 121)", "LINESTRING(500000 3500000,500100 3500000)",
        "LINESTRING(1e308 0,0 1e308)",
        "GEOMETRYCOLLECTION(POINT(120.805 32.005))", "GEOMETRYCOLLECTION EMPTY", "\x00", "(" * 10_000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("reference", [Datum.WGS84, Datum.GCJ02, Datum.BD09, Datum.CGCS2000])
def test_what_is_no_line_or_area_spoils_no_other(text: str, reference: Datum) -> None:
    shapes, wrong = shapes_said(texts(GOOD, text, "", GOOD), reference)
    assert wrong.tolist() == [False, True, False, False]
    assert shapely.is_missing(shapes).tolist() == [False, True, True, False]


def test_a_vertex_outside_its_projection_spoils_no_other() -> None:
    reference = parse_reference("EPSG:4549")
    x, y = from_wgs84([120.801, 120.809], [32.001, 32.009], reference)
    good = f"LINESTRING({x[0]} {y[0]},{x[1]} {y[1]})"
    shapes, wrong = shapes_said(texts("LINESTRING(1e30 0,0 1e30)", good), reference)
    assert wrong.tolist() == [True, False]
    np.testing.assert_allclose(shapely.bounds(shapes[1]), [120.801, 32.001, 120.809, 32.009], atol=1e-9)


def test_heights_and_measures_are_dropped() -> None:
    shapes, wrong = shapes_said(
        texts("LINESTRING Z(120.8 32 5,120.9 32 6)", "LINESTRING M(120.8 32 5,120.9 32 6)"), Datum.WGS84
    )
    assert not wrong.any()
    assert not shapely.has_z(shapes).any()


def test_none_is_none() -> None:
    shapes, wrong = shapes_said(texts(), Datum.WGS84)
    assert (len(shapes), len(wrong)) == (0, 0)
