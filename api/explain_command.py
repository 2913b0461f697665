"""woodpecker explain: the proof of one answer, told, drawn, written down, and worked out again."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.locate_commands import answer_one, load_generation
from api.options import (
    COORDINATES,
    Number,
    Said,
    city_option,
    existing,
    json_option,
    output,
    report_options,
)
from api.screen import counted, language, result_json, say, table, working

if TYPE_CHECKING:
    from layers.findings import Lang
    from layers.generation import Generation
    from layers.proof import Proof

DIFFERS = 1
SHOWN = 20  # differences that a person reads before "and n more"
SUFFIXES = (".svg", ".html", ".json")


@click.command(
    context_settings=COORDINATES,
    epilog="""\b
Examples:
  woodpecker explain --city nantong 120.8574 32.0099 --category 0118 --accuracy 20
  woodpecker explain --city nantong 120.8574 32.0099 --category 0118 --lang zh --out why.html
  woodpecker explain --city nantong 120.8574 32.0099 --category 0118 --out why.json
  woodpecker explain --city nantong --replay why.json""",
)
@click.argument("position", nargs=-1, type=Number(), metavar="[LNG LAT]")
@city_option
@report_options
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), default=None, help="Of story and drawing [default: yours]."
)
@click.option("--out", metavar="F.{svg,html,json}", default="", help="A drawing, a page, or the proof.")
@click.option("--replay", "proof_file", metavar="F.json", default="", help="Work out a proof again.")
@json_option
def explain(
    position: Sequence[float], city: Path, said: Said, lang: Lang | None, out: str, proof_file: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Tell how one answer came about, and prove it.

    Longitude comes first. The story stands on the screen; a drawing, a page or the proof goes into a file.
    A proof can be worked out again at any time: exit code 0 if every byte is the same, 1 if not.
    """
    if proof_file:
        if position or out:
            raise click.UsageError("--replay goes with --city and --json alone.")
        _replay(city, existing(proof_file), as_json=as_json)
        return
    if len(position) != 2:
        raise click.UsageError("Give LNG LAT (two numbers, longitude first), or --replay F.json.")
    result = _result_file(out, city) if out else None
    generation = load_generation(city)
    with working("Working it out …"):
        from layers.proof import prove

        proof = prove(answer_one(generation, position, said))
    _show(proof, generation, lang or language(), as_json=as_json)
    if result is not None:
        _write(proof, generation, lang or language(), result)


def _result_file(out: str, city: Path) -> Path:
    if Path(out).suffix.lower() not in SUFFIXES:
        raise click.BadParameter(f"{out!r}: use .svg, .html or .json.", param_hint="--out")
    return output(out, city=city)


def _show(proof: Proof, generation: Generation, lang: Lang, *, as_json: bool) -> None:
    from layers.proof import canonical
    from layers.telling import tell

    if as_json:
        click.echo(canonical(proof))
    else:
        click.echo("\n".join(tell(proof, lang, generation)))


def _write(proof: Proof, generation: Generation, lang: Lang, out: Path) -> None:
    from layers.proof import canonical
    from layers.tables import write_text
    from maps.explain import explain_html, explain_svg

    suffix = out.suffix.lower()
    if suffix == ".json":
        text = canonical(proof).decode()
    elif suffix == ".svg":
        text = explain_svg(proof, generation, lang=lang) + "\n"
    else:
        text = explain_html(proof, generation, lang)
    write_text(out, text)
    say(f"{out} ({out.stat().st_size / 1e3:.1f} kB)")


def _replay(city: Path, file: Path, *, as_json: bool) -> None:
    """Work a proof out again by the generation that it names, and compare."""
    from layers.proof import canonical, replay

    given = file.read_bytes().strip()
    proof = _read_proof(file, given)
    with working("Working it out again …"):
        again = replay(_named_generation(city, proof), proof)
    is_same = canonical(again) == given
    differences = [] if is_same else list(_differences(proof, again))
    if as_json:
        result_json({"same": is_same, "differs": [dict(zip(_KEYS, d, strict=True)) for d in differences]})
    elif is_same:
        click.echo(_SAID["same"][language()])
    else:
        _show_differences(differences)
    sys.exit(0 if is_same else DIFFERS)


_KEYS = ("key", "proof", "now")
_SAID: dict[str, dict[Lang, str]] = {
    "same": {"zh": "完全相同，每个字节都一样。", "en": "The same, byte for byte."},
    "differs": {"zh": "不同。", "en": "Not the same."},
    "written": {
        "zh": "答案相同，只是文件的写法变了（不是原样保存的）。",
        "en": "The same answer, but the file is not written as it was.",
    },
}


def _read_proof(file: Path, given: bytes) -> dict[str, Any]:
    import json

    from geo.errors import CityError

    fix = "Give a file that woodpecker explain --out F.json wrote."
    try:
        proof = json.loads(given, parse_constant=_refuse)
        json.dumps(proof, ensure_ascii=False).encode()  # half a surrogate could not be shown
    except (ValueError, RecursionError) as error:  # JSON's and Unicode's errors are ValueErrors
        raise CityError(f"{file} is no proof: {error}.", fix=fix) from error
    if not isinstance(proof, dict) or not isinstance(proof.get("generation"), dict):
        raise CityError(f"{file} is no proof: it names no generation.", fix=fix)
    return proof


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number of a proof")


def _named_generation(city: Path, proof: Mapping[str, Any]) -> Generation:
    from geo.errors import CityError
    from layers.city import open_city
    from layers.generation import DRAFT, load_draft, load_numbered

    named = proof["generation"].get("id")
    if named == DRAFT:
        return load_draft(open_city(city))
    if not isinstance(named, str) or not (named.isascii() and named.isdecimal() and len(named) < 10):
        fix = "A proof names a generation such as 0001."
        raise CityError(f"The proof names the generation {str(named)[:40]!r}.", fix=fix)
    return load_numbered(open_city(city), int(named))


def _differences(one: object, other: object, key: str = "") -> Iterator[tuple[str, object, object]]:
    """Where two JSON values differ: the path to it, and both."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            path = f"{key}.{name}" if key else str(name)
            yield from _differences(one.get(name), other.get(name), path)
    elif isinstance(one, list) and isinstance(other, list):
        for at in range(max(len(one), len(other))):
            before, after = (each[at] if at < len(each) else None for each in (one, other))
            yield from _differences(before, after, f"{key}[{at}]")
    elif one != other or type(one) is not type(other):
        yield key, one, other


def _show_differences(differences: Sequence[tuple[str, object, object]]) -> None:
    lang = language()
    click.echo(_SAID["differs" if differences else "written"][lang])
    if differences:
        table(("", "证明", "现在") if lang == "zh" else ("", "proof", "now"), differences[:SHOWN])
    if len(differences) > SHOWN:
        say(f"… {counted(len(differences) - SHOWN, 'more difference')}")
