"""Keys: secret on disk, dead when revoked, seen at once by a server that runs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import CityError, GridError, NotFoundError
from layers.actors import Actor
from layers.city import City, create_city
from layers.keys import KEY, KeyRing, create_key, list_keys, revoke_key
from layers.life_cycle import Role

NOW = 1_800_000_000_000_000
DAY = 86_400_000_000


@pytest.fixture
def city(tmp_path: Path) -> City:
    return create_city(tmp_path / "city", "小城")


def damage(city: City, change: str) -> None:
    """Keys.json with another text, and another time to tell it by."""
    path = city.folder / "keys.json"
    path.write_text(change, encoding="utf-8")
    os.utime(path, ns=(1, 1))


def test_a_key_opens_as_its_role_and_cells(city: City) -> None:
    info, key = create_key(city, Role.OFFICER, now_us=NOW, name="桥梁所", cells=["A", "B01", "A"])
    assert KEY.fullmatch(key)
    assert KeyRing(city).actor(key, NOW) == Actor("桥梁所", Role.OFFICER, ("A", "B01"))
    assert list_keys(city) == (info,)


def test_a_key_without_a_name_is_called_after_role_and_id(city: City) -> None:
    info, _ = create_key(city, Role.REPORTER, now_us=NOW)
    assert info.name == f"reporter-{info.id}"


def test_the_file_is_its_owners_only_and_holds_no_secret(city: City) -> None:
    info, key = create_key(city, Role.ADMIN, now_us=NOW)
    path = city.folder / "keys.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert key.split("_")[2] not in path.read_text(encoding="utf-8")
    assert info.sha256 not in repr(info)
    revoke_key(city, info.id, now_us=NOW)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_ends_when_it_expires(city: City) -> None:
    _, key = create_key(city, Role.OFFICER, now_us=NOW, expires_us=NOW + DAY)
    ring = KeyRing(city)
    assert ring.actor(key, NOW + DAY - 1) is not None
    assert ring.actor(key, NOW + DAY) is None


def test_a_running_server_sees_keys_come_and_go(city: City) -> None:
    ring = KeyRing(city)
    assert ring.is_empty
    info, key = create_key(city, Role.OFFICER, now_us=NOW)
    _, other = create_key(city, Role.ADMIN, now_us=NOW)
    assert not ring.is_empty
    assert ring.actor(key, NOW) == info.actor
    signing = ring.signing
    revoke_key(city, info.id, now_us=NOW)
    assert ring.actor(key, NOW) is None
    assert ring.key(info.id, NOW) is None
    assert ring.actor(other, NOW) is not None
    assert not ring.is_empty
    assert ring.signing == signing
    assert len(signing) == 32


def test_a_file_that_vanishes_opens_nothing(city: City) -> None:
    _, key = create_key(city, Role.OFFICER, now_us=NOW)
    ring = KeyRing(city)
    (city.folder / "keys.json").unlink()
    assert not ring.is_empty
    assert ring.actor(key, NOW) is not None


def test_revoking_says_which_keys_there_are_and_may_be_done_twice(city: City) -> None:
    info, _ = create_key(city, Role.OFFICER, now_us=NOW)
    with pytest.raises(NotFoundError) as caught:
        revoke_key(city, "ffffffff", now_us=NOW)
    assert info.id in caught.value.fix
    assert revoke_key(city, info.id, now_us=NOW + 1).revoked_us == NOW + 1
    assert revoke_key(city, info.id, now_us=NOW + 2).revoked_us == NOW + 1


@pytest.mark.parametrize(
    "wrong", ["", "wp_", "wp__", "wp_00000000_" + "0" * 64, "é" * 80, "wp_0_\ud800", "\0"]
)
def test_what_is_no_key_opens_nothing(city: City, wrong: str) -> None:
    create_key(city, Role.ADMIN, now_us=NOW)
    assert KeyRing(city).actor(wrong, NOW) is None
    (city.folder / "keys.json").unlink()
    assert KeyRing(city).actor(wrong, NOW) is None


@given(st.integers(0, 75), st.sampled_from("0123456789abcdefABCDEF_ \n"))
def test_a_key_with_one_other_character_opens_nothing(
    made: tuple[KeyRing, str], position: int, other: str
) -> None:
    ring, key = made
    changed = key[:position] + other + key[position + 1 :]
    assert (ring.actor(changed, NOW) is None) == (changed != key)
    assert ring.actor(key + other, NOW) is None


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[KeyRing, str]:
    city = create_city(tmp_path_factory.mktemp("keys"), "小城")
    _, key = create_key(city, Role.ADMIN, now_us=NOW)
    return KeyRing(city), key


@pytest.mark.parametrize(("name", "expires_us"), [
    ("x" * 61, None), ("a\nb", None), ("a\x1b[31m", None), ("\u202ename", None), ("", NOW), ("", 0),
])  # fmt: skip
def test_a_key_that_cannot_be_is_not_made(city: City, name: str, expires_us: int | None) -> None:
    with pytest.raises(GridError):
        create_key(city, Role.ADMIN, now_us=NOW, name=name, expires_us=expires_us)
    assert not (city.folder / "keys.json").exists()


@pytest.mark.parametrize("change", [
    ("{", "["), ('"admin"', '"mayor"'), ('"signing": "', '"signing": "x'), ('"sha256": "', '"sha256": "é'),
    ('"cells": []', '"cells": ""'), ('"expires_us": null', '"expires_us": "2027"'), ('"name"', '"nom"'),
])  # fmt: skip
def test_a_damaged_file_opens_nothing_and_is_said(city: City, change: tuple[str, str]) -> None:
    _, key = create_key(city, Role.ADMIN, now_us=NOW)
    ring = KeyRing(city)
    text = (city.folder / "keys.json").read_text(encoding="utf-8")
    damage(city, text.replace(*change, 1))
    for ask in (lambda: ring.actor(key, NOW), lambda: KeyRing(city), lambda: list_keys(city)):
        with pytest.raises(CityError, match=r"keys\.json is damaged"):
            ask()
    damage(city, json.dumps(json.loads(text)))
    assert ring.actor(key, NOW) is not None


def test_the_file_is_one_of_the_citys_own(city: City) -> None:
    assert city.holds(city.folder / "keys.json")


def test_two_keys_that_are_valid_never_bear_one_name(city: City) -> None:
    """What is done bears the name, and so do the requests that may be sent again."""
    info, _ = create_key(city, Role.OFFICER, name="desk", now_us=NOW)
    with pytest.raises(GridError, match="'desk'"):
        create_key(city, Role.ADMIN, name="desk", now_us=NOW)
    revoke_key(city, info.id, now_us=NOW)
    create_key(city, Role.ADMIN, name="desk", now_us=NOW)
