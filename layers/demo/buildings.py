"""Buildings in rows on their lots, gathered in estates and numbered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from layers.demo.curves import Array
from layers.demo.lots import Lots
from layers.demo.regions import Labels
from layers.demo.territory import Territory

# Length, depth, pitch along and across the row in metres, and the chance that a place stays empty.
PATTERNS: dict[str, tuple[float, float, float, float, float]] = {
    "old": (38, 11, 43, 21, 0.0),
    "slabs": (52, 13, 63, 38, 0.10),
    "towers": (34, 20, 66, 62, 0.10),
    "shops": (56, 34, 84, 66, 0.15),
    "school": (66, 16, 92, 54, 0.25),
    "works": (92, 44, 128, 76, 0.25),
    "village": (16, 12, 44, 62, 0.35),
}
STOREYS = {
    "old": (5, 7),
    "slabs": (6, 12),
    "towers": (18, 34),
    "shops": (3, 9),
    "school": (3, 6),
    "works": (1, 3),
    "village": (2, 4),
}
LIVED_IN = ("old", "slabs", "towers")
# Estates that the newspapers' cases name: community, how many buildings at least, pattern.
FAMOUS: dict[str, tuple[str, int]] = {
    "虹桥北村": ("320613005005", 66),
    "怡居小区": ("320613021004", 12),
}
ESTATE_ENDS = (
    "新村",
    "花园",
    "小区",
    "家园",
    "苑",
    "公寓",
    "雅居",
    "东苑",
    "西苑",
    "名邸",
    "北苑",
    "南苑",
    "华庭",
    "佳园",
)


@dataclass(frozen=True)
class Buildings:
    """Buildings in EPSG:4549: the lot and cell of each, its use, storeys, and its number in the estate."""

    shapes: NDArray[np.object_]
    lot: Labels
    cell: Labels
    use: NDArray[np.str_]
    storeys: Labels
    estate: NDArray[np.str_]
    number: Labels


def buildings(ground: Lots, grid: Territory, rng: np.random.Generator) -> tuple[Buildings, NDArray[np.str_]]:
    """The buildings, and the estate's name of each lot (empty where there is none)."""
    use, estate = _estates(ground, grid, rng)
    rows = [_rows(shape, kind, rng) for shape, kind in zip(ground.shapes, use, strict=True)]
    lot = np.repeat(np.arange(len(rows)), [len(r) for r in rows])
    shapes = np.concatenate(rows)
    low, high = np.array([STOREYS[u] for u in use[lot]]).T
    number = _numbers(shapes, estate[lot])
    return (
        Buildings(shapes, lot, ground.cell[lot], use[lot], rng.integers(low, high + 1), estate[lot], number),
        estate,
    )


def _rows(lot: Polygon, use: str, rng: np.random.Generator) -> NDArray[np.object_]:
    """Houses in rows that face south as nearly as the lot allows."""
    if use not in PATTERNS:
        return np.empty(0, dtype=object)
    length, depth, along, across, empty = PATTERNS[use]
    angle = _lie(lot)
    turned = _turned(np.asarray(lot.exterior.coords), -angle)
    low, high = turned.min(axis=0), turned.max(axis=0)
    x = np.arange(low[0] + along / 2, high[0], along)
    y = np.arange(low[1] + across / 2, high[1], across)
    if not x.size or not y.size:
        return np.empty(0, dtype=object)
    middle = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    # Every second row stands a little aside, as estates are built.
    middle[:, 0] += np.repeat(rng.uniform(-0.12, 0.12, len(y)) * along, len(x))
    half = np.column_stack([length * rng.uniform(0.84, 1.0, len(middle)), np.full(len(middle), depth)]) / 2
    houses = _rectangles(middle, half, angle)
    keep = shapely.contains(lot.buffer(-2), houses) & (rng.random(len(houses)) >= empty)
    return np.asarray(houses[keep], dtype=object)


