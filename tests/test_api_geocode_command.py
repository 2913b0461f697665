"""Words are geocoded on the command line: one text for a person, a whole file for a program."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from api.cli import woodpecker
from geo.errors import GridError, LayerError, NotFoundError
from layers.geocoding_tables import GEOCODE_COLUMNS
from tests.cities import at, geojson, point
from tests.civic_city import civic_city

BUILDING, CROSSING = "虹桥北村65幢楼道灯不亮", "人民西路与外环西路交叉口"
TWO = "灯杆03120451和灯杆03120457"
TEXTS = (BUILDING, "今天天气真好", "", CROSSING, BUILDING)
OUTCOMES = ["found", "none", "none", "found", "found"]


@pytest.fixture
def corrected(city: Path, tmp_path: Path) -> Path:
    """The city with two corrections, one of which its layers alone would answer as well."""
    from layers.store import open_store
    from layers.store.corrections import By, NewCorrection, make_correction

    folder = Path(shutil.copytree(city, tmp_path / "corrected"))
    new = [
        NewCorrection("老桥", "老桥", "B/B2", *at(3.1, 3.3), 5.0),
        NewCorrection("虹桥北村65幢", "虹桥北村65幢", "A/A1", *at(0.67, 1.1), 5.0),
    ]
    with open_store(folder / "issues.db") as store:
        for one in new:
            store.write(lambda connection, one=one: make_correction(connection, one, By(1, "li")))
    return folder


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return civic_city(tmp_path_factory.mktemp("geocode") / "city").folder


def call(*args: object) -> Result:
    words = [str(arg) for arg in ("geocode", *args)]
    return CliRunner().invoke(woodpecker, words, standalone_mode=True, catch_exceptions=False)


def one(city: Path, *words: object) -> dict[str, Any]:
    """The answer for a text, as JSON."""
    found: dict[str, Any] = json.loads(call("--city", city, *words, "--json").stdout)
    return found


def texts_csv(path: Path, texts: Any = TEXTS, encoding: str = "utf-8", column: str = "text") -> Path:
    """A CSV of texts, with a number before and a remark after them."""
    with path.open("w", encoding=encoding, newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("n", column, "label"))
        rows.writerows((n, text, f"r{n}") for n, text in enumerate(texts))
    return path


def placed(city: Path, path: Path, *args: object, out: str = "out.csv") -> tuple[Result, pd.DataFrame]:
    """What the command says of a file, and what it wrote."""
    target = path.with_name(out)
    result = call("--city", city, "--in", path, "--out", target, *args)
    return result, pd.read_csv(target, dtype=str, keep_default_na=False)


# ---- one text


def test_a_text_is_answered_with_place_radius_scores_and_cell(city: Path) -> None:
    result = call("--city", city, BUILDING)
    said = dict(line.split("\t") for line in result.stdout.splitlines())
    assert (result.exit_code, said["outcome"], said["label"]) == (0, "found", "虹桥北村65幢")
    assert (said["match"], said["cell_code"], said["cell_path"]) == ("building", "A1", "A/A1")
    assert (said["parents"], float(said["radius_m"]) > 0) == ("新西社区, 虹桥街道", True)
    assert (float(said["lng"]), float(said["lat"])) == pytest.approx(at(0.67, 1.1), abs=1e-5)


def test_words_need_no_quotation_marks(city: Path) -> None:
    assert one(city, "人民西路", "与", "外环西路", "交叉口")["match"] == "crossing"


def test_what_does_not_fit_is_told_in_the_citys_language(city: Path) -> None:
    result = call("--city", city, "虹桥北村68幢")
    (fault,) = [line.split("\t")[1] for line in result.stdout.splitlines() if line.startswith("fault")]
    assert fault.startswith("number_inferred: ")
    assert "推算" in fault


def test_nothing_plausible_is_no_answer(city: Path) -> None:
    result = call("--city", city, "今天天气真好")
    assert (result.exit_code, result.stdout) == (1, "outcome\tnone\n")
    assert "Nothing" in result.stderr
    answer = one(city, "今天天气真好")
    assert (answer["outcome"], answer["lng"], answer["candidates"]) == ("none", None, [])


def test_several_plausible_places_are_listed_with_what_to_ask(city: Path) -> None:
    result = call("--city", city, TWO)
    assert result.exit_code == 1
    outcome, question, *rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert outcome == ["outcome", "ambiguous"]
    assert "还是" in question[1]
    assert rows[0][0] == "label"
    assert {row[0] for row in rows[1:]} == {"灯杆03120451", "灯杆03120457"}
    answer = one(city, TWO)
    assert (answer["lng"], answer["label"], len(answer["candidates"])) == (None, "", 2)
    assert answer["question_zh"] == question[1]
    assert answer["question"]


def test_json_has_the_names_of_a_files_columns(city: Path) -> None:
    answer = one(city, "虹桥北村68幢")
    assert set(GEOCODE_COLUMNS) <= set(answer)
    assert answer["faults"][0].keys() == {"code", "value", "zh", "en", "penalty"}
    assert (answer["text"], answer["datum"]) == ("虹桥北村68幢", "wgs84")


def test_the_answer_is_in_the_datum_that_was_asked_for(city: Path) -> None:
    from geo.crs import convert_points
    from geo.types import Datum

    plain, shifted = one(city, BUILDING), one(city, BUILDING, "--datum", "gcj02")
    lng, lat = convert_points([plain["lng"]], [plain["lat"]], Datum.WGS84, Datum.GCJ02)
    assert (shifted["lng"], shifted["lat"]) == pytest.approx((lng[0], lat[0]), abs=1e-6)
    assert shifted["datum"] == "gcj02"
    east = one(city, BUILDING, "--datum", "EPSG:4549")
    assert 400_000 < east["lng"] < 600_000


def test_nothing_outside_a_cell_is_answered_where_one_is_named(city: Path) -> None:
    for cell in ("A", "A/A1", "新西社区"):
        assert one(city, BUILDING, "--within", cell)["outcome"] == "found", cell
    assert one(city, BUILDING, "--within", "B")["outcome"] == "none"
    with pytest.raises(NotFoundError, match="火星"):
        call("--city", city, BUILDING, "--within", "火星")


@pytest.mark.parametrize(
    ("args", "word"),
    [
        ((), "TEXT"),
        (("",), "empty"),
        (("a", "--in", "x.csv"), "not both"),
        (("a", "--replay"), "not both"),
        (("--in", "x.csv"), "--out"),
        (("--out", "x.csv"), "--in"),
        (("a", "--text", "col"), "--text"),
        (("--in", "missing.csv", "--out", "o.csv"), "missing.csv"),
        (("a", "--near", "1"), "--near"),
        (("a", "--near", "x", "2"), "'x'"),
        (("a", "--limit", "0"), "--limit"),
        (("a", "--nera", "1"), "--nera"),
        (("--replay", "--within", "A"), "--within"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_why(city: Path, args: tuple[str, ...], word: str) -> None:
    result = call("--city", city, *args)
    assert result.exit_code == 2
    assert word in result.stderr


@pytest.mark.parametrize(
    ("args", "word"),
    [(("--near", "120.8", "200"), "200"), (("--near", "nan", "1"), "nan"), (("--datum", "mars"), "mars")],
)
def test_a_position_that_is_none_is_shown_with_a_fix(city: Path, args: tuple[str, ...], word: str) -> None:
    with pytest.raises(GridError, match=word) as caught:
        call("--city", city, "a", *args)
    assert caught.value.fix


@pytest.mark.parametrize(
    "text", ["虹桥北村65幢\x00\x1b[31m\n\t\x07", "\u202e虹桥北村65幢", "虹桥北村65幢\udc80"]
)
def test_control_characters_are_neither_obeyed_nor_in_the_way(city: Path, text: str) -> None:
    result = call("--city", city, text)
    assert "虹桥北村65幢" in result.stdout
    assert not any(c in result.stdout for c in "\x00\x1b\x07\u202e")


def test_a_stranger_gets_a_sentence_and_an_exit_code(city: Path, tmp_path: Path) -> None:
    """The whole program, as its own process: a city without anything, and the draft of one."""
    command = [sys.executable, "-m", "api.cli", "geocode", "--city"]
    none = subprocess.run(
        [*command, str(tmp_path), "x"], capture_output=True, text=True, timeout=120, check=False
    )
    assert none.returncode == 3
    assert "Fix:" in none.stderr
    assert "Traceback" not in none.stderr
    found = subprocess.run(
        [*command, str(city), BUILDING, "--json"], capture_output=True, text=True, timeout=120, check=False
    )
    assert (found.returncode, json.loads(found.stdout)["outcome"]) == (0, "found")
    assert "draft" in found.stderr


# ---- a file


def test_a_file_keeps_its_rows_and_columns_and_gains_the_answers(city: Path, tmp_path: Path) -> None:
    result, rows = placed(city, texts_csv(tmp_path / "in.csv"))
    assert list(rows.columns) == ["n", "text", "input_label", *GEOCODE_COLUMNS]
    assert list(rows["n"]) == ["0", "1", "2", "3", "4"]
    assert list(rows["input_label"]) == ["r0", "r1", "r2", "r3", "r4"]
    assert list(rows["outcome"]) == OUTCOMES
    assert list(rows["match"]) == ["building", "", "", "crossing", "building"]
    assert list(rows["cell_code"]) == ["A1", "", "", rows["cell_code"][3], "A1"]
    assert result.exit_code == 1  # a row has no text
    assert "column 'text'" in result.stderr
    assert "3 found, 0 ambiguous, 2 none" in result.stderr


def test_a_file_says_the_same_as_the_text_alone(city: Path, tmp_path: Path) -> None:
    _, rows = placed(city, texts_csv(tmp_path / "in.csv", ["虹桥北村68幢"]))
    alone, row = one(city, "虹桥北村68幢"), rows.iloc[0]
    for name in ("radius_m", "match", "text_score", "position_score", "label", "cell_code", "outcome"):
        assert row[name] == str(alone[name]), name
    assert (float(row["lng"]), float(row["lat"])) == pytest.approx((alone["lng"], alone["lat"]), abs=1e-7)
    assert row["faults"] == f"number_inferred: {alone['faults'][0]['zh']}"


def test_where_several_places_are_meant_a_row_has_none_and_the_question(city: Path, tmp_path: Path) -> None:
    _, rows = placed(city, texts_csv(tmp_path / "in.csv", [TWO]))
    row = rows.iloc[0]
    assert (row["outcome"], row["lng"], row["cell_code"]) == ("ambiguous", "", "")
    assert set(row["label"].split(" | ")) == {"灯杆03120451", "灯杆03120457"}
    assert "还是" in row["faults"]


def test_rows_without_a_text_are_listed_beside(city: Path, tmp_path: Path) -> None:
    path = texts_csv(tmp_path / "in.csv", [BUILDING, "  ", "路" * 20_000])
    result, rows = placed(city, path, "--json")
    rejects = pd.read_csv(tmp_path / "out.csv.rejects.csv", dtype=str, keep_default_na=False)
    assert list(rejects.columns) == ["row", "column", "value", "reason"]
    assert list(rejects["row"]) == ["2", "3"]
    assert list(rows["outcome"]) == ["found", "none", "none"]
    assert len(rows["text"][2]) == 20_000
    said = json.loads(result.stdout)
    assert (said["rows"], said["found"], said["none"], said["rejects"]) == (3, 1, 2, 2)
    assert said["rejects_file"].endswith("out.csv.rejects.csv")
    again, _ = placed(city, texts_csv(path, [BUILDING]), "--json")
    assert (again.exit_code, json.loads(again.stdout)["rejects_file"]) == (0, None)
    assert not (tmp_path / "out.csv.rejects.csv").exists()


def test_a_file_of_windows_in_china_is_read(city: Path, tmp_path: Path) -> None:
    result, rows = placed(city, texts_csv(tmp_path / "in.csv", encoding="gbk", column="案发地址"))
    assert list(rows["outcome"]) == OUTCOMES
    assert "'案发地址'" in result.stderr


def test_a_layer_keeps_its_own_positions(city: Path, tmp_path: Path) -> None:
    path = geojson(tmp_path / "in.geojson", [(point(3, 3), {"where": BUILDING, "kind": "灯"})])
    _, rows = placed(city, path, "--text", "where")
    assert list(rows.columns) == ["where", "kind", "input_lng", "input_lat", *GEOCODE_COLUMNS]
    assert float(rows["input_lng"][0]) == pytest.approx(at(3, 3)[0])
    assert float(rows["lng"][0]) == pytest.approx(at(0.67, 1.1)[0], abs=1e-5)


def test_parquet_is_read_and_written(city: Path, tmp_path: Path) -> None:
    texts = pa.array(TEXTS).dictionary_encode()
    pq.write_table(pa.table({"n": range(5), "q": texts}), tmp_path / "in.parquet")
    call("--city", city, "--in", tmp_path / "in.parquet", "--out", tmp_path / "out.parquet")
    rows = pq.read_table(tmp_path / "out.parquet")
    assert rows.column_names == ["n", "q", *GEOCODE_COLUMNS]
    assert rows["outcome"].to_pylist() == OUTCOMES
    assert rows["lng"].to_pylist()[1:3] == [None, None]
    assert rows.schema.field("label").type == pa.string()


def test_positions_of_a_file_are_in_the_datum_that_was_asked_for(city: Path, tmp_path: Path) -> None:
    _, rows = placed(city, texts_csv(tmp_path / "in.csv"), "--datum", "bd09")
    alone = one(city, BUILDING, "--datum", "bd09")
    assert float(rows["lng"][0]) == pytest.approx(alone["lng"], abs=1e-6)
    assert rows["lng"][1] == ""
    assert list(rows.columns)[-len(GEOCODE_COLUMNS) - 1 :] == [*GEOCODE_COLUMNS, "datum"]
    assert set(rows["datum"]) == {"bd09"}


def refused(city: Path, path: Path, *args: object, out: str = "out.csv") -> LayerError:
    with pytest.raises(LayerError) as caught:
        call("--city", city, "--in", path, "--out", path.with_name(out), *args)
    assert caught.value.fix
    assert not path.with_name(out).exists()
    return caught.value


def test_files_that_cannot_be_used_are_refused_with_a_fix(city: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    refused(city, empty)
    header = tmp_path / "header.csv"
    header.write_text("a,text\n", "utf-8")
    book = tmp_path / "book.xlsx"
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    assert "CSV" in refused(city, book).fix
    usual = texts_csv(tmp_path / "in.csv")
    assert ".parquet" in refused(city, usual, out="out.xlsx").fix
    assert "Columns: n, text, label" in refused(city, usual, "--text", "adress").fix


def test_which_column_holds_the_texts_is_told_or_asked(city: Path, tmp_path: Path) -> None:
    numbers = tmp_path / "numbers.csv"
    numbers.write_text("a,b\n1,2\n", "utf-8")
    assert "No column" in refused(city, numbers).message
    two = tmp_path / "two.csv"
    two.write_text("eins,zwei\nabc,def\n", "utf-8")
    assert "--text" in refused(city, two).fix
    single = tmp_path / "single.csv"
    single.write_text(f"n,irgendwo\n1,{BUILDING}\n", "utf-8")
    assert list(placed(city, single)[1]["outcome"]) == ["found"]


def test_a_file_of_the_city_is_never_overwritten(city: Path, tmp_path: Path) -> None:
    path = texts_csv(tmp_path / "in.csv")
    assert call("--city", city, "--in", path, "--out", city / "city.toml").exit_code == 2
    assert call("--city", city, "--in", path, "--out", path).exit_code == 2


# ---- corrections


def test_what_staff_have_corrected_is_answered_at_once(corrected: Path, tmp_path: Path) -> None:
    answer = one(corrected, "老桥栏杆坏了")
    assert (answer["match"], answer["lng"], answer["lat"]) == (
        "correction",
        *(pytest.approx(degrees, abs=1e-6) for degrees in at(3.1, 3.3)),
    )
    _, rows = placed(corrected, texts_csv(tmp_path / "in.csv", ["老桥栏杆坏了"]))
    assert list(rows["match"]) == ["correction"]


def test_corrections_are_asked_again_as_a_test(corrected: Path) -> None:
    result = call("--city", corrected, "--replay")
    assert result.exit_code == 0, result.stdout
    header, *rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert header == ["text", "cell", "distance_m", "right", "needed"]
    assert rows == [
        ["老桥", "B2", "0.0", "yes", "yes"],
        ["虹桥北村65幢", "A1", "0.0", "yes", "no"],
    ]
    assert "2 corrections asked again, 0 answered wrong" in result.stderr
    said = json.loads(call("--city", corrected, "--replay", "--json").stdout)
    assert (said["corrections"], said["wrong"], said["spare"]) == (2, 0, 1)
    assert said["replayed"][0]["expected"] == pytest.approx(at(3.1, 3.3))


def test_a_correction_that_does_not_hold_any_more_fails_the_test(
    corrected: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from layers import corrections

    kept = corrections.replay_city
    monkeypatch.setattr(
        corrections, "replay_city", lambda city: [replace(one, right=False) for one in kept(city)]
    )
    result = call("--city", corrected, "--replay")
    assert result.exit_code == 1
    assert "2 answered wrong" in result.stderr


def test_where_nothing_was_corrected_nothing_fails(city: Path) -> None:
    result = call("--city", city, "--replay")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing was corrected" in result.stderr
    assert json.loads(call("--city", city, "--replay", "--json").stdout)["corrections"] == 0
