"""Whether a file that was written holds what it was to hold: every row, column, value and vertex."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import LayerError
from maps.export_sheets import Geometries, Kind, Sheet, to_multi

Bools = NDArray[np.bool_]
_BIG = float(2**53)


@dataclass(frozen=True)
class Slack:
    """What a format may change.

    Attributes:
        blank_is_missing: an empty text comes back as none.
        real, decimals: relative error of numbers; absolute error.
        time_us: of times.
        reorders: it may turn rings round and begin them elsewhere.
        metres: of vertices, in the units of the coordinates.
    """

    blank_is_missing: bool = False
    real: float = 0.0
    decimals: float = 0.0
    time_us: int = 0
    reorders: bool = False
    metres: float = 0.0


EXACT = Slack()


def compare(sheet: Sheet, found: pd.DataFrame, slack: Slack = EXACT) -> None:
    """Compare a sheet with what was read back.

    Raises:
        LayerError: it is not the same.
    """
    expected = list(sheet.kinds)
    have = [str(name) for name in found.columns if name != _geometry_name(found)]
    if have != expected:
        raise broken(sheet.name, f"columns {have} instead of {expected}")
    if len(found) != len(sheet.frame):
        raise broken(sheet.name, f"{len(found)} rows instead of {len(sheet.frame)}")
    for name, kind in sheet.kinds.items():
        differs = _differs(sheet.frame[name], found[name], kind, slack)
        if differs.any():
            row = int(np.argmax(differs))
            was, now = sheet.frame[name].iloc[row], found[name].iloc[row]
            raise broken(sheet.name, f"{now!r} instead of {was!r} in row {row + 1}, column {name!r}")
    if isinstance(found, geopandas.GeoDataFrame):
        compare_geometries(sheet, np.asarray(found.geometry.array, dtype=object), slack)


def compare_geometries(sheet: Sheet, found: Geometries, slack: Slack = EXACT) -> None:
    """The same of the geometries alone."""
    one, other = to_multi(sheet.geometry), to_multi(found)
    missing, gone = shapely.is_missing(one), shapely.is_missing(other) | shapely.is_empty(other)
    same = missing & gone
    both = np.flatnonzero(~missing & ~gone)
    same[both] = shapely.equals_exact(one[both], other[both], slack.metres, normalize=slack.reorders)
    if not same.all():
        row = int(np.argmin(same))
        raise broken(sheet.name, f"another geometry in row {row + 1}: {_short(found[row])}")


def broken(name: str, what: str) -> LayerError:
    """The error of a file that does not hold what was written into it."""
    return LayerError(
        f"Reading back what was written gave {what}, in {name}; nothing was put in place.",
        fix="Take another format, such as .gpkg, and tell whoever looks after the program.",
    )


def _geometry_name(found: pd.DataFrame) -> str | None:
    return str(found.geometry.name) if isinstance(found, geopandas.GeoDataFrame) else None


def _short(geometry: Any) -> str:
    text = "none" if geometry is None else shapely.to_wkt(geometry)
    return text if len(text) < 80 else text[:80] + " …"


def _differs(was: pd.Series, now: pd.Series, kind: Kind, slack: Slack) -> Bools:
    return _BY_KIND[kind](was, now, slack)


def _texts(was: pd.Series, now: pd.Series, slack: Slack) -> Bools:
    one, other = (_comparable(values) for values in (was, now))
    if slack.blank_is_missing:
        one, other = one.fillna(""), other.fillna("")
    gone = one.isna().to_numpy(), other.isna().to_numpy()
    differs = np.asarray((one != other).fillna(True), dtype=bool)
    return np.asarray((differs & ~gone[0] & ~gone[1]) | (gone[0] != gone[1]))


def _comparable(values: pd.Series) -> pd.Series:
    return pd.Series(values.array, dtype="str")


def _numbers(was: pd.Series, now: pd.Series, slack: Slack) -> Bools:
    one, other = _floats(was), _floats(now)
    with np.errstate(invalid="ignore"):
        close = (one == other) | (np.abs(one - other) <= slack.real * np.abs(one) + slack.decimals)
    return np.asarray(~(close | (np.isnan(one) & np.isnan(other))))


def _whole(was: pd.Series, now: pd.Series, slack: Slack) -> Bools:
    if pd.api.types.is_integer_dtype(now.dtype) and was.notna().all() and now.notna().all():
        return np.asarray(was.to_numpy(np.int64) != now.to_numpy(np.int64))
    # Beside missing values most readers make them doubles, which round beyond 2 to the 53rd.
    return _numbers(was, now, Slack(real=max(slack.real, 1 / _BIG)))


def _floats(values: pd.Series) -> NDArray[np.float64]:
    if pd.api.types.is_float_dtype(values.dtype) and isinstance(values.dtype, np.dtype):
        return values.to_numpy(np.float64)
    return np.asarray(values.astype(object).where(values.notna(), np.nan), dtype=np.float64)


def _times(was: pd.Series, now: pd.Series, slack: Slack) -> Bools:
    one, other = (_micros(values) for values in (was, now))
    return np.asarray(np.abs(one - other) > slack.time_us)


def _micros(values: pd.Series) -> NDArray[np.int64]:
    times = pd.to_datetime(values, utc=True).astype("datetime64[us, UTC]")
    return np.asarray(times.astype("int64").to_numpy())


_BY_KIND: dict[Kind, Callable[[pd.Series, pd.Series, Slack], Bools]] = {
    "text": _texts,
    "int": _whole,
    "real": _numbers,
    "bool": _numbers,
    "time": _times,
}
