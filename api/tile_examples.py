"""Answers about tiles, as OpenAPI shows them."""

from __future__ import annotations

from typing import Any

_ADDRESS = "http://127.0.0.1:8000/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt"
_BOUNDS = [120.73, 31.92, 120.97, 32.12]

CITY: dict[str, Any] = {
    "tilejson": "3.0.0",
    "name": "南通市崇川区",
    "tiles": [f"{_ADDRESS.format(layer='city')}?generation=6f0c2a9be1d04c34-1"],
    "minzoom": 0,
    "maxzoom": 16,
    "bounds": _BOUNDS,
    "generation": {"id": "0003", "sha256": "6f0c…"},
    "levels": ["district", "street", "community", "cell"],
    "vector_layers": [{"id": "cell", "fields": {"code": "String", "name": "String", "level": "String"}}],
}
ISSUES: dict[str, Any] = {
    "tilejson": "3.0.0",
    "name": "南通市崇川区",
    "tiles": [f"{_ADDRESS.format(layer='issues')}?category=0118"],
    "minzoom": 0,
    "maxzoom": 18,
    "bounds": _BOUNDS,
    "version": "1042",
    "vector_layers": [{"id": "issue", "fields": {"id": "String", "number": "String", "overdue": "Boolean"}}],
}
COUNTS: dict[str, Any] = {
    "version": 1042,
    "level": "community",
    "cells": {"320613002008": {"id": 24, "open": 17, "overdue": 3}},
    "elsewhere": {"open": 2, "overdue": 0},
}
