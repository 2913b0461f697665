"""Accounts of hotlines and patrols are no persons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layers.coded import coded_words
from layers.hotspot_people import account_channels
from layers.hotspot_reports import ReportedPoints


@pytest.mark.parametrize(
    ("patrol", "found"),
    [
        ([0] * 30 + [1] * 25, ["patrol"]),  # two who walk all day
        ([0] * 200 + list(range(1, 100)), []),  # one of a hundred files two hundred
        ([0] * 200, []),  # a single one: nobody knows whether it is a person
        ([0] * 200 + [-1] * 300, []),
    ],
)
def test_reporters_with_many_issues_each_are_accounts(patrol: list[int], found: list[str]) -> None:
    reporter = np.array([*patrol, *range(1000, 1040)])
    n = len(reporter)
    channel = coded_words(["patrol"] * len(patrol) + ["app"] * 40)
    nothing = coded_words([""] * n)
    points = ReportedPoints(
        np.zeros(n), np.zeros(n), np.zeros(n, np.int64), nothing, channel, np.arange(n), reporter, nothing,
        pd.Series(range(n)).astype(str).to_numpy(dtype=object),
    )  # fmt: skip
    assert account_channels(points, np.ones(n, dtype=bool)) == found
