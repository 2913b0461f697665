"""A dispatcher's fix of a place is understood at once, in its cell, and no farther; it can be taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cities import at, bring, square
from civic_city import civic_city
from hypothesis import given
from hypothesis import strategies as st
from live_cities import live_city
from stores import NOON

from geo.errors import NotAllowed, WrongRole
from geo.names import fold
from layers.actors import Actor
from layers.candidates import Answer, Match, Outcome
from layers.city import City
from layers.correction_words import new_correction
from layers.corrections import ActiveCorrections, Correction, replay, replay_city
from layers.generation import load_live
from layers.geocoder import Geocoder
from layers.geocoding_corrections import CityWords
from layers.life_cycle import Role
from layers.store import open_store
from layers.store.corrections import By, make_correction

BRIDGE = at(3.1, 3.3)  # in 八里庙村社区 of 幸福街道, where nothing is that is called so
ELSEWHERE = at(0.4, 2.6)  # in 北渡村 of 虹桥街道


@pytest.fixture(scope="module")
def geocoder(tmp_path_factory: pytest.TempPathFactory) -> Geocoder:
    return Geocoder(load_live(civic_city(tmp_path_factory.mktemp("civic"))))


def said(text: str, place: tuple[float, float] = BRIDGE, path: str = "B/B2", **more: Any) -> Correction:
    uid = f"{text}@{path}"
    return Correction(uid, text, text, path, *place, 5.0, NOON, "li", **more)


def asked(geocoder: Geocoder, text: str, *corrections: Correction, **also: Any) -> Answer:
    return geocoder.with_corrections(ActiveCorrections(corrections)).geocode(text, **also)


def is_corrected(answer: Answer, place: tuple[float, float] = BRIDGE) -> bool:
    best = answer.best
    return (
        best is not None
        and best.match is Match.CORRECTION
        and ((best.lng, best.lat) == pytest.approx(place, abs=1e-8))
    )


# ---- what is understood


@pytest.mark.parametrize(
    "text",
    [
        "老桥", "八里庙村社区老桥栏杆坏了", "老桥栏杆坏了", "八里庙老桥", "幸福街道老桥", "老桥下面",
        " 老 桥 ",        "八里庙村社区的老桥边上", "我家门口的老桥", "八里庙村社区居民说老桥栏杆坏了",
    ],
)  # fmt: skip
def test_words_mean_the_place_that_staff_said(geocoder: Geocoder, text: str) -> None:
    assert not is_corrected(geocoder.geocode(text))
    answer = asked(geocoder, text, said("老桥"))
    assert is_corrected(answer), answer
    best = answer.candidates[0]
    assert (best.text_score, best.radius_m, best.label) == (1.0, pytest.approx(5.0, abs=60), "老桥")
    (notice,) = (fault for fault in best.faults if fault.code == "correction")
    assert "2026-11-21" in notice.zh
    assert "2026-11-21" in notice.en
    assert notice.penalty == 0
    assert best.cell_path == "B/B2"


@pytest.mark.parametrize(
    "text",
    [
        "老桥路15号", "老桥头村有人养鸡", "老桥15号", "东风老桥", "北渡村老桥", "虹桥街道老桥栏杆坏了",
        "虹桥北村65幢楼道灯不亮，靠近老桥", "人民西路老桥", "新西社区居民说老桥坏了", "路灯不亮", "",
        "这灯老，桥上看不清", "路面老.桥栏断了", "栏杆老。桥面也坏了",
    ],
)  # fmt: skip
def test_other_words_and_other_areas_are_answered_as_before(geocoder: Geocoder, text: str) -> None:
    assert asked(geocoder, text, said("老桥")).json() == geocoder.geocode(text).json()


@pytest.mark.parametrize(
    ("words", "text", "applies"),
    [
        ("虹桥北村65幢", "虹桥北村六十五号楼漏水", True),
        ("虹桥北村65幢", "虹桥北村65幢二单元301室", True),
        ("虹桥北村65幢", "虹桥街道虹桥北村６５幢", True),
        ("虹桥北村65幢", "虹桥北村165幢", False),
        ("虹桥北村65幢", "虹桥北村65-1幢", False),
        ("虹桥北村65幢", "虹桥北村", False),
        ("虹桥北村", "虹桥北村65幢", False),
        ("虹桥北村", "虹桥北村幼儿园", False),
        ("人民西路与外环西路交叉口", "外环西路/人民西路", False),
        ("人民西路与外环西路交叉口", "人民西路和外环西路路口", True),
        ("三角地菜场", "三角地菜场门口", True),
        ("新港中心路18号对面", "新港中心路18号", False),
        ("新港中心路18号对面", "新港中心路18号对面有积水", True),
        ("灯杆03120456", "03120456号灯杆不亮", True),
        ("灯杆03120456", "灯杆03120455", False),
    ],
)
def test_no_more_and_no_less_than_the_words_is_understood(
    geocoder: Geocoder, words: str, text: str, applies: bool
) -> None:
    place = at(0.9, 0.9)
    answer = asked(geocoder, text, said(words, place, "A/A1"))
    assert any(fault.code == "correction" for one in answer.candidates for fault in one.faults) is applies, (
        answer
    )


def test_what_lies_in_the_cell_of_a_correction_is_out_of_the_question(geocoder: Geocoder) -> None:
    """Else the wrong place would go on to be answered beside the right one."""
    answer = asked(geocoder, "虹桥北村65幢", said("虹桥北村65幢", at(0.9, 0.9), "A/A1"))
    assert [one.match for one in answer.candidates] == [Match.CORRECTION]


def test_the_same_words_elsewhere_stay_in_question_where_nothing_tells(geocoder: Geocoder) -> None:
    there = said("虹桥北村65幢")
    answer = asked(geocoder, "虹桥北村65幢", there)
    assert answer.outcome is Outcome.AMBIGUOUS
    assert [one.match for one in answer.candidates] == [Match.CORRECTION, Match.BUILDING]
    assert is_corrected(asked(geocoder, "八里庙村社区虹桥北村65幢", there))
    text = "虹桥街道虹桥北村65幢"
    assert asked(geocoder, text, there).json() == geocoder.geocode(text).json()


@pytest.mark.parametrize("text", ["怡居小区噪音", "怡居小区", "怡居小区北侧", "怡居小区门口"])
def test_a_bare_name_elsewhere_stays_in_question_too(geocoder: Geocoder, text: str) -> None:
    """An estate of another community bears the name; only who tells the cell or the place is understood."""
    place = at(0.9, 0.9)
    here = said("怡居小区", place, "A/A1")
    answer = asked(geocoder, text, here)
    assert answer.outcome is Outcome.AMBIGUOUS
    assert {one.cell_path for one in answer.candidates} == {"A/A1", "B/B1"}
    assert answer.candidates[0].cell_path == "A/A1"
    assert any(fault.code == "correction" for fault in answer.candidates[0].faults)
    for told in (
        asked(geocoder, f"新西社区{text}", here),
        asked(geocoder, text, here, near=place),
        asked(geocoder, text, here, within="A1"),
    ):
        assert (told.outcome, told.best and told.best.cell_path) == (Outcome.FOUND, "A/A1"), told
    inside = said("怡居小区", at(3.05, 0.6), "B/B1")
    assert is_corrected(asked(geocoder, "怡居小区噪音", inside), at(3.05, 0.6))


def test_other_names_of_a_text_are_no_rivals_of_a_correction(geocoder: Geocoder) -> None:
    place = at(3.05, 0.6)
    assert is_corrected(asked(geocoder, "怡居小区，人民西路", said("怡居小区", place, "B/B1")), place)


def test_a_guess_not_far_away_is_settled_by_a_correction(geocoder: Geocoder) -> None:
    """A number between two known ones was placed across the border of the community where it is."""
    text, place = "新港中心路18号", at(2.92, 1.99)
    assert geocoder.geocode(text).candidates[0].match is Match.INTERPOLATED
    answer = asked(geocoder, text, said(text, place, "B/B1"))
    assert is_corrected(answer, place)
    assert [one.match for one in answer.candidates] == [Match.CORRECTION]


def test_a_code_is_where_staff_said_wherever_the_register_has_it(geocoder: Geocoder) -> None:
    answer = asked(geocoder, "灯杆03120456", said("灯杆03120456"))
    assert is_corrected(answer)
    assert len(answer.candidates) == 1


def test_who_knows_the_cell_or_the_place_gets_the_correction_there_and_none_elsewhere(
    geocoder: Geocoder,
) -> None:
    both = said("老桥"), said("老桥", ELSEWHERE, "A/A2")
    assert asked(geocoder, "老桥", *both).outcome is Outcome.AMBIGUOUS
    for path, place in (("B/B2", BRIDGE), ("A/A2", ELSEWHERE)):
        assert is_corrected(asked(geocoder, "老桥", *both, within=path), place)
        assert is_corrected(asked(geocoder, "老桥", *both, near=place), place)
    assert asked(geocoder, "老桥", both[0], within="A/A2").outcome is Outcome.NONE
    assert asked(geocoder, "老桥", both[0], near=ELSEWHERE).outcome is Outcome.NONE


def test_more_words_and_smaller_cells_come_first(geocoder: Geocoder) -> None:
    wide, narrow = said("老桥", at(2.4, 2.4), "B"), said("老桥")
    assert is_corrected(asked(geocoder, "老桥", wide, narrow))
    assert is_corrected(asked(geocoder, "老桥", narrow, wide))
    longer = said("老桥东侧小桥", at(3.2, 3.3))
    assert is_corrected(asked(geocoder, "老桥东侧小桥坏了", narrow, longer), at(3.2, 3.3))


def test_what_lies_beside_a_corrected_place_is_beside_it(geocoder: Geocoder) -> None:
    best = asked(geocoder, "老桥北侧30米", said("老桥")).best
    assert best is not None
    assert (best.lat - BRIDGE[1]) * 111_000 == pytest.approx(30, abs=2)
    assert best.match is Match.RELATION
    assert [fault.code for fault in best.faults] == ["correction"]


def test_corrections_can_be_exchanged_while_words_are_understood(geocoder: Geocoder) -> None:
    held = ActiveCorrections()
    here = geocoder.with_corrections(held)
    assert here.geocode("老桥").outcome is Outcome.NONE
    held.use([said("老桥")], 7)
    assert is_corrected(here.geocode("老桥"))
    held.use([], 6)  # older news
    assert is_corrected(here.geocode("老桥"))
    held.use([], 8)
    assert here.geocode("老桥").outcome is Outcome.NONE


@pytest.mark.parametrize("words", ["虹桥北村65幢", "三角地菜场"])
def test_long_texts_are_read_no_more_often_for_corrections(
    geocoder: Geocoder, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words that come many times cost no look at the whole text each time."""
    looked: list[int] = []
    spans = geocoder.city.index.spans
    monkeypatch.setattr(geocoder.city.index, "spans", lambda text: (looked.append(len(text)), spans(text))[1])
    costs = []
    for times in (20, 200):
        looked.clear()
        answer = asked(geocoder, f"{words}灯坏了，" * times, said(words, at(0.9, 0.9), "A/A1"))
        assert is_corrected(answer, at(0.9, 0.9))
        costs.append(sum(looked))
    assert costs[1] < 12 * costs[0]


