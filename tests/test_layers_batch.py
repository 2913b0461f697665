"""Many reports in a table: every row kept in order, the unusable listed, any datum."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.crs import from_wgs84, parse_reference
from geo.errors import ConfigError, LayerError
from geo.types import Datum
from layers.answers import ANSWER_COLUMNS
from layers.batch import convert_table, coordinate_columns, locate_table
from layers.config import parse_config
from layers.generation import Generation, load_draft
from layers.report_rows import ReportColumns
from layers.report_table import read_reports
from tests.cities import at, geojson, point, small_city


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return load_draft(small_city(tmp_path_factory.mktemp("batch")))


def table(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype="str")


def test_every_row_is_kept_in_order_and_the_unusable_are_listed(city: Generation) -> None:
    lng, lat = (repr(v) for v in at(0.5, 0.5))
    given = table(
        lng=[lng, "", "abc", "200", lat, lng, "inf", "NaN"], lat=[lat, lat, lat, lat, lng, "", lat, lat],
        note=list("abcdefgh"),
    )  # fmt: skip
    located = locate_table(city, given, ReportColumns("lng", "lat"))
    assert list(located.table["note"]) == list("abcdefgh")
    assert list(located.table.columns) == ["lng", "lat", "note", *ANSWER_COLUMNS]
    assert list(located.table["topology"]) == ["inside", *["none"] * 7]
    assert list(located.rejects["row"]) == [2, 3, 4, 5, 6, 7, 8]
    assert list(located.rejects["column"]) == ["lng", "lng", "lng", "lat", "lat", "lng", "lng"]
    assert list(located.rejects["value"]) == ["", "abc", "200", lng, "", "inf", "NaN"]
    assert "写反" in located.rejects["reason"][3]
    assert "swapped" in located.table["reason"][4]


def test_the_same_spot_in_any_reference_is_the_same_cell(city: Generation) -> None:
    lng, lat = at(2.5, 1.5)
    for said in ("wgs84", "gcj02", "bd09", "cgcs2000", "EPSG:4549", "EPSG:4528", "EPSG:32651"):
        x, y = from_wgs84([lng], [lat], parse_reference(said))
        given = table(x=[repr(float(x[0]))], y=[repr(float(y[0]))])
        located = locate_table(city, given, ReportColumns("x", "y", reference=parse_reference(said)))
        assert located.table["cell_code"][0] == "B12", said


def test_rows_may_name_their_own_datum(city: Generation) -> None:
    lng, lat = at(2.5, 1.5)
    gx, gy = from_wgs84([lng], [lat], Datum.GCJ02)
    given = table(x=[repr(lng), repr(float(gx[0]))], y=[repr(lat), repr(float(gy[0]))], d=["", "gcj02"])
    located = locate_table(city, given, ReportColumns("x", "y", datum="d"))
    np.testing.assert_allclose(located.answers["lng"], lng, atol=1e-11)
    assert len(locate_table(city, given.assign(d="mars"), ReportColumns("x", "y", datum="d")).rejects) == 2


def test_an_accuracy_that_is_none_is_listed(city: Generation) -> None:
    lng, lat = (repr(v) for v in at(0.5, 0.5))
    given = table(lng=[lng] * 4, lat=[lat] * 4, acc=["5", "", "-1", "far"])
    located = locate_table(city, given, ReportColumns("lng", "lat", accuracy_m="acc"))
    assert list(located.rejects["row"]) == [3, 4]
    assert list(located.table["topology"]) == ["inside", "inside", "none", "none"]


def test_a_file_may_be_located_again(city: Generation) -> None:
    lng, lat = (repr(v) for v in at(0.5, 0.5))
    once = locate_table(city, table(lng=[lng], lat=[lat]), ReportColumns("lng", "lat")).table
    twice = locate_table(city, once.astype("str"), ReportColumns("lng", "lat")).table
    assert list(twice[once.columns]["cell_code"]) == list(once["cell_code"]) == list(twice["input_cell_code"])


def test_coordinate_columns_are_found_by_name_and_content() -> None:
    given = table(X=["2000000"], Y=["1800000"], Longitude=["-87.6"], Latitude=["41.8"])
    assert coordinate_columns(given, Datum.WGS84) == ("Longitude", "Latitude")
    assert coordinate_columns(given, parse_reference("EPSG:3435")) == ("X", "Y")
    with pytest.raises(LayerError, match="coordinates"):
        coordinate_columns(table(a=["1"], b=["2"]), Datum.WGS84)


def test_converting_keeps_every_row() -> None:
    given = table(lng=["120.857394", "x"], lat=["32.009889", "1"])
    converted, rejects = convert_table(given, ReportColumns("lng", "lat"), Datum.GCJ02)
    assert converted["out_lng"][0] == pytest.approx(120.86165200624566, abs=1e-11)
    assert np.isnan(converted["out_lng"][1])
    assert list(rejects["row"]) == [2]


def test_reports_are_read_from_csv_and_from_layers(city: Generation, tmp_path: Path) -> None:
    lng, lat = at(0.5, 0.5)
    csv = tmp_path / "r.csv"
    csv.write_text(f"经度,纬度,类别,描述\n{lng!r},{lat!r},0118,灯不亮\n", encoding="gb18030")
    said = {"category": "0118", "text": "灯不亮", "created": "2026-01-01T08:00:00"}
    layer = geojson(tmp_path / "r.geojson", [(point(0.5, 0.5), said)])
    for path in (csv, layer):
        answers = read_reports(city, path).answers
        assert answers["owner_id"][0] == "lamps"
        assert answers["text"][0] == "灯不亮"
    assert read_reports(city, layer).answers["occurred_at"][0].startswith("2026-01-01")


NIGHT = """
[[rule]]
id = "night"
when = { hours = "20:00-06:00" }
owner = "lamps"

