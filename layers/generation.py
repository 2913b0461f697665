"""A generation in memory: cells, areas, assets, owners and rules, ready to be asked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.coverage import GapTester
from geo.covers import CoverIndex
from geo.crs import MetricCrs
from geo.errors import CityError
from geo.near import NearIndex
from layers.categories import by_code, category_of_row
from layers.city import City, sha256
from layers.config import CityConfig, parse_config
from layers.lookups import Lookups
from layers.routes import MARK, Routes
from layers.rules import FIXED, Owner
from layers.sections import Sections, sections_of
from layers.surroundings import Surroundings
from layers.tables import read_table, table_names
from layers.widths import half_widths

Objects = NDArray[np.object_]
Positions = NDArray[np.intp]

DRAFT = "draft"
PLACE = "place"
NONE = -1  # a position of nothing
GAP_WIDTH_M = 50.0  # a slit between two cells up to this wide is an inner gap, not the outside


@dataclass(frozen=True)
class Cells:
    """The grid, all levels, as columns; positions are the rows.

    Attributes:
        parent: position of the parent, -1 at the top.
        body: position in the owners of the body responsible, its own or the nearest ancestor's.
        path: codes from the top to the cell, joined by ``/``.
        declared: whether the cell or an ancestor names its body; otherwise it stands for itself.
    """

    code: Objects
    name: Objects
    level: Objects
    parent: Positions
    body: Positions
    declared: NDArray[np.bool_]
    path: Objects
    geometry: Objects

    @cached_property
    def leaves(self) -> Positions:
        """Positions of the cells without children, in code order (code points)."""
        has_child = np.zeros(len(self.code), dtype=bool)
        has_child[self.parent[self.parent >= 0]] = True
        leaves = np.flatnonzero(~has_child)
        return leaves[np.lexsort((self.level[leaves].astype(str), self.code[leaves].astype(str)))]

    def lineage(self, codes: frozenset[str]) -> NDArray[np.bool_]:
        """Which cells are, or lie under, a cell with one of the codes."""
        found = np.array([code in codes for code in self.code], dtype=bool)
        position = self.parent
        while (position >= 0).any():
            found |= np.where(position >= 0, np.isin(self.code[position], list(codes)), False)
            position = np.where(position >= 0, self.parent[position], -1)
        return found


@dataclass(frozen=True)
class Features:
    """The areas or assets of one kind, in id order, as columns.

    Attributes:
        owner: position in the owners, -1 where none is named.
        attributes: every other column of the source.
    """

    kind: str
    id: Objects
    name: Objects
    owner: Positions
    geometry: Objects
    attributes: pd.DataFrame = field(repr=False)

    def column(self, name: str) -> Objects | None:
        """A column by its name: id, name or an attribute; None where there is no such column."""
        own = {"id": self.id, "name": self.name}
        if name in own:
            return own[name]
        return self.attributes[name].to_numpy(dtype=object) if name in self.attributes.columns else None


@dataclass(frozen=True)
class Generation:
    """One version of a city: the answer to every question depends on nothing else.

    Attributes:
        id: ``draft``, or the generation's number.
        path: the GeoPackage it was read from.
        fixed_owner: per rule, the position of the owner that it names, -1 for ``@`` references.
        sections: by the asset kind of their routes.
        undeclared: ids of owners that a layer or rule names and nobody declared.
    """

    id: str
    path: Path
    config: CityConfig
    owners: tuple[Owner, ...]
    fixed_owner: tuple[int, ...]
    cells: Cells
    areas: Mapping[str, Features]
    assets: Mapping[str, Features]
    sections: Mapping[str, Sections] = field(default_factory=dict)
    undeclared: tuple[str, ...] = ()

    @cached_property
    def metric(self) -> MetricCrs:
        """The city's metric CRS; distances and areas are measured in it."""
        if not self.config.metric_crs:
            fix = "Import a grid or an asset layer first, or set metric_crs in city.toml."
            raise CityError("The city has no metric CRS yet: nothing was imported.", fix=fix)
        return MetricCrs(self.config.metric_crs)

    @cached_property
    def places(self) -> Features:
        """The named places and addresses, in id order; read when first asked for: few questions need them."""
        frame = read_table(self.path, PLACE) if PLACE in table_names(self.path) else _NOWHERE
        return _features(PLACE, frame.assign(owner=""), "id", _Owners((), None))

    @cached_property
    def leaf_index(self) -> CoverIndex:
        """The leaf cells in degrees, in code order."""
        return CoverIndex(self.cells.geometry[self.cells.leaves])

    @cached_property
    def metric_leaves(self) -> Objects:
        """The leaf cells' geometries in metres."""
        return self.metric.geometries(self.cells.geometry[self.cells.leaves])

    @cached_property
    def metric_leaf_index(self) -> NearIndex:
        """The leaf cells in metres, for those that no cell covers."""
        return NearIndex(self.metric_leaves)

    @cached_property
    def gaps(self) -> GapTester:
        """Tells a gap between cells from the outside."""
        return GapTester(self.metric_leaves, GAP_WIDTH_M, near=self.metric_leaf_index)

    @cached_property
    def upper_index(self) -> CoverIndex:
        """The cells that have children, in degrees."""
        upper = np.setdiff1d(np.arange(len(self.cells.code)), self.cells.leaves)
        return CoverIndex(self.cells.geometry[upper])

    @cached_property
    def area_index(self) -> Mapping[str, CoverIndex]:
        """Each kind's areas in degrees, in code order."""
        return {kind: CoverIndex(layer.geometry) for kind, layer in self.areas.items()}

    @cached_property
    def asset_index(self) -> Mapping[str, NearIndex]:
        """Each kind's assets in metres, in id order."""
        return _Lazy(
            {kind: layer.geometry for kind, layer in self.assets.items()},
            lambda geometry: NearIndex(self.metric.geometries(geometry)),
        )

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of its file, in hex; of a draft, of its file and its words."""
        digest = sha256(self.path)
        if self.id == DRAFT:
            words = self.path.with_name("city.toml")
            digest = hashlib.sha256((digest + sha256(words)).encode()).hexdigest()
        return digest

    def owner_position(self, reference: str) -> int:
        """Where the owner with this id, else this name, stands; -1 for none."""
        ids = [owner.id for owner in self.owners]
        names = [owner.name for owner in self.owners]
        return next((seen.index(reference) for seen in (ids, names) if reference in seen), NONE)

    @cached_property
    def asset_kinds(self) -> tuple[str, ...]:
        """The kinds of assets in the order in which answers count them."""
        return tuple(sorted(self.assets))

    @cached_property
    def lookups(self) -> Lookups:
        """What is looked up for every report."""
        return Lookups(self)

    @cached_property
    def surroundings(self) -> Surroundings:
        """Boundaries, streets and shared edges."""
        return Surroundings(self)

    @cached_property
    def half_width(self) -> Mapping[str, NDArray[np.float64]]:
        """Half the width of each kind's lines in metres; 0 for points and areas."""
        return {
            kind: half_widths(self.config, kind, layer.geometry, layer.attributes)
            for kind, layer in self.assets.items()
        }


