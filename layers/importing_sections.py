"""Bringing in sections: a table of routes and metres, a layer of lines, or both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import LayerError
from geo.types import Bbox
from layers.chainage import LEFT, RIGHT, chainage, metres_of, sides_of
from layers.columns import texts_of
from layers.findings import Finding
from layers.generation import routes_of
from layers.importing_columns import (
    SECTION,
    ImportOptions,
    clashes,
    codes_of,
    label,
)
from layers.io import read_layer, read_table
from layers.reading.columns import wkt_column
from layers.reading.messages import REJECTS
from layers.reading.sniff import Format, sniff
from layers.routes import MARK, Routes
from layers.section_columns import WORDS, choose_section_columns
from layers.sections import OWN_COLUMNS, stretches
from layers.tables import WGS84

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]

LINES = frozenset({"LineString"})
BANK = {LEFT: " L", RIGHT: " R"}
APART_M = 20.0  # metres and lines that differ by more are a finding


def section_table(
    path: Path, kind: str, options: ImportOptions, routes: Routes, near: Bbox | None
) -> tuple[geopandas.GeoDataFrame, list[Finding], dict[str, str]]:
    """The sections that a file holds as a table of the draft, what was noticed, and the columns taken.

    Args:
        path: a table, or a layer of lines; metres win over lines.
        kind: the asset kind of the routes.
        options: what the user says of the file.
        routes: those of the draft; may be none.
        near: the box of the city, for lines.

    Raises:
        LayerError: no column names routes, or there are neither metres nor lines.
    """
    table, noticed = read_table(path, layer=options.layer or None, encoding=options.encoding or None)
    table.index = pd.RangeIndex(1, len(table) + 1, name="row")
    columns, guesses = choose_section_columns(table, kind, options, routes)
    lines, said = _lines(path, options, near, table, measured=bool(columns["from_m"]))
    rows = _Rows(table, columns, kind, routes, lines)
    rows.leave_out_known(said)
    rows.measure()
    rows.reject()
    own, numbered = rows.frame()
    about_lines = _about_lines(said, rows.needs_line, kind)
    findings = [*noticed, *about_lines, *guesses, *rows.findings, *numbered]
    if not len(own):
        findings.append(Finding("nothing_left", "error", path.name, value=str(len(table))))
    return own, list({(f.code, f.row, f.column, f.value): f for f in findings}.values()), columns


# ---- lines


def _lines(
    path: Path, options: ImportOptions, near: Bbox | None, table: pd.DataFrame, *, measured: bool
) -> tuple[Objects, list[Finding]]:
    """The line of each row, None where it has none, and what reading them noticed."""
    lines = np.full(len(table), None, dtype=object)
    if measured and sniff(path) == Format.CSV and wkt_column(list(table.columns)) is None:
        return lines, []
    try:
        source = read_layer(
            path, layer=options.layer or None, reference=options.reference or None,
            encoding=options.encoding or None, accept=LINES, near=near,
        )  # fmt: skip
    except LayerError as error:
        if measured:  # a table without geometry
            return lines, []
        raise LayerError(
            f"{path.name} has no columns of metres and no lines to measure. {error.message}",
            fix="Name the columns: --from-m COLUMN --to-m COLUMN.",
        ) from error
    lines[source.frame.index.to_numpy() - 1] = np.asarray(source.frame.geometry.array, dtype=object)
    return lines, list(source.findings)


def _about_lines(said: Sequence[Finding], needs_line: Bools, kind: str) -> list[Finding]:
    """What was noticed of the lines, where it matters: rows with metres can do without."""
    unused = [f for f in said if f.code in REJECTS and f.row is not None and not needs_line[f.row - 1]]
    kept = [f for f in said if f not in unused and (f.severity != "error" or needs_line.any())]
    if unused:
        kept.append(Finding("section_lines_unused", "note", label(SECTION, kind), count=len(unused)))
    return kept


# ---- rows


class _Rows:
    """The rows of a file on their way to sections; `findings` grows on the way, `keep` shrinks."""

    def __init__(
        self, table: pd.DataFrame, columns: Mapping[str, str], kind: str, routes: Routes, lines: Objects
    ) -> None:
        self.table, self.columns, self.kind, self.routes, self.lines = table, columns, kind, routes, lines
        self.layer = label(SECTION, kind)
        self.findings: list[Finding] = []
        self.keep = np.ones(len(table), dtype=bool)
        self.route = self._texts("route")
        self.given = {what: self._texts(what) for what in ("from_m", "to_m")}
        self.metres = {what: metres_of(texts) for what, texts in self.given.items()}
        self.side = sides_of(self._texts("side"))
        has_line = ~shapely.is_missing(lines)
        self.needs_line = (self.given["from_m"] == "") & (self.given["to_m"] == "") & has_line.any()

    def _texts(self, what: str) -> Objects:
        column = self.columns[what]
        if not column:
            return np.full(len(self.table), "", dtype=object)
        return texts_of(self.table[column]).to_numpy(dtype=object)

    def _say(self, code: str, at: int, what: str = "", value: str = "", **detail: object) -> None:
        column = self.columns[what] if what else ""
        facts = {"kind": self.kind, **detail}
        self.findings.append(Finding(code, "warning", self.layer, at + 1, column, value, detail=facts))

    def leave_out_known(self, said: Sequence[Finding]) -> None:
        """Of rows that are equal in everything, the first stays; those that need a line have one."""
        for finding in said:
            if finding.row is not None and (
                finding.code == "duplicate_feature"
                or (finding.code in REJECTS and self.needs_line[finding.row - 1])
            ):
                self.keep[finding.row - 1] = False
        shapes = pd.Series(shapely.to_wkb(self.lines), self.table.index, name="\0line")
        keys = pd.concat([self.table, shapes], axis=1)[self.keep]
        first = (
            pd.Series(keys.index, keys.index).groupby([keys[c] for c in keys], dropna=False).transform("min")
        )
        for row in first.index[first != first.index]:
            detail = {"first": int(first[row])}
            self.findings.append(Finding("duplicate_feature", "note", self.layer, int(row), detail=detail))
            self.keep[row - 1] = False

    # ---- lines on routes

    def measure(self) -> None:
        """Metres for rows that have a line and none; for the others, whether the two agree."""
        with_line = self.keep & ~shapely.is_missing(self.lines) & (self.route != "")
        for name in dict.fromkeys(self.route[with_line]):
            rows = np.flatnonzero(with_line & (self.route == name))
            named = self.routes[name]
            if named is None:
                self._unmeasured(rows[self.needs_line[rows]], name)
                continue
            lines = self.routes.metric.geometries(self.lines[rows])
            low, high, middle, apart = _along(named.route.measure, lines)
            for at, first, last, between, far in zip(rows, low, high, middle, apart, strict=True):
                self._measured(int(at), name, (first, last), between, far)
        measured = int((self.needs_line & self.keep & np.isfinite(self.metres["from_m"])).sum())
        if measured:
            self.findings.append(Finding("section_measured", "note", self.layer, count=measured))

    def _unmeasured(self, rows: NDArray[np.intp], name: str) -> None:
        for at in rows:
            self._say("section_not_measurable", int(at), "route", name)
            self.keep[at] = False

    def _measured(self, at: int, name: str, drawn: tuple[float, float], middle: float, apart: float) -> None:
        if apart > APART_M:
            self._say("section_off_route", at, "route", name, apart_m=apart)
        if self.needs_line[at]:
            self._take_drawn(at, name, drawn, middle)
            return
        given = sorted((float(self.metres["from_m"][at]), float(self.metres["to_m"][at])))
        differs = max(abs(one - other) for one, other in zip(given, drawn, strict=True))
        if apart <= APART_M and differs > APART_M:
            words = {"given": _span(*given), "drawn": _span(*drawn)}
            self._say("section_disagrees", at, apart_m=differs, **words)

    def _take_drawn(self, at: int, name: str, drawn: tuple[float, float], middle: float) -> None:
        if not drawn[0] - 1 <= middle <= drawn[1] + 1:
            self._say("section_across_start", at, "route", name)
            self.keep[at] = False
        self.metres["from_m"][at], self.metres["to_m"][at] = round(drawn[0], 1), round(drawn[1], 1)

    # ---- what cannot be used

    def reject(self) -> None:
        """Leave out rows that say no route, no stretch or no side, and say why."""
        for at in np.flatnonzero(self.keep):
            self.keep[at] = self._usable(int(at))
        self._about_routes()

    def _usable(self, at: int) -> bool:
        if not self.route[at]:
            self._say("section_route_missing", at, "route")
            return False
        for what, metres in self.metres.items():
            if not np.isfinite(metres[at]):
                value = self.given[what][at]
                self._say(f"section_metre_{'unreadable' if value else 'missing'}", at, what, value[:80])
                return False
        if self.metres["from_m"][at] == self.metres["to_m"][at]:
            self._say("section_no_length", at, "to_m", chainage(self.metres["to_m"][at]))
            return False
        if self.side[at] is None:
            self._say("section_side_unknown", at, "side", self._texts("side")[at][:80])
            return False
        return True

    def _about_routes(self) -> None:
        """One finding for each route that is not there; one for all where there are none yet."""
        names, counts = np.unique(self.route[self.keep].astype(str), return_counts=True)
        if self.routes.is_empty and len(names):
            detail = {"kind": self.kind}
            self.findings.append(Finding("section_routes_later", "note", self.layer, detail=detail))
            return
        for name, count in zip(names, counts, strict=True):
            if self.routes[str(name)] is None:
                self.findings.append(
                    Finding("section_route_unknown", "warning", self.layer, column=self.columns["route"],
                            value=str(name), count=int(count), detail={"kind": self.kind})
                )  # fmt: skip

    # ---- the table

    def frame(self) -> tuple[geopandas.GeoDataFrame, list[Finding]]:
        """The sections, with Woodpecker's columns first and the source's others behind them."""
        codes = pd.Series(self._texts("code"), self.table.index)[self.keep]
        ids, numbered = codes_of(codes, SECTION, "", self.layer)
        name = self._texts("name")[self.keep]
        spans = [
            f"{self.routes.title(route)} {_span(*sorted(metres))}{BANK.get(side, '')}"
            for route, side, *metres in zip(self.route, self.side, *self.metres.values(), strict=True)
        ]
        said = np.array(spans, dtype=object)[self.keep]
        own = {
            "id": ids.to_numpy(), "name": np.where(name != "", name, said),
            "route": self.route[self.keep], **{what: m[self.keep] for what, m in self.metres.items()},
            "side": self.side[self.keep], "owner": self._texts("owner")[self.keep],
        }  # fmt: skip
        taken = [
            column
            for what, column in self.columns.items()
            if column and (what in WORDS or column.casefold() in OWN_COLUMNS)
        ]
        rest = self.table[self.keep].drop(columns=taken).reset_index(drop=True)
        rest = rest.rename(columns=clashes(rest.columns, {*OWN_COLUMNS, "fid", "geom", "geometry"}))
        table = pd.concat([pd.DataFrame(own), rest], axis=1)
        return _drawn(table, self.routes), numbered


def _along(
    measure: Callable[[Objects], tuple[Floats, Floats, Floats]], lines: Objects
) -> tuple[Floats, Floats, Floats, Floats]:
    """Of each line: the lowest and highest metre of its ends, the metre of its middle, how far off it is."""
    middle, _, off = measure(shapely.line_interpolate_point(shapely.line_merge(lines), 0.5, normalized=True))
    parts, of = shapely.get_parts(lines, return_index=True)
    ends = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    of = np.concatenate([of, of])
    metre, _, distance = measure(ends)
    low, high, apart = np.full(len(lines), np.inf), np.full(len(lines), -np.inf), np.nan_to_num(off)
    np.minimum.at(low, of, metre)
    np.maximum.at(high, of, metre)
    np.maximum.at(apart, of, distance)
    return low, high, np.where(np.isnan(middle), low, middle), apart


def _span(low: float, high: float) -> str:
    return f"{chainage(low)}–{chainage(high)}" if np.isfinite(low) and np.isfinite(high) else ""


def _drawn(table: pd.DataFrame, routes: Routes) -> geopandas.GeoDataFrame:
    """The sections with their stretches, None where the route is not there."""
    from_m, to_m = (table[c].to_numpy(dtype=np.float64) for c in ("from_m", "to_m"))
    lines = stretches(routes, table["route"].to_numpy(dtype=object), from_m, to_m)
    shapes = [None if empty else line for line, empty in zip(lines, shapely.is_empty(lines), strict=True)]
    return geopandas.GeoDataFrame(table, geometry=geopandas.GeoSeries(shapes, crs=WGS84))


def drawn_anew(
    tables: Mapping[str, pd.DataFrame], read: Callable[[str], pd.DataFrame | None], metric_crs: str
) -> dict[str, geopandas.GeoDataFrame]:
    """The tables of sections whose routes or marks are among tables about to be written, drawn on those.

    Args:
        tables: by name.
        read: a table of the draft as it is, None where there is none.
        metric_crs: the plane to measure in.
    """
    kinds = {table.removeprefix("asset_") for table in tables if table.startswith("asset_")}
    found = {}
    for kind in sorted({*kinds, *(kind.removesuffix(MARK) for kind in kinds)}):
        sections = read(f"section_{kind}")
        if sections is not None:
            names = (f"asset_{kind}", f"asset_{kind}{MARK}")
            sources = {name: tables[name] if name in tables else read(name) for name in names}
            bare = pd.DataFrame(sections.drop(columns="geometry", errors="ignore"))
            found[f"section_{kind}"] = _drawn(bare, routes_of(kind, sources, metric_crs))
    return found
