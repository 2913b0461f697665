"""Suspected duplicates: alike in place, time, kind and words; explained, bounded, the same each time."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.duplicates import (
    AKIN,
    DAY_S,
    OTHER,
    REASONS,
    SAME,
    UNKNOWN,
    Likeness,
    Telling,
    candidates,
    compare,
    grams,
    reach_m,
    score,
    suspects,
)

LAMP = Telling(0.0, 0.0, 8.0, 0.0, "0118", "01", "street_light/L1", grams("人民西路路灯不亮"))


def _score(one: Telling, other: Telling) -> float:
    return float(score(compare(one, candidates([(1, other)])))[0])


def _cosine(one: str, other: str) -> float:
    return float(compare(Telling(grams=grams(one)), candidates([(1, Telling(grams=grams(other)))])).text[0])


numbers = st.floats(-1e5, 1e5)
words = st.sampled_from(["", "0118", "0119", "E0102"])
tellings = st.builds(
    Telling,
    x=numbers | st.just(math.nan),
    y=numbers,
    deviation_m=st.floats(0, 500) | st.just(math.nan),
    at_s=st.floats(0, 1e8) | st.just(math.nan),
    category=words,
    category_class=st.sampled_from(["", "01", "E01"]),
    asset=st.sampled_from(["", "street_light/L1", "river/R1"]),
    grams=st.text(max_size=40).map(grams),
)
columns = st.lists(tellings, max_size=12).map(lambda each: candidates(list(enumerate(each))))


# The score.


@given(new=tellings, others=columns)
def test_every_score_is_a_probability(new: Telling, others: object) -> None:
    """Whatever is missing: never NaN, no warning."""
    scores = score(compare(new, others))
    assert ((scores >= 0) & (scores <= 1)).all()


@given(one=tellings, other=tellings)
def test_it_does_not_matter_who_came_first(one: Telling, other: Telling) -> None:
    assert _score(one, other) == pytest.approx(_score(other, one), rel=1e-9)


def test_the_same_told_again_is_suspected_and_another_thing_is_not() -> None:
    again = replace(LAMP, x=9.0, y=5.0, at_s=DAY_S, grams=grams("路灯坏了，人民西路"))
    assert _score(LAMP, again) > 0.9
    assert _score(LAMP, replace(again, x=400.0)) < 0.05
    assert _score(LAMP, replace(again, category="E0102", category_class="E01", asset="")) < 0.5


@given(near=st.floats(0, 3e4), farther=st.floats(0, 3e4), deviation=st.floats(0, 1e3))
def test_it_never_grows_with_the_distance(near: float, farther: float, deviation: float) -> None:
    one = replace(LAMP, deviation_m=deviation)
    near, farther = sorted((near, farther))
    assert _score(one, replace(LAMP, x=near)) >= _score(one, replace(LAMP, x=farther)) - 1e-12


@given(soon=st.floats(0, 1e8), later=st.floats(0, 1e8))
def test_it_never_grows_with_the_time_apart(soon: float, later: float) -> None:
    soon, later = sorted((soon, later))
    assert _score(LAMP, replace(LAMP, at_s=-soon)) >= _score(LAMP, replace(LAMP, at_s=later)) - 1e-12


@given(a=st.floats(0, 1), b=st.floats(0, 1))
def test_it_never_falls_when_texts_are_more_alike(a: float, b: float) -> None:
    less, more = sorted((a, b))
    one = np.ones(2)
    unknown = np.zeros(2, dtype=np.int8)
    low, high = score(Likeness(one, 10 * one, one, unknown, unknown, np.array([less, more])))
    assert low <= high


@given(
    distance=st.floats(0, 500),
    apart=st.floats(0, 1e7),
    text=st.floats(0, 1),
    category=st.sampled_from([OTHER, UNKNOWN, AKIN]),
    asset=st.sampled_from([OTHER, UNKNOWN]),
)
def test_it_grows_with_every_agreement(
    distance: float, apart: float, text: float, category: int, asset: int
) -> None:
    def at(category: int, asset: int) -> float:
        relations = np.array([[category], [asset]], dtype=np.int8)
        one = np.ones(1)
        return float(score(Likeness(distance * one, 20 * one, apart * one, *relations, text * one))[0])

    assert at(category, asset) < at(SAME, asset)
    assert at(category, asset) < at(category, SAME)
    assert at(OTHER, asset) < at(AKIN, asset)


def test_the_scale_of_distance_grows_with_both_errors() -> None:
    far = replace(LAMP, x=60.0)
    sure, unsure = replace(LAMP, deviation_m=2.0), replace(LAMP, deviation_m=40.0)
    assert _score(sure, replace(far, deviation_m=2.0)) < 0.5
    assert _score(unsure, replace(far, deviation_m=2.0)) > 0.5
    assert _score(sure, replace(far, deviation_m=40.0)) > 0.5
    # Whoever knows less, says less: at one place an error speaks against.
    assert _score(unsure, replace(unsure, x=0.0)) < _score(sure, replace(sure, x=0.0))


def test_an_error_that_is_not_said_is_none() -> None:
    assert _score(replace(LAMP, deviation_m=math.nan), LAMP) == _score(replace(LAMP, deviation_m=0.0), LAMP)


@given(new=tellings, other=tellings)
def test_beyond_the_reach_nothing_is_suspected(new: Telling, other: Telling) -> None:
    """Even where all else agrees."""
    error = math.hypot(*np.nan_to_num([new.deviation_m, other.deviation_m]))
    twin = replace(new, x=0.0, deviation_m=error)
    away = replace(twin, x=1.001 * reach_m(error), deviation_m=0.0)
    assert _score(twin, away) < 0.5


@pytest.mark.parametrize("far", [1e9, 1e200, math.inf])
def test_very_far_is_no_suspicion_and_no_warning(far: float) -> None:
    assert _score(LAMP, replace(LAMP, x=far)) < 0.01


def test_without_a_position_the_asset_stands_for_it() -> None:
    """A lamp's number told twice on the hotline."""
    words_only = replace(LAMP, x=math.nan, y=math.nan)
    assert _score(LAMP, words_only) > 0.5
    assert _score(replace(LAMP, asset=""), replace(words_only, asset="")) < 0.5