class _Lazy(Mapping[str, NearIndex]):
    """Builds each kind's index when it is first asked for: most questions concern few kinds."""

    def __init__(self, sources: Mapping[str, Objects], build: Any) -> None:
        self._sources = sources
        self._build = build
        self._built: dict[str, NearIndex] = {}

    def __getitem__(self, kind: str) -> NearIndex:
        if kind not in self._built:
            self._built[kind] = self._build(self._sources[kind])
        return self._built[kind]

    def __iter__(self) -> Any:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


def load_live(city: City) -> Generation:
    """The live generation, or the draft where nothing was ever published.

    Raises:
        CityError: nothing was imported yet.
    """
    number = city.live_number()
    return load_draft(city) if number is None else load_numbered(city, number)


def load_numbered(city: City, number: int) -> Generation:
    """A published generation, live or not.

    Raises:
        CityError: there is none of that number.
    """
    path = city.generation(number)
    if not path.exists():
        there = ", ".join(map(str, city.numbers())) or "none"
        raise CityError(f"{city.folder} has no generation {number}.", fix=f"There are: {there}.")
    meta = dict(read_table(path, "meta").itertuples(index=False))
    table = read_table(path, "frozen_category")
    categories = by_code(map(category_of_row, table.fillna("").to_dict("records")))
    config = parse_config(str(meta["city.toml"]), city.folder, categories)
    return _load(path, f"{number:04d}", config)


def load_draft(city: City) -> Generation:
    """The draft with the words of city.toml as they stand.

    Raises:
        CityError: nothing was imported yet.
    """
    base = city.draft_base()
    if base is None:
        fix = "Import a layer: woodpecker import layer FILE --city DIR --as grid:LEVEL."
        raise CityError(f"{city.folder} holds no layers yet.", fix=fix)
    return _load(base, DRAFT, city.config())


def _load(path: Path, generation_id: str, config: CityConfig) -> Generation:
    tables = [table for table in table_names(path) if table.split("_", 1)[0] in _LAYERS]
    frames = {table: read_table(path, table) for table in tables}
    owners = _Owners(config.owners, frames.get("owner"))
    levels = [level for level in config.levels if f"grid_{level}" in frames]
    cells = _cells(levels, [frames[f"grid_{level}"] for level in levels], owners)
    areas = {t[5:]: _features(t[5:], f, "code", owners) for t, f in frames.items() if t.startswith("area_")}
    assets = {t[6:]: _features(t[6:], f, "id", owners) for t, f in frames.items() if t.startswith("asset_")}
    sections = {
        kind: sections_of(kind, f, owners.positions(list(texts(f["owner"]))), routes)
        for kind, f in ((t[8:], f) for t, f in frames.items() if t.startswith("section_"))
        for routes in [Routes(assets.get(kind), assets.get(kind + MARK), config.metric_crs)]
    }
    fixed = tuple(owners.position(rule.target if rule.via == FIXED else None) for rule in config.rules)
    for edge in config.shared_edges:
        owners.position(edge.owner)
    undeclared = tuple(owners.undeclared)
    return Generation(
        generation_id, path, config, owners.all(), fixed, cells, areas, assets, sections, undeclared
    )


