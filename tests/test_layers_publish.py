"""Generations: frozen, numbered, identified, and changed in one step or not at all."""

from __future__ import annotations

import hashlib
import multiprocessing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from geo.errors import CityError
from layers import publish as publishing
from layers.city import City, create_city, open_city
from layers.generation import load_draft, load_live
from layers.publish import publish, rollback, verify
from layers.tables import read_table, replacing, table_names
from tests.cities import RULES, bring, point, small_city, square, words

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


def test_the_draft_becomes_a_numbered_read_only_generation(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    assert load_live(city).id == "draft"
    published = publish(city, now=NOW, effective=date(2026, 7, 1))
    assert (published.number, published.path.name) == (1, "0001.gpkg")
    assert city.live.read_text(encoding="utf-8") == "0001\n"
    assert not city.draft.exists()
    assert not published.path.stat().st_mode & 0o222
    assert published.sha256 == hashlib.sha256(published.path.read_bytes()).hexdigest()
    assert load_live(city).id == "0001"
    assert '"effective": "2026-07-01"' in city.history.read_text(encoding="utf-8")


def test_rules_owners_and_categories_are_frozen_inside(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    path = publish(city, now=NOW).path
    assert {"frozen_owner", "frozen_rule", "frozen_category", "meta"} <= set(table_names(path))
    assert "路灯管理所" in set(read_table(path, "frozen_owner")["name"])
    words(city, '[[rule]]\nid = "other"\nowner = "somebody"\n')
    assert load_live(city).config.rules[0].id == "lamp"
    assert [rule.id for rule in load_draft(city).config.rules] == ["other"]


def test_role_time_and_days_of_a_rule_are_frozen_too(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    words(
        city,
        '[[rule]]\nid = "territory"\nowner = "@cell"\n'
        '[[rule]]\nid = "watch"\nrole = "supervisor"\nowner = "o"\nvalid_from = 2026-07-01\n'
        'when = { weekday = "周六-周日", hours = "8:00-20:00" }\n',
    )
    rule = read_table(publish(city, now=NOW).path, "frozen_rule").iloc[1].fillna("")
    assert (rule["role"], rule["valid_from"], rule["valid_to"]) == ("supervisor", "2026-07-01", "")
    assert rule["when"] == '{"weekday": ["sat", "sun"], "hours": ["08:00-20:00"]}'
    assert load_live(city).config.rules[1].valid_from == date(2026, 7, 1)


def test_a_frozen_category_table_does_not_need_its_file(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    (tmp_path / "ours.csv").write_text(
        "code,name_zh,name_en\n0118,灯,Lamp\nE0105,水,\nE0301,噪,\n0126,x,\n", "utf-8"
    )
    text = city.toml.read_text(encoding="utf-8").replace('table = "gbt30428"', 'table = "ours.csv"')
    city.toml.write_text(text, encoding="utf-8")
    publish(city, now=NOW)
    (tmp_path / "ours.csv").unlink()
    assert load_live(city).config.categories["0118"].name_zh == "灯"


def test_an_import_after_publication_starts_from_the_live_generation(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    publish(city, now=NOW)
    bring(city, "asset:bench", [(point(0, 0), {"id": "1"})])
    assert {"asset_bench", "grid_cell"} <= set(table_names(city.draft))
    assert "bench" not in load_live(city).assets
    assert publish(city, now=NOW).number == 2
    assert "bench" in load_live(city).assets


def test_publishing_twice_gives_two_generations_with_the_same_answers(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    publish(city, now=NOW)
    assert publish(city, now=NOW).number == 2
    one, two = (read_table(city.generation(n), "grid_cell") for n in (1, 2))
    assert one.equals(two)


def test_rollback_makes_an_earlier_one_live_and_numbers_go_on(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    publish(city, now=NOW)
    publish(city, now=NOW)
    rollback(city, 1, now=NOW)
    assert city.live_number() == 1
    assert publish(city, now=NOW).number == 3
    with pytest.raises(CityError, match="no generation 9"):
        rollback(city, 9, now=NOW)


def test_a_generation_that_was_edited_is_found(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    path = publish(city, now=NOW).path
    verify(city, 1)
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(200)
        file.write(b"x")
    with pytest.raises(CityError, match="SHA-256"):
        verify(city, 1)
    with pytest.raises(CityError, match="SHA-256"):
        rollback(city, 1, now=NOW)


def test_an_error_of_check_stops_publication(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    words(city, '[[rule]]\nid = "only"\nwhen = { category = "0118" }\nowner = "@asset"\n')
    with pytest.raises(CityError, match="last"):
        publish(city, now=NOW)
    assert city.draft.exists()
    assert not city.live.exists()
    words(city, RULES)
    assert publish(city, now=NOW).number == 1


def test_a_city_of_assets_alone_goes_live_with_a_warning(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    bring(city, "asset:lamp", [(point(0, 0), {"id": "1"})])
    published = publish(city, now=NOW)
    assert "no_grid" in {finding.code for finding in published.findings}
    assert list(load_live(city).assets["lamp"].id) == ["1"]


def test_a_crash_while_freezing_leaves_the_city_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = small_city(tmp_path)

    def crash(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(publishing, "_freeze", crash)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(OSError, match="disk full"):
        publish(city, now=NOW)
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted({*before, "city.lock"})
    assert load_live(city).id == "draft"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(ZeroDivisionError), replacing(path) as fresh:
        fresh.write_text(f"half {1 / 0}", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "old"
    assert [left.name for left in tmp_path.iterdir()] == ["file.txt"]


def _hold(folder: Path, ready: object, done: object) -> None:
    with open_city(folder).locked():
        ready.set()  # type: ignore[attr-defined]
        done.wait(30)  # type: ignore[attr-defined]


def test_two_commands_do_not_write_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layers.city.LOCK_WAIT_S", 0.2)
    city = small_city(tmp_path)
    spawn = multiprocessing.get_context("spawn")
    ready, done = spawn.Event(), spawn.Event()
    other = spawn.Process(target=_hold, args=(tmp_path, ready, done))
    other.start()
    try:
        assert ready.wait(30)
        with pytest.raises(CityError, match="another command"):
            publish(city, now=NOW)
    finally:
        done.set()
        other.join()


def test_live_that_names_nothing_is_said(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    city.live.write_text("0007\n", encoding="utf-8")
    with pytest.raises(CityError, match="0007"):
        load_live(city)


def test_a_folder_that_is_no_city_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(CityError) as caught:
        open_city(tmp_path)
    assert "woodpecker init" in caught.value.fix
    with pytest.raises(CityError, match="already"):
        create_city(small_city(tmp_path).folder, "again")


def test_cells_of_a_published_city_are_still_squares(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    publish(city, now=NOW)
    frame = read_table(city.generation(1), "grid_district")
    assert frame.geometry[0].wkt == bring_square().wkt


def bring_square() -> object:
    from shapely.geometry import shape

    return shape(square(0, 0, 2, 2))


@pytest.mark.parametrize(
    "name",
    [
        "city.toml",
        "serve.toml",
        "keys.json",
        "serve.json",
        "issues.db",
        "issues.db-wal",
        "photos/a.jpg",
        "LIVE",
    ],
)
def test_the_citys_own_files_are_known(tmp_path: Path, name: str) -> None:
    assert City(tmp_path).holds(tmp_path / name)
    assert not City(tmp_path).holds(tmp_path / "answers.csv")
