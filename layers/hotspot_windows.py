"""The last days of a window, what was before them, and the steps that a trend is seen in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.hotspot_counting import Sample
from layers.hotspot_question import Question
from layers.hotspot_reports import NEVER

Ints = NDArray[np.int64]

DAY_US = 86_400_000_000
WEEK_DAYS, MOST_STEPS = 7, 52
YEAR_US = 366 * DAY_US
USUAL = (0.02, 0.98)
"""Between these lie the times that the window is told by."""


@dataclass(frozen=True)
class Windows:
    """Times in microseconds since 1970 UTC.

    Attributes:
        start_us, end_us: of the whole; the end does not belong to it.
        recent_us: where the last days begin.
        step_us: of a trend; steps are counted back from the end, and what is left at the start is in none.
        steps: how many there are.
    """

    start_us: int
    recent_us: int
    end_us: int
    step_us: int
    steps: int

    def step_of(self, at_us: Ints) -> NDArray[np.intp]:
        """The step of each time, 0 for the first; -1 for none."""
        known = (at_us >= self.end_us - self.steps * self.step_us) & (at_us < self.end_us)
        back = (self.end_us - 1 - np.where(known, at_us, self.end_us - 1)) // self.step_us
        return np.where(known, self.steps - 1 - back, -1).astype(np.intp)


def windows_of(sample: Sample, question: Question) -> Windows | None:
    """The windows of a question, as far as there are reports: the days before the first and after the last of
    any category say nothing of change.

    None where less lies before the last days than they are long, or nothing has a time: there is nothing to
    compare.
    """
    at = sample.points.occurred_us
    at = usual_times(at[at != NEVER])
    if not len(at):
        return None
    start, end = int(at.min()), int(at.max()) + 1
    recent = end - question.recent_days * DAY_US
    if recent - start < question.recent_days * DAY_US:
        return None
    weeks = 1
    while (end - start) // (weeks * WEEK_DAYS * DAY_US) > MOST_STEPS:
        weeks *= 2
    step = weeks * WEEK_DAYS * DAY_US
    return Windows(start, recent, end, step, (end - start) // step)


def usual_times(at_us: Ints) -> Ints:
    """The times without those of broken clocks: more than a year before or after nearly all others."""
    if not len(at_us):
        return at_us
    first, last = np.quantile(at_us, USUAL, method="nearest")
    return np.asarray(at_us[(at_us >= first - YEAR_US) & (at_us <= last + YEAR_US)])
