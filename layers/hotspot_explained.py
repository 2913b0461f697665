"""Why a part of a city is a hotspot: what is reported there most, of which asset, and by which reports."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from layers.coded import Coded
from layers.hotspot_counting import Sample
from layers.hotspot_reports import KIND_AND_ID

Bools = NDArray[np.bool_]
Positions = NDArray[np.intp]
Objects = NDArray[np.object_]


def top_values(
    sample: Sample, which: Bools, column: Coded, around: csr_array, parts: Positions
) -> tuple[Objects, NDArray[np.int64]]:
    """The value that most issues around some parts have, and how many; of equally frequent ones the first
    in code-point order, and empty where none has one.

    Args:
        which: the reports that count.
        around: who counts with whom, and with itself, shape (parts, parts).
        parts: shape (k,), the parts that are asked about.

    Returns:
        two columns of shape (k,).
    """
    values, at = np.unique(column.values.astype(str), return_inverse=True)
    code = at[np.where(column.codes < 0, len(column.values) - 1, column.codes)]
    rows = sample.firsts & which & (values[code] != "")
    table = csr_array(
        (np.ones(int(rows.sum())), (sample.position[rows], code[rows])), shape=(sample.parts, len(values))
    )
    theirs = csr_array(around[parts] @ table)
    top, number = np.full(len(parts), "", dtype=object), np.zeros(len(parts), dtype=np.int64)
    theirs.sort_indices()
    for row in range(len(parts)):
        start, end = theirs.indptr[row], theirs.indptr[row + 1]
        if end > start:
            best = start + int(theirs.data[start:end].argmax())
            top[row], number[row] = str(values[theirs.indices[best]]), int(theirs.data[best])
    return top, number


def kinds_and_ids(assets: Objects) -> tuple[Objects, Objects]:
    """The kind and the id of each asset, empty where there is none."""
    parted = [str(asset).partition(KIND_AND_ID) for asset in assets]
    kinds, ids = np.full(len(assets), "", dtype=object), np.full(len(assets), "", dtype=object)
    kinds[:], ids[:] = [kind for kind, _, _ in parted], [id_ for _, _, id_ in parted]
    return kinds, ids


def contributing(sample: Sample, which: Bools, around: csr_array, hot: Bools) -> Objects:
    """The ids of the issues in each part that is hot or touches one that is, by blanks; else empty.

    With those of its neighbours, a hot part has all that it was judged by.
    """
    near = np.asarray(around @ hot.astype(np.float64)) > 0
    rows = np.flatnonzero(sample.firsts & which & near[sample.position])
    ids = np.full(sample.parts, "", dtype=object)
    order = rows[np.lexsort((sample.points.issue[rows], sample.position[rows]))]
    part, start = np.unique(sample.position[order], return_index=True)
    for each, members in zip(part, np.split(order, start)[1:], strict=True):
        ids[each] = " ".join(map(str, sample.points.issue_ids[sample.points.issue[members]]))
    return ids
