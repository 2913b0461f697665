"""People among reporters, and accounts that stand for many: of a hotline, of patrols."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layers.hotspot_reports import NOBODY, ReportedPoints

Bools = NDArray[np.bool_]

MANY_EACH = 10
"""Where reporters of a channel have so many issues each, they are accounts: of a hotline, of patrols."""


def account_channels(points: ReportedPoints, firsts: Bools) -> list[str]:
    """The channels whose several reporters are no persons, in code-point order.

    Args:
        firsts: the reports that stand for issues, shape (n,).
    """
    found = []
    for rows, name in points.channel.take(firsts).used():
        reporter = points.reporter[firsts][rows]
        known = len(np.unique(reporter[reporter != NOBODY]))
        people = known + int((reporter == NOBODY).sum())
        if known > 1 and len(reporter) > MANY_EACH * people:
            found.append(str(name))
    return sorted(found)
