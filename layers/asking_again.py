"""What was asked of one generation, asked again of another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from layers.assign import Assignments, assign
from layers.generation import Generation
from layers.proof import Proof


def ask_again(generation: Generation, reports: Sequence[Proof]) -> Assignments:
    """The answers of a generation to what proofs say was asked (their ``report``), in order.

    So a position that a photo or words told is the same again, and so is one that somebody moved by hand.
    """
    times = [np.datetime64("NaT") if r["occurred_at"] is None else _time(r["occurred_at"]) for r in reports]
    shapes = [None if r["shape"] is None else shapely.from_wkt(r["shape"]) for r in reports]
    return assign(
        generation,
        _degrees(reports, "lng"),
        _degrees(reports, "lat"),
        category=[report["category"] for report in reports],
        accuracy_m=[report["accuracy_m"] for report in reports],
        level=[report["level"] for report in reports],
        text=[report["text"] for report in reports],
        occurred_at=np.array(times, dtype="datetime64[us]"),
        shape=shapes,
        extent=[report["extent"] for report in reports],
    )


def _time(text: str) -> np.datetime64:
    return np.datetime64(text.removesuffix("Z"), "us")


def _degrees(reports: Sequence[Proof], name: str) -> list[float]:
    return [np.nan if report[name] is None else report[name] for report in reports]
