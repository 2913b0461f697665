"""Which places would get another answer: located in the live generation and in the draft."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd
import shapely

from layers.batch import Located, locate_table
from layers.generation import Generation, Objects
from layers.report_rows import ReportColumns
from layers.tables import WGS84

ASPECTS = ("cell", "asset", "owner")
SIDES = [f"{aspect}_{side}" for aspect in ASPECTS for side in ("before", "after")]


@dataclass(frozen=True)
class PlaceMoves:
    """The places that would get another answer.

    Attributes:
        places: how many were asked about.
        unusable: how many of them have no usable position, or an accuracy that is none.
        moves: one row for each that moves: ``row`` (1-based, without the header), lng, lat, category,
            ``moves`` (which of cell, asset and owner, separated by blanks), each before and after (the
            cell's path, ``kind:id`` of the asset, the owner's id), geometry in WGS-84 degrees.
    """

    places: int
    unusable: int
    moves: geopandas.GeoDataFrame

    @property
    def counts(self) -> dict[str, int]:
        """How many places change cell, asset and owner."""
        return {aspect: int(self.moves["moves"].str.contains(aspect).sum()) for aspect in ASPECTS}


def moved_places(
    live: Generation,
    draft: Generation,
    table: pd.DataFrame,
    columns: ReportColumns,
    extents: Objects | None = None,
) -> PlaceMoves:
    """Locate every row of a table of texts (or what it covers, where it has extents) in both generations and
    keep those whose answers differ.
    """
    before, after = (
        locate_table(generation, table, columns, extents=extents) for generation in (live, draft)
    )
    sides = [_aspects(located) for located in (before, after)]
    differ = pd.DataFrame({aspect: sides[0][aspect] != sides[1][aspect] for aspect in ASPECTS})
    rows = np.flatnonzero(differ.any(axis=1))
    answers = after.answers.iloc[rows]
    frame = pd.DataFrame({"row": rows + 1, **{c: answers[c].to_numpy() for c in ("lng", "lat", "category")}})
    frame["moves"] = _listed(differ.iloc[rows])
    for aspect in ASPECTS:
        for name, side in zip(("before", "after"), sides, strict=True):
            frame[f"{aspect}_{name}"] = side[aspect].to_numpy()[rows]
    points = shapely.points(frame["lng"], frame["lat"])
    moves = geopandas.GeoDataFrame(frame, geometry=points, crs=WGS84)
    return PlaceMoves(len(table), len(after.rejects), moves)


def _aspects(located: Located) -> pd.DataFrame:
    answers = located.answers
    asset = answers["asset_kind"] + np.where(answers["asset_id"] != "", ":", "") + answers["asset_id"]
    return pd.DataFrame({"cell": answers["cell_path"], "asset": asset, "owner": answers["owner_id"]})


def _listed(differ: pd.DataFrame) -> Objects:
    """The names of the columns that are true in each row, separated by blanks."""
    words = np.full(len(differ), "", dtype=object)
    for aspect in ASPECTS:
        words += np.where(differ[aspect], f"{aspect} ", "").astype(object)
    return np.array([word.rstrip() for word in words], dtype=object)
