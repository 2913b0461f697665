"""Reports as hotspots count them: where, when, of what, by whom, and which of them tell of one thing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layers.coded import Coded

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]

NEVER = np.iinfo(np.int64).min
"""The time of a report that has none."""
NOBODY = -1
KIND_AND_ID = " "
"""Between an asset's kind and its id; kinds have no blanks."""


@dataclass(frozen=True, slots=True)
class ReportedPoints:
    """Reports in columns of shape (n,).

    Attributes:
        lng, lat: WGS-84 degrees, NaN where a report lies nowhere.
        occurred_us: microseconds since 1970 UTC, `NEVER` where nobody knows.
        category: codes; empty where there is none.
        channel: empty where none is named.
        issue: what the report tells of, a position in `issue_ids`; reports of one thing share it.
        reporter: whole numbers, equal for one person, `NOBODY` where not known.
        asset: kind, blank, id; empty where none is bound.
        issue_ids: what issues are called.
    """

    lng: Floats
    lat: Floats
    occurred_us: Ints
    category: Coded
    channel: Coded
    issue: NDArray[np.intp]
    reporter: Ints
    asset: Coded
    issue_ids: Objects

    def __len__(self) -> int:
        return len(self.lng)

    def take(self, rows: Bools | NDArray[np.intp]) -> ReportedPoints:
        """Some of the reports."""
        return replace(
            self,
            lng=self.lng[rows],
            lat=self.lat[rows],
            occurred_us=self.occurred_us[rows],
            category=self.category.take(rows),
            channel=self.channel.take(rows),
            issue=self.issue[rows],
            reporter=self.reporter[rows],
            asset=self.asset.take(rows),
        )


def people(names: Coded) -> Ints:
    """A number for each name, by their order; `NOBODY` where it is empty."""
    values = pa.array(map(str, names.values), pa.large_string())
    number = pc.rank(values, tiebreaker="dense").to_numpy().astype(np.int64)
    number[names.values == ""] = NOBODY
    return np.asarray(number[names.codes])
