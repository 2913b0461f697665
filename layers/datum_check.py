"""Layers and batches whose positions are in another datum than was declared, as findings with the evidence.

Nothing is converted here: a person looks at it, and says which it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from geo.crs import MetricCrs, Reference, parse_reference, to_wgs84
from geo.datum import in_mainland
from geo.datum_forensics import (
    LEAST_POINTS,
    MAINLAND_SHARE,
    MOST_POINTS,
    ReferenceLines,
    Supposed,
    Verdict,
    examine,
    lies_along,
)
from geo.types import Bbox, Datum
from layers.datum_messages import DATUM_MESSAGES
from layers.findings import Finding
from layers.generation import Generation, Objects
from layers.reading.references import far_away
from layers.report_rows import ReportColumns, read_positions
from layers.report_values import column_of, words

__all__ = ["DATUM_MESSAGES", "batch_findings", "datum_findings", "row_findings", "table_findings"]

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]

LEAST_ROWS = 30
"""Of a batch: nothing is said of fewer."""
SMALL_M = 200.0
"""An area whose boundary is shorter than this, a house or a bridge, stands for its middle."""


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer as places to look at, and as lines to hold places against.

    Attributes:
        name: as findings name it: ``asset:road``.
        geometry: in WGS-84 degrees.
        is_lowest: whether it is the lowest level of the grid, whose boundaries hold the others'.
    """

    name: str
    geometry: Objects
    metric: MetricCrs
    is_lowest: bool = False

    @property
    def is_grid(self) -> bool:
        """Whether it is a level of the grid."""
        return self.name.startswith("grid:")

    @cached_property
    def in_metres(self) -> Objects:
        """The geometry in the metric CRS; vertex by vertex, which is near enough here."""
        return np.asarray(shapely.transform(shapely.force_2d(self.geometry), self._project))

    def _project(self, xy: Floats) -> Floats:
        return np.column_stack(self.metric.points(xy[:, 0], xy[:, 1]))

    @cached_property
    def lines(self) -> ReferenceLines:
        """Its lines, or the boundaries of its areas."""
        return ReferenceLines(self.in_metres)

    @cached_property
    def places(self) -> Pair:
        """Degrees of its points, the middles of small areas, and places along its lines and boundaries."""
        shapes = self.in_metres[~(shapely.is_missing(self.in_metres) | shapely.is_empty(self.in_metres))]
        dimension = shapely.get_dimensions(shapes)
        small = (dimension == 2) & (shapely.length(shapes) < SMALL_M)
        points = np.where(dimension == 0, shapes, shapely.centroid(shapes))[(dimension == 0) | small]
        lines = shapes[(dimension > 0) & ~small]
        areas = shapely.get_dimensions(lines) == 2
        lines[areas] = shapely.boundary(lines[areas])
        xy = np.concatenate([shapely.get_coordinates(points), _along(shapely.get_parts(lines))])
        return self.metric.to_lnglat(xy[:, 0], xy[:, 1])


def _along(lines: Objects) -> Floats:
    """Places at equal distances along all lines together."""
    if not len(lines):
        return np.empty((0, 2))
    ends = np.cumsum(shapely.length(lines))
    metres = (np.arange(2 * MOST_POINTS) + 0.5) * (ends[-1] / (2 * MOST_POINTS))
    of = np.minimum(np.searchsorted(ends, metres), len(lines) - 1)
    begin = ends[of] - shapely.length(lines[of])
    return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(lines[of], metres - begin)))


# ---- layers


@dataclass(frozen=True, slots=True)
class Apart:
    """Places of one layer that lie along another if the datum of one of the two is changed."""

    layer: Layer
    reference: Layer
    verdict: Verdict


def datum_findings(generation: Generation) -> Iterator[Finding]:
    """A finding for each layer of the mainland that seems to be in another datum than it was imported as.

    Every layer is held against lines of assets and boundaries of cells. When two do not agree, those that do
    agree with one of them tell which is wrong; where none does, the finding says that it may be either.
    """
    layers = _layers(generation)
    if not _in_mainland(layers):
        return
    apart = [
        Apart(layer, reference, verdict)
        for layer in layers
        for reference in layers
        if _is_held(layer, reference) and (verdict := _held(layer, reference)) is not None
    ]
    yield from _blamed(sorted(apart, key=lambda one: -one.verdict.actual.ratio), layers)


