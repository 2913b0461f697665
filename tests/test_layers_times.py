"""Times as texts are those of the standard library."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from layers.times import micros, time_text


@given(st.datetimes())
def test_a_time_is_told_as_the_standard_library_tells_it(utc: datetime) -> None:
    assert time_text(micros(utc)) == utc.isoformat(timespec="microseconds") + "Z"
