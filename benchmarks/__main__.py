"""Run benchmarks, each in a process of its own: ``python -m benchmarks [NAME …]``; ``--help`` lists them."""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
from pathlib import Path

# What runs where no name is given; with the arguments of a run that does not take long.
USUAL: dict[str, tuple[str, ...]] = {
    "partition": (),
    "nearest": ("300000", "1"),
    "locate": (),
    "assignment": (),
    "names": (),
    "geocoding": (),
    "maps_html": (),
    "open_issues": (),
    "tiles": (),
    "service": (),
    "events": (),
}
BY_NAME = (
    "actions",
    "desk",
    "duplicates",
    "durability",
    "geocoding_service",
    "hotspots",
    "hotspots_noise",
    "hotspots_prediction",
)
"""What runs only where it is named. `benchmarks.osm` wants a file and is run by itself."""


def main() -> int:
    """Run what is named; 1 if any of it failed, and on stderr which."""
    names = _parser().parse_args().names or list(USUAL)
    failed = [name for name in names if not _ran(name)]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Print the tables of docs/performance.md: of all that are usual, or of those named.",
        epilog=_listed() + "\n\nOptions of one: python -m benchmarks.NAME --help, where it has any.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known = (*USUAL, *BY_NAME)
    parser.add_argument(
        "names", nargs="*", type=lambda name: _known(name, known), metavar="NAME", help="see below"
    )
    return parser


def _known(name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(known)}")
    return name


def _listed() -> str:
    """A line for each benchmark, by the first words of its file."""
    parts = ("usual", tuple(USUAL)), ("only by name", BY_NAME)
    lines = [[f"{title}:", *(f"  {name:19} {_about(name)}" for name in names)] for title, names in parts]
    return "\n".join(line for part in lines for line in part)


def _about(name: str) -> str:
    """What a benchmark says of itself; read and not imported, for it may compare with what is not there."""
    text = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    first = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    return first.partition(": ``")[0].rstrip(".")


def _ran(name: str) -> bool:
    print(f"\n# {name}\n", flush=True)
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *USUAL.get(name, ())]).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
