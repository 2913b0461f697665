"""Entries for where streets and waterways meet."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from geo.crossings import all_crossings
from layers.gazetteer_columns import text_column
from layers.gazetteer_entries import CROSSING, Collected, Objects, entries
from layers.gazetteer_lines import Lines

CROSSING_M = 10.0  # half the width of two roads of a town where they meet
_CJK = re.compile(r"[㐀-鿿]")


def add_crossings(collected: Collected, lines: Sequence[Lines]) -> None:
    """Adds each place where two streets, a street and a waterway, or two waterways meet.

    A street comes before a waterway, else what was added first; streets are the first of the lines.
    """
    rows = np.concatenate([some.rows for some in lines])
    shapes = np.concatenate([some.shapes for some in lines])
    met = all_crossings(shapes, np.arange(len(rows)))
    known = collected.all()
    one, other = known.name[rows[met.a]], known.name[rows[met.b]]
    # The middle of several places lies away from each of them, and a road may end before the other.
    radius_m = np.maximum(CROSSING_M, np.hypot(met.reach_m, met.gap_m))
    collected.add(
        entries(
            len(met), kind=CROSSING, name=_labels(one, other), is_named=False, parent=rows[met.a],
            other=rows[met.b], x=met.x, y=met.y, radius_m=radius_m,
        )
    )  # fmt: skip


def _labels(one: Objects, other: Objects) -> Objects:
    return text_column(
        f"{a}与{b}" if _CJK.search(a + b) else f"{a} / {b}"
        for a, b in zip(one.tolist(), other.tolist(), strict=True)
    )
