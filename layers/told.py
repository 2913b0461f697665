"""An answer as JSON: the same from the command line, the service and the batch, told from its proof."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layers.findings import Lang
from layers.generation import GAP_WIDTH_M
from layers.proof import Proof
from layers.rules import ROLES

SHARE_DIGITS = 3


def told_answer(proof: Proof, languages: Sequence[Lang]) -> dict[str, Any]:
    """What a proof answers, by the names of `layers.answers.ANSWER_COLUMNS` and some more.

    What there is none of is an empty text, a number that is not known None.

    Args:
        languages: of the reason, the first one first.
    """
    cell, asset, report = proof["cell"], proof["asset"] or {}, proof["report"]
    lead, rival = ([*proof["owners"], {}, {}])[:2]
    question = proof["question"] or {}
    return {
        "lng": report["lng"],
        "lat": report["lat"],
        "cell_code": cell["code"],
        "cell_name": cell["name"],
        "cell_path": cell["path"],
        "topology": cell["topology"],
        "certainty": proof["certainty"],
        "asset_id": asset.get("id", ""),
        "asset_kind": asset.get("kind", ""),
        "asset_m": _rounded(asset.get("distance_m"), 1),
        "owner_id": lead.get("id", ""),
        "owner_name": lead.get("name", ""),
        "owner_share": _share(proof, lead),
        "alt_owner_id": rival.get("id", ""),
        "rule": lead.get("rule", ""),
        "reason": " | ".join(proof["reason"][lang] for lang in languages),
        "alt_owner_name": rival.get("name", ""),
        "candidates": [one for one in proof["candidates"] if one["share"]]
        if proof["bound"] != "asset"
        else [],
        **{role: proof["roles"].get(role, {}).get("owner_name", "") for role in ROLES[1:]},
        "question_zh": question.get("zh", ""),
        "question_en": question.get("en", ""),
        "tie_break": proof["tie_break"],
        "generation": proof["generation"]["id"],
    }


def _share(proof: Proof, lead: dict[str, Any]) -> float | None:
    """The lead owner's share; in a deep gap, which may be somebody else's, it is not known."""
    cell = proof["cell"]
    deep = cell["topology"] == "gap" and (cell["distance_m"] or 0.0) > GAP_WIDTH_M
    return None if deep or not lead.get("id") else _rounded(lead["share"], SHARE_DIGITS)


def _rounded(value: float | None, digits: int) -> float | None:
    # As tables are rounded: of 33.85 and one digit Python makes another number than numpy.
    return None if value is None else float(np.round(value, digits))
