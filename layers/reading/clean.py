"""From what a file holds to valid WGS-84 geometries; every row that is lost is listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import Reference, geometries_to_wgs84, to_wgs84
from geo.repair import repair
from geo.types import Bbox, Datum
from layers.findings import Finding, Severity
from layers.reading.attributes import duplicates
from layers.reading.families import ALL_FAMILIES, COLLECTION, accepted_part, families
from layers.reading.limits import Limits, RawLayer
from layers.reading.references import (
    Floats,
    assume,
    choose,
    contradiction,
    far_away,
    in_degrees,
    label,
    parse_own,
)

Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class CleanLayer:
    """What is left of a layer: attributes, geometries (and their WKB) and 1-based rows, side by side."""

    table: pa.Table
    geometry: NDArray[np.object_]
    wkb: NDArray[np.object_]
    rows: NDArray[np.int64]
    reference: str
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Sieve:
    """Geometries on their way through the checks, with the rows they came from."""

    geoms: NDArray[np.object_]
    rows: NDArray[np.int64]
    findings: list[Finding] = field(default_factory=list)

    def note(
        self, at: Positions, code: str, values: Sequence[str], severity: Severity = "note", **detail: object
    ) -> None:
        """Lists positions as findings of one code."""
        for position, value in zip(at, values, strict=True):
            row = int(self.rows[position])
            self.findings.append(Finding(code, severity, row=row, value=value, detail=detail))

    def drop(self, at: Positions, code: str, values: Sequence[str], **detail: object) -> None:
        """Lists positions as rejects and takes them out."""
        self.note(at, code, values, "warning", **detail)
        self.take_out(at)

    def take_out(self, at: Positions) -> None:
        """Takes positions out without a word."""
        self.geoms, self.rows = np.delete(self.geoms, at), np.delete(self.rows, at)

    def centres(self) -> tuple[Floats, Floats]:
        """The middle of each geometry's box."""
        west, south, east, north = shapely.bounds(self.geoms).T
        return (west + east) / 2, (south + north) / 2


def clean(
    raw: RawLayer,
    declared: Reference | None,
    *,
    name: str,
    accept: frozenset[str] | None,
    near: Bbox | None,
    limits: Limits,
) -> CleanLayer:
    """A layer in WGS 84 whose geometries are present, finite, of an accepted family and valid.

    Raises:
        LayerError: no reference is known and the numbers are no degrees.
    """
    sieve = Sieve(raw.geometry, np.arange(1, len(raw.geometry) + 1), list(raw.findings))
    sieve.take_out(np.flatnonzero(raw.reported))
    _drop_missing(sieve)
    _drop_not_finite(sieve)
    _keep_accepted(sieve, accept or frozenset(ALL_FAMILIES))
    reference = _place(sieve, raw, declared, name)
    if near is not None and sieve.geoms.size:
        _compare_with_city(sieve, near)
    _mend(sieve, limits)
    return _finished(sieve, raw, reference)


def _drop_missing(sieve: Sieve) -> None:
    gone = np.flatnonzero(shapely.is_missing(sieve.geoms) | shapely.is_empty(sieve.geoms))
    sieve.drop(gone, "geometry_missing", [""] * len(gone))
    if (shapely.has_z(sieve.geoms) | shapely.has_m(sieve.geoms)).any():
        sieve.geoms = shapely.force_2d(sieve.geoms)


def _drop_not_finite(sieve: Sieve) -> None:
    xy, owner = shapely.get_coordinates(sieve.geoms, return_index=True)
    bad = ~np.isfinite(xy).all(axis=1)
    at, first = np.unique(owner[bad], return_index=True)
    sieve.drop(at, "coordinate_not_finite", [f"{x}, {y}" for x, y in xy[bad][first]])


