"""Category tables: versioned data, shipped or brought by the city."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from geo.errors import ConfigError

SHIPPED = "gbt30428"  # classes of GB/T 30428 as cities publish them (older edition), zh and en names
NO_TABLE = "none"


@dataclass(frozen=True, slots=True)
class Category:
    """What a report is about, and the asset kinds it concerns in order of precedence."""

    code: str
    name_zh: str
    name_en: str
    asset_kinds: tuple[str, ...] = ()
    class_zh: str = ""
    class_en: str = ""

    def name(self, lang: str) -> str:
        """The name in a language, or in the other where that one is missing."""
        first, second = (self.name_zh, self.name_en) if lang == "zh" else (self.name_en, self.name_zh)
        return first or second or self.code


def read_categories(table: str, folder: Path) -> dict[str, Category]:
    """The categories of a table by code.

    Args:
        table: ``gbt30428`` (shipped), ``none``, or a CSV in the city's folder with the columns
            code, name_zh, name_en and optionally asset_kinds (separated by spaces), class_zh, class_en.
        folder: the city's folder.

    Raises:
        ConfigError: the file is missing or lacks a column.
    """
    if table == NO_TABLE:
        return {}
    if table == SHIPPED:
        text = (resources.files("layers") / "data" / f"categories_{SHIPPED}.csv").read_text("utf-8")
    else:
        text = _own_table(folder / table)
    rows = list(csv.DictReader(text.splitlines()))
    if rows and not {"code", "name_zh", "name_en"} <= rows[0].keys():
        raise ConfigError(
            f"Category table {table!r} has the columns {', '.join(rows[0])}.",
            fix="It needs code, name_zh, name_en and may have asset_kinds, class_zh, class_en.",
        )
    return by_code(map(category_of_row, rows))


def _own_table(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        fix = f"Use {SHIPPED!r}, {NO_TABLE!r} or the name of a CSV beside city.toml."
        raise ConfigError(
            f"Category table {str(path)!r} cannot be read: {error.strerror}.", fix=fix
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"Category table {str(path)!r} is not UTF-8.", fix="Save it as UTF-8.") from error


def category_of_row(row: Mapping[str, Any]) -> Category:
    """The category that a row of a table says."""

    def cell(column: str) -> str:
        return (row.get(column) or "").strip()

    kinds = tuple(cell("asset_kinds").split())
    return Category(cell("code"), cell("name_zh"), cell("name_en"), kinds, cell("class_zh"), cell("class_en"))


def by_code(categories: Iterable[Category]) -> dict[str, Category]:
    """The categories keyed by code; a later one with the same code replaces an earlier one."""
    return {category.code: category for category in categories if category.code}
