"""Beside the hotspots: the clusters of a circular scan as a second opinion, and a surface to look at."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas
import numpy as np
import shapely

from geo.density import density
from geo.density_contours import contour_levels, contours
from geo.errors import GridError
from geo.scan import MAX_SHARE, REPLICATIONS, scan
from layers.exported import ExportTable
from layers.generation import Generation
from layers.hotspot_columns import CLUSTERS, DENSITY
from layers.hotspot_counting import Sample
from layers.hotspot_question import SHARE
from layers.hotspot_tests import Baseline, Subject
from layers.hotspot_units import Units, to_degrees
from layers.tables import WGS84

MOST_SCANNED = 2_000
"""Parts times categories; more take long."""
MANY, SHARE_OF_MANY = 400, 0.1
"""Of more parts than this, circles hold no more than this share: they are many enough."""


def clusters_table(
    generation: Generation, units: Units, sample: Sample, subjects: Sequence[Subject], base: Baseline,
    alpha: float,
) -> ExportTable:  # fmt: skip
    """The clusters of each subject with a p of at most alpha (Bonferroni 1936: over the subjects), likeliest
    first.
    """
    rows: list[dict[str, object]] = []
    every = np.ones(len(sample), dtype=np.bool_)
    for subject in subjects:
        cases = sample.counted(sample.of(subject.code))
        people = np.ones(len(units)) if base.exposure is None else base.exposure
        if base.name == SHARE:
            people = sample.counted(every).astype(np.float64)
        used = np.flatnonzero(subject.counted & (people > 0))
        found = scan(
            units.centre[used], cases[used], people[used], replications=REPLICATIONS,
            max_share=widest_share(len(units)),
        ).clusters  # fmt: skip
        for rank, cluster in enumerate((each for each in found if each.p <= alpha / len(subjects)), start=1):
            parts = used[list(cluster.areas)]
            rows.append(
                {
                    "category": subject.code, "rank": rank, "observed": cluster.observed,
                    "expected": cluster.expected, "relative_risk": cluster.relative_risk, "llr": cluster.llr,
                    "p": cluster.p, "radius_m": cluster.radius, "cells": len(parts),
                    "cell_codes": " ".join(units.code[parts].tolist()),
                    "geometry": shapely.union_all(units.metric[parts]),
                }
            )  # fmt: skip
    frame = _frame(generation, rows, list(CLUSTERS))
    return ExportTable("clusters", ("圆形扫描聚集区", "clusters of the circular scan"), frame, CLUSTERS)


def widest_share(parts: int) -> float:
    """The share of all that a circle may hold."""
    return MAX_SHARE if parts <= MANY else SHARE_OF_MANY


def density_table(generation: Generation, sample: Sample, subjects: Sequence[Subject]) -> ExportTable:
    """The surface of each subject's issues as the areas above some heights."""
    rows: list[dict[str, object]] = []
    for subject in subjects:
        which = sample.leads & sample.of(subject.code)
        x, y = generation.metric.points(sample.points.lng[which], sample.points.lat[which])
        try:
            surface = density(np.stack([x, y], axis=1))
        except GridError:  # too few places, or too far apart, to draw anything
            continue
        for level, contour in enumerate(contours(surface, contour_levels(surface)), start=1):
            rows.append(
                {
                    "category": subject.code,
                    "level": level,
                    "per_km2": contour.per_km2,
                    "geometry": contour.area,
                }
            )
    frame = _frame(generation, rows, list(DENSITY))
    title = ("上报密度（示意图，不是检验）", "density of reports (a picture, not a test)")
    return ExportTable("density", title, frame, DENSITY, is_picture=True)


def _frame(
    generation: Generation, rows: list[dict[str, object]], columns: list[str]
) -> geopandas.GeoDataFrame:
    metric = np.array([row.pop("geometry") for row in rows] + [None], dtype=object)[:-1]
    geometry = to_degrees(generation, metric) if len(metric) else metric
    table = {name: [row[name] for row in rows] for name in columns}
    return geopandas.GeoDataFrame(table, geometry=list(geometry), crs=WGS84)
