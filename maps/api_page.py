"""The page that describes the API, with everything it loads: it asks no host but its own."""

from __future__ import annotations

from maps.files import VENDOR, WEB

# What the page loads, by name, and its media type.
FILES = {
    "swagger-ui.css": (VENDOR / "swagger-ui-dist" / "swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": (VENDOR / "swagger-ui-dist" / "swagger-ui-bundle.js", "text/javascript"),
    "start.js": (WEB / "docs" / "start.js", "text/javascript"),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def api_page(title: str) -> str:
    """The page, which loads `FILES` from beside itself."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<noscript>The description itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