def routes_of(kind: str, frames: Mapping[str, pd.DataFrame | None], metric_crs: str) -> Routes:
    """The routes of a kind among a city's tables by name; none where its assets are not there."""
    owners = _Owners((), None)
    kinds = {of: frames.get(f"asset_{of}") for of in (kind, kind + MARK)}
    assets = {of: _features(of, frame, "id", owners) for of, frame in kinds.items() if frame is not None}
    return Routes(assets.get(kind), assets.get(kind + MARK), metric_crs)


_NOWHERE = geopandas.GeoDataFrame({"id": [], "name": []}, geometry=[], dtype=object)
_LAYERS = frozenset({"grid", "area", "asset", "section", "owner"})


class _Owners:
    """Owners by id or name, growing as layers name new ones."""

    def __init__(self, declared: Sequence[Owner], layer: pd.DataFrame | None) -> None:
        self._owners: dict[str, Owner] = {owner.id: owner for owner in declared}
        if layer is not None:
            for owner in map(Owner, *(texts(layer[column]) for column in ("id", "name", "name_en"))):
                self._owners.setdefault(owner.id, owner)
        self._place = {owner_id: i for i, owner_id in enumerate(self._owners)}
        for owner in list(self._owners.values()):
            self._place.setdefault(owner.name, self._place[owner.id])
        self.undeclared: list[str] = []

    def position(self, reference: str | None) -> int:
        """Where the owner with this id or name stands, -1 for none; an undeclared one is added."""
        if not reference:
            return -1
        if reference not in self._place:
            self.undeclared.append(reference)
            self.add(Owner(reference, reference))
        return self._place[reference]

    def add(self, owner: Owner) -> int:
        """Where the owner stands, after adding it if need be."""
        if owner.id not in self._place:
            self._place[owner.id] = len(self._owners)
            self._owners[owner.id] = owner
        return self._place[owner.id]

    def positions(self, references: Sequence[str | None]) -> Positions:
        """`position` for many."""
        return np.fromiter((self.position(r) for r in references), dtype=np.intp, count=len(references))

    def all(self) -> tuple[Owner, ...]:
        """The owners; their order is their position."""
        return tuple(self._owners.values())


def _cells(levels: Sequence[str], frames: Sequence[pd.DataFrame], owners: _Owners) -> Cells:
    if not frames:
        empty = np.empty(0, dtype=object)
        nothing = np.empty(0, dtype=np.intp)
        return Cells(empty, empty, empty, nothing, nothing, np.empty(0, dtype=bool), empty, empty)
    code = _column(frames, "code")
    name = _column(frames, "name")
    level = np.concatenate([np.full(len(f), lv, dtype=object) for lv, f in zip(levels, frames, strict=True)])
    parent = _parents(level, code, _column(frames, "parent_level"), _column(frames, "parent"))
    owner = owners.positions(list(_column(frames, "owner")))
    body, declared, path = owner.copy(), owner >= 0, code.copy()
    for lv in levels[1:]:  # top down, so that a parent's body and path are complete
        rows = np.flatnonzero((level == lv) & (parent >= 0))
        above = parent[rows]
        body[rows] = np.where(body[rows] >= 0, body[rows], body[above])
        declared[rows] |= declared[above]
        path[rows] = path[above] + "/" + code[rows]
    for i in np.flatnonzero(body < 0):
        body[i] = owners.add(Owner(code[i], name[i]))
    geometry = np.concatenate([np.asarray(f.geometry.array, dtype=object) for f in frames])
    return Cells(code, name, level, parent, body, declared, path, geometry)


def _column(frames: Sequence[pd.DataFrame], column: str) -> Objects:
    return np.concatenate([texts(frame[column]) for frame in frames])


def texts(column: pd.Series) -> Objects:
    """A column as Python strings, empty where it is missing."""
    return column.astype(object).where(column.notna(), "").astype(str).to_numpy(dtype=object)


def _parents(level: Objects, code: Objects, parent_level: Objects, parent: Objects) -> Positions:
    place = {key: i for i, key in enumerate(zip(level, code, strict=True))}
    pairs = zip(parent_level, parent, strict=True)
    return np.fromiter((place.get(pair, -1) for pair in pairs), dtype=np.intp, count=len(code))


def _features(kind: str, frame: geopandas.GeoDataFrame, key: str, owners: _Owners) -> Features:
    ids = texts(frame[key])
    order = np.argsort(ids.astype(str), kind="stable")
    frame = frame.iloc[order].reset_index(drop=True)
    attributes = frame.drop(columns=[key, "name", "owner", frame.geometry.name])
    owner = owners.positions(list(texts(frame["owner"])))
    geometry = np.asarray(frame.geometry.array, dtype=object)
    return Features(kind, ids[order], texts(frame["name"]), owner, geometry, pd.DataFrame(attributes))
