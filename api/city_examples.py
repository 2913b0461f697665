"""Answers about a city, as OpenAPI shows them."""

from __future__ import annotations

from typing import Any

SQUARE = [[120.85, 32.0], [120.86, 32.0], [120.86, 32.01], [120.85, 32.01], [120.85, 32.0]]

CITY: dict[str, Any] = {
    "name": "南通市崇川区",
    "languages": ["zh", "en"],
    "time_zone": "Asia/Shanghai",
    "metric_crs": "EPSG:4549",
    "bbox": [120.78, 31.93, 120.97, 32.08],
    "generation": {"id": "0003", "sha256": "6f0c…"},
    "levels": [{"level": "district", "name": {"zh": "区", "en": "district"}, "count": 1}],
    "areas": [{"kind": "property", "name": {"zh": "物业", "en": "property management"}, "count": 212}],
    "assets": [{"kind": "street_light", "name": {"zh": "路灯", "en": "street light"}, "count": 20154}],
    "categories": 143,
    "owners": 61,
    "open_issues": 418,
}
GENERATIONS: dict[str, Any] = {
    "generations": [
        {
            "id": "0003",
            "number": 3,
            "sha256": "6f0c…",
            "published_at": "2026-11-21T12:00:00+08:00",
            "effective": "2026-11-21",
            "live": True,
        }
    ],
    "history": [
        {"at": "2026-11-21T12:00:00+08:00", "action": "publish", "number": 3, "effective": "2026-11-21"}
    ],
}
CATEGORIES: dict[str, Any] = {
    "categories": [
        {
            "code": "0118",
            "name": {"zh": "路灯", "en": "Street light"},
            "class": {"zh": "公用设施", "en": "Public utilities"},
            "asset_kinds": ["street_light"],
            "limit_h": 24,
        }
    ]
}
OWNERS: dict[str, Any] = {
    "numberMatched": 61,
    "numberReturned": 1,
    "next": "MCBsYW1wcw",
    "owners": [
        {
            "id": "lamps",
            "name": "路灯管理所",
            "name_en": "Street Lighting Office",
            "cells": 0,
            "areas": 0,
            "assets": 20154,
            "sections": 0,
        }
    ],
}
CELL: dict[str, Any] = {
    "type": "Feature",
    "id": "320613/320613002/320613002008",
    "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
    "properties": {
        "code": "320613002008",
        "name": "虹桥社区",
        "level": "community",
        "parent": "320613002",
        "path": "320613/320613002/320613002008",
        "leaf": True,
        "owner_id": "hongqiao",
        "owner_name": "虹桥街道",
    },
}
ASSET: dict[str, Any] = {
    "type": "Feature",
    "id": "02120400",
    "geometry": {"type": "Point", "coordinates": [120.8574, 32.0099]},
    "properties": {
        "kind": "street_light",
        "name": None,
        "owner_id": "lamps",
        "owner_name": "路灯管理所",
        "attributes": {"height_m": 8, "lamp": "LED"},
    },
}


def collection(feature: dict[str, Any]) -> dict[str, Any]:
    """A page with one feature."""
    return {
        "type": "FeatureCollection",
        "numberMatched": 1,
        "numberReturned": 1,
        "next": None,
        "features": [feature],
    }
