"""Entries for what has a name or a code: cells, areas, places, assets, mileposts, sections, groups."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from layers.chainage import chainage, metres_of
from layers.gazetteer_columns import (
    KIND_COLUMNS,
    RIVER_COLUMNS,
    ROAD_COLUMNS,
    aliases,
    among,
    codes,
    is_alias,
    key,
    keys,
    text_column,
    texts_like,
)
from layers.gazetteer_entries import (
    ADDRESS,
    ESTATE,
    GROUP,
    MILEPOST,
    NONE,
    Bools,
    Collected,
    Floats,
    Gazetteer,
    Objects,
    Positions,
    entries,
)
from layers.gazetteer_lines import MARK, Lines, own_names
from layers.gazetteer_numbered import BUILDINGS, DOORS, streets_of
from layers.gazetteer_shapes import Named, middles, radii
from layers.generation import PLACE, Features, Generation
from layers.tables import columns_of, read_columns

ROAD_REACH_M = 200.0  # an asset that names its road stands no farther from it
# How far a place that is only a point reaches: half of the usual width of what is called so.
EXTENT_M = {
    "country": 50_000.0, "state": 50_000.0, "county": 15_000.0, "city": 4_000.0, "town": 1_500.0,
    "municipality": 3_000.0, "borough": 1_500.0, "suburb": 800.0, "quarter": 500.0, "village": 500.0,
    "neighbourhood": 300.0, "hamlet": 200.0, "islet": 100.0, "island": 500.0, "square": 50.0,
}  # fmt: skip
LEAST_EXTENT_M = 100.0
MOST_ALIKE = 20  # a name that more points of a kind bear says what they are, not which
# What these are called is what is written on them: the name of the town that they stand before.
SIGNS = frozenset({"traffic_sign", "sign", "交通标志", "标志牌"})
_GROUP = re.compile(r"(.+?)第?\s*(\d+|[一二三四五六七八九十廿百〇零两]+)\s*(?:村民)?小?组")


def add_cells(collected: Collected, generation: Generation) -> Positions:
    """Adds the cells of all levels; their rows, in their order."""
    cells = generation.cells
    shapes = generation.metric.geometries(cells.geometry)
    xy = middles(shapes)
    kind, layer = (text_column(f"{word}:{level}" for level in cells.level) for word in ("cell", "grid"))
    return collected.add(
        entries(
            len(cells.code), kind=kind, name=cells.name, is_named=cells.name != cells.code,
            alias=_cell_aliases(generation), code=cells.code, layer=layer, id=cells.code,
            row=np.arange(len(cells.code)), x=xy[:, 0], y=xy[:, 1], radius_m=radii(shapes, xy),
        )
    )  # fmt: skip


def _cell_aliases(generation: Generation) -> Objects:
    found = np.full(len(generation.cells.code), "", dtype=object)
    for level in dict.fromkeys(generation.cells.level.tolist()):
        table = f"grid_{level}"
        columns = [name for name in columns_of(generation.path, table) if is_alias(name)]
        if columns:
            rows = np.flatnonzero(generation.cells.level == level)
            frame = read_columns(generation.path, table, columns)
            found[rows] = aliases(frame, generation.cells.name[rows])
    return found


def add_areas(collected: Collected, generation: Generation, estates: str) -> Positions:
    """Adds the areas of all kinds; the rows of those that are estates."""
    rows = np.empty(0, dtype=np.intp)
    for kind, layer in sorted(generation.areas.items()):
        what = ESTATE if kind == estates else f"area:{kind}"
        added = collected.add(_of_layer(generation, layer, f"area:{kind}", what))
        rows = added if kind == estates else rows
    return rows


def add_places(collected: Collected, generation: Generation) -> Named:
    """Adds the named places that are no addresses; finds them by name."""
    layer = generation.places
    kind = texts_like(layer, KIND_COLUMNS)
    is_door = streets_of(layer)[1] != ""
    kept = np.flatnonzero(own_names(layer) & ~is_door & (kind != ADDRESS))
    made = _of_layer(generation, layer, PLACE, PLACE)
    reach = np.array([EXTENT_M.get(word, LEAST_EXTENT_M) for word in kind.tolist()], dtype=np.float64)
    reach = np.where(shapely.get_dimensions(layer.geometry) == 0, reach, made.radius_m)
    made = replace(made, kind=text_column(f"{PLACE}:{word}".rstrip(":") for word in kind), radius_m=reach)
    made = _take(made, kept)
    rows = collected.add(made)
    return Named(rows, made.name, shapely.points(np.stack([made.x, made.y], axis=1)))


def _of_layer(generation: Generation, layer: Features, label: str, kind: str) -> Gazetteer:
    """An entry for every feature, named or not."""
    shapes = generation.metric.geometries(layer.geometry)
    xy = middles(shapes)
    return entries(
        len(layer.id), kind=kind, name=layer.name, is_named=own_names(layer),
        alias=aliases(layer.attributes, layer.name), code=codes(layer), layer=label, id=layer.id,
        row=np.arange(len(layer.id)), x=xy[:, 0], y=xy[:, 1], radius_m=radii(shapes, xy),
    )  # fmt: skip


def _take(gazetteer: Gazetteer, rows: Positions | Bools) -> Gazetteer:
    return Gazetteer(**{name: getattr(gazetteer, name)[rows] for name in gazetteer.__dataclass_fields__})


# ---- assets


def add_assets(
    collected: Collected, generation: Generation, streets: Lines, waterways: Lines, known: frozenset[str]
) -> None:
    """Adds the assets that have a name of their own or a code, with the street and river that they name.

    Args:
        collected: where they are added.
        generation: the city.
        streets, waterways: those of the city.
        known: folded names of streets, cells and places: an asset that bears one is called after it.
    """
    for kind, layer in sorted(generation.assets.items()):
        if kind.casefold() in BUILDINGS | DOORS or kind.endswith(MARK):
            continue
        made = _of_layer(generation, layer, f"asset:{kind}", f"asset:{kind}")
        own = made.is_named & _tells(made) & ~among(made.name, known) & ~_is_road(layer, made)
        own &= kind.casefold() not in SIGNS
        number = np.array([name.isdecimal() for name in made.name.tolist()], dtype=bool)
        made = replace(made, code=np.where(number & (made.code == ""), made.name, made.code))
        road, river = _named_lines(layer, made, streets, waterways)
        made = replace(made, is_named=own, alias=np.where(own, made.alias, ""), parent=road, other=river)
        collected.add(_take(made, _wanted(made, f"asset:{kind}", streets, waterways)))


def _is_road(layer: Features, made: Gazetteer) -> Bools:
    """Which names are those of the street or river that a thing stands in, by its other columns."""
    road, river = (keys(texts_like(layer, words)) for words in (ROAD_COLUMNS, RIVER_COLUMNS))
    said = keys(made.name)
    return np.asarray((said == road) | (said == river), dtype=np.bool_)


def _wanted(made: Gazetteer, layer: str, streets: Lines, waterways: Lines) -> Bools:
    """What has a name or code; of the pieces of streets and rivers, those whose code these do not bear."""
    wanted: Bools = made.is_named | (made.code != "")
    for lines in (streets, waterways):
        if layer in lines.of_piece:
            of = lines.of_piece[layer]
            several = np.bincount(of[of != NONE], minlength=int(of.max(initial=0)) + 1) > 1
            wanted &= np.where(of == NONE, wanted, several[of] & (made.code != ""))
    return wanted


def _tells(made: Gazetteer) -> Bools:
    """Which names tell a thing from others: not those of very many points, nor those made of its code."""
    often = Counter(made.name.tolist())
    rows = zip(made.name.tolist(), made.code.tolist(), strict=True)
    return np.array(
        [often[name] <= MOST_ALIKE and not _has_code(name, code) for name, code in rows], dtype=bool
    )


def _has_code(name: str, code: str) -> bool:
    return bool(code) and any(part in name for part in code.split(";"))


def _named_lines(
    layer: Features, made: Gazetteer, streets: Lines, waterways: Lines
) -> tuple[Positions, Positions]:
    """The street and the river that each asset names, or is a piece of; the river alone comes first."""
    xy = np.stack([made.x, made.y], axis=1)
    found = []
    for lines, words in ((streets, ROAD_COLUMNS), (waterways, RIVER_COLUMNS)):
        of = lines.of_piece.get(f"asset:{layer.kind}")
        if of is None:
            of = lines.named.find(texts_like(layer, words), xy, ROAD_REACH_M)
        found.append(of)
    road, river = found
    return np.where(road == NONE, river, road), np.where(road == NONE, NONE, river)


# ---- mileposts, sections, groups


def add_mileposts(collected: Collected, generation: Generation, lines: tuple[Lines, ...]) -> None:
    """Adds the stones of layers of marks."""
    for kind, layer in sorted(generation.assets.items()):
        columns = {str(name).casefold(): name for name in layer.attributes.columns}
        if not kind.endswith(MARK) or not {"route", "m"} <= columns.keys():
            continue
        made = _of_layer(generation, layer, f"asset:{kind}", MILEPOST)
        route, said = (_texts(layer.attributes[columns[c]]) for c in ("route", "m"))
        metre = metres_of(said)
        number = text_column(chainage(m) if np.isfinite(m) else "" for m in metre.tolist())
        parent = _routes(generation, kind.removesuffix(MARK), route, made, lines)
        title = np.where(parent != NONE, _titles(generation, kind.removesuffix(MARK), route), route)
        made = replace(
            made, is_named=np.zeros(len(made), dtype=bool), parent=parent, street=title,
            number=number, name=text_column(map("".join, zip(title, number, strict=True))),
        )  # fmt: skip
        collected.add(_take(made, np.isfinite(metre)))


def _texts(column: pd.Series) -> Objects:
    return column.astype(object).where(column.notna(), "").astype(str).str.strip().to_numpy(dtype=object)


def _titles(generation: Generation, kind: str, route: Objects) -> Objects:
    """What the routes that are named by an id are called."""
    layer = generation.assets.get(kind)
    names = {} if layer is None else dict(zip(layer.id.tolist(), layer.name.tolist(), strict=True))
    return text_column(names.get(text) or text for text in route.tolist())


def _routes(
    generation: Generation, kind: str, route: Objects, made: Gazetteer, lines: tuple[Lines, ...]
) -> Positions:
    """The street or river of each mark: by the id of a piece, else by its name."""
    found = np.full(len(made), NONE, dtype=np.intp)
    title = _titles(generation, kind, route)
    xy = np.stack([made.x, made.y], axis=1)
    for some in lines:
        if f"asset:{kind}" in some.of_piece:
            found = np.where(found == NONE, some.named.find(title, xy, ROAD_REACH_M), found)
    return found


def add_sections(collected: Collected, generation: Generation) -> None:
    """Adds the sections that have a name of their own, not just a route and metres."""
    for kind, sections in sorted(generation.sections.items()):
        shapes = generation.metric.geometries(sections.geometry)
        xy = middles(shapes)
        own = [
            bool(name) and name != id_ and not (route in name and "K" in name)
            for name, id_, route in zip(sections.name, sections.id, _titles(generation, kind, sections.route),
                                        strict=True)
        ]  # fmt: skip
        made = entries(
            len(sections), kind=f"section:{kind}", name=sections.name, is_named=np.array(own, dtype=bool),
            layer=f"section:{kind}", id=sections.id, row=np.arange(len(sections)), x=xy[:, 0], y=xy[:, 1],
            radius_m=radii(shapes, xy),
        )  # fmt: skip
        collected.add(_take(made, made.is_named))


def as_groups(gazetteer: Gazetteer) -> Gazetteer:
    """The entries with village groups told by their names: 北渡村22组 is group 22 of 北渡村."""
    found = {
        row: said for row in _grouplike(gazetteer).tolist() if (said := _GROUP.fullmatch(gazetteer.name[row]))
    }
    if not found:
        return gazetteer
    rows = np.array(list(found), dtype=np.intp)
    kind, number, parent = gazetteer.kind.copy(), gazetteer.number.copy(), gazetteer.parent.copy()
    kind[rows] = GROUP
    number[rows] = [said[2] for said in found.values()]
    parent[rows] = _villages(gazetteer, rows, [said[1] for said in found.values()])
    return replace(gazetteer, kind=kind, number=number, parent=parent)


def _grouplike(gazetteer: Gazetteer) -> Positions:
    ends = [name.endswith("组") for name in gazetteer.name.tolist()]
    return np.flatnonzero(np.array(ends, dtype=bool) & gazetteer.is_named)


def _villages(gazetteer: Gazetteer, rows: Positions, names: list[str]) -> Positions:
    """The nearest entry of each name."""
    by_name: dict[str, list[int]] = {key(name): [] for name in names}
    for row, name in enumerate(keys(gazetteer.name).tolist()):
        if name in by_name:
            by_name[name].append(row)
    return np.array(
        [
            _nearest(gazetteer, row, by_name[key(name)])
            for row, name in zip(rows.tolist(), names, strict=True)
        ],
        dtype=np.intp,
    )


def _nearest(gazetteer: Gazetteer, row: int, among: list[int]) -> int:
    if not among:
        return NONE
    off: Floats = np.hypot(gazetteer.x[among] - gazetteer.x[row], gazetteer.y[among] - gazetteer.y[row])
    return among[int(np.argmin(np.nan_to_num(off, nan=np.inf)))]
