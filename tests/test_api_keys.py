"""The key commands: a key is shown once, on stdout, and nowhere else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import woodpecker
from api.key_commands import ROLES
from geo.errors import NotFoundError
from layers.city import City, create_city
from layers.keys import KEY, KeyRing, list_keys
from layers.life_cycle import Role
from layers.publish import publish
from layers.times import now_us
from tests.cities import small_city


def call(*args: object) -> Result:
    return CliRunner().invoke(woodpecker, ["key", *map(str, args)])


@pytest.fixture
def city(tmp_path: Path) -> City:
    return create_city(tmp_path / "city", "小城")


def test_the_roles_are_those_of_the_life_cycle() -> None:
    assert tuple(Role) == ROLES


def test_a_key_is_shown_once_and_alone_on_stdout(city: City) -> None:
    made = call("create", "--city", city.folder, "--role", "officer", "--name", "桥梁所")
    assert made.exit_code == 0
    text = made.stdout.removesuffix("\n")
    assert KEY.fullmatch(text)
    assert text.split("_")[1] in made.stderr
    assert text.split("_")[2] not in made.stderr
    actor = KeyRing(city).actor(text, now_us())
    assert actor is not None
    assert (actor.name, actor.role) == ("桥梁所", Role.OFFICER)
    for args in ((), ("--json",)):
        assert text.split("_")[2] not in call("list", "--city", city.folder, *args).output


def test_a_program_gets_json(city: City) -> None:
    args = ("--role", "planner", "--expires", "2999-01-01", "--json")
    made = json.loads(call("create", "--city", city.folder, *args).stdout)
    assert KEY.fullmatch(made.pop("key"))
    assert (made["state"], made["expires"]) == ("live", "2998-12-31T16:00:00Z")  # midnight in Shanghai
    assert json.loads(call("list", "--city", city.folder, "--json").stdout) == [made]


def test_a_revoked_key_is_listed_as_such(city: City) -> None:
    call("create", "--city", city.folder, "--role", "admin")
    (info,) = list_keys(city)
    done = call("revoke", info.id, "--city", city.folder)
    assert (done.exit_code, done.stdout) == (0, "")
    assert f"{info.id} (admin-{info.id}, admin) opens nothing" in done.stderr
    header, row = call("list", "--city", city.folder).stdout.splitlines()
    assert dict(zip(header.split("\t"), row.split("\t"), strict=True))["state"] == "revoked"


def test_a_city_without_keys_says_how_to_make_one(city: City) -> None:
    result = call("list", "--city", city.folder)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "woodpecker key create" in result.stderr


def test_cells_have_to_be_there(tmp_path: Path) -> None:
    city = small_city(tmp_path / "city")
    before = call("create", "--city", city.folder, "--role", "officer", "--cells", "not yet")
    assert before.exit_code == 0
    publish(city, now=datetime(2026, 7, 1, tzinfo=UTC))
    args = ("create", "--city", city.folder, "--role", "officer", "--cells")
    wrong = call(*args, "A,C9")
    assert wrong.exit_code == 2
    assert "no cell C9" in wrong.stderr
    assert call(*args, " A ,B03,").exit_code == 0
    assert list_keys(city)[-1].cells == ("A", "B03")


@pytest.mark.parametrize("args", [
    ("--role", "mayor"), (), ("--role", "admin", "--expires", "tomorrow"),
])  # fmt: skip
def test_wrong_usage_makes_no_key(city: City, args: tuple[str, ...]) -> None:
    assert call("create", "--city", city.folder, *args).exit_code == 2
    assert not list_keys(city)


def test_a_day_that_has_passed_makes_no_key(city: City) -> None:
    result = call("create", "--city", city.folder, "--role", "admin", "--expires", "2020-01-01")
    assert result.exit_code != 0
    assert not list_keys(city)


def test_to_revoke_what_is_not_there_is_an_error(city: City) -> None:
    assert isinstance(call("revoke", "ffffffff", "--city", city.folder).exception, NotFoundError)
