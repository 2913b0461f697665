"""The demo city as an administrator would have made it, for the benchmarks that ask it."""

from __future__ import annotations

from pathlib import Path

from api.demo_command import build_city
from layers.city import City
from layers.demo import write_sources


def demo_city(folder: Path) -> City:
    """The published demo city in ``folder/city``, its reports not filed; made unless it is there.

    Its sources lie in ``folder/sources``, the reports among them.
    """
    city = City(folder / "city")
    if city.live_number() is not None:
        return city
    sources = [source for source in write_sources(folder / "sources") if source.role != "reports"]
    return build_city(city.folder, sources)
