"""The command line: ``woodpecker``.

Command modules import what is heavy inside their functions, so that ``--help`` answers at once.
"""

from __future__ import annotations

import gc
import sys

import click

from api.city_commands import check, import_, init, publish
from api.compiled_code import forget_shared_cache
from api.demo_command import demo
from api.diff_command import diff
from api.doctor_command import doctor
from api.explain_command import explain
from api.export_command import export
from api.geocode_command import geocode
from api.hotspots_command import hotspots
from api.key_commands import key
from api.locate_commands import convert, locate
from api.map_command import map_
from api.osm_command import import_osm
from api.report_command import report
from api.rules_commands import rules
from api.serve_command import serve
from api.store_commands import backup, erase, restore
from geo.errors import GridError

USAGE, BAD_DATA = 2, 3
YOUNG = 100_000
"""Objects that are made before Python looks for circles among them: commands make millions that stay, and to
look after every 700 takes a tenth of their time."""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 all well, 1 findings or rejects, 2 wrong usage, 3 unusable data or city.",
)
@click.version_option(package_name="woodpecker-grid", prog_name="woodpecker")
def woodpecker() -> None:
    """Woodpecker (啄木鸟): a problem was reported here — whose is it?

    A city is a folder. Make one, bring in its grid and assets, publish, and ask:

    \b
      woodpecker init mycity --name "My City"
      woodpecker import layer cells.shp --city mycity --as grid:cell --owner BODY
      woodpecker import layer lamps.csv --city mycity --as asset:street_light --owner OWNER
      woodpecker check --city mycity
      woodpecker publish --city mycity
      woodpecker locate --city mycity 120.8574 32.0099 --category 0118

    Or look at a generated one first: woodpecker demo
    """


for command in (
    demo,
    init,
    import_,
    check,
    diff,
    publish,
    rules,
    convert,
    locate,
    geocode,
    explain,
    map_,
    export,
    hotspots,
    report,
    serve,
    key,
    backup,
    restore,
    erase,
    doctor,
):
    woodpecker.add_command(command)

import_.add_command(import_osm)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    forget_shared_cache()
    gc.set_threshold(YOUNG)
    try:
        woodpecker(standalone_mode=True)
    except GridError as error:
        click.echo(f"Error: {error.message}", err=True)
        if error.fix:
            click.echo(f"Fix: {error.fix}", err=True)
        sys.exit(BAD_DATA)
    except OSError as error:
        click.echo(f"Error: {error.filename or 'a file'}: {error.strerror or error}.", err=True)
        sys.exit(BAD_DATA)


if __name__ == "__main__":
    main()
