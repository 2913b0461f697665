"""Figures for docs/performance.md: each module prints a table, ours beside a peer in one run."""