def _keep_accepted(sieve: Sieve, accept: frozenset[str]) -> None:
    kinds = families(sieve.geoms)
    for position in np.flatnonzero(kinds == COLLECTION):
        part = accepted_part(sieve.geoms[position], accept)
        if part is not None:
            sieve.geoms[position] = part
            kinds[position] = families(np.array([part]))[0]
            sieve.note(np.array([position]), "collection_reduced", [str(kinds[position])])
    strange = np.flatnonzero(~np.isin(kinds, list(accept)))
    sieve.drop(strange, "type_not_accepted", list(kinds[strange]), accepted=", ".join(sorted(accept)))


def _place(sieve: Sieve, raw: RawLayer, declared: Reference | None, name: str) -> str:
    """Converts to WGS 84; the name of the reference the layer was in."""
    x, y = sieve.centres()
    reference, differences = choose(parse_own(raw.reference), declared, x, y)
    sieve.findings += differences
    if reference is None:
        reference = Datum.WGS84
        if x.size:
            sieve.findings.append(assume(x, y, name))
    if (wrong := contradiction(x, y, reference)) is not None:
        sieve.findings.append(wrong)
    _convert(sieve, reference)
    return label(reference)


def _convert(sieve: Sieve, reference: Reference) -> None:
    """Converts to WGS 84, without the rows that have a vertex nowhere on earth."""
    xy, owner = shapely.get_coordinates(sieve.geoms, return_index=True)
    bad = ~_on_earth(xy[:, 0], xy[:, 1], reference)
    at, first = np.unique(owner[bad], return_index=True)
    values = [f"{x:.10g}, {y:.10g}" for x, y in xy[bad][first]]
    sieve.drop(at, "coordinate_out_of_range", values, reference=label(reference))
    if reference is not Datum.WGS84:
        sieve.geoms = geometries_to_wgs84(sieve.geoms, reference)


def _on_earth(x: Floats, y: Floats, reference: Reference) -> NDArray[np.bool_]:
    if isinstance(reference, CRS) and reference.is_projected:
        x, y = to_wgs84(x, y, reference)
    return in_degrees(x, y)


def _compare_with_city(sieve: Sieve, near: Bbox) -> None:
    lng, lat = sieve.centres()
    far, error = far_away(lng, lat, near)
    if error is not None:
        sieve.findings.append(error)
        return
    at = np.flatnonzero(far)
    sieve.drop(at, "far_from_city", [f"{lng[i]:.7g}, {lat[i]:.7g}" for i in at])


def _mend(sieve: Sieve, limits: Limits) -> None:
    mended = repair(sieve.geoms, max_vertices=limits.repair_vertices)
    sieve.geoms = mended.geoms
    number = len(mended.repaired)
    whole = ~shapely.is_empty(mended.geoms[mended.repaired])
    reasons = np.array(mended.reasons, dtype=object)
    sieve.note(mended.repaired[whole], "polygon_repaired", list(reasons[:number][whole]))
    sieve.note(mended.refused, "polygon_too_tangled", list(reasons[number:]), "warning")
    sieve.note(mended.repaired[~whole], "geometry_collapsed", list(reasons[:number][~whole]), "warning")
    sieve.take_out(np.concatenate([mended.refused, mended.repaired[~whole]]))


def _finished(sieve: Sieve, raw: RawLayer, reference: str) -> CleanLayer:
    table = raw.table.take(pa.array(sieve.rows - 1))
    wkb = shapely.to_wkb(sieve.geoms)
    again, first = duplicates(table, wkb)
    for position, original in zip(again, first, strict=True):
        sieve.note(np.array([position]), "duplicate_feature", [""], first=int(sieve.rows[original]))
    kept = np.delete(np.arange(len(sieve.rows)), again)
    if not kept.size:
        sieve.findings.append(Finding("nothing_left", "error", value=str(len(raw.geometry))))
    return CleanLayer(
        table.take(pa.array(kept)),
        sieve.geoms[kept],
        wkb[kept],
        sieve.rows[kept],
        reference,
        tuple(sieve.findings),
    )
