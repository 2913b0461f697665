"""The page of a work order: one sheet of A4 for most issues, readable on a phone, too."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence

import segno

from geo.types import Datum
from layers.findings import Lang
from layers.life_cycle import State, word
from layers.telling import clean
from layers.time_limits import is_overdue
from maps.explain import explain_svg
from maps.explain.ink import plain, tag
from maps.files import WEB
from maps.work_order.order import WorkOrder
from maps.work_order.words import WORDS

WIDE, NARROW = (720.0, 310.0), (360.0, 330.0)  # the map, and that for a phone
LOW = (720.0, 250.0)  # where photos need room on the sheet
MOST_TEXTS = 3
_DATUMS = {Datum.WGS84: "WGS-84", Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}


def work_order_html(order: WorkOrder, lang: Lang) -> str:
    """The whole page, as text to be written as UTF-8; it loads nothing but the photos.

    Everything that came from outside is text on it, never markup.
    """
    title = f"{WORDS[lang]['title']} {order.issue.number}"
    style, script = _web("page.css"), _web("print.js")
    language = "zh-CN" if lang == "zh" else lang
    body = [_bar(order, lang), tag("main", *_sheet(order, lang)), f"<script>{script}</script>"]
    head = (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy()}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{plain(title)}</title>"
        f'<link rel="icon" href="data:,"><style>{style}</style>'
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>{head}</head>\n<body>\n{"".join(body)}\n</body>\n'
        "</html>\n"
    )


def policy() -> str:
    """What the page may load and run: its own style and script, and pictures from where it came from."""
    style, script = _digest(_web("page.css")), _digest(_web("print.js"))
    return (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _web(name: str) -> str:
    return (WEB / "work_order" / name).read_text("utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _bar(order: WorkOrder, lang: Lang) -> str:
    """What stands above the sheet on a screen, and on no paper."""
    said = WORDS[lang]
    other = tag(
        "a", plain(said["other_language"]), href="?lang=en" if lang == "zh" else "?lang=zh",
        lang="en" if lang == "zh" else "zh-CN",
    )  # fmt: skip
    issue = tag("a", plain(order.issue.number), href=f"/?issue={order.issue.number}")
    button = tag("button", plain(said["print"]), type="button", id="print")
    return tag("nav", issue, other, button, aria_label=said["title"])


def _sheet(order: WorkOrder, lang: Lang) -> Iterable[str]:
    yield _header(order, lang)
    left = tag("div", _what(order, lang), _whose(order, lang))
    yield tag("div", left, tag("div", _where(order, lang)), class_="facts")
    yield _why(order, lang)
    yield _map(order, lang)
    yield _photos(order, lang)
    yield _record(lang)


def _header(order: WorkOrder, lang: Lang) -> str:
    said, issue = WORDS[lang], order.issue
    state = word(lang, State(issue.status))
    late = is_overdue(issue.status, issue.due_us, order.now_us)
    facts = [f"{said['status']}: {state}", f"{said['printed']}: {order.time(order.now_us)}"]
    title = tag(
        "div",
        tag("p", plain(clean(order.generation.config.name)), class_="city"),
        tag("h1", plain(said["title"]), " ", tag("span", plain(issue.number), class_="number")),
        tag("p", plain(" · ".join(facts)), class_="state"),
        tag("p", plain(f"⚠ {said['overdue']}"), class_="late") if late else "",
    )
    return tag("header", title, _qr(order, lang))


def _qr(order: WorkOrder, lang: Lang) -> str:
    """The issue's address to be scanned; its border is part of it."""
    code = segno.make(order.address, error="m", micro=False)
    drawn = code.svg_inline(border=4, omitsize=True, light="#fff")
    said = WORDS[lang]["scan"]
    caption = tag("figcaption", plain(said), " ", tag("span", plain(order.address), class_="address"))
    return tag("figure", tag("div", drawn, role="img", aria_label=said), caption, class_="qr")


def _what(order: WorkOrder, lang: Lang) -> str:
    said, issue = WORDS[lang], order.issue
    rows = [
        (said["category"], plain(order.category(lang) or said["none"])),
        (said["opened"], plain(order.time(issue.created_us))),
        (said["reports"], plain(issue.report_count)) if issue.report_count > 1 else None,
        (said["words"], "".join(tag("q", plain(clean(text))) for text in order.texts[:MOST_TEXTS]))
        if order.texts
        else None,
    ]
    return _facts(said["what"], rows)


