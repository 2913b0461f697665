"""Streets and waterways: the pieces that bear a name, and lie together, as one entry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from layers.gazetteer_columns import aliases, are_names, codes, keys, split, text_column
from layers.gazetteer_entries import NONE, STREET, Bools, Collected, Floats, Objects, Positions, entries
from layers.gazetteer_shapes import Named, clusters, merged, middles, radii
from layers.generation import Features, Generation

STREETS = frozenset({"road", "street", "道路", "街道路", "路"})
WATERWAYS = frozenset({"river", "canal", "stream", "ditch", "waterway", "watercourse", "河道", "河流", "河"})
MARK = "_mark"
_CJK = re.compile(r"[㐀-鿿]")
# Pieces farther apart than this are two streets, or waters, of one name. Chinese towns give no name twice
# (the national rules for place names forbid it); elsewhere every village has its main street.
STREET_GAP_M = 500.0
CHINESE_GAP_M = 3_000.0
WATER_GAP_M = 1_500.0


@dataclass(frozen=True)
class Lines:
    """The streets or the waterways of a city.

    Attributes:
        rows: of the entries.
        named: finds the one of a name near a place.
        shapes: of the entries, in metres.
        of_piece: by layer, the row of each piece's entry, -1 for none.
        names: the folded names and aliases.
    """

    rows: Positions
    named: Named
    shapes: Objects
    of_piece: dict[str, Positions] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


def add_lines(collected: Collected, generation: Generation, kind: str) -> Lines:
    """Adds the streets, or the waterways, of all layers that hold some.

    Args:
        collected: where they are added.
        generation: the city.
        kind: street or waterway.
    """
    wanted = STREETS if kind == STREET else WATERWAYS
    added = [
        _add_layer(collected, generation, layer, kind)
        for name, layer in sorted(generation.assets.items())
        if name.casefold() in wanted
    ]
    rows = np.concatenate([np.empty(0, dtype=np.intp), *(one.rows for one in added)])
    shapes = np.concatenate([np.empty(0, dtype=object), *(one.shapes for one in added)])
    names = np.concatenate([np.empty(0, dtype=object), *(one.names for one in added)])
    of_piece = {one.layer: one.of_piece for one in added}
    return Lines(rows, Named(rows, names, shapes), shapes, of_piece, frozenset(keys(names).tolist()))


@dataclass(frozen=True)
class _Added:
    layer: str
    rows: Positions
    names: Objects
    shapes: Objects
    of_piece: Positions


def _add_layer(collected: Collected, generation: Generation, layer: Features, kind: str) -> _Added:
    pieces = np.flatnonzero(own_names(layer) & (shapely.get_dimensions(layer.geometry) >= 1))
    shapes = generation.metric.geometries(layer.geometry[pieces])
    names = layer.name[pieces]
    gap_m = street_gaps_m(names) if kind == STREET else np.full(len(names), WATER_GAP_M)
    group = clusters(keys(names), shapes, gap_m)
    members = _members(group)
    first = pieces[[some[0] for some in members]] if len(members) else pieces[:0]
    whole = merged(shapes, group)
    xy = middles(whole)
    made = entries(
        len(members), kind=kind, name=layer.name[first], is_named=True,
        alias=_of_all(aliases(layer.attributes, layer.name)[pieces], members),
        code=_only(codes(layer)[pieces], members), layer=f"asset:{layer.kind}", id=layer.id[first], row=first,
        pieces=text_column(" ".join(map(str, pieces[some].tolist())) for some in members),
        x=xy[:, 0], y=xy[:, 1], radius_m=radii(whole, xy),
    )  # fmt: skip
    rows = collected.add(made)
    of_piece = np.full(len(layer.id), NONE, dtype=np.intp)
    of_piece[pieces] = rows[group]
    return _Added(made.layer[0] if len(made) else "", rows, layer.name[first], whole, of_piece)


def street_gaps_m(names: Objects) -> Floats:
    """How far apart what bears the name of one street may be."""
    chinese = np.array([_CJK.search(name) is not None for name in names.tolist()], dtype=bool)
    return np.where(chinese, CHINESE_GAP_M, STREET_GAP_M)


def own_names(layer: Features) -> Bools:
    """Which features have a name that is not just their id, nor a word for a missing one."""
    return np.asarray(are_names(layer.name) & (layer.name != layer.id), dtype=np.bool_)


def _members(group: Positions) -> list[Positions]:
    """The positions of each group's members, ascending."""
    order = np.argsort(group, kind="stable")
    ends = np.flatnonzero(np.diff(group[order])) + 1
    return np.split(order, ends) if len(group) else []


def _of_all(lists: Objects, members: Sequence[Positions]) -> Objects:
    """What any member is called besides, each once."""
    return text_column(_one(lists[some]) if lists[some].any() else "" for some in members)


def _one(lists: Objects) -> str:
    return ";".join(dict.fromkeys(part for text in lists.tolist() for part in split(text)))


def _only(texts: Objects, members: Sequence[Positions]) -> Objects:
    """The codes of those groups that are one piece; of more, each piece is an entry of its own."""
    return text_column(texts[some[0]] if len(some) == 1 else "" for some in members)
