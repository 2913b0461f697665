"""Vector tiles (MVT 2) of columns: the messages of `mapbox_vector_tile`, filled many features at a time.

Its own ``encode`` walks every vertex of every feature in Python: for lines and areas it takes ten times as
long (`benchmarks/tiles.py`). What is written here its ``decode`` reads, and any other program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from mapbox_vector_tile.Mapbox import vector_tile_pb2 as pb
from numpy.typing import NDArray

from geo.tiles import EXTENT, Ints, Runs

Value = str | int | float | bool | None
Positions = NDArray[np.intp]

_MOVE_ONE, _LINE, _CLOSE = 9, 2, 15  # commands; how many a line has is put before its number


class Shape(IntEnum):
    """What the geometry of a feature is made of."""

    POINT = 1
    LINE = 2
    AREA = 3


@dataclass(frozen=True)
class Part:
    """Features of one shape.

    Attributes:
        runs: their vertices; an owner is a row of the columns. Runs of an owner are one feature, but each
            point is one of its own.
        columns: properties by name; None is left out.
        ids: of the features, 0 or more; None for none.
    """

    shape: Shape
    runs: Runs
    columns: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    ids: Sequence[int] | None = None


def layer_bytes(name: str, parts: Sequence[Part]) -> bytes:
    """A layer of a tile, ready to be joined with others; nothing where it has no features.

    Its features come in the order of the parts, and of the rows in each.
    """
    if not any(len(part.runs) for part in parts):
        return b""
    tile = pb.tile()
    layer = tile.layers.add(name=name, version=2, extent=EXTENT)
    said = _Said()
    for part in parts:
        _add(layer, part, said)
    layer.keys.extend(said.keys)
    for value in said.values:
        layer.values.add(**_field(value))
    written: bytes = tile.SerializeToString()
    return written


class _Said:
    """The keys and values of a layer, each said once. 1, 1.0 and True are three values."""

    def __init__(self) -> None:
        self.keys: dict[str, int] = {}
        self._values: dict[tuple[type, Value], int] = {}

    @property
    def values(self) -> list[Value]:
        """The values, by their numbers."""
        return [value for _, value in self._values]

    def key(self, name: str) -> int:
        """The number of a key, new or not."""
        return self.keys.setdefault(name, len(self.keys))

    def numbers(self, values: Sequence[Value]) -> list[int]:
        """The numbers of values; -1 for None."""
        known = self._values
        return [
            -1 if value is None else known.setdefault((type(value), value), len(known)) for value in values
        ]


def _add(layer: Any, part: Part, said: _Said) -> None:
    runs = part.runs
    if not len(runs):
        return
    rows, first = runs.owner, np.arange(len(runs))
    if part.shape is not Shape.POINT:  # of which each is a feature of its own
        rows, first = np.unique(rows, return_index=True)
    commands, start = _commands(runs, first, part.shape)
    tags, tags_end = _tags(part.columns, rows.tolist(), said)
    ids = [None] * len(rows) if part.ids is None else [part.ids[row] for row in rows.tolist()]
    ends = zip(ids, tags_end, [*start[first[1:]].tolist(), len(commands)], strict=True)
    shape, tag, command = int(part.shape), 0, 0
    for id_, tag_end, end in ends:
        layer.features.add(id=id_, tags=tags[tag:tag_end], type=shape, geometry=commands[command:end])
        tag, command = tag_end, end


def _tags(
    columns: Mapping[str, Sequence[Value]], rows: Sequence[int], said: _Said
) -> tuple[list[int], list[int]]:
    """The numbers of keys and values in turns, row by row, and where those of each row end."""
    if not columns:
        return [], [0] * len(rows)
    tags = np.empty((len(rows), len(columns), 2), dtype=np.int64)
    tags[:, :, 0] = [said.key(name) for name in columns]
    for at, column in enumerate(columns.values()):
        tags[:, at, 1] = said.numbers([column[row] for row in rows])
    there = tags[:, :, 1] >= 0
    numbers: list[int] = tags[there].ravel().tolist()
    ends: list[int] = (2 * np.cumsum(there.sum(axis=1))).tolist()
    return numbers, ends


def _field(value: Value) -> dict[str, Any]:
    """The field of a message that holds a value."""
    if isinstance(value, bool):
        return {"bool_value": value}
    if isinstance(value, int):
        return {"uint_value": value} if value >= 0 else {"sint_value": value}
    return {"string_value": value} if isinstance(value, str) else {"double_value": value}


def _commands(runs: Runs, first: Positions, shape: Shape) -> tuple[list[int], Ints]:
    """The commands that draw all runs, and where those of each run begin.

    Args:
        first: the first run of each feature: there the pen starts at the corner again.
    """
    run = np.repeat(np.arange(len(runs)), runs.size)
    begins = np.cumsum(runs.size) - runs.size
    place = np.arange(len(runs.xy)) - begins[run]  # of a vertex in its run
    closes = int(shape is Shape.AREA)
    length = 2 * runs.size + 1 + (runs.size > 1) + closes
    start = np.cumsum(length) - length
    out = np.empty(int(length.sum()), dtype=np.int64)
    at = start[run] + 1 + 2 * place + (place > 0)
    out[at], out[at + 1] = _steps(runs.xy, begins[first]).T
    out[start] = _MOVE_ONE
    longer = runs.size > 1
    out[start[longer] + 3] = ((runs.size[longer] - 1) << 3) | _LINE
    if closes:
        out[start + length - 1] = _CLOSE
    commands: list[int] = out.tolist()
    return commands, start


def _steps(xy: Ints, corners: Positions) -> Ints:
    """From each vertex to the next, zig-zag; those at the given places come from the corner."""
    steps = np.diff(xy, axis=0, prepend=xy[:1] * 0)
    steps[corners] = xy[corners]
    return (steps << 1) ^ (steps >> 63)
