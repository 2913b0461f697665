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
    "name": {"zh": "上报", "en": "reported"},
    "reason": "",
    "undone": False,
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
SUSPECT_TOLD: dict[str, Any] = {
    **SUSPECT,
    "reasons_told": {"zh": ["同一部件", "位置很近"], "en": ["the same asset", "close by"]},
    "status": "dispatched",
    "category": "0118",
    "category_name": {"zh": "路灯", "en": "Street light"},
    "lng": 120.8528,
    "lat": 32.0121,
    "owner_id": "lamps",
    "owner_name": "路灯管理所",
    "created_at": OPENED,
    "report_count": 2,
}
OWNER: dict[str, Any] = {"id": "lamps", "name": "路灯管理所", "name_en": "Street Lighting"}
_ASSET: dict[str, Any] = {
    "kind": "street_light",
    "kind_name": {"zh": "路灯", "en": "street light"},
    "id": "02120400",
    "name": "",
    "distance_m": 4.2,
    "share": 0.982,
    "geometry": {"type": "Point", "coordinates": [120.85282, 32.01213]},
    "nearest": [120.85282, 32.01213],
}
WHY: dict[str, Any] = {
    "story": {
        "zh": ["所以归「路灯管理所」管，依据规则「lamp」。"],
        "en": ["So it belongs to Street Lighting, by the rule “lamp”."],
    },
    "cells": [{"code": "320613002008", "name": "虹桥社区", "level": "community"}],
    "topology": "inside",
    "certainty": "certain",
    "lng": 120.8528,
    "lat": 32.0121,
    "radius_68_m": 16.0,
    "radius_95_m": 25.9,
    "bound": "asset",
    "asset": _ASSET,
    "candidates": [{**_ASSET, "owner_id": "lamps"}],
    "owner": {**OWNER, "share": 0.982, "rule": "lamp"},
    "rivals": [{**OWNER, "share": 0.018, "rule": "cell"}],
    "roles": [{"role": "assist", **OWNER, "rule": "help"}],
    "question": None,
    "generation": "0003",
}
_MAY: dict[str, Any] = {
    "action": "dispatch",
    "name": {"zh": "派遣", "en": "dispatch"},
    "needs": [],
    "takes": ["owner", "reason"],
    "leads_to": "dispatched",
    "undoes": None,
}
ISSUE: dict[str, Any] = {
    **FEATURE,
    "reports": [_REPORT],
    "events": [_EVENT],
    "assignment": ANSWER_EXAMPLE["assignment"],
    "why": WHY,
    "proof": {},
    "proposed_owner": OWNER,
    "duplicates": [SUSPECT_TOLD],
    "actions": ["dispatch", "reject", "merge", "comment", "move", "confirm", "ask", "claim"],
    "may": [_MAY],
}
DONE_WITH_MANY: dict[str, Any] = {
    "done": 1,
    "refused": 1,
    "dry_run": False,
    "results": [
        {"id": NUMBER, "ok": True, "issue": FEATURE},
        {
            "id": UID,
            "ok": False,
            "error": {
                "type": "/problems/claimed",
                "title": "Claimed by somebody else",
                "status": 409,
                "code": "claimed",
                "detail": f"Issue {NUMBER} is claimed by 'Li' until 2026-11-21T12:00:00.000000Z.",
            },
        },
    ],
}
FREE = (
    "category_name",
    "geometry",
    "before",
    "after",
    "assignment",
    "proof",
    "why",
    "undoes",
    "proposed_owner",
)
