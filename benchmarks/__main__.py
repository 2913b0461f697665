"""Run every benchmark: ``python -m benchmarks``."""

from __future__ import annotations

from benchmarks import assignment, locate, maps_html, open_issues, service

if __name__ == "__main__":
    locate.main()
    assignment.main()
    maps_html.main()
    open_issues.main()
    service.main()
