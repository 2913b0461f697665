"""The cells in which words that staff corrected mean a place."""

from __future__ import annotations

import numpy as np
import shapely

from geo.errors import NotAllowed
from layers.generation import NONE, Generation

COMMUNITY = "community"
"""The level at which the names that people use are told apart, where the grid has it."""


def leaf_at(generation: Generation, lng: float, lat: float) -> int:
    """The leaf cell of a place, -1 for none."""
    leaves = generation.cells.leaves
    if not len(leaves):
        return NONE
    at = int(generation.leaf_index.first(np.array([lng]), np.array([lat]))[0])
    return int(leaves[at]) if at >= 0 else NONE


def line_of(generation: Generation, cell: int) -> list[int]:
    """A cell and those above it, the lowest first; none for -1."""
    line = []
    while cell != NONE:
        line.append(cell)
        cell = int(generation.cells.parent[cell])
    return line


def cell_of_path(generation: Generation, path: str) -> int:
    """The cell with a path, -1 for none."""
    found = np.flatnonzero(generation.cells.path == path).tolist() if path else []
    return found[0] if found else NONE


def usual_scope(generation: Generation, leaf: int) -> int:
    """The cell in which words mean a place, where nobody says another.

    The community that holds it; without such a level the cell above the leaf. A leaf is smaller than the
    ground on which a name is used; in what is larger than a community a second 老桥 is likely.
    """
    line = line_of(generation, leaf)
    communities = [cell for cell in line if generation.cells.level[cell] == COMMUNITY]
    return communities[0] if communities else line[1] if len(line) > 1 else leaf


def named_scope(generation: Generation, leaf: int, name: str) -> int:
    """The cell with a code, path or name among those that hold a place.

    Raises:
        NotAllowed: it is none of them.
    """
    cells, line = generation.cells, line_of(generation, leaf)
    for words in (cells.path, cells.code, cells.name):
        if found := [cell for cell in line if words[cell] == name]:
            return found[0]
    there = ", ".join(f"{cells.code[cell]} ({cells.name[cell]})" for cell in line)
    raise NotAllowed(f"The place does not lie in a cell {name[:60]!r}.", fix=f"It lies in {there}.")


def scope_now(generation: Generation, path: str, lng: float, lat: float) -> int:
    """The cell in which words mean a place, by a generation other than the one that named it; -1 for none.

    The cell of the same path if it still holds the place, else the one of the same depth that does.
    """
    cell, leaf = cell_of_path(generation, path), leaf_at(generation, lng, lat)
    line = line_of(generation, leaf)
    if cell in line or (cell != NONE and _covers(generation, cell, lng, lat)):
        return cell
    depth = path.count("/")
    same = [one for one in line if generation.cells.path[one].count("/") == depth]
    if not line:
        return cell
    return same[0] if same else usual_scope(generation, leaf)


def _covers(generation: Generation, cell: int, lng: float, lat: float) -> bool:
    return bool(shapely.intersects_xy(generation.cells.geometry[cell], lng, lat))