# ---- what may be remembered


@pytest.mark.parametrize(
    "words", ["老桥", "八里庙村社区老桥", "三角地", "三角地菜场", "新港中心路18号", "old mill", "  老桥，"]
)
def test_names_can_be_remembered(geocoder: Geocoder, words: str) -> None:
    new = remembered(geocoder, words)
    assert (new.cell_path, new.radius_m) == ("B/B2", 5.0)
    assert new.text == words.strip(" ，")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        *((words, "names no place") for words in ("路灯", "路灯不亮", "灯坏了", "13800138000")),
        *(
            (words, "cannot be")
            for words in ("桥", "", "，。！？", "老" * 201, "老桥\x00", "老桥\u202e", "\ud800桥")
        ),
        *((words, "is a whole street") for words in ("人民西路", "运料河", "八里庙村社区", "幸福街道")),
    ],
)
def test_other_words_are_refused(geocoder: Geocoder, words: str, why: str) -> None:
    with pytest.raises(NotAllowed, match=why) as refused:
        remembered(geocoder, words)
    assert refused.value.fix
    if why == "is a whole street":
        assert '"radius_m" of a correction, "accuracy_m" of a move' in refused.value.fix


def test_a_street_can_be_remembered_by_a_wide_radius(geocoder: Geocoder) -> None:
    assert remembered(geocoder, "人民西路", radius_m=300).radius_m == 300


