"""Roads and rivers on a boundary: which cell or owner holds them, as the administrator decided."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SharedEdge:
    """Who holds a road or river that runs along a boundary.

    Attributes:
        kind: of the asset.
        asset: its id, or the name of all its pieces.
        cell: code of the cell, at any level, whose side holds it; or empty.
        owner: id of the owner that holds it in the place of both cells' bodies; or empty.
    """

    kind: str
    asset: str
    cell: str = ""
    owner: str = ""
