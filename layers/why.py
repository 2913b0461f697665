"""Why an issue is whose, for a panel to show and draw: cells by name, assets with their shape, rule, rivals.

`layers.telling` says the same in sentences, `layers.told` in columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely

from geo.duplicates import NEAR, SAME_ASSET, SAME_CATEGORY, SIMILAR_TEXT, SOON
from layers.findings import Lang
from layers.generation import Generation
from layers.telling import error_radii, tell
from layers.terms import term

Proof = Mapping[str, Any]
LANGUAGES: tuple[Lang, ...] = ("zh", "en")
MANY_CORNERS, AROUND_DEG = 500, 0.02
"""Of a shape with more corners only what lies around the place is told."""

SUSPECT_WORDS: Mapping[str, tuple[str, str]] = {
    SAME_ASSET: ("同一部件", "the same asset"),
    NEAR: ("位置很近", "close by"),
    SOON: ("时间相近", "about the same time"),
    SAME_CATEGORY: ("同一类别", "the same category"),
    SIMILAR_TEXT: ("描述相似", "similar words"),
}


def why(proof: Proof, generation: Generation) -> dict[str, Any]:
    """What a proof rests on, JSON values only; of what there is none, null or an empty list.

    Nothing of what the reporter wrote is in it: not everybody who may know why may read that.

    Args:
        generation: the live one, which names and draws things; what it no longer has is named by the proof.
    """
    report, cell, asset = proof["report"], proof["cell"], proof["asset"]
    wordless = {**proof, "report": {**report, "text": ""}}
    owners = [_owner(one, generation) for one in proof["owners"]]
    bound = None if asset is None else (asset["kind"], asset["id"])
    others = [one for one in proof["candidates"] if (one["kind"], one["id"]) != bound]
    return {
        "story": {lang: tell(wordless, lang, generation) for lang in LANGUAGES},
        "cells": _cells(cell["path"], generation),
        "topology": cell["topology"],
        "certainty": proof["certainty"],
        "lng": report["lng"],
        "lat": report["lat"],
        "radius_68_m": _radius(report, 0),
        "radius_95_m": _radius(report, 1),
        "bound": proof["bound"] or None,
        "asset": None if asset is None else _asset(asset, report, generation),
        "candidates": [_asset(one, report, generation) for one in others],
        "owner": owners[0] if owners and owners[0]["id"] else None,
        "rivals": owners[1:],
        "roles": [
            {"role": role, **named_owner(held["owner_id"], generation), "rule": held["rule"]}
            for role, held in sorted(proof["roles"].items())
        ],
        "question": proof["question"],
        "generation": proof["generation"]["id"],
    }


def named_owner(owner_id: str, generation: Generation) -> dict[str, Any]:
    """An owner's id and names; of one that the generation does not know no name."""
    found = next((one for one in generation.owners if one.id == owner_id), None)
    names = (None, None) if found is None else (found.name, found.name_en or found.name)
    return {"id": owner_id, "name": names[0], "name_en": names[1]}


def suspect_reasons(reasons: Iterable[str]) -> dict[Lang, list[str]]:
    """Why two may be the same, in both languages."""
    said = [SUSPECT_WORDS[reason] for reason in reasons]
    return {"zh": [zh for zh, _ in said], "en": [en for _, en in said]}


def _owner(said: Mapping[str, Any], generation: Generation) -> dict[str, Any]:
    """An owner with its share; of nobody, as on a neighbour's ground, everything else is null."""
    named = named_owner(said["id"], generation)
    return {
        "id": said["id"] or None,
        "name": named["name"] or said["name"] or None,
        "name_en": named["name_en"] or said["name"] or None,
        "share": said["share"],
        "rule": said["rule"] or None,
    }


def _cells(path: str, generation: Generation) -> list[dict[str, Any]]:
    """The cells of a path from the top, as far as the generation has them."""
    codes = path.split("/") if path else []
    cells, found = generation.cells, []
    for depth, code in enumerate(codes, 1):
        at = np.flatnonzero(cells.path == "/".join(codes[:depth]))
        there = {"name": str(cells.name[at[0]]), "level": str(cells.level[at[0]])} if len(at) else {}
        found.append({"code": code, "name": None, "level": None, **there})
    return found


def _radius(report: Mapping[str, Any], which: int) -> float | None:
    radii = error_radii(report["accuracy_m"], report["level"])
    return None if radii is None else round(radii[which], 1)


def _asset(said: Mapping[str, Any], report: Mapping[str, Any], generation: Generation) -> dict[str, Any]:
    names = {lang: term(lang, said["kind"]) for lang in LANGUAGES}
    return {**said, "kind_name": names, **_drawn(said, report, generation)}


def _drawn(said: Mapping[str, Any], report: Mapping[str, Any], generation: Generation) -> dict[str, Any]:
    """The shape of an asset, and its point nearest to the place; null where either is not known."""
    layer = generation.assets.get(said["kind"])
    at = np.flatnonzero(layer.id == said["id"]) if layer is not None else np.empty(0, dtype=np.intp)
    if layer is None or not len(at):
        return {"geometry": None, "nearest": None}
    shape = layer.geometry[at[0]]
    if report["lng"] is None or report["lat"] is None:
        return {"geometry": _json(shape), "nearest": None}
    around = shapely.box(*(report[name] + way * AROUND_DEG for way in (-1, 1) for name in ("lng", "lat")))
    if shapely.get_num_coordinates(shape) > MANY_CORNERS and shapely.intersects(shape, around):
        shape = shapely.intersection(shape, around)
    return {"geometry": _json(shape), "nearest": _nearest(shape, report["lng"], report["lat"])}


def _nearest(shape: Any, lng: float, lat: float) -> list[float]:
    """Where to draw a line to; measured on a plane that is true enough around the place."""
    scale = np.array([max(np.cos(np.radians(lat)), 0.01), 1.0])
    plane = shapely.transform(shape, lambda corners: corners * scale)
    line = shapely.shortest_line(plane, shapely.Point(np.array([lng, lat]) * scale))
    return [round(float(value), 7) for value in shapely.get_coordinates(line)[0] / scale]


def _json(shape: Any) -> Mapping[str, Any]:
    said: Mapping[str, Any] = shapely.geometry.mapping(shapely.set_precision(shape, 1e-7, mode="pointwise"))
    return said
