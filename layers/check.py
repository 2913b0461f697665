"""What is wrong with a city before it goes live: holes, overlaps, orphans, and what nobody owns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import find_gaps, find_overlaps
from geo.crs import MAX_EDGE_M, check_metric_crs
from geo.errors import CrsError
from layers.check_edges import edge_findings
from layers.check_messages import CHECK_MESSAGES
from layers.check_sections import check_sections
from layers.consequences import ranked
from layers.datum_check import datum_findings
from layers.findings import MESSAGES, Finding
from layers.generation import GAP_WIDTH_M, Generation, Objects, Positions
from layers.grid import PREFIX_SHARE
from layers.rule_checks import rule_findings
from layers.rules import ASSET, CELL, FIXED, LEAD
from layers.tables import table_names

MESSAGES.update(CHECK_MESSAGES)

# A gap or overlap thinner than this on average, or smaller, is a sliver of drawing: counted, not listed.
SLIVER_WIDTH_M = 0.2
SLIVER_AREA_M2 = 1.0
NOISE_WIDTH_M = (
    2 * MAX_EDGE_M
)  # what edges may deviate on either side when they are projected: not there at all


def check(generation: Generation) -> list[Finding]:
    """Everything that was noticed, as `layers.consequences.ranked` has it: errors first, then what misleads
    most reports; an empty list for a city in good order.
    """
    words = (*rule_findings(generation), *edge_findings(generation))
    found = (*words, *_grid(generation), *_owners(generation))
    return ranked([*found, *check_sections(generation), *datum_findings(generation)])


# ---- grid


def _grid(generation: Generation) -> Iterator[Finding]:
    cells = generation.cells
    if not len(cells.code):
        yield Finding("no_grid", "warning", "grid")
        return
    for table in table_names(generation.path):
        if table.startswith("grid_") and table[5:] not in generation.config.levels:
            yield Finding("level_not_listed", "warning", "city.toml", value=table[5:])
    yield from _metric_crs(generation)
    metric = generation.metric.geometries(cells.geometry)
    levels = [level for level in generation.config.levels if (cells.level == level).any()]
    for depth, level in enumerate(levels):
        rows = np.flatnonzero(cells.level == level)
        yield from _overlaps(generation, metric, rows, level)
        if depth == 0:
            yield from _gaps(generation, metric, rows, level)
        else:
            yield from _parents(generation, metric, rows, level)
            yield from _uncovered(generation, metric, rows, level)


def _metric_crs(generation: Generation) -> Iterator[Finding]:
    west, south, east, north = shapely.total_bounds(generation.cells.geometry)
    try:
        check_metric_crs(generation.config.metric_crs, [west, west, east, east], [south, north, south, north])
    except CrsError as error:
        detail = {"why": error.message}
        yield Finding(
            "metric_crs_unfit", "error", "city.toml", value=generation.config.metric_crs, detail=detail
        )


def _overlaps(generation: Generation, metric: Objects, rows: Positions, level: str) -> Iterator[Finding]:
    one, other, shapes, area = find_overlaps(metric[rows], 0.0)
    cells = generation.cells
    labels = [
        {"one": _label(generation, rows[i]), "other": _label(generation, rows[j])}
        for i, j in zip(one, other, strict=True)
    ]
    values = [f"{cells.code[rows[i]]} {cells.code[rows[j]]}" for i, j in zip(one, other, strict=True)]
    yield from _shapes(generation, "overlap", level, shapes, area, values, labels)


def _gaps(generation: Generation, metric: Objects, rows: Positions, level: str) -> Iterator[Finding]:
    shapes, area, _ = find_gaps(metric[rows], GAP_WIDTH_M, 0.0)
    yield from _shapes(generation, "gap", level, shapes, area, [""] * len(area), [{}] * len(area))


def _uncovered(generation: Generation, metric: Objects, rows: Positions, level: str) -> Iterator[Finding]:
    """The parts of a parent that none of its children covers."""
    cells = generation.cells
    children = rows[cells.parent[rows] >= 0]
    parents, group = np.unique(cells.parent[children], return_inverse=True)
    order = np.argsort(group, kind="stable")
    parts = np.split(metric[children[order]], np.cumsum(np.bincount(group))[:-1]) if len(parents) else []
    covered = np.array([shapely.union_all(part) for part in parts], dtype=object)
    holes = shapely.difference(metric[parents], covered)
    yield from _pieces(generation, "uncovered", level, holes, parents)


def _pieces(
    generation: Generation, code: str, level: str, shapes: Objects, rows: Positions
) -> Iterator[Finding]:
    """A finding for every polygon of the shapes, each belonging to the cell of its row.

    What hangs together by a strip no wider than the noise falls apart into its pieces.
    """
    shapes = shapely.buffer(shapely.buffer(shapes, -MAX_EDGE_M), MAX_EDGE_M, join_style="mitre")
    pieces, of = shapely.get_parts(shapes, return_index=True)
    polygons = shapely.get_dimensions(pieces) == 2
    pieces, of = pieces[polygons], of[polygons]
    labels = [{"one": _label(generation, rows[i])} for i in of]
    values = [generation.cells.code[rows[i]] for i in of]
    yield from _shapes(generation, code, level, pieces, shapely.area(pieces), values, labels)


def _shapes(
    generation: Generation,
    code: str,
    level: str,
    shapes: Objects,
    area: NDArray[np.float64],
    values: list[str],
    labels: list[dict[str, str]],
) -> Iterator[Finding]:
    """The shapes as findings, largest first; slivers in one line."""
    width = 2 * area / np.maximum(shapely.length(shapes), 1e-9)
    sliver = (width >= NOISE_WIDTH_M) & ((width < SLIVER_WIDTH_M) | (area < SLIVER_AREA_M2))
    layer = f"grid:{level}"
    to_lnglat = generation.metric.to_lnglat
    for i in np.argsort(-np.nan_to_num(area, nan=np.inf), kind="stable"):
        if sliver[i] or width[i] < NOISE_WIDTH_M:
            continue
        shape = shapely.transform(shapes[i], to_lnglat, interleaved=False)
        detail = {"area_m2": round(float(area[i]), 1), **labels[i]}
        yield Finding(code, "warning", layer, value=values[i], detail=detail, geometry=shape)
    if sliver.any():
        total = round(float(area[sliver].sum()), 1)
        detail = {"area_m2": total, "width_m": SLIVER_WIDTH_M, "least_m2": SLIVER_AREA_M2}
        yield Finding(f"{code}_slivers", "note", layer, count=int(sliver.sum()), detail=detail)


def _parents(generation: Generation, metric: Objects, rows: Positions, level: str) -> Iterator[Finding]:
    cells = generation.cells
    layer = f"grid:{level}"
    for row in rows[cells.parent[rows] < 0]:
        yield Finding(
            "orphan", "warning", layer, value=cells.code[row], detail={"one": _label(generation, row)}
        )
    with_parent = rows[cells.parent[rows] >= 0]
    above = cells.parent[with_parent]
    outside = shapely.difference(metric[with_parent], metric[above])
    yield from _pieces(generation, "outside_parent", level, outside, with_parent)
    agrees = (cells.code[r].startswith(cells.code[p]) for r, p in zip(with_parent, above, strict=True))
    odd = ~np.fromiter(agrees, dtype=bool, count=len(with_parent))
    if 0 < odd.sum() <= (1 - PREFIX_SHARE) * len(odd):
        for row, parent in zip(with_parent[odd], above[odd], strict=True):
            detail = {"one": _label(generation, row), "other": _label(generation, parent)}
            yield Finding("code_and_parent", "warning", layer, value=cells.code[row], detail=detail)


def _label(generation: Generation, row: int) -> str:
    return f"{generation.cells.name[row]} ({generation.cells.code[row]})"


# ---- owners


def _owners(generation: Generation) -> Iterator[Finding]:
    cells = generation.cells
    bare = cells.leaves[~cells.declared[cells.leaves]]
    if len(bare):
        names = ", ".join(_label(generation, row) for row in bare[:3])
        yield Finding(
            "cell_without_owner",
            "warning",
            "grid",
            value=cells.code[bare[0]],
            count=len(bare),
            detail={"names": names},
        )
    for kind, layer in generation.assets.items():
        yield from _bare_assets(generation, kind, np.flatnonzero(layer.owner < 0))
    yield from _bare_categories(generation)


def _bare_assets(generation: Generation, kind: str, bare: Positions) -> Iterator[Finding]:
    """Assets without an owner, unless a rule names one for their kind at any time."""
    answered = any(
        rule.role == LEAD and rule.via != ASSET and not rule.needs_time
        and kind in (rule.condition("asset_kind") or ())
        for rule in generation.config.rules
    )  # fmt: skip
    if len(bare) and not answered:
        layer = generation.assets[kind]
        detail = {"names": ", ".join(layer.id[bare[:3]]), "all": len(layer.id)}
        yield Finding(
            "asset_without_owner",
            "warning",
            f"asset:{kind}",
            value=layer.id[bare[0]],
            count=len(bare),
            detail=detail,
        )


def _bare_categories(generation: Generation) -> Iterator[Finding]:
    """Categories that no rule answers wherever and whenever the report may be."""
    certain = [rule for rule in generation.config.rules if rule.role == LEAD and rule.via in (FIXED, CELL)]
    bare = [
        code
        for code in generation.config.categories
        if not any(
            not rule.is_bounded and all(k == "category" and code in v for k, v in rule.when)
            for rule in certain
        )
    ]
    if bare:
        detail = {"names": ", ".join(bare[:5])}
        yield Finding(
            "category_without_owner", "warning", "city.toml", value=bare[0], count=len(bare), detail=detail
        )
