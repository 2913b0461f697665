"""Parameter types and options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

# Lets a negative longitude stand where an option could: `locate -87.6 41.8`.
COORDINATES = {"ignore_unknown_options": True}


class Number(click.ParamType[float]):
    """A coordinate; tells a misspelt option from a number."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number that was typed."""
        try:
            return float(value)
        except ValueError:
            unknown = str(value).startswith("-")
            self.fail(f"No such option: {value}" if unknown else f"{value!r} is not a number.", param, ctx)


def _folder(_: click.Context, __: click.Parameter, value: str) -> Path:
    return Path(value)


city_option = click.option(
    "--city", required=True, metavar="DIR", callback=_folder, help="The city's folder."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
datum_option = click.option(
    "--datum", metavar="D", default="", help="wgs84 (default), gcj02, bd09, cgcs2000 or EPSG:n."
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a user says of a report; empty or None where nothing is said."""

    category: str
    datum: str
    accuracy: float | None
    level: str | None
    text: str
    when: str


REPORT_OPTIONS = (
    click.option("--category", default="", metavar="C", help="Code or name of the category."),
    datum_option,
    click.option(
        "--accuracy",
        type=Number(),
        metavar="M",
        help="Radius of the position in metres [default: 0, or what city.toml says].",
    ),
    click.option(
        "--level",
        type=click.Choice(["68", "95"]),
        default=None,
        help="Percent of the positions that an accuracy holds: phones mean 68, browsers 95 "
        "[default: 68, or what city.toml says].",
    ),
    click.option(
        "--text", default="", metavar="T", help="What the reporter wrote: it may tell assets apart."
    ),
    click.option(
        "--time",
        "when",
        default="",
        metavar="T",
        help="When, in the city's zone where it names none [default: now, if a rule asks for it].",
    ),
)


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options about a report, handed over as one `Said`."""

    @functools.wraps(command)
    def collected(**given: Any) -> Any:
        said = Said(**{field.name: given.pop(field.name) for field in fields(Said)})
        return command(said=said, **given)

    for option in reversed(REPORT_OPTIONS):
        collected = option(collected)
    return collected


def columns_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--lng and --lat for a table's coordinate columns."""
    lat = click.option("--lat", metavar="COL", default="", help="Column of latitudes or northings.")
    lng = click.option("--lng", metavar="COL", default="", help="Column of longitudes or eastings.")
    return lng(lat(command))


def output(value: str, *, inputs: Sequence[str] = (), city: Path | None = None) -> Path:
    """A file that a result may be written to.

    Raises:
        click.BadParameter: its folder is missing, it is a folder, an input, or one of the city's own files.
    """
    from layers.city import City

    path = Path(value)
    if not path.parent.is_dir():
        raise click.BadParameter(f"folder {str(path.parent)!r} does not exist.", param_hint="--out")
    if path.is_dir():
        raise click.BadParameter(f"{value!r} is a folder.", param_hint="--out")
    if any(path.resolve() == Path(name).resolve() for name in inputs if name):
        raise click.BadParameter(f"{value!r} is the same file as --in.", param_hint="--out")
    if city is not None and City(city).holds(path):
        raise click.BadParameter(f"{value!r} is one of the city's own files.", param_hint="--out")
    return path


def existing(value: str) -> Path:
    """A file that is there.

    Raises:
        click.BadParameter: it is not.
    """
    path = Path(value)
    if not path.exists():
        raise click.BadParameter(f"{value!r} does not exist.")
    return path
