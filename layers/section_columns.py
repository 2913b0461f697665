"""Which columns of a stranger's file say the route, the metres and the side of its sections."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from geo.errors import LayerError
from layers.columns import guess_name, texts_of
from layers.findings import Finding
from layers.importing_columns import SECTION, ImportOptions, about_guesses, guessed_code, label
from layers.reading.columns import find_column
from layers.routes import Routes

# Names of columns, written small and without separators or what stands in brackets; the better ones first.
WORDS = {
    "route": "route routeid routename routecode road roadname river rivername dike dikename street "
    "streetname 路线 路线编号 路线名称 线路 道路 道路名称 道路编号 路名 所属道路 所在道路 "
    "河道 河道名称 河道编号 河流 河流名称 河名 所属河道 堤防 堤防名称",
    "from_m": "fromm frommetre frommeter from startm start begin beginm fromchainage startchainage "
    "起点桩号 起始桩号 起桩号 起点里程 起点 起始 起",
    "to_m": "tom tometre tometer to endm end tochainage endchainage "
    "终点桩号 终止桩号 止点桩号 止桩号 终桩号 终点里程 终点 止点 终止 止",
    "side": "side bank 侧别 侧 岸别 岸 左右岸 左右侧 左右 边 幅",
}
BODY = re.compile(r"owner|body|单位|主体|部门|责任|养护", re.IGNORECASE)  # names a body, not the section


def choose_section_columns(
    table: pd.DataFrame, kind: str, options: ImportOptions, routes: Routes
) -> tuple[dict[str, str], list[Finding]]:
    """The column for each of a section's own, empty where there is none, and what was guessed.

    Raises:
        LayerError: a named column is not there, none names routes, or only one end has metres.
    """
    names = list(table.columns)
    given = {what: getattr(options, what) for what in ("code", "name", "owner", *WORDS)}
    columns = {what: c and find_column(names, c) for what, c in given.items()}
    for what in WORDS:
        free = [name for name in names if name not in columns.values()]
        columns[what] = columns[what] or _guess(table, free, what, kind, routes)
    _refuse_half(columns, names)
    taken = {columns[what] for what in (*WORDS, "owner")}
    rest = table[[name for name in names if name not in taken and not BODY.search(name)]]
    columns["code"] = columns["code"] or guessed_code(rest, SECTION, SECTION)
    columns["name"] = columns["name"] or guess_name(rest, SECTION, columns["code"])
    return columns, about_guesses(label(SECTION, kind), given, columns)


def _guess(table: pd.DataFrame, names: Sequence[str], what: str, kind: str, routes: Routes) -> str:
    """The column whose name says it is this; of several for the route, the one whose routes are there."""
    words = [*WORDS[what].split(), *([_plain(kind)] if what == "route" else [])]
    place = {word: at for at, word in enumerate(words)}
    found = sorted((place[_plain(name)], name) for name in names if _plain(name) in place)
    if what == "route" and len(found) > 1:
        known = [sum(len(routes.members(text)) > 0 for text in texts_of(table[name])) for _, name in found]
        return found[int(np.argmax(known))][1]
    return found[0][1] if found else ""


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", re.sub(r"[(（\[].*$", "", name)).casefold()


def _refuse_half(columns: Mapping[str, str], names: Sequence[str]) -> None:
    listed = f"The columns are: {', '.join(names)}."
    if not columns["route"]:
        raise LayerError(
            "No column looks like the route of a section.", fix=f"Name it: --route COLUMN. {listed}"
        )
    if bool(columns["from_m"]) != bool(columns["to_m"]):
        has, lacks = ("from_m", "to_m") if columns["from_m"] else ("to_m", "from_m")
        raise LayerError(
            f"Column {columns[has]!r} says where sections {'begin' if has == 'from_m' else 'end'}, "
            f"and none where they {'end' if has == 'from_m' else 'begin'}.",
            fix=f"Name it: --{lacks.replace('_', '-')} COLUMN. {listed}",
        )
