"""From which zoom on a city's assets are drawn, and in which layer of a map, by kind, class and width."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geo.tiles import Floats

Zooms = NDArray[np.int8]

ASSET = "asset"
_LAYERS = {
    "road": ("road", "street", "highway", "道路"),
    "water": ("water", "water_area", "river", "canal", "stream", "lake", "pond", "reservoir", "河道", "水体"),
    "green": ("park", "green", "green_space", "forest", "wood", "grass", "garden", "绿地", "公园"),
    "building": ("building", "house", "房屋", "建筑"),
}
_LAYER_OF = {kind: layer for layer, kinds in _LAYERS.items() for kind in kinds}

# The first pattern that a class has says the zoom; a class that has none, and no width, the last column.
_BY_CLASS = {
    "road": (
        (6, "motorway|trunk|expressway|高速|快速"),
        (8, "primary|arterial|主干"),
        (10, "secondary|次干"),
        (11, "tertiary"),
        (12, "residential|unclassified|living|branch|支路"),
        (13, "service|pedestrian"),
        (14, "track|path|footway|cycleway|steps|bridleway|platform|corridor|人行|小巷"),
    ),
    "water": ((13, "drain|ditch"), (11, "stream|brook"), (8, "river|canal|lake|reservoir|河|湖")),
}
_RANKS = {6: 1, 8: 2, 10: 3, 11: 4, 12: 5, 13: 6, 14: 7}  # of roads, by the zoom from which they are drawn
_BY_WIDTH = ((30.0, 8), (14.0, 10), (0.0, 12))  # lines of at least this width in metres
_BY_LAYER = {"road": 12, "water": 10, "green": 8, "building": 14, ASSET: 12}
FEW, FEW_FROM = 200, 10  # points of a kind that are so few are drawn from an earlier zoom


def layer_of(kind: str) -> str:
    """The layer in which the assets of a kind are drawn."""
    return _LAYER_OF.get(kind.casefold(), ASSET)


def first_zooms(
    layer: str, classes: Sequence[str | None], width_m: Floats, dimension: NDArray[np.int_]
) -> Zooms:
    """The zoom from which on each of the assets of a kind is drawn.

    Args:
        width_m: of lines, 0 where it is not known.
        dimension: 0 for points, 1 for lines, 2 for areas.
    """
    zooms = np.full(len(dimension), _BY_LAYER[layer], dtype=np.int8)
    if layer == ASSET:
        zooms[dimension == 0] = FEW_FROM if len(dimension) <= FEW else _BY_LAYER[layer]
        return zooms
    if layer in _BY_CLASS:
        zooms = np.where(width_m > 0, _by_width(width_m), zooms)
        of_class = {word: _by_class(layer, word) for word in set(classes)}
        said = np.array([of_class[word] for word in classes], dtype=np.int8).reshape(-1)
        zooms = np.where(said >= 0, said, zooms)
    # How large it is decides alone, for what is as wide as it is drawn.
    return np.where((dimension == 2) & (layer != "building"), 0, zooms).astype(np.int8)


def ranks(layer: str, zooms: Zooms) -> list[int | None]:
    """How important roads are, whatever their classes are called: 1 motorways to 7 paths; None for the rest.

    Args:
        zooms: of `first_zooms`.
    """
    return [_RANKS.get(zoom) if layer == "road" else None for zoom in zooms.tolist()]


def _by_class(layer: str, word: str | None) -> int:
    patterns = _BY_CLASS[layer] if word else ()
    return next((zoom for zoom, pattern in patterns if re.search(pattern, str(word).casefold())), -1)


def _by_width(width_m: Floats) -> Zooms:
    least, zooms = zip(*_BY_WIDTH, strict=True)
    return np.select([width_m >= one for one in least], zooms, zooms[-1]).astype(np.int8)
