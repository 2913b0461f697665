"""Answers about issues, as OpenAPI shows them."""

from __future__ import annotations

from typing import Any

from api.report_answers import ANSWER_EXAMPLE

UID, NUMBER = "019ab0c5-6f1e-7c3a-9c55-2f6b7f0c1d2f", "20261121-0042"
OPENED, DUE = "2026-11-21T11:30:00.000000Z", "2026-11-24T11:30:00.000000Z"

FEATURE: dict[str, Any] = {
    "type": "Feature",
    "id": UID,
    "geometry": {"type": "Point", "coordinates": [120.8528, 32.0121]},
    "properties": {
        "number": NUMBER,
        "status": "received",
        "queue": "to_dispatch",
        "category": "0118",
        "category_name": {"zh": "路灯", "en": "Street light"},
        "cell_code": "320613002008",
        "cell_name": "虹桥社区",
        "cell_path": "320613/320613002/320613002008",
        "owner_id": "lamps",
        "owner_name": "路灯管理所",
        "asset_kind": "street_light",
        "asset_id": "02120400",
        "certainty": "certain",
        "owner_share": 0.982,
        "generation": "0003",
        "flags": [],
        "merged_into": None,
        "report_count": 1,
        "claimed_by": None,
        "claimed_until": None,
        "version": 1,
        "seq": 1042,
        "created_at": OPENED,
        "updated_at": OPENED,
        "due_at": DUE,
        "overdue": False,
    },
}
PAGE: dict[str, Any] = {
    "type": "FeatureCollection",
    "numberReturned": 1,
    "next": "bzQy",
    "more": False,
    "features": [FEATURE],
}
_REPORT: dict[str, Any] = {
    "id": "019ab0c5-6f1e-7c3a-9c55-2f6b7f0c1d2e",
    "channel": "wechat",
    "external_id": "WX20261121-0001",
    "received_at": OPENED,
    "occurred_at": OPENED,
    "zone_assumed": False,
    "lng": 120.8574,
    "lat": 32.0099,
    "datum": "gcj02",
    "accuracy_m": 16,
    "level": None,
    "category": "0118",
}
_EVENT: dict[str, Any] = {
    "seq": 1042,
    "at": OPENED,
    "actor": "wechat-gateway",
    "kind": "received",
    "reason": "",
    "before": {},
    "after": {"status": "received", "owner_id": "lamps", "version": 1},
}
SUSPECT: dict[str, Any] = {
    "id": "019ab0c5-8324-7d41-8fe4-c055e0db2527",
    "number": "20261121-0040",
    "score": 0.991,
    "reasons": ["same_asset", "near", "soon", "same_category", "similar_text"],
    "distance_m": 0.4,
    "apart_s": 1260,
}
ISSUE: dict[str, Any] = {
    **FEATURE,
    "reports": [_REPORT],
    "events": [_EVENT],
    "assignment": ANSWER_EXAMPLE["assignment"],
    "proof": {},
    "duplicates": [SUSPECT],
    "actions": ["dispatch", "reject", "merge", "comment", "move"],
}
FREE = ("category_name", "geometry", "before", "after", "assignment", "proof")