[[rule]]
id = "day"
owner = "@cell"
"""


def test_a_file_of_reports_is_answered_for_the_times_that_it_says(tmp_path: Path) -> None:
    """A time that cannot be read is not known: the report keeps its place."""
    made = small_city(tmp_path)
    made.toml.write_text(made.toml.read_text("utf-8").partition("[[rule]]")[0] + NIGHT, encoding="utf-8")
    lng, lat = at(0.5, 0.5)
    times = ("2026-01-01 21:00", "2026-01-01 09:00", "昨晚", "")
    rows = [f"{lng!r},{lat!r},{time}\n" for time in times]
    (tmp_path / "r.csv").write_text("lng,lat,时间\n" + "".join(rows), encoding="utf-8")
    located = read_reports(load_draft(made), tmp_path / "r.csv")
    assert list(located.answers["rule"]) == ["night", "day", "day", "day"]
    assert list(located.answers["occurred_at"]) == list(times)
    assert located.rejects.empty


def test_a_channel_says_what_its_positions_mean(tmp_path: Path) -> None:
    made = small_city(tmp_path)
    said = "\n[channel.browser]\nlevel = 95\n\n[channel.hotline]\naccuracy_m = 150\n"
    made.toml.write_text(made.toml.read_text(encoding="utf-8") + said, encoding="utf-8")
    lng, lat = at(0.99, 0.2)
    rows = [("browser", "14.2"), ("app", "14.2"), ("hotline", ""), ("app", ""), ("hotline", "14.2")]
    table = pd.DataFrame(rows, columns=["channel", "accuracy"]).assign(lng=str(lng), lat=str(lat))
    columns = ReportColumns("lng", "lat", accuracy_m="accuracy", channel="channel")
    share = list(locate_table(load_draft(made), table, columns).answers["owner_share"])
    assert share[0] > share[1] == share[4] > share[2]
    assert share[3] == 1
    made.toml.write_text(made.toml.read_text(encoding="utf-8") + "\n[channel.default]\naccuracy_m = 14.2\n")
    usual = list(locate_table(load_draft(made), table, columns).answers["owner_share"])
    assert usual == [*share[:3], share[1], share[4]]


@pytest.mark.parametrize("said", ["level = 0", "accuracy_m = -1", "level = true", "radius = 5"])
def test_a_channel_that_cannot_be_is_refused_with_its_line(tmp_path: Path, said: str) -> None:
    made = small_city(tmp_path)
    text = made.toml.read_text(encoding="utf-8") + f"\n[channel.web]\n{said}\n"
    with pytest.raises(ConfigError, match=rf"line {len(text.splitlines())}: .*channel 'web'"):
        parse_config(text)


def test_shapes_are_read_row_by_row_in_the_datum_of_the_row(city: Generation) -> None:
    corners = [at(0.4, 0.4), at(0.6, 0.4), at(0.6, 0.6)]
    gcj = [(float(x[0]), float(y[0])) for x, y in (from_wgs84([a], [b], Datum.GCJ02) for a, b in corners)]
    plain, shifted = (f"POLYGON(({', '.join(f'{x} {y}' for x, y in [*c, c[0]])}))" for c in (corners, gcj))
    given = table(
        lng=[""] * 5, lat=[""] * 5, d=["", "gcj02", "gcj02", "", ""],
        w=[plain, shifted, plain, "CIRCULARSTRING(0 0,1 1,2 0)", "LINESTRING(32 120,33 121)"],
    )  # fmt: skip
    located = locate_table(city, given, ReportColumns("lng", "lat", datum="d", shape="w"))
    assert list(located.rejects["row"]) == [4, 5]
    assert set(located.rejects["column"]) == {"w"}
    places = located.answers[["lng", "lat"]].to_numpy()
    np.testing.assert_allclose(places[1], places[0], atol=1e-7)
    assert abs(places[2] - places[0]).max() > 1e-3


def test_a_reported_line_with_a_time_that_is_none_is_listed(city: Generation) -> None:
    line = np.array([shapely.LineString([at(0.2, 0.2), at(0.8, 0.2)]), None], dtype=object)
    lng, lat = (repr(v) for v in at(0.5, 0.5))
    given = table(lng=[lng] * 2, lat=[lat] * 2, when=["yesterday", "2026-07-01"])
    located = locate_table(city, given, ReportColumns("lng", "lat", occurred_at="when"), extents=line)
    assert list(located.rejects["row"]) == [1]
    assert list(located.table["topology"]) == ["none", "inside"]


def test_every_row_of_a_layer_is_kept_in_order(city: Generation, tmp_path: Path) -> None:
    """Without a geometry, with one that is nothing, twice the same: a row is a report."""
    spot = point(0.5, 0.5)
    nowhere = {"type": "LineString", "coordinates": [at(0.5, 0.5)] * 2}
    said = {"lng": "its own", "category": "0118"}
    rows = [(spot, said), (None, said), (spot, said), (nowhere, said), (point(2.5, 0.5), said)]
    path = geojson(tmp_path / "r.geojson", rows)  # type: ignore[arg-type]
    located = read_reports(city, path)
    assert list(located.table["topology"]) == ["inside", "none", "inside", "none", "inside"]
    assert list(located.table["input_lng"]) == ["its own"] * 5
    assert list(located.rejects["row"]) == [2, 4]
    nothing = read_reports(city, geojson(tmp_path / "n.geojson", [(None, said)]))  # type: ignore[list-item]
    assert list(nothing.table["topology"]) == ["none"]


def test_several_points_of_one_report_share_it(city: Generation, tmp_path: Path) -> None:
    several = {"type": "MultiPoint", "coordinates": [at(0.5, 0.5), at(0.6, 0.5), at(2.5, 0.5)]}
    one = {"type": "MultiPoint", "coordinates": [at(0.5, 0.5)]}
    located = read_reports(city, geojson(tmp_path / "m.geojson", [(several, {}), (one, {})]))
    assert list(located.table["certainty"]) == ["ambiguous", "certain"]
    assert located.table["owner_share"][0] == pytest.approx(2 / 3, abs=1e-3)
    assert located.table["cell_code"][1] == "A00"


def test_a_layer_s_datum_counts_once(city: Generation, tmp_path: Path) -> None:
    lng, lat = at(0.5, 0.5)
    x, y = (float(v[0]) for v in from_wgs84([lng], [lat], Datum.GCJ02))
    shifted = {"type": "Point", "coordinates": [x, y]}
    located = read_reports(city, geojson(tmp_path / "g.geojson", [(shifted, {"a": "b"})]), datum="gcj02")
    np.testing.assert_allclose(located.answers[["lng", "lat"]].to_numpy(), [[lng, lat]], atol=1e-7)