def _lie(lot: Polygon) -> float:
    """The angle of rows to due east: that of the lot's side nearest to it."""
    box = np.asarray(shapely.oriented_envelope(lot).exterior.coords)
    dx, dy = box[1] - box[0]
    angle = float(np.arctan2(dy, dx))
    return (angle + np.pi / 4) % (np.pi / 2) - np.pi / 4


def _turned(xy: Array, angle: float) -> Array:
    c, s = np.cos(angle), np.sin(angle)
    return np.asarray(xy @ np.array([[c, s], [-s, c]]))


def _rectangles(middle: Array, half: Array, angle: float) -> NDArray[np.object_]:
    corner = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    xy = middle[:, None, :] + half[:, None, :] * corner
    return np.asarray(shapely.polygons(_turned(xy.reshape(-1, 2), angle).round(2).reshape(-1, 4, 2)))


def _estates(
    ground: Lots, grid: Territory, rng: np.random.Generator
) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Each lot's use and estate: lots of one use side by side in a cell are one estate."""
    use = ground.use.astype("U8")
    estate = np.full(len(use), "", dtype="U16")
    for name, (community, least) in FAMOUS.items():
        mine = _famous(ground, grid, community, least)
        use[mine], estate[mine] = "old", name
    aged = (use == "slabs") & (rng.random(len(use)) < 0.16)
    use[aged] = "old"
    used = set(FAMOUS)
    words = _words(grid, rng)
    last = (-1, "")
    for lot in np.flatnonzero(np.isin(use, LIVED_IN) & (estate == "")):
        key = (int(ground.cell[lot]), str(use[lot]))
        if key != last or rng.random() < 0.5:
            name = _estate_name(words[key[0]], used, rng)
        estate[lot], last = name, key
    return use, estate


def _famous(ground: Lots, grid: Territory, community: str, least: int) -> Labels:
    """The lots nearest to a community's middle that hold so many buildings."""
    mine = np.flatnonzero(grid.community[ground.cell] == community)
    middle = shapely.centroid(shapely.union_all(ground.shapes[mine]))
    mine = mine[np.argsort(shapely.distance(shapely.centroid(ground.shapes[mine]), middle), kind="stable")]
    calm = np.random.default_rng(0)
    held = np.cumsum([len(_rows(shape, "old", calm)) for shape in ground.shapes[mine]])
    # The rows will be laid out anew with other jitter: a few buildings more than asked for.
    return mine[: int(np.searchsorted(held, least * 1.08)) + 1]


def _words(grid: Territory, rng: np.random.Generator) -> list[str]:
    """A word for each cell that its estates are named with."""
    first = np.array(list("濠江海通崇文紫星金华锦嘉景翠凤龙天学百丽北南东西中新清明春和"))
    second = np.array(list("景城河韵阳泰宁安园晖瑞枫竹桂兰湖湾祥悦馨龙源盛达"))
    pairs = zip(rng.choice(first, len(grid.cells)), rng.choice(second, len(grid.cells)), strict=True)
    return [str(a) + str(b) for a, b in pairs]


def _estate_name(word: str, used: set[str], rng: np.random.Generator) -> str:
    start = int(rng.integers(len(ESTATE_ENDS)))
    ends = [ESTATE_ENDS[(start + k) % len(ESTATE_ENDS)] for k in range(len(ESTATE_ENDS))]
    later = ("", "二期", "三期", "四期")
    name = next(n for n in (word + end + part for part in later for end in ends) if n not in used)
    used.add(name)
    return name


def _numbers(shapes: NDArray[np.object_], estate: NDArray[np.str_]) -> Labels:
    """Numbers in each estate from north to south and from east to west; 0 outside estates."""
    xy = shapely.get_coordinates(shapely.centroid(shapes))
    row = np.floor(-xy[:, 1] / 21.0)
    order = np.lexsort((-xy[:, 0], row, estate))
    ordered = estate[order]
    number = np.empty(len(shapes), dtype=np.intp)
    number[order] = np.arange(len(order)) - np.searchsorted(ordered, ordered) + 1
    number[estate == ""] = 0
    return number
