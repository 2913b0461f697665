"""Who is whose neighbour, as sparse matrices: shape (n, n), the row of a cell holds its neighbours.

`geo.hotspot_getis`, `geo.hotspot_convolution` and `geo.hotspots` take any square matrix of scipy.sparse
whose entries are 1 (contiguity, or all within a distance) and decide themselves whether a cell is its own
neighbour.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, diags_array, sparray

from geo.errors import GridError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def square(weights: sparray) -> csr_array:
    """The weights as compressed rows without stored zeros; what was given where nothing is to be done.

    Raises:
        GridError: they are not square, or not all finite.
    """
    rows = csr_array(weights, dtype=np.float64)
    if rows.shape[0] != rows.shape[1]:
        raise GridError(
            f"Weights of shape {rows.shape} are not square.", fix="Give one row and column for each cell."
        )
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    if not np.isfinite(rows.data).all():
        raise GridError("A weight is not finite.", fix="Leave out pairs that are no neighbours.")
    if not rows.data.all():
        rows = rows.copy()
        rows.eliminate_zeros()
    return rows


def neighbourhoods(weights: sparray, *, itself: bool, counted: ArrayLike | None = None) -> csr_array:
    """Binary weights in which every cell is its own neighbour, or none is.

    Args:
        weights: shape (n, n), entries 1; whether the diagonal is filled does not matter.
        itself: whether a cell belongs to its own neighbourhood (Gi*) or not (Gi).
        counted: shape (n,), bool; cells left out are neighbours of none and have none.

    Raises:
        GridError: not square, not binary, or `counted` has another length.
    """
    rows = square(weights)
    if not (rows.data == 1).all():
        raise GridError(
            f"A weight is {rows.data[rows.data != 1][0]:g}.",
            fix="Give 1 for neighbours and nothing for others.",
        )
    keep = counted_cells(counted, rows.shape[0])
    if counted is not None or not itself:
        row = np.repeat(np.arange(rows.shape[0], dtype=rows.indices.dtype), np.diff(rows.indptr))
        stays = np.ones(len(row), dtype=np.bool_) if itself else row != rows.indices
        if counted is not None:
            stays &= keep[row] & keep[rows.indices]
        first = np.concatenate([[0], np.cumsum(stays)])[rows.indptr]
        rows = csr_array((rows.data[stays], rows.indices[stays], first), shape=rows.shape)
    lacks = keep & (rows.diagonal() == 0) if itself else np.zeros_like(keep)
    return _with_themselves(rows, lacks) if lacks.any() else rows


def _with_themselves(rows: csr_array, lacks: Bools) -> csr_array:
    """A 1 on the diagonal of some, after the others of their row."""
    own = np.flatnonzero(lacks).astype(rows.indices.dtype)
    column = np.insert(rows.indices, rows.indptr[own + 1], own)
    first = rows.indptr + np.concatenate([[0], np.cumsum(lacks)])
    return csr_array((np.ones(len(column)), column, first), shape=rows.shape)


def sizes(links: csr_array) -> Floats:
    """How many cells each of the `neighbourhoods` has, shape (n,)."""
    return np.asarray(np.diff(links.indptr), dtype=np.float64)


def counted_cells(counted: ArrayLike | None, cells: int) -> Bools:
    """Which cells take part, shape (cells,); all if nothing is said.

    Raises:
        GridError: another length.
    """
    if counted is None:
        return np.ones(cells, dtype=np.bool_)
    keep = np.asarray(counted, dtype=np.bool_)
    if keep.shape != (cells,):
        raise GridError(
            f"A mask of shape {keep.shape} is not one of {cells} cells.", fix="Give one value for each."
        )
    return keep


def numbers(values: ArrayLike, cells: int, what: str) -> Floats:
    """Finite numbers of 0 and more, one for each cell.

    Raises:
        GridError: another length, negative, or not finite.
    """
    given = np.asarray(values, dtype=np.float64)
    if given.shape != (cells,):
        raise GridError(
            f"{what} of shape {given.shape} are not of {cells} cells.", fix="Give one number for each."
        )
    bad = ~((given >= 0) & (given < np.inf))
    if bad.any():
        raise GridError(
            f"{what}: {given[bad][0]} is no number of 0 or more.", fix="Leave cells out with the mask."
        )
    return given


def whole(values: ArrayLike, cells: int, what: str) -> Floats:
    """Counts: whole numbers of 0 and more, one for each cell.

    Raises:
        GridError: another length, negative, not finite, or not whole.
    """
    given = numbers(values, cells, what)
    broken = given != np.floor(given)
    if broken.any():
        raise GridError(
            f"{what}: {given[broken][0]} is no whole number.",
            fix="Count each report as one, in one cell.",
        )
    return given


def row_standardised(weights: sparray) -> csr_array:
    """The same with rows that sum to 1; cells without neighbours keep none."""
    rows = square(weights)
    total = rows.sum(axis=1)
    return csr_array(diags_array(1 / np.where(total == 0, 1, total)) @ rows)
