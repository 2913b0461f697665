"""`woodpecker map --hotspots`: the reports of a file, or the stored ones, as a layer of the map."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api.cli import woodpecker
from geo.errors import CityError
from layers.publish import publish
from tests.cities import at, geojson, point
from tests.hotspot_cities import LIT, SIDE, SIZE, lattice_city
from tests.served import PUBLISHED


def call(*args: object) -> Result:
    return CliRunner().invoke(woodpecker, [str(arg) for arg in args], catch_exceptions=False)


def hotspots_of(page: Path) -> Any:
    """What the page is told of hotspots; None where it is told nothing."""
    found = re.search(r'id="woodpecker-data">(.*?)</script>', page.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return json.loads(found[1]).get("hotspots")


def reports(folder: Path) -> Path:
    """A lamp in every second cell of the west, and many in sixteen."""
    cells = [(column, row) for column in range(0, LIT, 2) for row in range(0, SIDE, 2)]
    cells += [(2 + n % 4, 2 + n // 4 % 4) for n in range(64)]
    said = {"category": "0118", "status": "open"}
    features = [
        (point((c + 0.4) * SIZE, (r + 0.4) * SIZE), said | {"nr": n}) for n, (c, r) in enumerate(cells)
    ]
    return geojson(folder / "reports.geojson", features)


def test_the_reports_of_a_file_are_tested_and_drawn(tmp_path: Path) -> None:
    city = lattice_city(tmp_path / "city")
    publish(city, now=PUBLISHED)
    page = tmp_path / "map.html"
    done = call("map", "--city", city.folder, "--in", reports(tmp_path), "--hotspots", "--out", page)
    assert done.exit_code == 0, done.stderr
    told = hotspots_of(page)
    assert told["table"]["tally"][0]["classes"][0] > 0
    assert told["table"]["count"] == SIDE * SIDE


def one_person(folder: Path) -> Path:
    """A CSV in which one person has written every report of the west."""
    rows = ["lng,lat,category,when,who,nr"]
    rows += [
        f"{x:.6f},{y:.6f},0118,2026-0{1 + n % 9}-01,{'' if c > LIT else 'one'},{n // 2}"
        for n, (c, r) in enumerate((c, r) for c in range(SIDE) for r in range(SIDE))
        for x, y in [at((c + 0.4) * SIZE, (r + 0.4) * SIZE)]
    ]
    file = folder / "reports.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    return file


def test_what_hotspots_ask_for_can_be_named_and_what_they_say_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People, and the ids of reports; and in no other words than `woodpecker hotspots` has."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    city = lattice_city(tmp_path / "city")
    publish(city, now=PUBLISHED)
    file, page = one_person(tmp_path), tmp_path / "map.html"
    named = ("--in", file, "--map", "reporter=who", "--map", "external_id=nr", "--map", "occurred_at=when")
    done = call("map", "--city", city.folder, *named, "--hotspots", "--out", page)
    assert done.exit_code == 0, done.stderr
    said = done.stderr.splitlines()
    told = hotspots_of(page)
    assert [en for _, en in told["notes"]] == said[-1 - len(told["notes"]) : -1]
    assert "reporter from 'who'" in said[0]
    assert "external_id from 'nr'" in said[0]
    about = dict(told["about"])
    assert (about["issues"], about["reports"]) == ("128", "256")
    same = call("hotspots", "--city", city.folder, *named, "--out", tmp_path / "h.html").stderr.splitlines()
    assert set(said[:-1]) <= set(same)


def test_findings_of_the_file_are_said(tmp_path: Path) -> None:
    city = lattice_city(tmp_path / "city")
    publish(city, now=PUBLISHED)
    file = tmp_path / "far.csv"
    file.write_text("lng,lat\n" + "2.35,48.85\n" * 50, encoding="utf-8")
    done = call("map", "--city", city.folder, "--in", file, "--hotspots", "--out", tmp_path / "m.html")
    same = call("hotspots", "--city", city.folder, "--in", file, "--out", tmp_path / "h.html")
    finding = done.stderr.splitlines()[1]
    assert finding in same.stderr
    assert finding not in [en for _, en in hotspots_of(tmp_path / "m.html")["notes"]]


@pytest.mark.parametrize(
    "asked",
    [
        ("--map", "reporter=who"),
        ("--map", "external_id"),
        ("--map", "text=", "--hotspots"),
        ("--map", "external_id", "--hotspots"),
        ("--map", "colour=red", "--hotspots"),
    ],
)
def test_other_names_are_refused_with_those_there_are(asked: tuple[str, ...], tmp_path: Path) -> None:
    city = lattice_city(tmp_path / "city")
    done = call(
        "map", "--city", city.folder, "--in", one_person(tmp_path), *asked, "--out", tmp_path / "m.html"
    )
    assert done.exit_code == 2
    names = " ".join(done.stderr.replace("│", " ").split())
    assert ("external_id, reporter" in names or "reporter, external_id" in names) == ("--hotspots" in asked)
    assert "category, text, status" in names


def test_a_file_may_have_no_ids(tmp_path: Path) -> None:
    """What is called so may be something else."""
    city = lattice_city(tmp_path / "city")
    publish(city, now=PUBLISHED)
    file = one_person(tmp_path)
    file.write_text(file.read_text("utf-8").replace(",nr", ",external_id"), encoding="utf-8")
    for asked, issues in (((), "128"), (("--map", "external_id="), "256")):
        page = tmp_path / "map.html"
        call("map", "--city", city.folder, "--in", file, *asked, "--hotspots", "--out", page)
        assert dict(hotspots_of(page)["about"])["issues"] == issues


def test_without_the_option_and_without_reports(tmp_path: Path) -> None:
    city = lattice_city(tmp_path / "city")
    page = tmp_path / "map.html"
    assert call("map", "--city", city.folder, "--out", page).exit_code == 0
    assert hotspots_of(page) is None
    with pytest.raises(CityError, match=r"Nothing was reported to .* yet"):
        call("map", "--city", city.folder, "--hotspots", "--out", page)