def remembered(geocoder: Geocoder, words: str, actor: Actor | None = None, **also: Any) -> Any:
    who = actor or Actor("li", Role.DISPATCHER)
    return new_correction(geocoder.city.generation, CityWords(geocoder.city), who, words, *BRIDGE, **also)


def test_the_cell_is_the_community_or_one_that_holds_the_place(geocoder: Geocoder) -> None:
    for name in ("B", "幸福街道"):
        assert remembered(geocoder, "老桥", scope=name).cell_path == "B"
    with pytest.raises(NotAllowed, match="does not lie in a cell 'A'") as refused:
        remembered(geocoder, "老桥", scope="A")
    assert "B2 (八里庙村社区)" in refused.value.fix


def test_who_is_confined_to_cells_corrects_no_more_than_these(geocoder: Geocoder) -> None:
    own = Actor("x", Role.DISPATCHER, ("B2",))
    assert remembered(geocoder, "老桥", own).cell_path == "B/B2"
    for actor, scope in ((own, "B"), (Actor("x", Role.DISPATCHER, ("A",)), "")):
        with pytest.raises(NotAllowed, match="more than you may act in"):
            remembered(geocoder, "老桥", actor, scope=scope)
    with pytest.raises(WrongRole, match="'officer'"):
        remembered(geocoder, "老桥", Actor("x", Role.OFFICER))


