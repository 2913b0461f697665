"""What leaves the city as a file: a table of features with the words for its columns and for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas

Pair = tuple[str, str]
"""In Chinese, in English."""


@dataclass(frozen=True)
class ExportTable:
    """A table of features, ready for any format.

    Attributes:
        name: what a layer of a file is called: ASCII, snake case.
        title: what people call it.
        frame: in WGS-84 degrees; a row a feature, in the order in which it is to be written.
        labels: what people call its columns; a column without is called by its name.
        class_by: the column that it is drawn by (``class`` of hotspots), empty where it has one colour.
        is_picture: it shows and tests nothing, and says so wherever it is shown.
    """

    name: str
    title: Pair
    frame: geopandas.GeoDataFrame
    labels: Mapping[str, Pair] = field(default_factory=dict)
    class_by: str = ""
    is_picture: bool = False


@dataclass(frozen=True)
class Export:
    """Tables that belong together; the first is the one that formats of a single layer hold.

    Attributes:
        title: of the whole.
        about: what it was made of and how, by name, enough to make it again: parameters, generation, window.
        notes: what a reader must know to not misread it.
    """

    title: Pair
    tables: tuple[ExportTable, ...]
    about: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Pair, ...] = ()