def _where(order: WorkOrder, lang: Lang) -> str:
    said = WORDS[lang]
    places = [
        f"{name} {at[0]:.6f}, {at[1]:.6f}"
        for datum, name in _DATUMS.items()
        if (at := order.position(datum)) is not None
    ]
    links = [(said["amap"], order.amap()), (said["baidu"], order.baidu())]
    opened = [
        tag("a", plain(name), href=address, target="_blank", rel="noopener noreferrer")
        for name, address in links
        if address is not None
    ]
    rows = [
        (said["cell"], plain(" › ".join(map(clean, order.cells())) or said["none"])),
        (said["asset"], plain(order.asset(lang))) if order.asset(lang) else None,
        (said["coordinates"], "".join(tag("span", plain(place), class_="at") for place in places))
        if places
        else None,
        (said["open"], " · ".join(opened)) if opened else None,
    ]
    return _facts(said["where"], rows)


def _whose(order: WorkOrder, lang: Lang) -> str:
    said, issue, sent = WORDS[lang], order.issue, order.sent()
    due = said["no_limit"] if issue.due_us is None else order.time(issue.due_us)
    rows = [
        (said["owner"], tag("strong", plain(clean(order.owner(lang)) or said["nobody"]))),
        (said["due"], tag("strong", plain(due))),
        (said["certainty"], plain(said.get(issue.certainty, issue.certainty))) if issue.certainty else None,
        (said["sent"], plain(said["sent_by"].format(at=order.time(sent.at_us), actor=clean(sent.actor))))
        if sent is not None
        else None,
    ]
    return _facts(said["whose"], rows)


def _why(order: WorkOrder, lang: Lang) -> str:
    reason = order.reason(lang)
    return tag("section", tag("h2", plain(WORDS[lang]["why"])), tag("p", plain(reason))) if reason else ""


def _facts(title: str, rows: Sequence[tuple[str, str] | None]) -> str:
    """A section of terms and what is said of them, which is markup."""
    there = [row for row in rows if row is not None]
    lines = (tag("div", tag("dt", plain(term)), tag("dd", said)) for term, said in there)
    return tag("section", tag("h2", plain(title)), tag("dl", *lines))


def _map(order: WorkOrder, lang: Lang) -> str:
    said = WORDS[lang]
    if order.proof is None or order.position(Datum.WGS84) is None:
        return tag("section", tag("h2", plain(said["map"])), tag("p", plain(said["no_place"])), class_="map")
    drawings = (
        tag("div", _drawn(order, lang, *size), class_=name)
        for name, size in (("wide", LOW if order.photos else WIDE), ("narrow", NARROW))
    )
    return tag("section", tag("h2", plain(said["map"])), tag("figure", *drawings), class_="map")


def _drawn(order: WorkOrder, lang: Lang, width: float, height: float) -> str:
    proof = dict(order.proof or {})
    return explain_svg(proof, order.generation, lang=lang, width=width, height=height, headline=False)


def _photos(order: WorkOrder, lang: Lang) -> str:
    said = WORDS[lang]
    if not order.photos:
        return ""
    pictures = (
        f'<img src="{plain(address)}" alt="{plain(said["photo"].format(n=turn))}">'
        for turn, address in enumerate(order.photos, 1)
    )
    return tag(
        "section", tag("h2", plain(said["photos"])), tag("div", *pictures, class_="row"), class_="photos"
    )


def _record(lang: Lang) -> str:
    """What is filled in by hand."""
    said = WORDS[lang]
    results = (
        tag("span", tag("i", " ", class_="tick"), plain(said[f"result.{one}"]))
        for one in ("done", "absent", "other")
    )
    fields = [
        tag("div", tag("span", plain(said[name]), class_="term"), tag("span", " ", class_="line"))
        for name in ("arrived", "finished", "handler", "date", "checker", "date")
    ]
    return tag(
        "section",
        tag("h2", plain(said["done"])),
        tag("p", tag("span", plain(said["result"]), class_="term"), *results, class_="results"),
        tag("div", tag("span", plain(said["notes"]), class_="term"), class_="notes"),
        tag("div", *fields, class_="fields"),
        class_="record",
    )