def test_in_no_cell_no_words_mean_a_place(geocoder: Geocoder) -> None:
    with pytest.raises(NotAllowed, match="lies in no cell"):
        new_correction(
            geocoder.city.generation, CityWords(geocoder.city), Actor("x", Role.ADMIN), "老桥", 121.5, 32.0
        )


# ---- the test of all of them


def test_replay_says_what_is_right_and_what_is_needed(geocoder: Geocoder) -> None:
    known = geocoder.geocode("虹桥北村65幢").candidates[0]
    right, revoked = said("虹桥北村65幢", (known.lng, known.lat), "A/A1"), said("三角地", revoked_at_us=NOON)
    bridge, building = replay(geocoder, [said("老桥"), right, revoked])
    assert (bridge.text, bridge.scope, bridge.right, bridge.needed) == ("老桥", "B/B2", True, True)
    assert bridge.expected == pytest.approx(BRIDGE)
    assert bridge.answered == pytest.approx(BRIDGE)
    assert bridge.distance_m == pytest.approx(0, abs=0.01)
    assert (building.right, building.needed) == (True, False)


def test_replay_finds_what_another_one_has_broken(geocoder: Geocoder) -> None:
    wide, narrow = said("老桥", at(3.2, 3.4), "B"), said("老桥")
    found = {one.uid: one for one in replay(geocoder, [wide, narrow])}
    assert found[narrow.uid].right
    assert not found[wide.uid].right
    assert found[wide.uid].distance_m == pytest.approx(140, rel=0.2)