def test_categories_of_one_class_are_nearer_than_others() -> None:
    kinds = [("0118", "01"), ("0119", "01"), ("", ""), ("E0102", "E01")]
    each = [replace(LAMP, category=code, category_class=group) for code, group in kinds]
    relation = compare(LAMP, candidates(list(enumerate(each)))).category
    assert relation.tolist() == [SAME, AKIN, UNKNOWN, OTHER]


# Texts.


def test_texts_are_compared_by_pairs_and_triples_of_characters() -> None:
    """By hand: 路灯, 灯坏, 路灯坏 against 路灯, 灯亮, 路灯亮: one of three."""
    assert _cosine("路灯坏", "路灯亮") == pytest.approx(1 / 3)
    assert _cosine("路灯坏", "路灯坏") == 1
    assert _cosine("路灯坏", "垃圾成堆") == 0


@pytest.mark.parametrize(("one", "other"), [
    ("Ｓtreet　Light", "street light"), ("STRASSE", "straße"), ("65幢", "６５幢"),
    ("路灯，坏了！", "路灯坏了"), ("路灯🔥🔥坏了", "路灯坏了"), ("路灯\n坏了 ", "路灯坏了"),
])  # fmt: skip
def test_width_case_and_punctuation_do_not_count(one: str, other: str) -> None:
    assert _cosine(one, other) == pytest.approx(1)


@pytest.mark.parametrize("text", ["", "灯", " ", "!!!", "🔥🔥🔥", "\0", "a", "\u200b\u200b"])
def test_what_has_no_two_characters_is_no_evidence(text: str) -> None:
    assert not len(grams(text))
    assert math.isnan(_cosine(text, "路灯坏了"))
    assert math.isnan(_cosine("路灯坏了", text))
    silent = replace(LAMP, grams=grams(text))
    assert _score(LAMP, silent) < _score(LAMP, LAMP)
    assert _score(silent, silent) > 0.5


def test_long_texts_are_bounded() -> None:
    """100 kB, and what NFKC would make eighteen times as long."""
    start = time.process_time()
    for text in ("路灯" * 50_000, "".join(map(chr, range(0x4E00, 0x9FA5))) * 5, "\ufdfa" * 100_000):
        assert len(grams(text)) <= 2 * 1000
    assert time.process_time() - start < 1


