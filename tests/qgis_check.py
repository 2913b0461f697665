"""Opens files in QGIS without a window and tells what it sees, as JSON; run by a Python that has QGIS.

Usage: python3 qgis_check.py FILE ...
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import QgsApplication, QgsCategorizedSymbolRenderer, QgsDataProvider, QgsVectorLayer


def look(path: str) -> dict[str, Any]:
    """The layers of a file by name."""
    source = f"/vsizip/{path}" if path.endswith(".shp.zip") else path
    whole = QgsVectorLayer(source, "whole", "ogr")
    if not whole.isValid():
        return {}
    found = [sub.split(QgsDataProvider.sublayerSeparator()) for sub in whole.dataProvider().subLayers()]
    return {sub[1]: _layer(QgsVectorLayer(f"{source}|layername={sub[1]}", sub[1], "ogr")) for sub in found}


def _layer(layer: Any) -> dict[str, Any]:
    _, styled = layer.loadDefaultStyle()
    drawn = layer.renderer()
    classes = drawn.categories() if isinstance(drawn, QgsCategorizedSymbolRenderer) else ()
    first = next(layer.getFeatures(), None)
    return {
        "valid": layer.isValid(),
        "rows": layer.featureCount(),
        "crs": layer.crs().authid(),
        "styled": bool(styled),
        "classes": {one.value(): one.symbol().color().name() for one in classes},
        "aliases": {field.name(): field.alias() for field in layer.fields()},
        "first": [] if first is None else [str(value) for value in first.attributes()],
    }


def main() -> None:
    """Tell of every file."""
    application = QgsApplication([], False)
    application.initQgis()
    sys.stdout.write(json.dumps({path: look(path) for path in sys.argv[1:]}))
    sys.stdout.flush()
    del application


if __name__ == "__main__":
    main()
