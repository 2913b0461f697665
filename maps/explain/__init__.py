"""One answer drawn and told: an SVG and an HTML page that ask no host for anything."""

from __future__ import annotations

from maps.explain.drawing import explain_svg

__all__ = ["explain_svg"]
