"""Run every benchmark: ``python -m benchmarks``."""

from __future__ import annotations

from benchmarks import locate, maps_html

if __name__ == "__main__":
    locate.main()
    maps_html.main()
