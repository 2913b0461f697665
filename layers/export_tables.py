"""The grid and the assets of a generation as an `Export`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import NotFoundError
from layers.exported import Export, ExportTable, Pair
from layers.generation import DRAFT, Features, Generation, Objects, Positions
from layers.population import declared_population
from layers.tables import WGS84
from layers.terms import TERMS

LABELS: dict[str, Pair] = {
    "code": ("代码", "code"),
    "name": ("名称", "name"),
    "level": ("层级", "level"),
    "parent": ("上级代码", "code of the parent"),
    "path": ("路径", "path"),
    "owner_id": ("责任单位代码", "owner's id"),
    "owner_name": ("责任单位", "owner"),
    "population": ("人口", "population"),
    "kind": ("种类", "kind"),
    "id": ("编号", "id"),
    "attributes": ("其他属性", "other attributes"),
}


def grid_export(generation: Generation, *, level: str = "", as_layers: bool = False) -> Export:
    """The cells with their bodies, top level first.

    Args:
        level: only this one.
        as_layers: a table a level, the lowest first, and not one of all.

    Raises:
        NotFoundError: the city has no such level.
    """
    cells = generation.cells
    levels = _wanted(level, [lv for lv in generation.config.levels if (cells.level == lv).any()], "level")
    frame = _grid_frame(generation)
    if not as_layers and len(levels) != 1:
        made = [_grid_table("grid", ("网格", "grid"), frame, "level")]
    else:
        made = [
            _grid_table(table_name("grid", lv), TERMS.get(lv, (lv, lv)), frame[cells.level == lv], "")
            for lv in reversed(levels)
        ] or [_grid_table("grid", ("网格", "grid"), frame, "")]
    name = generation.config.name
    return Export((f"{name}网格", f"Grid of {name}"), tuple(made), about_generation(generation))


def _grid_frame(generation: Generation) -> geopandas.GeoDataFrame:
    cells = generation.cells
    people = declared_population(generation.path, cells)
    columns: dict[str, Any] = {
        "code": cells.code,
        "name": cells.name,
        "level": cells.level,
        "parent": np.array([*cells.code, None], dtype=object)[cells.parent],
        "path": cells.path,
        "owner_id": _owners(generation, cells.body, "id"),
        "owner_name": _owners(generation, cells.body, "name"),
    }
    if not np.isnan(people).all():
        columns["population"] = people
    return geopandas.GeoDataFrame(columns, geometry=cells.geometry, crs=WGS84)


def _grid_table(name: str, title: Pair, frame: geopandas.GeoDataFrame, class_by: str) -> ExportTable:
    return ExportTable(name, title, frame.reset_index(drop=True), LABELS, class_by)


def asset_export(generation: Generation, *, kind: str = "", as_layers: bool = False) -> Export:
    """The assets with their owners, by kind and id.

    Args:
        kind: only this one, its attributes as columns.
        as_layers: a table a kind with its attributes as columns, and not one of all with them as JSON.

    Raises:
        NotFoundError: the city has no such kind.
    """
    kinds = _wanted(kind, list(generation.asset_kinds), "kind of assets")
    layers = {one: generation.assets[one] for one in kinds}
    if kinds and (as_layers or kind):
        made = [
            ExportTable(
                table_name("asset", one), TERMS.get(one, (one, one)), _kind_frame(generation, layer), LABELS
            )
            for one, layer in layers.items()
        ]
    else:
        frame = _all_frame(generation, layers)
        made = [ExportTable("assets", ("部件", "assets"), frame, LABELS, "kind")]
    name = generation.config.name
    return Export((f"{name}部件", f"Assets of {name}"), tuple(made), about_generation(generation))


def _kind_frame(generation: Generation, layer: Features) -> geopandas.GeoDataFrame:
    own = pd.DataFrame(_own_columns(generation, layer))
    other = layer.attributes.rename(columns=_source_names([*layer.attributes], [*own]))
    return geopandas.GeoDataFrame(pd.concat([own, other], axis=1), geometry=layer.geometry, crs=WGS84)


def _source_names(names: Sequence[str], taken: Sequence[str]) -> dict[str, str]:
    """What columns of the source are called that are called like ours: ``source_kind``."""
    given: dict[str, str] = {}
    for name in names:
        if name in taken:
            other = f"source_{name}"
            while other in names or other in given.values():
                other = f"source_{other}"
            given[name] = other
    return given


def _own_columns(generation: Generation, layer: Features) -> dict[str, Any]:
    return {
        "kind": np.full(len(layer.id), layer.kind, dtype=object),
        "id": layer.id,
        "name": _or_none(layer.name),
        "owner_id": _owners(generation, layer.owner, "id"),
        "owner_name": _owners(generation, layer.owner, "name"),
    }


def _all_frame(generation: Generation, layers: Mapping[str, Features]) -> geopandas.GeoDataFrame:
    frames = [
        geopandas.GeoDataFrame(
            {**_own_columns(generation, layer), "attributes": _as_json(layer.attributes)},
            geometry=layer.geometry,
            crs=WGS84,
        )
        for layer in layers.values()
    ]
    if not frames:
        names = ("kind", "id", "name", "owner_id", "owner_name", "attributes")
        nothing = pd.DataFrame({name: pd.Series(dtype=object) for name in names})
        return geopandas.GeoDataFrame(nothing, geometry=[], crs=WGS84)
    return geopandas.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=WGS84)


def _as_json(attributes: pd.DataFrame) -> Objects:
    """Each row's attributes that it has, as a JSON object; None where it has none."""
    found = np.full(len(attributes), None, dtype=object)
    present = attributes.notna().to_numpy()
    names = [str(name) for name in attributes.columns]
    for row, values in enumerate(attributes.astype(object).itertuples(index=False, name=None)):
        said = {name: value for name, value, there in zip(names, values, present[row], strict=True) if there}
        if said:
            found[row] = json.dumps(said, ensure_ascii=False, default=str)
    return found


def _wanted(one: str, there: Sequence[str], what: str) -> list[str]:
    if one and one not in there:
        fix = f"There are: {', '.join(there) or 'none'}."
        raise NotFoundError(f"The city has no {what} {one!r}.", fix=fix)
    return [one] if one else list(there)


def _owners(generation: Generation, positions: Positions, field: str) -> Objects:
    names = [getattr(owner, field) for owner in generation.owners]
    return np.array([*names, None], dtype=object)[positions]


def _or_none(texts: NDArray[np.object_]) -> Objects:
    return np.array([text or None for text in texts], dtype=object)


def table_name(role: str, kind: str) -> str:
    """What a layer of a file is called: ASCII, whatever the kind is called."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", kind) if kind.isascii() else "".join(f"{ord(c):x}" for c in kind)
    return f"{role}_{plain}".lower()


def about_generation(generation: Generation) -> dict[str, str]:
    """What an export says of the version of the city it was made of."""
    return {
        "city": generation.config.name,
        "generation": "draft" if generation.id == DRAFT else generation.id,
        "generation_sha256": generation.sha256,
    }
