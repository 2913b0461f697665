"""The places of a city as results of the search box: what a text begins, has in it, or describes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from layers.candidates import Candidate, Match
from layers.findings import Lang
from layers.gazetteer_entries import ADDRESS, BUILDING, CROSSING, ESTATE, GROUP, MILEPOST, STREET, WATERWAY
from layers.generation import NONE, PLACE, Generation
from layers.geocoder import Geocoder
from layers.terms import term

_LANGS: tuple[Lang, Lang] = ("zh", "en")
Json = dict[str, Any]
Found = tuple[int, Json]
"""How well a place fits, the less the better, and the place."""

IS, BEGINS, DESCRIBED, HAS = range(4)
LEAST_LIKE = 0.45  # of a name that has the text in it, or is nearly like it
_ITSELF = frozenset(
    {Match.CELL, Match.AREA, Match.ESTATE, Match.ASSET, Match.CODE, Match.BUILDING, Match.ADDRESS,
     Match.STREET, Match.WATERWAY}
)  # fmt: skip
_WHOLE = (Match.CELL, Match.AREA, Match.STREET, Match.WATERWAY)
_WHAT: dict[str, tuple[str, str]] = {
    ADDRESS: ("门牌", "address"),
    BUILDING: ("楼幢", "building"),
    CROSSING: ("路口", "crossing"),
    Match.CORRECTION: ("人工更正", "as staff said"),
    ESTATE: ("小区", "estate"),
    GROUP: ("村民小组", "village group"),
    Match.INFERRED: ("推算的楼幢", "building, placed by others"),
    Match.INTERPOLATED: ("推算的门牌", "address, placed by others"),
    MILEPOST: ("里程桩", "kilometre stone"),
    PLACE: ("地点", "place"),
    Match.RELATION: ("附近", "beside it"),
    STREET: ("道路", "road"),
    WATERWAY: ("河道", "waterway"),
}
_KINDS = {"grid": "cell", "area": "area", "asset": "asset"}


def places(generation: Generation, geocoder: Geocoder, text: str, limit: int) -> Iterator[Found]:
    """What a text may mean, each time it may, in no order: what it is or begins, what has it in its name, or
    what it describes as an address or a complaint does.
    """
    begun = geocoder.autocomplete(text, limit=limit)
    for one in begun:
        yield IS if one.text_score == 1.0 else BEGINS, _result(generation, one)
    for found in geocoder.city.index.search(text, limit, least=LEAST_LIKE):
        if found.way == "part" or not begun:  # what is written right is not mistyped
            yield HAS, _result(generation, geocoder.place(found.entry))
    yield from _with_id(generation, text.strip())
    for one in geocoder.geocode(text, limit=limit).candidates:
        yield DESCRIBED, _result(generation, one, reach=True)


def _with_id(generation: Generation, id_: str) -> Iterator[Found]:
    """The assets with an id that nobody says, but that other answers tell."""
    for kind, layer in sorted(generation.assets.items()):
        at = bisect_left(layer.id, id_)
        if at < len(layer.id) and layer.id[at] == id_ and layer.geometry[at] is not None:
            middle = layer.geometry[at].representative_point()
            words = [" · ".join((term(lang, kind), id_)) for lang in _LANGS]
            yield (
                IS,
                _json(
                    "asset",
                    layer.name[at] or id_,
                    middle.x,
                    middle.y,
                    layer.geometry[at].bounds,
                    id_,
                    kind,
                    words,
                ),
            )


def _result(generation: Generation, one: Candidate, *, reach: bool = False) -> Json:
    is_thing = one.match in _ITSELF and one.layer != ""
    role, _, layer = one.layer.partition(":")
    kind = _KINDS.get(role, PLACE) if is_thing else PLACE
    return _json(
        STREET if is_thing and one.kind == STREET else kind,
        one.label,
        one.lng,
        one.lat,
        one.bbox,
        one.id if is_thing else None,
        (layer or role) if is_thing else one.match.value,
        [_detail(generation, one, layer, lang, reach=reach) for lang in _LANGS],
    )


def _json(
    kind: str,
    label: str,
    lng: float,
    lat: float,
    box: Sequence[float],
    id_: str | None,
    layer: str,
    detail: Sequence[str],
) -> Json:
    bbox = list(box) if tuple(box[:2]) != tuple(box[2:]) else None
    return {
        "kind": kind, "label": label, "lng": lng, "lat": lat, "bbox": bbox, "id": id_, "layer": layer,
        "detail": dict(zip(_LANGS, detail, strict=True)),
    }  # fmt: skip


def _detail(generation: Generation, one: Candidate, kind: str, lang: Lang, *, reach: bool) -> str:
    """What it is, its code, how far it may be off, the cell that it lies in, and what of the text does not
    fit.
    """
    base = one.kind.partition(":")[0] if one.match in _ITSELF else one.match.value
    what = _WHAT[base][_LANGS.index(lang)] if base in _WHAT else term(lang, kind or base)
    id_ = one.id if one.match in (Match.ASSET, Match.AREA, Match.CELL) and one.id not in one.label else ""
    far = f"± {one.radius_m:.0f} m" if reach and one.match not in _WHOLE else ""
    faults = [fault.zh if lang == "zh" else fault.en for fault in one.faults]
    return " · ".join(filter(None, (what, id_, far, _within(generation, one), *faults)))


def _within(generation: Generation, one: Candidate) -> str:
    """The cell that a place lies in; of a cell the one above it."""
    if one.match is not Match.CELL:
        return one.parents[0] if one.parents else ""
    cells = generation.cells
    (rows,) = (cells.code == one.id).nonzero()
    above = int(cells.parent[rows[0]]) if len(rows) else NONE
    return "" if above == NONE else str(cells.name[above] or cells.code[above])