def _layers(generation: Generation) -> list[Layer]:
    if not generation.config.metric_crs:
        return []
    cells, metric = generation.cells, generation.metric
    levels = [level for level in generation.config.levels if (cells.level == level).any()]
    named: dict[str, Objects] = {
        **{f"asset:{kind}": layer.geometry for kind, layer in generation.assets.items()},
        **{f"grid:{level}": cells.geometry[cells.level == level] for level in levels},
        **{f"area:{kind}": layer.geometry for kind, layer in generation.areas.items()},
    }
    lowest = f"grid:{levels[-1]}" if levels else ""
    return [Layer(name, g, metric, name == lowest) for name, g in named.items() if len(g)]


def _in_mainland(layers: Sequence[Layer]) -> bool:
    """Whether any layer has places enough where map services shift them."""
    return any(
        len(lng) >= LEAST_POINTS and in_mainland(lng, lat).mean() >= MAINLAND_SHARE
        for lng, lat in (layer.places for layer in layers)
    )


def _is_reference(layer: Layer) -> bool:
    """Whether places are held against it: lines of assets, and cells."""
    lines = shapely.get_dimensions(layer.geometry) == 1
    return layer.is_grid or bool(layer.name.startswith("asset:") and lines.mean() > 0.5)


def _is_held(layer: Layer, reference: Layer) -> bool:
    """Whether a layer is held against another: of the grid only the lowest level, but for the grid itself."""
    fits = reference.is_lowest or layer.is_grid or not reference.is_grid
    return layer is not reference and fits and _is_reference(reference)


def _held(layer: Layer, reference: Layer) -> Verdict | None:
    return examine(*layer.places, reference.lines, layer.metric)


def _blamed(apart: Sequence[Apart], layers: Sequence[Layer]) -> Iterator[Finding]:
    """One finding for each layer to blame; what that explains is not said again."""
    blamed: set[str] = set()
    for one in apart:
        layer, reference = one.layer, one.reference
        if blamed & {layer.name, reference.name}:
            continue
        for_layer, for_reference = (_witnesses(a, b, layers) for a, b in permutations((layer, reference)))
        supposed = one.verdict.supposed
        # Where nobody else tells, who said no datum is likelier wrong than who said one.
        odd = supposed.declared != Datum.WGS84 and supposed.actual == Datum.WGS84
        is_reference = odd if for_layer == for_reference else for_layer > for_reference
        culprit, other = (reference, layer) if is_reference else (layer, reference)
        blamed.add(culprit.name)
        code = "datum_doubtful" if for_layer == for_reference else "datum_wrong"
        yield _layer_finding(code, one, culprit, other, supposed.reverse if is_reference else supposed)


def _witnesses(layer: Layer, but: Layer, layers: Sequence[Layer]) -> int:
    """How many others agree with a layer as they are: lie along it, or have it along them."""
    others = [other for other in layers if other is not but]
    return sum(
        _is_held(one, another) and lies_along(*one.places, another.lines, one.metric)
        for other in others
        for one, another in ((layer, other), (other, layer))
    )


def _layer_finding(code: str, apart: Apart, culprit: Layer, other: Layer, supposed: Supposed) -> Finding:
    detail = {
        **_evidence(apart.verdict, supposed, apart.reference.name),
        "subject": apart.layer.name,
        "other": other.name,
    }
    return Finding(code, "warning", culprit.name, value=str(supposed.actual), detail=detail)


def _evidence(verdict: Verdict, supposed: Supposed, reference: str) -> Mapping[str, Any]:
    return {
        "declared": str(supposed.declared),
        "actual": str(supposed.actual),
        "reference": reference,
        "points": verdict.points,
        "in_band": verdict.actual.in_band,
        "as_declared": verdict.declared.in_band,
        "elsewhere": verdict.elsewhere,
        "from_m": verdict.from_m,
        "to_m": verdict.to_m,
        "median_m": round(verdict.actual.median_m, 1),
        "declared_m": round(min(verdict.declared.median_m, 9_999.0), 1),
        "log_ratio": round(verdict.actual.ratio, 1),
        "rival_log_ratio": round(verdict.rival, 1),
    }


# ---- batches


def row_findings(
    generation: Generation,
    x: Sequence[float],
    y: Sequence[float],
    datum: Sequence[str],
    channel: Sequence[str] = (),
) -> list[Finding]:
    """`batch_findings` for rows with coordinates as they stand in a file, each in the datum it says.

    However few they are: also that most lie far from the city, or that their two axes are swapped.

    Args:
        generation: the city that it is about.
        x, y: of each row; NaN where it says none.
        datum: of each row, a word or EPSG:n that `geo.crs.parse_reference` accepts.
        channel: of each row.
    """
    lng, lat, said = np.array(x, dtype=float), np.array(y, dtype=float), np.array(datum, dtype=object)
    for name in set(datum):
        rows = said == name
        lng[rows], lat[rows] = to_wgs84(lng[rows], lat[rows], parse_reference(name))
    datums = [_datum(parse_reference(name)) for name in datum]
    return [*_far(generation, lng, lat), *batch_findings(generation, lng, lat, datums, channel)]


