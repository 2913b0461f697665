"""Whose would it be: reports are located and assigned, and nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layers.assign import Assignments, assign
from layers.incoming import Incoming
from layers.live import Words
from layers.positions import read_positions


def locate_reports(words: Words, reports: Sequence[Incoming], at_us: int) -> Assignments:
    """The answers of a generation for reports, in their order.

    Args:
        at_us: the time of reports that name none, in microseconds since 1970 UTC, if a rule asks for a time;
            if none does, they have none.
    """
    generation = words.generation
    where = read_positions(generation, words.finder, reports)
    is_asked = any(rule.asks_for_time for rule in generation.config.rules)
    usual = np.datetime64(at_us if is_asked else "NaT", "us")
    times = [
        usual if report.occurred_us is None else np.datetime64(report.occurred_us, "us") for report in reports
    ]
    return assign(
        generation, where.lng, where.lat, category=[report.category for report in reports],
        accuracy_m=where.accuracy_m, level=where.level, text=[report.text for report in reports],
        occurred_at=np.array(times, dtype="datetime64[us]"), shape=list(where.shapes), extent=where.extents,
    )  # fmt: skip
