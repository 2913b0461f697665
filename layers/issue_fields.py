"""The fields of an issue that an answer fills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely

from layers.assign import Assignments
from layers.generation import GAP_WIDTH_M
from layers.proof import Proof
from layers.store.values import IssueChanges


def fields_of(answers: Assignments, row: int, proof: Proof) -> IssueChanges:
    """Where an issue is, whose, and how sure: what one answer says of it.

    Nobody, no asset and no position are None; outside the grid cell code and path are empty. The share of an
    owner in a deep gap is not known and None too. Only a reported line or area is the issue's geometry, not
    one in which the place is to be sought.

    Args:
        answers: what the city says of some reports.
        row: which of them.
        proof: of that row.
    """
    cell, said, lead = proof["cell"], proof["report"], lead_of(proof)
    asset = proof["asset"] or {"kind": None, "id": None}
    deep = cell["topology"] == "gap" and float(answers.cells.distance_m[row]) > GAP_WIDTH_M
    return {
        "lng": said["lng"],
        "lat": said["lat"],
        "geometry": _extent(answers, row),
        "cell_code": cell["code"],
        "cell_path": cell["path"],
        "owner_id": lead["id"],
        "asset_kind": asset["kind"],
        "asset_id": asset["id"],
        "certainty": proof["certainty"],
        "owner_share": lead["share"] if lead["id"] and not deep else None,
        "assignment": proof,
        "generation": answers.generation.id,
    }


def lead_of(proof: Mapping[str, Any]) -> dict[str, Any]:
    """The owner with the largest share: ``id``, None for nobody, and ``share``."""
    owner = next(iter(proof["owners"]), {"id": "", "share": None})
    return {"id": owner["id"] or None, "share": owner["share"]}


def _extent(answers: Assignments, row: int) -> bytes | None:
    shape = answers.evidence.shapes[row]
    if not answers.evidence.extents[row] or shape is None or shape.is_empty:
        return None
    return bytes(shapely.to_wkb(shape))