def table_findings(
    generation: Generation, table: pd.DataFrame | pa.Table, columns: ReportColumns
) -> list[Finding]:
    """`row_findings` for a table of reports whose columns are known.

    Raises:
        CoordinateError: most positions cannot be in the reference that was declared.
    """
    if not columns.lng:
        return []
    lng, lat, _, _ = read_positions(table, columns)
    usual = columns.reference
    names = _texts(table, columns.datum)
    known = {
        name: _datum(parse_reference(name) if name.strip() else usual)
        for name in set(names[np.isfinite(lng)])
    }
    datum = [known.get(name, Datum.WGS84) for name in names]
    channels = list(_texts(table, columns.channel))
    return [*_far(generation, lng, lat), *batch_findings(generation, lng, lat, datum, channels)]


def _far(generation: Generation, lng: Floats, lat: Floats) -> list[Finding]:
    """That most places are far from the city: because their axes are swapped, or for another reason."""
    usable = np.isfinite(lng) & np.isfinite(lat)
    _, finding = far_away(lng[usable], lat[usable], Bbox(*generation.surroundings.bounds))
    return [finding] if finding else []


def _texts(table: pd.DataFrame | pa.Table, column: str) -> Objects:
    """The texts of a column, empty where there is none."""
    if not column:
        return np.full(len(table), "", dtype=object)
    return words(column_of(table, column)).decoded()


def batch_findings(
    generation: Generation, lng: Floats, lat: Floats, datum: Sequence[Datum], channel: Sequence[str] = ()
) -> list[Finding]:
    """A finding for each channel of a batch, or for all its rows of one datum, that seem to be in another.

    Args:
        generation: the city that it is about.
        lng, lat: WGS-84 degrees as they came out of the datum that each row declared, shape (n,).
        datum: that each row declared.
        channel: of each row; rows of one are looked at together, then those of all.
    """
    declared = np.array(datum, dtype=object)
    sources = np.asarray(channel if len(channel) else [""] * len(declared), dtype=object)
    usable = np.isfinite(lng) & np.isfinite(lat)
    groups = _groups(declared, sources, usable)
    if not any(in_mainland(lng[rows], lat[rows]).mean() >= MAINLAND_SHARE for _, _, rows in groups):
        return []
    references = [
        layer for layer in _layers(generation) if _is_reference(layer) and layer.is_grid <= layer.is_lowest
    ]
    found: list[Finding] = []
    done: set[Datum] = set()
    for claim, source, rows in groups:
        if source or claim not in done:
            finding = _batch_finding(references, lng[rows], lat[rows], claim, source)
            found += [finding] if finding else []
            done |= {claim} if finding else set()
    return found


def _groups(
    declared: Objects, sources: Objects, usable: NDArray[np.bool_]
) -> list[tuple[Datum, str, NDArray[np.bool_]]]:
    """Rows of one datum and channel, then those of one datum of all channels where there are several."""
    groups = []
    for claim in sorted(set(declared[usable])):
        rows = usable & (declared == claim)
        names = sorted(set(sources[rows]))
        groups += [(claim, name, rows & (sources == name)) for name in names if len(names) > 1]
        groups.append((claim, "", rows))
    return [group for group in groups if group[2].sum() >= LEAST_ROWS]


def _batch_finding(
    references: Sequence[Layer], lng: Floats, lat: Floats, claim: Datum, source: str
) -> Finding | None:
    verdicts = [
        (verdict, layer.name)
        for layer in references
        if (verdict := examine(lng, lat, layer.lines, layer.metric, claim)) is not None
    ]
    if not verdicts:
        return None
    verdict, reference = max(verdicts, key=lambda one: one[0].actual.ratio)
    detail = {
        **_evidence(verdict, verdict.supposed, reference),
        "whose_zh": f"渠道 {source} 的 " if source else "",
        "whose_en": f" of channel {source}" if source else "",
    }
    return Finding("batch_datum", "note", value=str(verdict.supposed.actual), count=len(lng), detail=detail)


def _datum(reference: Reference) -> Datum:
    """The datum that a reference stands for; that of a projected system counts as WGS-84."""
    return reference if isinstance(reference, Datum) else Datum.WGS84