@given(st.text(max_size=60))
def test_any_text_has_sorted_grams_each_once(text: str) -> None:
    found = grams(text)
    assert found.dtype == np.int64
    assert (np.diff(found) > 0).all()
    assert (found > 0).all()


@given(st.text(st.characters(codec=None), max_size=20))
def test_lone_surrogates_are_characters(text: str) -> None:
    grams(text + "\ud800\udfff")


@given(
    one=st.text("路灯坏了不亮ab", min_size=2, max_size=12),
    other=st.text("路灯坏了不亮ab", min_size=2, max_size=12),
)
def test_the_likeness_of_texts_is_the_cosine_of_their_sets(one: str, other: str) -> None:
    def of(text: str) -> set[str]:
        return {text[at : at + size] for size in (2, 3) for at in range(len(text) - size + 1)}

    a, b = of(one), of(other)
    assert _cosine(one, other) == pytest.approx(len(a & b) / math.sqrt(len(a) * len(b)))


# Suspects.


def test_suspects_come_by_score_then_id_with_their_reasons() -> None:
    near, far = replace(LAMP, at_s=DAY_S), replace(LAMP, x=5000.0)
    found = suspects(LAMP, candidates([(9, near), (3, near), (5, LAMP), (1, far)]))
    assert [suspect.id for suspect in found] == [5, 3, 9]
    assert found[0].reasons == REASONS
    assert found[0].score >= found[1].score == found[2].score
    assert (found[1].distance_m, found[1].apart_s) == (0, DAY_S)


def test_each_reason_is_named_only_where_it_holds() -> None:
    def reasons(other: Telling) -> tuple[str, ...]:
        return suspects(LAMP, candidates([(1, other)]), least=0)[0].reasons

    assert reasons(replace(LAMP, asset="")) == ("near", "soon", "same_category", "similar_text")
    assert reasons(replace(LAMP, x=50.0)) == ("same_asset", "soon", "same_category", "similar_text")
    assert reasons(replace(LAMP, at_s=4 * DAY_S)) == ("same_asset", "near", "same_category", "similar_text")
    assert reasons(replace(LAMP, category="")) == ("same_asset", "near", "soon", "similar_text")
    assert reasons(replace(LAMP, grams=grams("垃圾成堆"))) == ("same_asset", "near", "soon", "same_category")
    assert reasons(Telling()) == ()


def test_there_are_no_more_than_asked_for_and_none_below_the_least() -> None:
    many = candidates([(n, replace(LAMP, at_s=n * 60.0)) for n in range(20)])
    assert [suspect.id for suspect in suspects(LAMP, many)] == [0, 1, 2, 3, 4]
    assert len(suspects(LAMP, many, most=50)) == 20
    assert suspects(LAMP, many, most=0) == []
    assert suspects(LAMP, many, least=1.0) == []


def test_nobody_to_compare_with_is_no_suspicion() -> None:
    assert suspects(LAMP, candidates([])) == []


@given(new=tellings, others=st.lists(tellings, max_size=8), order=st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(new: Telling, others: list[Telling], order: object) -> None:
    """And one alone has the score that it has among others."""
    issues = list(enumerate(others))
    shuffled = issues.copy()
    order.shuffle(shuffled)
    first = suspects(new, candidates(issues), least=0)
    again = suspects(new, candidates(shuffled), least=0)
    assert [(s.id, s.score, s.reasons) for s in first] == [(s.id, s.score, s.reasons) for s in again]
    for suspect in first:
        assert suspect.score == pytest.approx(_score(new, others[suspect.id]), abs=1e-9)


def test_five_hundred_candidates_take_two_milliseconds() -> None:
    """The best of many, so that a busy machine does not count; ten times that would be a mistake."""
    texts = ["人民西路路灯不亮，老人出门不方便", "青年中路路边有一堆暴露垃圾", "怡居小区3幢楼道乱堆放"]
    issues = [(n, replace(LAMP, x=float(n), grams=grams(f"{texts[n % 3]}{n}"))) for n in range(500)]
    others, taken = candidates(issues), []
    for _ in range(30):
        start = time.process_time()
        suspects(LAMP, others)
        taken.append(time.process_time() - start)
    assert min(taken) < 0.02