def test_corrections_outlive_a_generation_and_replay_finds_the_one_that_did_not(tmp_path: Path) -> None:
    """Cells are cut and named anew: what a correction holds for is found by its place."""
    city = civic_city(tmp_path)
    with open_store(city.folder / "issues.db") as store:
        geocoder = Geocoder(load_live(city))
        for words, place in (("老桥", BRIDGE), ("三角地菜场", ELSEWHERE)):
            new = new_correction(
                geocoder.city.generation, CityWords(geocoder.city), Actor("li", Role.ADMIN), words, *place
            )
            store.write(lambda c, new=new: make_correction(c, new, By(NOON, "li")))  # type: ignore[misc]
        assert [(one.text, one.right) for one in replay_city(city)] == [("老桥", True), ("三角地菜场", True)]
    street = [(square(2, 0, 2, 4), {"code": "N", "name": "新街道"})]
    community = [(square(2, 2, 2, 2), {"code": "N9", "name": "新社区", "parent": "N"})]
    bring(city, "grid:street", street)
    bring(city, "grid:community", community)
    bridge, market = replay_city(city)
    assert (bridge.text, bridge.scope, bridge.right) == ("老桥", "N/N9", True)
    assert (market.text, market.scope, market.answered, market.right) == ("三角地菜场", "", None, False)


def test_a_city_at_work_follows_what_is_corrected_and_knows_it_after_a_new_start(tmp_path: Path) -> None:
    words, place = "老桥", at(2.6, 1.4)
    with live_city(tmp_path) as live:
        places, actor = CityWords(live.words.geocoder.city), Actor("li", Role.ADMIN)
        new = new_correction(live.generation, places, actor, words, *place)
        made = live.store.write(lambda c: make_correction(c, new, By(NOON, "li"))).correction
        assert live.words.geocoder.geocode(words).outcome is Outcome.NONE
        live.corrected()
        assert is_corrected(live.words.geocoder.geocode(words), place)
    with live_city(tmp_path) as live:
        assert live.corrections.all == (made,)
        assert is_corrected(live.words.geocoder.geocode(words), place)


def test_a_city_without_a_store_has_nothing_to_replay(tmp_path: Path) -> None:
    assert replay_city(City(tmp_path)) == []


def test_a_correction_that_nobody_can_read_any_more_breaks_no_other(geocoder: Geocoder) -> None:
    gone = replace(said("老桥"), text="", uid="gone")
    assert is_corrected(asked(geocoder, "老桥", gone, said("老桥")))


# ---- whatever is written


@pytest.mark.parametrize(
    ("text", "applies"),
    [
        ("light broken at the Old Mill, help", True), ("old mill", True), ("OLD-MILL!", True),
        ("it is old, mill street is dark", False), ("old. mill", True),
        ("the old millstone", False), ("21 Old Mill Road", False), ("old windmill", False),
    ],
)  # fmt: skip
def test_words_in_letters_are_whole_words(geocoder: Geocoder, text: str, applies: bool) -> None:
    assert is_corrected(asked(geocoder, text, said("old mill"))) is applies


@given(st.text(st.sampled_from("老桥路村北八里庙社区65幢号的，. a\x00\ud800２"), max_size=25))
def test_any_text_is_answered_and_what_has_none_of_the_words_as_before(geocoder: Geocoder, text: str) -> None:
    corrections = said("老桥"), said("虹桥北村65幢", at(0.9, 0.9), "A/A1"), said("八里庙")
    answer = asked(geocoder, text, *corrections)
    plain = fold(text).replace(" ", "")
    if "老桥" not in plain and "八里庙" not in plain and "65" not in plain:
        assert answer.json() == geocoder.geocode(text).json()
    for one in answer.candidates:
        if one.match is Match.CORRECTION:
            assert one.cell_path.startswith(("B/B2", "A/A1"))
