"""One answer drawn and told: an SVG and an HTML page that ask no host for anything."""

from __future__ import annotations

from maps.explain.drawing import explain_svg
from maps.explain.page import explain_article, explain_html

__all__ = ["explain_article", "explain_html", "explain_svg"]
