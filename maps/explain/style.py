"""How things look: strokes and fills that tell apart without colour too, for light and dark surroundings.

The colours with a meaning are Okabe and Ito's; the ground is pale so that they stand out.
"""

from __future__ import annotations

FONT = "system-ui, 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
INK, QUIET, PAPER = "#23282d", "#4f565d", "#ffffff"
OUTSIDE = "#d9dde0"  # ground that is no cell's
REPORT, ASSET, AREA = "#b34700", "#0072b2", "#8a3d77"
WATER_INK, ROAD_INK = "#1f6f9f", "#5c5346"

TEXT, SMALL, LARGE = 12.0, 11.0, 14.0  # px

WATER = frozenset({"river", "canal", "stream", "water", "water_area", "lake", "ditch"})
ROAD = frozenset({"road", "street", "path", "railway", "underpass", "tunnel"})
BRIDGE = frozenset({"bridge", "overpass"})

Look = dict[str, object]


def is_known_ground(kind: str) -> bool:
    """Whether a kind is what one finds one's way by: water, roads, bridges."""
    return kind in WATER or kind in ROAD or kind in BRIDGE


def ground_look(kind: str) -> Look:
    """Of ground that an asset takes: an area, or a line as wide as it is."""
    if kind in WATER:
        return {"fill": "#d3e7f4", "stroke": "#8fbfdd"}
    if kind in ROAD:
        return {"fill": "#ece7de", "stroke": "#bdb4a4"}
    if kind in BRIDGE:
        return {"fill": "#d8cdb8", "stroke": "#8c7f66"}
    return {"fill": "#efefec", "stroke": "#c6c6c0"}


def line_look(kind: str) -> Look:
    """Of a line of no known width."""
    if kind in WATER:
        return {"fill": "none", "stroke": "#8fbfdd", "stroke_width": 2}
    return {"fill": "none", "stroke": "#bdb4a4", "stroke_width": 2}


def depth(kind: str) -> tuple[int, str]:
    """In which order kinds are drawn: water lies lowest, bridges over everything."""
    if kind in WATER:
        return 0, kind
    if kind in ROAD:
        return 2, kind
    return (3 if kind in BRIDGE else 1), kind


def name_ink(kind: str) -> str:
    """The colour of the name of a line or an area."""
    return WATER_INK if kind in WATER else ROAD_INK


OWN_CELL: Look = {"fill": "#fff7d6", "stroke": "none"}
CELL_LINE: Look = {"fill": "none", "stroke": "#4f565d", "stroke_width": 1.2}
AREA_LINE: Look = {"fill": "none", "stroke": AREA, "stroke_width": 1.2, "stroke_dasharray": "8 3 2 3"}
DOTS: Look = {"fill": "none", "stroke": "#737b83", "stroke_width": 4.5, "stroke_linecap": "round"}
SUPPORT: Look = {"fill": REPORT, "fill_opacity": "0.12", "stroke": REPORT, "stroke_width": 2}
SUPPORT_LINE: Look = {
    "fill": "none", "stroke": REPORT, "stroke_width": 6, "stroke_opacity": "0.45", "stroke_linecap": "round",
}  # fmt: skip
CIRCLE_68: Look = {"fill": REPORT, "fill_opacity": "0.07", "stroke": REPORT, "stroke_width": 1.5}
CIRCLE_95: Look = {"fill": "none", "stroke": REPORT, "stroke_width": 1.5, "stroke_dasharray": "6 4"}
CROSS: Look = {"fill": "none", "stroke": REPORT, "stroke_width": 2.5}
CROSS_HALO: Look = {"fill": "none", "stroke": PAPER, "stroke_width": 6}
BOUND_LINK: Look = {"fill": "none", "stroke": ASSET, "stroke_width": 2.5}
LINK: Look = {"fill": "none", "stroke": ASSET, "stroke_width": 1.5, "stroke_dasharray": "4 3"}
NEAREST_LINK: Look = {"fill": "none", "stroke": INK, "stroke_width": 1.2, "stroke_dasharray": "2 3"}
BOUND_SHAPE: Look = {"fill": ASSET, "fill_opacity": "0.15", "stroke": ASSET, "stroke_width": 2.5}
CANDIDATE_SHAPE: Look = {"fill": "none", "stroke": ASSET, "stroke_width": 1.5, "stroke_dasharray": "4 3"}
BOUND_MARK: Look = {"fill": ASSET, "stroke": PAPER, "stroke_width": 1.5}
CANDIDATE_MARK: Look = {"fill": PAPER, "stroke": ASSET, "stroke_width": 2}
