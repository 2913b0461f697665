"""Suspected duplicates among open issues are those that comparing with all of them finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from stores import NOON, an_issue, new_issue

from geo.duplicates import Telling, candidates, suspects
from layers.categories import Category, read_categories
from layers.generation import Generation
from layers.open_issues import OpenIssues, Said, SuspectIssue, likeliest
from layers.store.values import Issue
from layers.suspects import MOST_NEAR, class_of, held, near

TEXTS = ("", "路灯不亮", "路灯不亮，请尽快修", "井盖破损", "垃圾堆积在门口")
_places = st.tuples(st.sampled_from([120.80, 120.8001, 120.801, 120.804, 120.83]), st.just(32.0))
_issues = st.builds(
    lambda place, **rest: {"lng": place and place[0], "lat": place and place[1], **rest},
    place=st.none() | _places,
    category=st.sampled_from(["", "0118", "0119", "E0105"]),
    asset_kind=st.none() | st.just("street_light"),
    asset_id=st.sampled_from(["L1", "L2"]),
    created_us=st.integers(NOON - 10**12, NOON),
)
_said = st.builds(
    Said,
    st.sampled_from(TEXTS),
    st.sampled_from([0.0, 10.0, 60.0, 400.0, 5_000.0]),
    st.none() | st.integers(NOON - 10**12, NOON),
)
_known = st.lists(st.tuples(_issues, _said), max_size=25)


def _opened(known: Sequence[tuple[dict[str, Any], Said]]) -> list[tuple[Issue, Said]]:
    return [(an_issue(uid=f"u{n}", number=f"n{n}", seq=n + 1, **fields), said)
            for n, (fields, said) in enumerate(known)]  # fmt: skip


def _brute(new: Telling, others: Sequence[Telling], **more: Any) -> list[tuple[str, float, tuple[str, ...]]]:
    found = suspects(new, candidates(list(enumerate(others))), **more)
    return [(f"u{one.id}", one.score, one.reasons) for one in found]


def _told(found: Sequence[SuspectIssue]) -> list[tuple[str, float, tuple[str, ...]]]:
    return [(one.uid, one.score, one.reasons) for one in found]


@settings(max_examples=150)
@given(_known, st.lists(st.tuples(_issues, _said), min_size=1, max_size=3), st.sampled_from([0.5, 0.8]))
def test_suspects_are_those_that_comparing_with_all_finds(
    generation: Generation, known: Any, news: Any, least: float
) -> None:
    opened, fresh = _opened(known), _opened(news)
    found = OpenIssues(generation)
    found.fill(opened)
    others, tellings = found.tellings(opened), found.tellings(fresh)
    expected = [_brute(new, others, least=least) for new in tellings]
    assert [_told(each) for each in found.suspects_each(tellings, least=least)] == expected
    assert [_told(found.suspects(new, least=least)) for new in tellings] == expected


@given(_known)
def test_what_is_opened_together_is_held_against_those_before_it(generation: Generation, known: Any) -> None:
    opened = _opened(known)
    found = OpenIssues(generation)
    tellings = found.tellings(opened)
    together = [(issue, new) for (issue, _), new in zip(opened, tellings, strict=True)]
    expected = [_brute(new, tellings[:n]) for n, new in enumerate(tellings)]
    assert [_told(each) for each in found.suspects_together(together)] == expected
    backwards = found.suspects_together(together[::-1])
    assert [_told(each) for each in backwards[::-1]] == expected


@given(_known)
def test_an_open_issue_is_held_against_all_others(generation: Generation, known: Any) -> None:
    """Never against itself; one that is not open has none."""
    opened = _opened(known)
    found = OpenIssues(generation)
    found.fill(opened)
    tellings = found.tellings(opened)
    for n, (issue, _) in enumerate(opened):
        others = [each for each in _brute(tellings[n], tellings, most=len(opened)) if each[0] != issue.uid]
        assert _told(found.suspects_of(issue.uid)) == others[:5]
    assert found.suspects_of("unknown") == []


def test_a_suspect_says_where_and_when(generation: Generation) -> None:
    found = OpenIssues(generation)
    found.put(an_issue(uid="u", number="20261121-0007"), Said("路灯不亮", at_us=NOON - 60_000_000))
    new = new_issue(lng=None, lat=None)
    (telling,) = found.tellings([(new, Said("路灯不亮了", at_us=NOON))])
    (one,) = found.suspects(telling)
    assert (one.uid, one.number, one.distance_m, one.apart_s) == ("u", "20261121-0007", None, 60.0)
    assert one.reasons == ("same_asset", "soon", "same_category", "similar_text")
    (telling,) = found.tellings([(new, Said("路灯不亮了"))])
    assert found.suspects(telling)[0].apart_s is None


def test_of_a_crowd_the_nearest_are_weighed(generation: Generation) -> None:
    """The nearest are found among thousands, and of equally near ones those that changed last."""
    crowd = [
        an_issue(uid=f"u{n}", seq=n + 1, lng=120.8 + 1e-7 * (n // 3), asset_id=None) for n in range(2000)
    ]
    found = OpenIssues(generation)
    found.fill((issue, Said()) for issue in crowd)
    new = found.tellings([(new_issue(asset_id=None), Said(at_us=NOON))])[0]
    weighed = near(held(found._rows), [new])
    uids = [weighed.entries[row].issue.uid for row in weighed.rows.tolist()]
    assert uids == [f"u{n}" for n in (*range(MOST_NEAR - 1), MOST_NEAR + 1)]
    assert [one.uid for one in found.suspects(new, most=2)] == ["u0", "u1"]


def test_what_was_said_stays_through_changes_until_it_is_forgotten(generation: Generation) -> None:
    """A change of state says nothing of the first report; an erasure takes the words."""
    found, said = OpenIssues(generation), Said("路灯不亮", 5.0, NOON)
    new = found.tellings([(new_issue(), Said("路灯不亮", 5.0, NOON))])[0]

    def reasons() -> tuple[str, ...]:
        return found.suspects(new)[0].reasons

    found.put(an_issue(seq=2))
    found.put(an_issue(seq=1), said)  # the writer of the first state was the slower one
    assert "similar_text" in reasons()
    found.put(an_issue(seq=3, status="closed"))
    assert found.suspects(new) == []
    found.put(an_issue(seq=4, status="reopened"))
    assert "similar_text" in reasons()
    found.forget([an_issue().uid, "unknown"])
    assert "similar_text" not in reasons()


def test_the_likeliest_of_several_lists_come_first() -> None:
    one, two, three = (SuspectIssue(uid, uid, score, (), None, None) for uid, score in
                       (("a", 0.6), ("b", 0.9), ("c", 0.6)))  # fmt: skip
    assert likeliest([two, one], [three]) == [two, one, three]
    assert likeliest([one], [two, three], most=1) == [two]


def test_classes_are_those_of_the_table_and_of_the_codes() -> None:
    """In the shipped table a class is what its codes begin with, though two are called alike."""
    shipped = read_categories("gbt30428", Path())
    by_code = {code: code[:3] if code.startswith("E") else code[:2] for code in shipped}
    pairs = {(by_code[code], class_of(category)) for code, category in shipped.items()}
    assert len(pairs) == len({code for code, _ in pairs}) == len({name for _, name in pairs})
    assert class_of(Category("1", "灯", "Lamp")) == ""
    assert class_of(Category("pothole", "坑", "Pothole", (), "", "Roads")) == "Roads"
