"""woodpecker explain: what it says and writes, and a proof that is worked out again."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import woodpecker
from geo.errors import GridError
from layers.city import City
from layers.publish import publish
from tests.cities import at, bring, point, small_city

pytestmark = pytest.mark.usefixtures("_english")
PLACE = at(0.501, 0.5)  # 95 m east of lamp L0, in cell A00
ASKED = (*PLACE, "--category", "0118", "--accuracy", "20", "--text", "灯不亮", "--time", "2026-07-01 08:00")


def call(*args: object) -> Result:
    return CliRunner().invoke(woodpecker, ["explain", *(str(arg) for arg in args)], catch_exceptions=False)


@pytest.fixture
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> City:
    city = small_city(tmp_path_factory.mktemp("explain"))
    publish(city, now=datetime(2026, 6, 30, tzinfo=UTC))
    return city


@pytest.fixture
def proof_file(published: City, tmp_path: Path) -> Path:
    file = tmp_path / "why.json"
    assert call("--city", published.folder, *ASKED, "--out", file).exit_code == 0
    return file


@pytest.mark.parametrize(("lang", "word"), [("zh", "它在「格00」（A00）里"), ("en", "It lies in 格00 (A00)")])
def test_the_story_is_told_in_the_language_asked_for(published: City, lang: str, word: str) -> None:
    result = call("--city", published.folder, *ASKED, "--lang", lang)
    assert result.exit_code == 0
    assert word in result.stdout
    assert "灯不亮" in result.stdout
    assert "2026-07-01 08:00 (Asia/Shanghai)" in result.stdout


def test_the_terminal_says_the_language_where_nobody_else_does(
    published: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "It lies in" in call("--city", published.folder, *ASKED).stdout
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "它在「格00」" in call("--city", published.folder, *ASKED).stdout


def test_json_is_the_canonical_proof(published: City, proof_file: Path) -> None:
    result = call("--city", published.folder, *ASKED, "--json")
    assert result.stdout_bytes == proof_file.read_bytes() + b"\n"
    proof = json.loads(result.stdout)
    assert proof["report"]["text"] == "灯不亮"
    assert proof["report"]["occurred_at"].startswith("2026-07-01T00:00:00")
    assert proof["generation"]["id"] == "0001"


@pytest.mark.parametrize(
    ("suffix", "start"), [(".svg", "<svg "), (".html", "<!DOCTYPE html>"), (".HTML", "<!DOC")]
)
def test_the_suffix_says_what_is_written(published: City, tmp_path: Path, suffix: str, start: str) -> None:
    file = tmp_path / f"why{suffix}"
    result = call("--city", published.folder, *ASKED, "--lang", "zh", "--out", file)
    assert result.exit_code == 0
    text = file.read_text("utf-8")
    assert text.startswith(start)
    assert "格00" in text


def test_level_and_datum_are_heeded(published: City) -> None:
    place = ("--city", published.folder, *PLACE, "--accuracy", "20", "--json")
    assert json.loads(call(*place, "--level", "95").stdout)["report"]["level"] == 95
    shifted = json.loads(call(*place, "--datum", "gcj02").stdout)["report"]
    assert shifted["lng"] != pytest.approx(PLACE[0], abs=1e-4)


def test_a_proof_is_the_same_byte_for_byte(published: City, proof_file: Path) -> None:
    result = call("--city", published.folder, "--replay", proof_file)
    assert (result.exit_code, result.stdout) == (0, "The same, byte for byte.\n")
    result = call("--city", published.folder, "--replay", proof_file, "--json")
    assert json.loads(result.stdout) == {"same": True, "differs": []}


def test_a_proof_is_asked_of_the_generation_that_it_names(
    published: City, proof_file: Path, tmp_path: Path
) -> None:
    """A later generation with a lamp at the place leaves the old proof as it was."""
    city = City(tmp_path / "city")
    shutil.copytree(published.folder, city.folder)
    bring(city, "asset:street_light", [(point(0.501, 0.5), {"code": "NEW", "owner": "parks"})], owner="owner")
    publish(city, now=datetime(2026, 7, 1, tzinfo=UTC))
    again = json.loads(call("--city", city.folder, *ASKED, "--json").stdout)
    assert again["asset"]["id"] == "NEW"
    assert call("--city", city.folder, "--replay", proof_file).exit_code == 0


def test_what_differs_is_shown_by_its_key(published: City, proof_file: Path) -> None:
    proof = json.loads(proof_file.read_bytes())
    proof["owners"][0]["id"] = "somebody"
    proof_file.write_text(json.dumps(proof), encoding="utf-8")
    result = call("--city", published.folder, "--replay", proof_file)
    assert result.exit_code == 1
    assert "Not the same." in result.stdout
    assert "owners[0].id\tsomebody\t" in result.stdout
    found = json.loads(call("--city", published.folder, "--replay", proof_file, "--json").stdout)
    assert found["same"] is False
    assert [one["key"] for one in found["differs"]] == ["owners[0].id"]


def test_a_file_written_otherwise_is_told_from_another_answer(published: City, proof_file: Path) -> None:
    proof_file.write_text(json.dumps(json.loads(proof_file.read_bytes()), indent=2), encoding="utf-8")
    result = call("--city", published.folder, "--replay", proof_file)
    assert (result.exit_code, result.stdout) == (
        1,
        "The same answer, but the file is not written as it was.\n",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no proof"),
        ("{", "is no proof"),
        ("[1]", "names no generation"),
        ('{"generation": {"id": "0001"}}', "no proof of format 1"),
        ('{"generation": {"id": "0099"}, "format": 1}', "has no generation 99"),
        ('{"generation": {"id": "../1"}, "format": 1}', "names the generation '../1'"),
        ('{"generation": {"id": "0001"}, "format": 1, "report": {"lng": NaN}}', "NaN is no number"),
        ('{"generation": {"id": "0001"}, "format": 1, "report": {}}', "cannot be read"),
        ("\x00\xff", "is no proof"),
    ],
)
def test_a_file_that_is_no_proof_says_so(published: City, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(GridError, match=said):
        call("--city", published.folder, "--replay", file)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lng", [1, 2]), ("lat", "32"), ("lng", True), ("accuracy_m", None), ("accuracy_m", -1),
        ("accuracy_m", 10**400), ("level", 10**400), ("level", None), ("category", 118), ("text", None),
        ("text", {}), ("text", "\ud800"), ("occurred_at", 5), ("occurred_at", []), ("occurred_at", "soon"),
        ("shape", "CIRCULARSTRING(0 0,1 1,2 0)"), ("shape", "LINESTRING(0 0,1 NaN)"), ("shape", "x"),
        ("extent", "no"),
    ],
)  # fmt: skip
def test_a_report_that_no_proof_says_is_refused(
    published: City, proof_file: Path, key: str, value: object
) -> None:
    proof = json.loads(proof_file.read_text("utf-8"))
    proof["report"][key] = value
    proof_file.write_text(json.dumps(proof), "utf-8")
    with pytest.raises(GridError, match=r"cannot be read|is no proof|no percentage"):
        call("--city", published.folder, "--replay", proof_file)


def test_a_number_beyond_every_number_names_no_generation(published: City, proof_file: Path) -> None:
    proof = json.loads(proof_file.read_text("utf-8"))
    proof["generation"]["id"] = "9" * 5000
    proof_file.write_text(json.dumps(proof), "utf-8")
    with pytest.raises(GridError, match="names the generation") as caught:
        call("--city", published.folder, "--replay", proof_file)
    assert len(caught.value.message) < 100


@pytest.mark.parametrize(
    "args",
    [
        (),
        (120.8,),
        (*PLACE, "--out", "why.pdf"),
        (*PLACE, "--out", "missing/why.svg"),
        (*PLACE, "--level", "50"),
        (*PLACE, "--lang", "fr"),
        (*PLACE, "--time", "yesterday"),
        (*PLACE, "--replay", "why.json"),
        ("--replay", "missing.json"),
    ],
)
def test_wrong_usage_is_said(published: City, args: tuple[object, ...]) -> None:
    assert call("--city", published.folder, *args).exit_code == 2


@pytest.mark.parametrize(
    "args", [(200, 32), (32.0, 120.8), (*PLACE, "--accuracy", "-1"), (*PLACE, "--datum", "mars")]
)
def test_unusable_numbers_are_bad_data(published: City, args: tuple[object, ...]) -> None:
    with pytest.raises(GridError):
        call("--city", published.folder, *args)


def test_a_file_of_the_city_is_never_replaced(published: City) -> None:
    inside = published.folder / "generations" / "why.json"
    assert call("--city", published.folder, *PLACE, "--out", inside).exit_code == 2


def test_a_draft_can_be_explained_and_replayed(tmp_path: Path) -> None:
    city, file = small_city(tmp_path / "city"), tmp_path / "why.json"
    result = call("--city", city.folder, *PLACE, "--out", file)
    assert "this is the draft's answer" in result.stderr
    assert call("--city", city.folder, "--replay", file).exit_code == 0
    with city.toml.open("a", encoding="utf-8") as words:
        words.write("\n# a word that was added\n")
    assert "generation.sha256" in call("--city", city.folder, "--replay", file).stdout
