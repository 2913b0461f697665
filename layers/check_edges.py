"""Shared edges of city.toml that can never hold anything, usually for a typing mistake."""

from __future__ import annotations

from collections.abc import Iterator

from layers.check_messages import CHECK_MESSAGES
from layers.findings import MESSAGES, Finding
from layers.generation import Generation
from layers.shared_edges import SharedEdge

MESSAGES.update(CHECK_MESSAGES)


def edge_findings(generation: Generation) -> Iterator[Finding]:
    """Shared edges whose road or river, or whose cell, is not there; an owner that nobody declared is listed
    with the others.
    """
    codes = set(generation.cells.code)
    for edge in generation.config.shared_edges:
        if not _has_asset(generation, edge):
            yield _finding(edge, "asset", f"{edge.kind}:{edge.asset}")
        if edge.cell and edge.cell not in codes:
            yield _finding(edge, "cell", edge.cell)


def _has_asset(generation: Generation, edge: SharedEdge) -> bool:
    layer = generation.assets.get(edge.kind)
    return layer is not None and bool(((layer.id == edge.asset) | (layer.name == edge.asset)).any())


def _finding(edge: SharedEdge, column: str, missing: str) -> Finding:
    detail = {"edge": f"{edge.kind}:{edge.asset}"}
    return Finding("shared_edge_never", "warning", "city.toml", column=column, value=missing, detail=detail)
