"""A city at work answers of what is stored now, within limits, and shows each who asks only what is his."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cities import at
from hotspot_cities import (
    ALONE,
    LAMP,
    NOISE,
    RUBBISH,
    code_of,
    hotspots,
    lattice_city,
    lattice_generation,
    noise,
    reported,
    rows_of,
)
from stores import desk, new_issue, new_report

from geo.errors import GridError
from layers.hotspot_live import LiveHotspots, confined
from layers.hotspot_question import Question, ask
from layers.live import LiveCity, open_live
from layers.store import open_store
from layers.store.filing import Filing, file_report

ZONE = "Asia/Shanghai"
WEST = {code_of(c, r) for c in range(8) for r in range(16)}


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveCity]:
    city = lattice_city(tmp_path / "city")
    with open_store(city.folder / "issues.db") as store:
        yield open_live(city, store)


def file(live: LiveCity, column: float, category: str = LAMP) -> None:
    lng, lat = at(column, 1.1)
    filing = Filing(
        new_report(lng=lng, lat=lat, category=category), new_issue(lng=lng, lat=lat, category=category)
    )
    live.store.write(lambda connection: file_report(connection, filing, desk()))


def test_an_answer_is_kept_until_something_is_stored(live: LiveCity) -> None:
    here, question = LiveHotspots(live), Question()
    assert rows_of(here.ask(question, ALONE)[1])["reports"].sum() == 0
    file(live, 1.1)
    first = here.ask(question, ALONE)[1]
    assert rows_of(first)["reports"].sum() == 1
    assert here.ask(question, ALONE)[1] is first
    assert here.ask(Question(counting="reports"), ALONE)[1] is not first
    file(live, 1.1)
    assert rows_of(here.ask(question, ALONE)[1])["reports"].sum() == 2


def test_few_answers_are_kept(live: LiveCity) -> None:
    here = LiveHotspots(live)
    for days in range(1, 30):
        here.ask(Question(recent_days=days), ALONE)
    assert len(here._answers) <= 8


@pytest.mark.parametrize(
    "asked",
    [
        {"bins": "square:10"},
        {"bins": "hex:2"},
        {"bins": "road:1", "categories": [f"C{n}" for n in range(30)]},
        {"bins": "square:25", "categories": [f"C{n}" for n in range(20)]},
        {"bins": "square:30", "categories": ["each"]},
        {"bins": "square:40", "within_m": 100_000},
        {"bins": "square:40", "within_m": 2_000},
    ],
    ids=lambda asked: f"{asked['bins']}-{len(asked)}",
)
def test_a_question_that_would_take_the_memory_of_the_service_is_refused(live: LiveCity, asked: dict) -> None:
    for n in range(30):
        file(live, 1.1, f"C{n}")
        if n < 3:
            file(live, 1.1, (LAMP, NOISE, RUBBISH)[n])
    with pytest.raises(GridError) as refused:
        LiveHotspots(live).ask(ask(ZONE, **asked), ALONE)
    assert "command line" in str(refused.value.fix)


@pytest.mark.parametrize("level", ["cell", "district"])
def test_who_is_confined_to_cells_sees_what_lies_in_them(level: str) -> None:
    here, found = lattice_generation(), hotspots(noise(1), level=level)
    seen = rows_of(confined(here, found, ["D00", "D10"]))
    assert set(seen.index) == (WEST if level == "cell" else {"D00", "D10"})
    whole = rows_of(found)
    assert seen["observed"].tolist() == whole.loc[seen.index, "observed"].tolist()
    assert len(rows_of(confined(here, found, ["D00", "D01", "D10", "D11"]))) == len(whole)
    assert len(rows_of(confined(here, found, ["gone"]))) == 0


def test_who_is_confined_to_a_cell_sees_nothing_of_the_district_around_it() -> None:
    """What is told of a district is told of all its cells."""
    here, found = lattice_generation(), hotspots(noise(1), level="district")
    for code in ("C0000", "C0303", "C0304"):
        assert len(rows_of(confined(here, found, [code]))) == 0


@pytest.mark.parametrize("bins", ["square:250", "hex:400", "road:200"])
def test_bins_across_the_border_of_ones_cells_hold_reports_of_others_and_are_not_shown(bins: str) -> None:
    here = lattice_generation()
    points = reported(np.full(1, at(1.999, 0)[0]), np.full(1, at(0, 1.6)[1]))
    found = hotspots(points, bins=bins)
    seen = confined(here, found, ["D00", "D10"])
    border = at(2, 0)[0]
    assert 0 < len(rows_of(seen)) < len(rows_of(found)) / 2
    assert rows_of(seen).geometry.bounds["maxx"].max() <= border + 1e-6
    west = rows_of(found).geometry.bounds
    shown = (west["maxx"] <= border - 1e-6).sum()
    assert len(rows_of(seen)) >= 0.97 * shown


def test_other_tables_are_not_for_who_is_confined() -> None:
    found = hotspots(noise(1), beside=type(ALONE)(), level="district")
    assert [table.name for table in found.tables] == ["hotspots", "clusters", "density"]
    assert [table.name for table in confined(lattice_generation(), found, ["D00"]).tables] == ["hotspots"]
