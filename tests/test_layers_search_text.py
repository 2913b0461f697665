"""What is found in many texts, and how well it fits, is what looking at each one tells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from layers.search_text import MOST_FOUND, TextIndex, Tier, folded

_texts = st.lists(st.lists(st.text("aAb 路灯\n-", max_size=6), max_size=3), max_size=12)


def _tier(texts: list[str], asked: str) -> Tier | None:
    """How well the texts of a thing fit."""
    tiers = []
    for text in texts:
        if asked in text:
            way = 0 if text == asked else 1 if text.startswith(asked) else 2
            tiers.append(Tier(way, len(text)))
    return min(tiers, default=None)


@given(_texts, st.text("aAb 路灯-", max_size=4))
def test_all_that_has_a_text_is_found_in_its_best_way(things: list[list[str]], asked: str) -> None:
    index = TextIndex((at, text) for at, texts in enumerate(things) for text in texts)
    said = [[folded(text) for text in texts if folded(text)] for texts in things]
    sought = folded(asked)
    expected = {at: tier for at, texts in enumerate(said) if sought and (tier := _tier(texts, sought))}
    found = index.find(asked)
    assert {at: tier for at, tier in found.items() if tier.way < 3} == expected
    words = sought.split()
    for at, texts in enumerate(said):
        has_all = len(words) > 1 and all(any(word in text for text in texts) for word in words)
        assert (at in found) == (at in expected or has_all)


def test_the_thing_itself_is_found_among_very_many_that_have_its_name() -> None:
    texts = [(at, f"路{at}号") for at in range(3 * MOST_FOUND)] + [
        (3 * MOST_FOUND, "路"),
        (3 * MOST_FOUND + 1, "号"),
    ]
    found = TextIndex(texts).find("号")
    assert found[3 * MOST_FOUND + 1] == Tier(0, 1)
    assert len(found) <= MOST_FOUND + 1


def test_nothing_is_found_in_nothing() -> None:
    assert TextIndex([]).find("a") == {}
    assert TextIndex([(0, " ")]).find("a") == {}
    assert TextIndex([(0, "a")]).find(" \n") == {}
