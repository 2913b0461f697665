"""Run every benchmark: ``python -m benchmarks``."""

from __future__ import annotations

from benchmarks import assignment, events, locate, maps_html, nearest, open_issues, partition, service, tiles

if __name__ == "__main__":
    partition.main()
    nearest.main(points=300_000, runs=1)
    locate.main()
    assignment.main()
    maps_html.main()
    open_issues.main()
    tiles.main()
    service.main()
    events.main()
