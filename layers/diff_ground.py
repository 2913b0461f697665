"""The ground of a layer that passes to another cell or another owner, measured in m²."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd
import shapely

from geo.crs import MetricCrs
from geo.overlay import NOBODY, exchanged
from layers.check import NOISE_WIDTH_M
from layers.diff_members import Bools, Matched, Members, equal_shapes, thin
from layers.generation import Objects, Positions
from layers.tables import WGS84

GROUND_COLUMNS = ["before", "after", "owner_before", "owner_after", "cell", "owner", "pieces", "m2"]


@dataclass(frozen=True)
class Ground:
    """What passes from whom to whom.

    Attributes:
        pieces: `GROUND_COLUMNS` and geometry in WGS-84 degrees, the largest first. A row is all the ground
            that passes from one code to another (empty: to or from no cell), ``cell`` where that is another
            cell, ``owner`` where it is another named owner.
        slivers: pieces too thin or small to be listed, and their area in m².
    """

    pieces: geopandas.GeoDataFrame
    slivers: int
    sliver_m2: float

    @property
    def cell_m2(self) -> float:
        """The area that passes to another cell."""
        return float(self.pieces["m2"][self.pieces["cell"]].sum())

    @property
    def owner_m2(self) -> float:
        """The area that passes to another owner."""
        return float(self.pieces["m2"][self.pieces["owner"]].sum())


def ground(before: Members, after: Members, pairs: Matched, metric: MetricCrs) -> Ground:
    """The ground that passes to another code or owner between two versions of a layer of polygons."""
    old, new = _aligned(before, after)
    same = (old >= 0) & (new >= 0)
    same[same] = equal_shapes(before.geometry[old[same]], after.geometry[new[same]])
    one, two = old[~same], new[~same]
    was, is_ = (_in_metres(m, at, metric) for m, at in ((before, one), (after, two)))
    loser, winner, shape = exchanged(was, is_, min_width_m=NOISE_WIDTH_M)
    sliver = thin(shape)[1]
    big = ~sliver
    found = _sides(before, after, np.append(one, NOBODY)[loser[big]], np.append(two, NOBODY)[winner[big]])
    kept = _kept(before, after, pairs, metric)
    table = pd.concat([found.assign(shape=shape[big]), kept], ignore_index=True)
    total = float(shapely.area(shape[sliver]).sum())
    return Ground(_dissolved(table, metric), int(sliver.sum()), total)


def _aligned(before: Members, after: Members) -> tuple[Positions, Positions]:
    """For every code of the two versions its position in each, -1 where it is not there."""
    codes = pd.Index(before.code).union(pd.Index(after.code), sort=False).unique()
    return pd.Index(before.code).get_indexer(codes), pd.Index(after.code).get_indexer(codes)


def _in_metres(of: Members, rows: Positions, metric: MetricCrs) -> Objects:
    shapes = np.full(len(rows), None, dtype=object)
    shapes[rows >= 0] = of.geometry[rows[rows >= 0]]
    return metric.geometries(shapes)


def _kept(before: Members, after: Members, pairs: Matched, metric: MetricCrs) -> pd.DataFrame:
    """The ground that stays in its cell while the cell's owner changes."""
    named = before.named[pairs.old] | after.named[pairs.new]
    other = pairs.by_code & named & (before.owner[pairs.old] != after.owner[pairs.new])
    old, new = pairs.old[other], pairs.new[other]
    shape = shapely.intersection(_in_metres(before, old, metric), _in_metres(after, new, metric))
    return _sides(before, after, old, new).assign(shape=shape)


def _sides(before: Members, after: Members, old: Positions, new: Positions) -> pd.DataFrame:
    """Codes and owners on both sides, empty where the position is -1."""
    codes = [np.append(m.code, "")[at] for m, at in ((before, old), (after, new))]
    owners = [np.append(m.owner, "")[at] for m, at in ((before, old), (after, new))]
    named = np.append(before.named, False)[old] | np.append(after.named, False)[new]
    return pd.DataFrame(
        {
            "before": codes[0], "after": codes[1], "owner_before": owners[0], "owner_after": owners[1],
            "cell": codes[0] != codes[1], "owner": named & (owners[0] != owners[1]),
        }
    )  # fmt: skip


def _dissolved(table: pd.DataFrame, metric: MetricCrs) -> geopandas.GeoDataFrame:
    """One row for each pair of codes, its pieces together, the largest first."""
    group = table.groupby(["before", "after"], sort=True)
    number = group.ngroup().to_numpy(np.intp)
    rows = group.first().reset_index().drop(columns="shape")
    parts, of = shapely.get_parts(table["shape"].to_numpy(object), return_index=True)
    areal = shapely.get_dimensions(parts) == 2
    order = np.argsort(number[of[areal]], kind="stable")
    whole = np.full(len(rows), shapely.MultiPolygon(), dtype=object)
    shapely.multipolygons(parts[areal][order], indices=number[of[areal]][order], out=whole)
    rows["pieces"], rows["m2"] = shapely.get_num_geometries(whole), shapely.area(whole).round(1)
    shapes = np.asarray(shapely.transform(whole, metric.to_lnglat, interleaved=False), dtype=object)
    frame = geopandas.GeoDataFrame(rows[GROUND_COLUMNS], geometry=shapes, crs=WGS84)
    return frame.sort_values(["m2", "before", "after"], ascending=[False, True, True], ignore_index=True)


def no_ground() -> Ground:
    """Nothing passes, as in a layer of points or lines."""
    flags: dict[str, Bools] = {name: np.empty(0, dtype=bool) for name in ("cell", "owner")}
    table = pd.DataFrame({name: flags.get(name, np.empty(0)) for name in GROUND_COLUMNS})
    return Ground(geopandas.GeoDataFrame(table, geometry=[], crs=WGS84), 0, 0.0)
