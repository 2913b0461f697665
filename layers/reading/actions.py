"""What the child can be asked for: the names of layers, one layer in WGS 84, one table of text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from geo.crs import parse_reference
from geo.errors import LayerError
from geo.types import Bbox
from layers.findings import Finding
from layers.reading.attributes import as_text, beside
from layers.reading.clean import clean
from layers.reading.datasets import Dataset
from layers.reading.limits import Limits, RawLayer
from layers.reading.opening import Choice, choices, open_layer, open_table

Json = dict[str, Any]


def _layers(_request: Json, sources: list[Dataset], _out: Path, _limits: Limits) -> Json:
    return {"layers": [choice.shown for choice in choices(sources)]}


def _layer(request: Json, sources: list[Dataset], out: Path, limits: Limits) -> Json:
    choice = _choose(sources, request, drawn=True)
    declared = parse_reference(request["reference"]) if request["reference"] else None
    columns = request["lng"], request["lat"]
    raw = open_layer(choice, declared, columns, request["encoding"], limits)
    if not len(raw.geometry):
        raise LayerError(f"Layer {choice.shown!r} has no features.", fix="Export it again.")
    cleaned = clean(
        raw,
        declared,
        name=choice.shown,
        accept=frozenset(request["accept"]) if request["accept"] else None,
        near=Bbox(*request["near"]) if request["near"] else None,
        limits=limits,
    )
    # Attributes may bear the same names: the parent finds these two by their place.
    _write(beside(cleaned.table, wkb=pa.array(cleaned.wkb, pa.binary()), row=pa.array(cleaned.rows)), out)
    return _facts(choice, raw, cleaned.reference, cleaned.findings)


def _table(request: Json, sources: list[Dataset], out: Path, limits: Limits) -> Json:
    choice = _choose(sources, request, drawn=False)
    raw = open_table(choice, request["encoding"], limits)
    _write(as_text(raw.table), out)
    return _facts(choice, raw, "", raw.findings)


def _choose(sources: list[Dataset], request: Json, *, drawn: bool) -> Choice:
    """The layer that is named, else the only one (the only one with geometry, if any has).

    Raises:
        LayerError: there is none, not the named one, or several and none is named.
    """
    name, wanted = Path(request["path"]).name, request["layer"]
    found = choices(sources, drawn=drawn and wanted is None)
    if not found:
        raise LayerError(f"{name!r} holds no layers.", fix="Export it again.")
    listed = ", ".join(choice.shown for choice in found[:50])
    if wanted is None and len(found) > 1:
        raise LayerError(f"{name!r} has {len(found)} layers.", fix=f"Name one with --layer: {listed}.")
    named = [choice for choice in found if wanted in (None, choice.shown, choice.inner)]
    if not named:
        raise LayerError(f"{name!r} has no layer {wanted!r}.", fix=f"Layers: {listed}.")
    return named[0]


def _write(table: pa.Table, out: Path) -> None:
    with pa.OSFile(str(out), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _facts(choice: Choice, raw: RawLayer, reference: str, findings: tuple[Finding, ...]) -> Json:
    return {
        "driver": raw.driver,
        "layer": choice.shown,
        "reference": reference,
        "encoding": raw.encoding.lower(),
        "read": len(raw.geometry),
        "findings": [_written(finding) for finding in findings],
    }


def _written(finding: Finding) -> Json:
    named = ("code", "severity", "row", "column", "value", "count")
    return {**{name: getattr(finding, name) for name in named}, "detail": dict(finding.detail)}


ACTIONS: dict[str, Callable[[Json, list[Dataset], Path, Limits], Json]] = {
    "layers": _layers,
    "layer": _layer,
    "table": _table,
}
