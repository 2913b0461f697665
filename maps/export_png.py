"""A picture of an export: a map with legend, scale bar and what it was made of, to put into a report."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from layers.exported import Pair
from maps import export_words as words
from maps.export_classes import Look
from maps.export_compare import broken
from maps.export_png_map import Entries, draw_map, frame_of
from maps.export_png_texts import Lettering, lettering, wrapped
from maps.export_sheets import Book, Notes

DPI = 200
HEIGHT_IN, PANEL_IN, MARGIN_IN, TITLE_IN = 8.0, 3.1, 0.35, 0.85
WIDEST, NARROWEST = 2.2, 0.55  # width of the map over its height
INK, FAINT, PAPER = "#1f2933", "#52606d", "#ffffff"
LINE_IN, LETTERS = 0.155, 46


def write(book: Book, path: Path) -> Notes:
    """Draw the first table."""
    sheet = book.first
    letters = lettering(book.languages)
    missing = int((~np.isin(sheet.frame.geometry.geom_type, _SHAPES)).sum())
    figure = _figure(book)
    FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        panel = _panel(figure)
        _title(figure, book, letters)
        entries = draw_map(figure, _map_box(figure), sheet, letters)
        _tell(panel, book, letters, _legend(panel, entries, letters))
        about = {"Title": book.title[1], "Description": "\n".join(f"{k}: {v}" for k, v in book.rows())}
        figure.savefig(path, format="png", metadata={**about, "Software": "Woodpecker"})
    _check(path, figure)
    notes: list[Pair] = [words.no_cjk_font()] if letters.lacks_chinese else []
    if missing:
        notes.append(words.unplaced(sheet.name, missing))
    if off := frame_of(sheet.geometry)[1]:
        notes.append(words.off_the_map(sheet.name, off))
    return tuple(notes)


_SHAPES = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")


def _figure(book: Book) -> Figure:
    bounds, _ = frame_of(book.first.geometry)
    width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
    ratio = float(np.clip(width / height if height > 0 else WIDEST, NARROWEST, WIDEST)) if width > 0 else 1.0
    map_height = HEIGHT_IN - 2 * MARGIN_IN - TITLE_IN
    size = (map_height * (ratio if np.isfinite(ratio) else 1.0) + PANEL_IN + 3 * MARGIN_IN, HEIGHT_IN)
    return Figure(figsize=size, dpi=DPI, facecolor=PAPER)


def _map_box(figure: Figure) -> tuple[float, float, float, float]:
    width, height = figure.get_size_inches()
    map_width = width - PANEL_IN - 3 * MARGIN_IN
    tall = height - 2 * MARGIN_IN - TITLE_IN
    return MARGIN_IN / width, MARGIN_IN / height, map_width / width, tall / height


def _panel(figure: Figure) -> Any:
    """The column beside the map, its units inches from its upper left corner."""
    width, height = figure.get_size_inches()
    tall = height - 2 * MARGIN_IN - TITLE_IN
    left = (width - PANEL_IN - MARGIN_IN) / width
    axes = figure.add_axes((left, MARGIN_IN / height, PANEL_IN / width, tall / height))
    axes.set_axis_off()
    axes.set_xlim(0, PANEL_IN)
    axes.set_ylim(tall, 0)
    return axes


def _title(figure: Figure, book: Book, letters: Lettering) -> None:
    width, height = figure.get_size_inches()
    top = 1 - MARGIN_IN / height
    first, second = letters.titles(book.title)
    letters.write(figure, MARGIN_IN / width, top, first, size=17, color=INK, weight="bold", va="top")
    if second:
        down = top - 0.36 / height
        letters.write(figure, MARGIN_IN / width, down, second, size=10.5, color=FAINT, va="top")


def _legend(panel: Any, entries: Entries, letters: Lettering) -> float:
    """Signs and words from the top down; returns where they end."""
    at = 0.12
    for look, text, kind in entries:
        _sign(panel, look, kind, at)
        for line in wrapped(text, LETTERS - 6):
            letters.write(panel, 0.4, at, line, size=9, color=INK, va="center")
            at += LINE_IN * 1.1
        at += LINE_IN * 0.5
    return at


def _sign(panel: Any, look: Look, kind: str, at: float) -> None:
    """How a class is drawn, beside its words."""
    if kind == "point":
        panel.scatter([0.16], [at], s=36, c=look.fill, edgecolors="white", linewidths=0.4)
    elif kind == "line":
        panel.plot([0.02, 0.3], [at, at], color=look.fill, linewidth=2.2, solid_capstyle="butt")
    else:
        hatch: dict[str, Any] = {"facecolor": PAPER, "hatch": "////"} if look.is_hatched else {}
        style = {"facecolor": look.fill, "alpha": 1 if look.is_hatched else max(look.opacity, 0.35), **hatch}
        panel.add_patch(Rectangle((0.02, at - 0.08), 0.28, 0.17, edgecolor=look.edge, linewidth=0.7, **style))


def _tell(panel: Any, book: Book, letters: Lettering, at: float) -> None:
    """Notes, then what it was made of, as far as there is room."""
    bottom = float(panel.get_ylim()[0])
    at += LINE_IN
    panel.plot([0, PANEL_IN], [at - LINE_IN, at - LINE_IN], color="#cbd2d9", linewidth=0.7)
    lines = [(line, INK) for note in book.notes for line in [*wrapped(letters.of(note), LETTERS), ""]]
    hidden = "coordinates" if letters.first == "en" else "coordinates_en"
    about = [f"{name.removesuffix('_en')}: {_short(v)}" for name, v in book.about.items() if name != hidden]
    lines += [(line, FAINT) for said in about for line in wrapped(said, LETTERS)]
    room = int((bottom - at) / LINE_IN)
    if len(lines) > room:
        lines = [*lines[: max(room - 1, 0)], ("…", FAINT)]
    for line, colour in lines:
        letters.write(panel, 0, at, line, size=7.5, color=colour, va="center")
        at += LINE_IN


def _short(value: str) -> str:
    """A digest by its beginning; the file's own description has it whole."""
    return f"{value[:16]} …" if re.fullmatch("[0-9a-f]{64}", value) else value


def _check(path: Path, figure: Figure) -> None:
    """The picture opens, is as large as it was to be, and is not one colour."""
    width, height = (round(side * DPI) for side in figure.get_size_inches())
    with Image.open(path) as picture:
        picture.load()
        size, colours = picture.size, picture.convert("RGB").getcolors(maxcolors=16)
    if abs(size[0] - width) > 1 or abs(size[1] - height) > 1:
        raise broken(path.name, f"a picture of {size[0]} × {size[1]} pixels instead of {width} × {height}")
    if colours is not None and len(colours) < 4:
        raise broken(path.name, "an empty picture")
