"""A move that remembers the words of its report: made with it, told by its event, taken back by an undo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cities import at
from civic_city import civic_city
from stores import NOON, file_one, new_report

from geo.errors import NotAllowed, WrongRole
from layers.action_changes import Asked
from layers.actions import act, previews
from layers.actors import Actor
from layers.assign import assign
from layers.candidates import Match
from layers.corrections import ActiveCorrections, Correction
from layers.generation import load_live
from layers.geocoder import Geocoder
from layers.geocoding_corrections import CityWords
from layers.issue_fields import fields_of
from layers.life_cycle import Role
from layers.proof import prove
from layers.store import Store, open_store
from layers.store.checking import check_issues
from layers.store.corrections import By, all_corrections, revoke_correction
from layers.store.events import verify_chain
from layers.store.issues import read_issue
from layers.store.values import Issue, Private

BRIDGE = at(3.1, 3.3)  # in 八里庙村社区 of 幸福街道, where nothing is that is called so


@pytest.fixture(scope="module")
def geocoder(tmp_path_factory: pytest.TempPathFactory) -> Geocoder:
    return Geocoder(load_live(civic_city(tmp_path_factory.mktemp("civic"))))


@dataclass
class Desk:
    """Issues of the city of streets, and who moves them."""

    store: Store
    geocoder: Geocoder
    now_us: int = NOON

    def report(self, text: str) -> str:
        """A report that lies in 新西社区; returns the uid of its issue."""
        generation, place = self.geocoder.city.generation, at(0.5, 0.5)
        answers = assign(generation, [place[0]], [place[1]], category=[""], text=[text])
        fields = dict(fields_of(answers, 0, prove(answers)))
        report = new_report(lng=place[0], lat=place[1], category="", private=Private("openid-1", text=text))
        return file_one(self.store, self.now_us, report, **{**fields, "category": ""}).issue_uid

    def do(self, uid: str, action: str, role: Role = Role.DISPATCHER, **said: Any) -> Issue:
        """Act on an issue a second later."""
        self.now_us += 1_000_000
        asked = Asked(action, version=self.issue(uid).version, **said)
        generation, places = self.geocoder.city.generation, CityWords(self.geocoder.city)
        actor = Actor("li", role)
        return self.store.write(lambda c: act(generation, c, uid, asked, actor, self.now_us, places))[0]

    def move(self, uid: str, remember: bool | str = True, **said: Any) -> Issue:
        """Move an issue to the bridge."""
        lng, lat = BRIDGE
        return self.do(uid, "move", lng=lng, lat=lat, remember=remember, **said)

    def issue(self, uid: str) -> Issue:
        """An issue as it stands."""
        with self.store.reading() as connection:
            record = read_issue(connection, uid)
        assert record is not None
        return record.issue

    def all(self) -> tuple[Correction, ...]:
        """All corrections, oldest first."""
        with self.store.reading() as connection:
            return all_corrections(connection)

    def active(self) -> list[str]:
        """The words of the active ones."""
        return [one.text for one in self.all() if one.is_active]


@pytest.fixture
def desk(geocoder: Geocoder, tmp_path: Path) -> Iterator[Desk]:
    with open_store(tmp_path / "issues.db") as store:
        yield Desk(store, geocoder)
        with store.reading() as connection:
            assert verify_chain(connection) is None
            assert list(check_issues(connection)) == []


def test_a_move_remembers_the_words_of_the_report_and_its_event_says_so(desk: Desk) -> None:
    uid = desk.report("八里庙村社区三角地菜场门口的灯坏了，电话13800138000")
    desk.move(uid, accuracy_m=12, reason="on the spot")
    (made,) = desk.all()
    assert made.text.startswith("八里庙村社区三角地菜场")
    assert "138" not in made.text
    assert (made.cell_path, made.radius_m, made.issue) == ("B/B2", 12.0, desk.issue(uid).number)
    assert (made.made_by, made.reason, made.made_at_us) == ("li", "on the spot", desk.now_us)
    with desk.store.reading() as connection:
        record = read_issue(connection, uid)
        assert record is not None
        assert record.events[-1].after["correction"] == made.uid
        assert "三角地" not in str(record.events)
    text = "八里庙村社区三角地菜场门口有积水"
    best = desk.geocoder.with_corrections(ActiveCorrections([made])).geocode(text).best
    assert best is not None
    assert best.match is Match.CORRECTION
    assert (best.lng, best.lat) == pytest.approx((made.lng, made.lat), abs=1e-8)


def test_rooms_are_not_remembered(desk: Desk) -> None:
    desk.move(desk.report("虹桥北村65幢二单元301室漏水"))
    assert desk.active() == ["虹桥北村65幢"]


def test_words_can_be_given_and_the_cell_too(desk: Desk) -> None:
    uid = desk.report("灯坏了")
    with pytest.raises(NotAllowed, match="says no place") as refused:
        desk.move(uid)
    assert '"remember"' in refused.value.fix
    desk.move(uid, "老桥", remember_in="B")
    assert [(one.text, one.cell_path) for one in desk.all()] == [("老桥", "B")]


def test_what_was_not_written_or_was_erased_cannot_be_remembered(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="has no words"):
        desk.move(desk.report(""))


def test_a_refused_move_remembers_nothing(desk: Desk) -> None:
    uid = desk.report("八里庙村社区老桥坏了")
    for refused, why in (
        ({"remember": "路灯"}, "names no place"),
        ({"remember_in": "A"}, "does not lie in"),
        ({"remember": False, "remember_in": "B"}, "no words"),
    ):
        with pytest.raises(NotAllowed, match=why):
            desk.move(uid, **refused)
    with pytest.raises(WrongRole):
        desk.move(uid, role=Role.OFFICER)
    with pytest.raises(NotAllowed, match="nothing to remember"):
        desk.do(uid, "comment", reason="x", remember=True)
    assert (desk.all(), desk.issue(uid).version) == ((), 1)


def test_an_undo_takes_the_words_back_and_restores_those_before(desk: Desk) -> None:
    first, second = desk.report("老桥坏了"), desk.report("老桥又坏了")
    desk.move(first, "老桥")
    desk.move(second, "老桥", accuracy_m=50)
    assert [(one.is_active, one.radius_m) for one in desk.all()] == [(False, 5.0), (True, 50.0)]
    desk.do(second, "undo")
    assert [(one.is_active, one.radius_m) for one in desk.all()] == [(True, 5.0), (False, 50.0)]
    desk.do(first, "undo")
    assert desk.active() == []


def test_an_undo_leaves_alone_what_was_revoked_meanwhile(desk: Desk) -> None:
    uid = desk.report("老桥坏了")
    desk.move(uid, "老桥")
    (made,) = desk.all()
    desk.store.write(lambda c: revoke_correction(c, made.uid, By(NOON, "wang")))
    desk.do(uid, "undo")
    assert desk.all()[0].revoked_by == "wang"


def test_a_preview_says_what_would_be_remembered(desk: Desk) -> None:
    uid = desk.report("八里庙村社区三角地菜场门口的灯坏了")
    wanted = Asked("move", lng=BRIDGE[0], lat=BRIDGE[1], remember=True)
    generation, places = desk.geocoder.city.generation, CityWords(desk.geocoder.city)
    with desk.store.reading() as connection:
        (seen,) = previews(generation, connection, [(uid, wanted)], Actor("li", Role.ADMIN), NOON, places)
    assert not isinstance(seen, Exception)
    assert seen.remembers is not None
    assert seen.remembers.cell_path == "B/B2"
    assert desk.all() == ()
