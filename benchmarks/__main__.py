"""Run every benchmark: ``python -m benchmarks``."""

from __future__ import annotations

from benchmarks import assignment, locate, maps_html

if __name__ == "__main__":
    locate.main()
    assignment.main()
    maps_html.main()
