"""Builds the lattice that tells, for a square of the ground, which facets may be nearest to a point in it."""

from __future__ import annotations

import numpy as np

from geo.kernels import in_parts
from geo.nearest_kernels import Lattice, Numbers, Tree, list_cells

MOST_CELLS = 1 << 20
MOST = 24
"""Facets in a list; where they would be more, the tree is asked."""
CELLS_PER_FACET = 4
_PART = 4096
_SMALLEST_M = 1e-9


def lattice_of(tree: Tree, tie: float) -> Lattice:
    """The lattice over the facets of a tree and a little around."""
    min_x, min_y, max_x, max_y = tree.box[1]
    cells = min(max(CELLS_PER_FACET * len(tree.ends), 64), MOST_CELLS)
    width, height = max_x - min_x, max_y - min_y
    size = max(
        np.sqrt(width * height / cells), max(width, height) / np.sqrt(cells) / 16, tree.slack, _SMALLEST_M
    )
    columns, rows = int(width / size) + 3, int(height / size) + 3
    none = np.zeros(columns * rows + 1, dtype=np.int32)
    least = np.empty(columns * rows, dtype=np.float32)
    bare = Lattice(min_x - size, min_y - size, 1.0 / size, columns, rows, none, none[:0], least)

    def work(part: slice) -> tuple[Numbers, Numbers]:
        return list_cells(tree, bare, part.start, part.stop, MOST, tie)

    counts, facets = zip(*in_parts(work, columns * rows, single=_PART), strict=True)
    np.cumsum(np.concatenate(counts), out=none[1:])
    return bare._replace(facet=np.concatenate(facets))
