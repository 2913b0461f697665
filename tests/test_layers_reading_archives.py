"""Zips: every way people pack a layer works, every way attackers do is refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import hostile_files as hostile
import pyogrio
import pyogrio.raw
import pytest
import shapely

from geo.errors import LayerError, UnsafeFileError
from layers.io import list_layers, read_layer, read_table
from layers.reading.archives import unpack
from layers.reading.limits import Limits

CSV = b"id,lng,lat\n1,120.8,32.0\n"


def shapefile(folder: Path, stem: str, encoding: str = "UTF-8") -> dict[str, bytes]:
    """The parts of a shapefile of two named points, by suffix."""
    import numpy as np

    points = shapely.to_wkb(shapely.points([[120.8, 32.0], [120.9, 32.1]]))
    names = np.array(["钟楼街道", "文峰街道"], dtype=object)
    folder.mkdir(exist_ok=True)
    pyogrio.raw.write(
        folder / f"{stem}.shp", points, [names], ["名称"], geometry_type="Point", crs="EPSG:4326",
        driver="ESRI Shapefile", encoding=encoding,
    )  # fmt: skip
    return {file.suffix: file.read_bytes() for file in folder.glob(f"{stem}.*")}


def raw_zip(path: Path, members: dict[bytes, bytes]) -> Path:
    """A zip whose names are bytes in no declared encoding, as Windows in China writes them."""
    plain = {f"{number:0>{len(name)}}": (name, data) for number, (name, data) in enumerate(members.items())}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for stand_in, (_, data) in plain.items():
            archive.writestr(stand_in, data)
    packed = buffer.getvalue()
    for stand_in, (name, _) in plain.items():
        packed = packed.replace(stand_in.encode(), name)
    path.write_bytes(packed)
    return path


def test_a_shapefile_in_a_folder_with_rubbish_of_a_mac(tmp_path: Path) -> None:
    parts = shapefile(tmp_path / "s", "towns")
    members = {f"my towns/towns{suffix}": data for suffix, data in parts.items()}
    members |= {"__MACOSX/my towns/._towns.shp": b"rubbish", "my towns/.DS_Store": b"rubbish"}
    path = hostile.zip_of(tmp_path / "towns.zip", members)
    assert list_layers(path) == ["towns"]
    assert read_layer(path).frame["名称"].tolist() == ["钟楼街道", "文峰街道"]


@pytest.mark.parametrize("codec", ["gbk", "utf-8"])
def test_names_in_gbk_or_utf8_without_a_flag(tmp_path: Path, codec: str) -> None:
    parts = shapefile(tmp_path / "s", "towns")
    members = {f"街道/街道{suffix}".encode(codec): data for suffix, data in parts.items()}
    assert list_layers(raw_zip(tmp_path / "z.zip", members)) == ["街道"]


def test_upper_case_and_without_cpg_prj_and_shx_in_gbk(tmp_path: Path) -> None:
    parts = shapefile(tmp_path / "s", "towns", "GB18030")
    members = {f"TOWNS{suffix.upper()}": parts[suffix] for suffix in (".shp", ".dbf")}
    layer = read_layer(hostile.zip_of(tmp_path / "TOWNS.ZIP", members))
    assert layer.frame["名称"].tolist() == ["钟楼街道", "文峰街道"]
    assert layer.source.encoding == "gb18030"
    assert {f.code for f in layer.findings} == {"encoding_guessed", "reference_assumed"}


def test_several_layers_in_one_zip_are_listed_by_their_files(tmp_path: Path) -> None:
    path = hostile.zip_of(tmp_path / "z.zip", {"a.csv": CSV, "sub/b.csv": CSV * 1})
    assert list_layers(path) == ["a", "b"]
    with pytest.raises(LayerError, match="2 layers"):
        read_layer(path)
    assert len(read_layer(path, layer="b").frame) == 1


def test_a_table_in_a_zip(tmp_path: Path) -> None:
    frame, _ = read_table(hostile.zip_of(tmp_path / "z.zip", {"a.csv": CSV}))
    assert frame["id"].tolist() == ["1"]


@pytest.mark.parametrize(
    "name", ["../evil.csv", "a/../../evil.csv", "/etc/evil.csv", "..\\evil.csv", "C:\\evil.csv", "C:evil.csv"]
)
def test_names_that_lead_out_are_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    path = hostile.zip_of(tmp_path / "z.zip", {"good.csv": CSV, name: CSV})
    with pytest.raises(UnsafeFileError, match="leads out"):
        unpack(path, tmp_path / "out", Limits())
    assert [file.name for file in tmp_path.rglob("*.csv")] == []


def test_links_overlaps_and_liars_are_refused(tmp_path: Path) -> None:
    limits = Limits(file_bytes=1_000_000)
    with pytest.raises(UnsafeFileError, match="is a link"):
        unpack(hostile.zip_link(tmp_path / "link.zip", hostile.bait(tmp_path)), tmp_path / "1", limits)
    with pytest.raises(UnsafeFileError, match="overlap"):
        unpack(hostile.overlapping_zip(tmp_path / "overlap.zip"), tmp_path / "2", limits)
    with pytest.raises(LayerError):
        unpack(hostile.lying_zip(tmp_path / "lie.zip", 5_000_000), tmp_path / "3", limits)
    assert sum(file.stat().st_size for file in tmp_path.glob("3/*")) <= limits.file_bytes


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = hostile.zip_of(tmp_path / "bomb.zip", {"a.csv": bytes(400 * 2**20)})
    assert path.stat().st_size < 500_000
    with pytest.raises(UnsafeFileError, match="would unpack to 419,430,400 bytes"):
        unpack(path, tmp_path / "out", Limits())


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    path = hostile.zip_of(tmp_path / "many.zip", {f"{n}.csv": b"" for n in range(20)})
    with pytest.raises(UnsafeFileError, match="20 members"):
        unpack(path, tmp_path / "out", Limits(zip_entries=10))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"inner.zip": b"PK\x03\x04"}, "packed again"),
        ({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}, "Office document"),
        ({"readme.txt": b"hello"}, "holds no layer"),
        ({}, "holds no layer"),
    ],
)
def test_zips_without_a_layer_say_what_they_are(
    tmp_path: Path, members: dict[str, bytes], message: str
) -> None:
    with pytest.raises(LayerError, match=message):
        read_layer(hostile.zip_of(tmp_path / "z.zip", members))


def test_a_damaged_zip_is_an_error(tmp_path: Path) -> None:
    path = hostile.zip_of(tmp_path / "z.zip", {"a.csv": CSV * 100})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(LayerError, match="cannot be unpacked"):
        read_layer(path)
