"""What axe-core finds wrong with a page, by WCAG 2.2 AA."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from playwright.sync_api import Page

from maps.files import WEB

AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe_text() -> str:
    """axe-core, which `make` brings with the vendor files; without it, CI fails and everybody else skips."""
    if AXE.is_file():
        return AXE.read_text("utf-8")
    message = "maps/web/node_modules is not there: cd maps/web && npm ci"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def violations(page: Page) -> list[Any]:
    """What axe-core finds on the page as it stands: the rule, and where."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_text())
    wanted = {
        "runOnly": {"type": "tag", "values": TAGS},
        "rules": {"target-size": {"enabled": True}},
        "resultTypes": ["violations"],
    }
    found = page.evaluate(f"axe.run(document, {json.dumps(wanted)})")
    return [
        (
            one["id"],
            one["help"],
            [(node["target"], node["failureSummary"][:300]) for node in one["nodes"][:4]],
        )
        for one in found["violations"]
    ]
