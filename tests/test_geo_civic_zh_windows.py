"""A mistyped name is looked for where it may stand, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.civic_text import Meant, read
from geo.civic_zh_names import Known
from geo.civic_zh_windows import LONGEST, is_doubtful, windows
from geo.names import Span


def known(text: str, *names: str) -> list[Known]:
    return [Known(at, at + len(name)) for name in names if (at := text.find(name)) >= 0]


def said(text: str, *names: str) -> set[str]:
    return {text[one.start : one.end] for one in windows(text, known(text, *names))}


@pytest.mark.parametrize(
    ("text", "names", "wanted"),
    [
        ("虹桥街道西悦佳团乱摆摊", ("虹桥街道",), "西悦佳团"),
        ("埭伍桥陆近钟秀东路", ("钟秀东路",), "埭伍桥陆"),
        ("青路年六十三号旁边", (), "青路年"),
        ("城东街道人民中路跨南川和的桥", ("城东街道", "人民中路"), "南川和"),
        ("陈桥街道五黑树北路14号", ("陈桥街道", "树北路"), "五黑树北路"),
        ("常江K2+300", (), "常江"),
    ],
)
def test_a_mistyped_name_is_among_the_windows(text: str, names: tuple[str, ...], wanted: str) -> None:
    assert wanted in said(text, *names)


def test_a_part_of_what_is_known_or_has_an_ending_is_no_window() -> None:
    assert "虹桥街" not in said("虹桥街道西悦佳团乱摆摊", "虹桥街道")
    assert "虹桥新" not in said("虹桥新村对面")


@pytest.mark.parametrize(
    ("text", "names", "doubtful"),
    [
        ("青年路63号路灯不亮", ("青年路",), False),
        ("城港路路面破损，有个大坑", ("城港路",), False),
        ("南通市青年路63号", ("青年路",), False),
        ("青路年63号", (), True),
        ("濠北鹿和秦北西路路口", ("秦北西路",), True),
        ("人民中路跨南川和的桥", ("人民中路",), True),
    ],
)
def test_a_text_of_known_names_is_not_searched_again(
    text: str, names: tuple[str, ...], doubtful: bool
) -> None:
    assert is_doubtful(text, known(text, *names)) == doubtful


@given(st.text(alphabet="人民西路和虹桥北村3号，的1组幢过 （）K+", max_size=60))
def test_windows_lie_within_the_text_and_are_few(text: str) -> None:
    found = list(windows(text, known(text, "人民西路", "虹桥北村")))
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end - one.start <= LONGEST for one in found)
    assert len(found) <= 30 * (len(text) + 1)


@pytest.mark.parametrize(
    ("text", "meant", "written"),
    [
        ("濠北鹿和秦北西路路口", Meant(0, 3, "濠北路"), "濠北鹿"),
        ("中商务区路过新河那座桥", Meant(0, 5, "中央商务区路"), "中商务区路"),  # one glyph too few
        ("埭伍桥路路近钟秀东路", Meant(0, 5, "埭伍桥路"), "埭伍桥路路"),  # one too many
    ],
)
def test_a_name_is_read_as_meant_and_mentioned_as_written(text: str, meant: Meant, written: str) -> None:
    others = [Span(one.start, one.end, (0,)) for one in known(text, "秦北西路", "新河", "钟秀东路")]
    near = Span(meant.start, meant.end, (1,))
    best = read(text, lambda _: [near, *others], [meant])[0]
    assert best.main is not None
    assert best.main.text == written
    assert best.is_crossing
    assert [name.role for name in best.names] == ["main", "cross"]
