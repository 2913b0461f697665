"""Reports assigned all at once: the same answers as in small groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from layers.assign import Assignments, assign
from layers.blocks import together
from layers.city import City
from layers.generation import Generation, load_draft
from layers.proof import prove_all
from tests.cities import words
from tests.hard_cases import RULES, SCENES, at, hard_city

REPORTS = 20_000
CATEGORIES = ["0118", "118", "E0110", "E0102", "E0105", "E0111", "E0406", "路灯", "", "unheard"]
TEXTS = [
    "",
    "",
    "路灯不亮",
    "灯 N-05 坏了",
    "s-04 is dark",
    "人民路北侧路灯不亮",
    "快速路南幅积水",
    "N-99 坏了 2026-11",
]
TIMED = """
[[rule]]
id = "night"
when = { category = ["E0406"], hours = "20:00-06:00", weekday = ["sat", "sun"] }
owner = "night-office"

[[rule]]
id = "watch"
role = "assist"
when = { asset_kind = ["street_light", "road"] }
owner = "night-office"

[[rule]]
id = "section"
"""


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """The city of the hard cases with a rule by the clock, and nobody has asked it anything yet."""
    source = City(hard_city().path.parent)
    folder = tmp_path_factory.mktemp("bulk")
    for path in source.folder.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    words(City(folder), RULES.replace('\n[[rule]]\nid = "section"\n', TIMED, 1))
    return load_draft(City(folder))


@pytest.fixture(scope="module")
def reports() -> dict[str, NDArray[Any]]:
    """Columns of random reports: near things, on edges, outside, nowhere."""
    rng = np.random.default_rng(17)
    scene = rng.choice(SCENES, REPORTS)
    east, north = rng.normal(0, rng.choice([3, 30, 300], REPORTS), (2, REPORTS)).round(1)
    north[rng.random(REPORTS) < 0.1] = 0.0
    lng, lat = np.array([at(*place) for place in zip(scene, east, north, strict=True)]).T
    lng[::97], lat[::193] = np.nan, 91.0
    times = np.datetime64("2026-11-16T00:00", "us") + rng.integers(0, 14 * 86_400, REPORTS).astype("m8[s]")
    times[::5] = np.datetime64("NaT")
    accuracy = np.where(rng.random(REPORTS) < 0.02, 20, 0)
    return {
        "lng": lng, "lat": lat, "occurred_at": times, "accuracy_m": accuracy,
        "category": rng.choice(CATEGORIES, REPORTS), "text": rng.choice(TEXTS, REPORTS),
    }  # fmt: skip


def columns(part: Any, name: str = "") -> Iterator[tuple[str, NDArray[Any]]]:
    """Every column of an answer by its path."""
    if isinstance(part, np.ndarray):
        yield name, part
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from columns(value, f"{name}.{key}")
    elif is_dataclass(part) and not isinstance(part, Generation):
        for f in fields(part):
            yield from columns(getattr(part, f.name), f"{name}.{f.name}")
    elif isinstance(part, tuple) and part and isinstance(part[0], np.ndarray):
        for number, value in enumerate(part):
            yield from columns(value, f"{name}.{number}")


def in_groups(generation: Generation, reports: Mapping[str, NDArray[Any]]) -> list[Assignments]:
    """The reports assigned in groups of 1 to 64."""
    sizes = np.random.default_rng(1).integers(1, 65, REPORTS)
    ends = np.minimum(np.cumsum(sizes), REPORTS)
    ends = ends[: np.searchsorted(ends, REPORTS) + 1].tolist()
    slices = [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]
    return [assign(generation, **{name: column[s] for name, column in reports.items()}) for s in slices]


@pytest.fixture(scope="module")
def groups(generation: Generation, reports: dict[str, NDArray[Any]]) -> list[Assignments]:
    """The answers in groups, asked before the indexes for many are made."""
    return in_groups(generation, reports)


@pytest.fixture(scope="module")
def whole(generation: Generation, reports: dict[str, NDArray[Any]], groups: list[Assignments]) -> Assignments:
    """The answers at once."""
    assert generation.asset_index["road"].is_for_few
    answers = assign(generation, **reports)
    assert not generation.asset_index["road"].is_for_few
    return answers


def test_all_at_once_is_the_same_as_in_small_groups(groups: list[Assignments], whole: Assignments) -> None:
    """Column by column to the last bit, and proof by proof for a sample."""
    one_by_one, at_once = dict(columns(together(groups))), dict(columns(whole))
    assert one_by_one.keys() == at_once.keys()
    for name, column in at_once.items():
        np.testing.assert_array_equal(column, one_by_one[name], err_msg=name)
    proofs, start = prove_all(whole), 0
    for number, group in enumerate(groups):
        if number % 20 == 0:
            assert proofs[start : start + len(group)] == prove_all(group)
        start += len(group)


def test_the_reports_of_that_test_meet_everything(whole: Assignments) -> None:
    """Every topology, shared edges, sections, streets, timed rules and all certainties are among them."""
    answers = whole
    assert set(answers.cells.topology) == {"inside", "edge", "gap", "outside", "none"}
    assert set(answers.verdicts.bound.what) == {"", "asset", "street"}
    assert (answers.holders.edge >= 0).any()
    rules = answers.generation.config.rules
    assert {rules[number].id for number in np.unique(answers.rule[answers.rule >= 0])} >= {
        "night", "section", "asset", "territory",
    }  # fmt: skip
    assert (answers.verdicts.question_zh != "").any()
    assert (answers.verdicts.share < 0.8).any()
