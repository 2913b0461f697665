"""One answer as a page: the story, the drawing, the shares, and the proof to check it by."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from layers.findings import Lang
from layers.generation import DRAFT, Generation
from layers.proof import canonical
from layers.telling import Names, clean, metres, percent, tell
from maps.explain.drawing import explain_svg
from maps.explain.ink import plain, tag
from maps.explain.words import WORDS
from maps.files import WEB

Proof = dict[str, Any]

WIDE, NARROW = (736.0, 520.0), (360.0, 440.0)  # the drawing, and that for a phone or a page much enlarged
PAGE_STYLE = "body{margin:0;background:#fbfaf7}@media(prefers-color-scheme:dark){body{background:#1b1e20}}"


def explain_html(proof: Proof, generation: Generation, lang: Lang) -> str:
    """A whole page, as text to be written as UTF-8, that asks no host for anything and runs no script."""
    title = _title(proof, Names(proof, lang, generation), lang)
    style = _style()
    hashes = " ".join(f"'{_digest(sheet)}'" for sheet in (style, PAGE_STYLE))
    policy = f"default-src 'none'; style-src {hashes}; base-uri 'none'; form-action 'none'"
    head = (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{plain(title)}</title><style>{PAGE_STYLE}</style>"
    )
    body = tag("main", explain_article(proof, generation, lang))
    language = "zh-CN" if lang == "zh" else lang
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>{head}</head>\n<body>\n{body}\n</body>\n</html>\n'
    )


def explain_article(proof: Proof, generation: Generation, lang: Lang) -> str:
    """The same as an ``<article>`` with its own style, to stand in another page."""
    said, names = WORDS[lang], Names(proof, lang, generation)
    question = proof["question"]
    ask = tag("h2", plain(said["question"])) + tag("p", plain(clean(question[lang]))) if question else ""
    return tag(
        "article",
        f"<style>{_style()}</style>",
        tag("h1", plain(_title(proof, names, lang))),
        tag("ul", *(tag("li", plain(line)) for line in tell(proof, lang, generation)), class_="story"),
        tag("div", ask, class_="ask") if ask else "",
        _figure(proof, generation, lang),
        _owners(proof, names, lang),
        _candidates(proof, names, lang),
        _proof(proof, lang),
        class_="wp-explain",
        lang="zh-CN" if lang == "zh" else lang,
    )


def _style() -> str:
    return (WEB / "explain" / "page.css").read_text("utf-8")


def _digest(style: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _title(proof: Proof, names: Names, lang: Lang) -> str:
    said, owners = WORDS[lang], proof["owners"]
    if not owners or not owners[0]["id"]:
        return said["nobody"]
    owner = names.owner(owners[0]["id"])
    share = owners[0]["share"]
    if share is None:
        return said["headline"].format(owner=owner)
    return said["headline.share"].format(owner=owner, share=percent(share))


def _figure(proof: Proof, generation: Generation, lang: Lang) -> str:
    """The drawing in two widths, of which the style shows one: text must not shrink with the page."""
    drawings = (
        tag("div", explain_svg(proof, generation, lang=lang, width=width, height=height), class_=name)
        for name, (width, height) in (("wide", WIDE), ("narrow", NARROW))
    )
    return tag("figure", *drawings, tag("figcaption", plain(_version(proof, lang))))


def _version(proof: Proof, lang: Lang) -> str:
    said, generation = WORDS[lang], proof["generation"]
    name = said["draft"] if generation["id"] == DRAFT else said["generation"].format(id=generation["id"])
    return f"{said['identity']}: {name} · SHA-256 {generation['sha256']}"


def _owners(proof: Proof, names: Names, lang: Lang) -> str:
    said = WORDS[lang]
    columns = (said["owner"], said["share"], said["rule"])
    rows = []
    for number, owner in enumerate(proof["owners"]):
        rule = tag("code", plain(clean(owner["rule"]))) if owner["rule"] else ""
        cells = (plain(names.owner(owner["id"])), _share(owner["share"]), rule)
        rows.append(_row(columns, cells, is_lead=number == 0))
    error = proof["share_error"]
    note = tag("p", plain(said["error"].format(error=f"{error * 100:.1f} %")), class_="note") if error else ""
    return _table(said["owners"], columns, rows) + (note if rows else "")


def _candidates(proof: Proof, names: Names, lang: Lang) -> str:
    said, asset = WORDS[lang], proof["asset"]
    columns = (said["asset"], said["distance"], said["share"], said["owner"])
    rows = []
    for one in proof["candidates"]:
        is_bound = asset is not None and (asset["kind"], asset["id"]) == (one["kind"], one["id"])
        is_bound = is_bound and proof["bound"] == "asset"
        what = plain(names.asset(one) + (f" ✓ {said['settled']}" if is_bound else ""))
        cells = (what, _metres(one), _share(one["share"]), plain(names.owner(one["owner_id"])))
        rows.append(_row(columns, cells, is_lead=is_bound))
    return _table(said["candidates"], columns, rows)


def _row(columns: Sequence[str], cells: Sequence[str], *, is_lead: bool) -> str:
    """A row of markup; on a narrow page its cells stand below one another, each with its column's name."""
    labelled = zip(columns[1:], cells[1:], strict=True)
    return tag(
        "tr",
        tag("th", cells[0], scope="row"),
        *(
            tag("td", tag("div", cell), data_label=column) if cell else tag("td", " ")
            for column, cell in labelled
        ),
        class_="lead" if is_lead else None,
    )


def _metres(asset: Mapping[str, Any]) -> str:
    return "" if asset["distance_m"] is None else plain(metres(asset["distance_m"]))


def _share(share: float | None) -> str:
    """A share in figures, and as a bar for those who see it."""
    if share is None:
        return ""
    bar = tag("rect", width=f"{share * 100:.1f}%", height="100%", fill="currentColor")
    edge = tag("rect", width="100%", height="100%", fill="none", stroke="currentColor")
    return tag("span", plain(percent(share)), class_="number") + tag(
        "svg", bar, edge, class_="bar", aria_hidden="true"
    )


def _table(title: str, columns: Sequence[str], rows: Sequence[str]) -> str:
    if not rows:
        return ""
    head = tag("tr", *(tag("th", plain(column), scope="col") for column in columns))
    return tag("h2", plain(title)) + tag("table", tag("thead", head), tag("tbody", *rows))


def _proof(proof: Proof, lang: Lang) -> str:
    said = WORDS[lang]
    command = tag("code", "woodpecker explain --city DIR --replay F.json")
    # An empty line at the start of <pre> would be dropped; a proof begins with a brace.
    text = plain(canonical(proof).decode())
    return tag(
        "details",
        tag("summary", plain(said["proof"])),
        tag("p", plain(said["proof.help"]), " ", command, class_="note"),
        tag("pre", text, class_="proof"),
    )
