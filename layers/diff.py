"""What publishing would change: the draft against the live generation, layers, ground and words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import geopandas
import numpy as np
import shapely

from layers.city import City
from layers.config import CityConfig
from layers.diff_ground import Ground, ground, no_ground
from layers.diff_members import KINDS, NO_MEMBERS, Members, changes, match, members
from layers.diff_words import WordChange, word_changes
from layers.generation import Cells, Generation, load_draft, load_live

NOTHING = ""  # the id of what is live where nothing was ever published


@dataclass(frozen=True)
class LayerDiff:
    """What differs in one layer.

    Attributes:
        layer: ``grid:LEVEL``, ``area:KIND``, ``asset:KIND`` or ``section:KIND``.
        changes: as `layers.diff_members.changes`.
        ground: what passes to another code or owner; nothing for assets and sections.
    """

    layer: str
    changes: geopandas.GeoDataFrame
    ground: Ground

    @property
    def counts(self) -> dict[str, int]:
        """How often each kind of change occurs, in the order of `KINDS`."""
        found = self.changes["kind"].value_counts()
        return {kind: int(found[kind]) for kind in KINDS if kind in found}


@dataclass(frozen=True)
class Difference:
    """Everything that differs between two generations.

    Attributes:
        live, draft: their ids; ``live`` is empty where nothing was ever published.
        layers: those in which something differs, the grid first.
        words: rules, categories, owners and settings that are said otherwise.
    """

    live: str
    draft: str
    layers: tuple[LayerDiff, ...]
    words: tuple[WordChange, ...]

    def __bool__(self) -> bool:
        return bool(self.layers or self.words)


def load_both(city: City) -> tuple[Generation, Generation]:
    """The live generation, or one with nothing in it where none was published, and the draft.

    Raises:
        CityError: nothing was imported yet.
    """
    draft = load_draft(city)
    live = nothing(draft) if city.live_number() is None else load_live(city)
    return live, draft


def nothing(draft: Generation) -> Generation:
    """A generation with no layers and no words, as if it had been live before the draft."""
    empty, none = np.empty(0, dtype=object), np.empty(0, dtype=np.intp)
    cells = Cells(empty, empty, empty, none, none, np.empty(0, dtype=bool), empty, empty)
    words = CityConfig("", time_zone="", languages=draft.config.languages)
    return replace(
        draft,
        id=NOTHING,
        config=words,
        owners=(),
        cells=cells,
        areas={},
        assets={},
        sections={},
        undeclared=(),
    )


def diff(live: Generation, draft: Generation) -> Difference:
    """What differs between two generations, measured in the draft's metric CRS."""
    layers = tuple(_layers(members(live), members(draft), draft))
    return Difference(live.id, draft.id, layers, word_changes(live, draft))


def _layers(
    before: Mapping[str, Members], after: Mapping[str, Members], draft: Generation
) -> Iterator[LayerDiff]:
    """The layers in which something differs; those that the draft has no more come last."""
    for layer in (*after, *(layer for layer in before if layer not in after)):
        found = _layer(layer, before.get(layer, NO_MEMBERS), after.get(layer, NO_MEMBERS), draft)
        if len(found.changes):
            yield found


def _layer(layer: str, before: Members, after: Members, draft: Generation) -> LayerDiff:
    pairs = match(before, after, draft.metric)
    found = changes(before, after, pairs)
    areal = all((shapely.get_dimensions(side.geometry) == 2).all() for side in (before, after))
    passes = areal and not layer.startswith(("asset:", "section:")) and len(found) > 0
    return LayerDiff(layer, found, ground(before, after, pairs, draft.metric) if passes else no_ground())
