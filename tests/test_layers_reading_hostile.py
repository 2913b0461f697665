"""Hostile files end in seconds with a clear error or a safe answer, and never reach a bait or a network."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import hostile_files as hostile
import pyogrio
import pytest
import shapely

from geo.errors import LayerError, UnsafeFileError
from layers.io import Limits, SourceLayer, list_layers, read_layer, read_table, sandbox_status
from layers.reading import sandbox

SECONDS = 15  # far more than any of these needs, far less than any of them could take


@pytest.fixture(autouse=True)
def _ends_soon() -> Iterator[None]:
    started = time.perf_counter()
    yield
    assert time.perf_counter() - started < SECONDS


@pytest.fixture
def listener() -> Iterator[tuple[str, list[object]]]:
    """A server's address and who called it."""
    callers: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    connection, caller = server.accept()
                except TimeoutError:
                    continue
                callers.append(caller)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/layer.geojson", callers
        stop.set()
        thread.join()


def attempt(path: Path) -> str:
    """All that reading a file can tell, as text: an error's words, or the layer's."""
    try:
        layer = read_layer(path)
    except LayerError as error:
        return error.message + error.fix
    return layer.frame.to_csv() + str(layer.findings)


@pytest.mark.parametrize("name", ["layer.vrt", "layer.geojson", "layer.csv", "layer.kml", "layer.gpkg"])
def test_a_vrt_reads_no_bait_under_any_name(tmp_path: Path, name: str) -> None:
    path = hostile.vrt(tmp_path / name, str(hostile.bait(tmp_path)))
    with pytest.raises(UnsafeFileError, match="OGRVRTDataSource"):
        read_layer(path)


def test_a_vrt_in_a_zip_is_no_layer(tmp_path: Path) -> None:
    recipe = hostile.vrt(tmp_path / "a.vrt", str(hostile.bait(tmp_path))).read_bytes()
    with pytest.raises(LayerError, match="holds no layer"):
        read_layer(hostile.zip_of(tmp_path / "a.zip", {"a.vrt": recipe}))
    with pytest.raises(UnsafeFileError, match="OGRVRTDataSource"):
        read_layer(hostile.zip_of(tmp_path / "b.zip", {"a.geojson": recipe}))


@pytest.mark.parametrize("disguised", [False, True])
def test_a_pipeline_in_json_reads_no_bait(tmp_path: Path, disguised: bool) -> None:
    path = hostile.gdalg(tmp_path / "a.geojson", hostile.bait(tmp_path), disguised=disguised)
    assert hostile.SECRET not in attempt(path)
    with pytest.raises(LayerError):
        read_layer(path)


def test_no_service_is_called(tmp_path: Path, listener: tuple[str, list[object]]) -> None:
    url, callers = listener
    paths = [hostile.service(tmp_path / f"{kind}.geojson", url, kind) for kind in ("wfs", "gml", "oapif")]
    paths.append(hostile.vrt(tmp_path / "curl.geojson", f"/vsicurl/{url}"))
    for path in paths:
        with pytest.raises(UnsafeFileError):
            read_layer(path)
    assert callers == []


def test_a_network_link_is_not_followed(tmp_path: Path, listener: tuple[str, list[object]]) -> None:
    url, callers = listener
    layer = read_layer(hostile.network_link_kml(tmp_path / "a.kml", url))
    assert len(layer.frame) == 1
    assert callers == []


@pytest.mark.parametrize("build", [hostile.entity_kml, lambda path, _: hostile.entity_bomb(path)])
def test_dtds_are_refused(tmp_path: Path, build: Callable[[Path, Path], Path]) -> None:
    with pytest.raises(UnsafeFileError, match="DTD"):
        read_layer(build(tmp_path / "a.kml", hostile.bait(tmp_path)))


def test_a_dtd_far_down_behind_a_decoy_is_not_let_in(tmp_path: Path) -> None:
    with pytest.raises(UnsafeFileError):
        read_layer(hostile.late_entity_kml(tmp_path / "a.kml"))


def test_an_endless_view_is_refused(tmp_path: Path) -> None:
    for build in (hostile.endless_view, hostile.endless_contents):
        path = build(tmp_path / f"{build.__name__}.gpkg")
        for reader in (read_layer, list_layers, read_table):
            with pytest.raises(UnsafeFileError, match="computed by SQL"):
                reader(path)  # type: ignore[operator]


def test_triggers_never_fire(tmp_path: Path) -> None:
    path = hostile.triggers(tmp_path / "a.gpkg")
    before = path.read_bytes()
    assert len(read_layer(path).frame) == 2
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.gpkg"]


def test_other_databases_and_damaged_ones_are_said_to_be_so(tmp_path: Path) -> None:
    import sqlite3

    other = tmp_path / "other.gpkg"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE t (a)")
    database.close()
    with pytest.raises(LayerError, match="not a GeoPackage"):
        read_layer(other)
    cut = tmp_path / "cut.gpkg"
    cut.write_bytes(hostile.geopackage(tmp_path / "a.gpkg").read_bytes()[:2000])
    with pytest.raises(LayerError):
        read_layer(cut)


def test_a_geopackage_open_elsewhere_is_not_half_read(tmp_path: Path) -> None:
    path = hostile.geopackage(tmp_path / "a.gpkg")
    (tmp_path / "a.gpkg-wal").write_bytes(b"something")
    with pytest.raises(LayerError, match="open in another program"):
        read_layer(path)


@pytest.mark.parametrize("layer", ['pla"ces', "a]b", "x;--", "drop table y", "图层"])
def test_layer_names_are_names(tmp_path: Path, layer: str) -> None:
    path = hostile.geopackage(tmp_path / "a.gpkg", layer)
    assert list_layers(path) == [layer]
    assert len(read_layer(path, layer=layer).frame) == 2


def test_a_million_deep_json_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "deep.geojson"
    path.write_text('{"type":"Feature","properties":{"a":' + "[" * 10**6 + "]" * 10**6 + '},"geometry":null}')
    with pytest.raises(LayerError):
        read_layer(path)


def test_a_collection_5000_deep_is_an_answer_or_an_error(tmp_path: Path) -> None:
    start = '{"type":"GeometryCollection","geometries":['
    deep = start * 5_000 + '{"type":"Point","coordinates":[1,2]}' + "]}" * 5_000
    path = tmp_path / "deep.geojson"
    path.write_text(f'{{"type":"Feature","properties":{{}},"geometry":{deep}}}')
    assert attempt(path)


def test_curves_become_polylines_and_a_tin_is_listed(tmp_path: Path) -> None:
    layer = read_layer(hostile.curves(tmp_path / "a.gpkg"))
    assert layer.frame.geometry.geom_type.tolist() == ["Point", "LineString", "Polygon"]
    assert layer.frame.geometry.iloc[2].area == pytest.approx(3.14159, rel=0.01)
    assert [finding.row for finding in layer.rejects] == [4]


def test_a_tangle_is_refused_by_row_and_the_rest_is_kept(tmp_path: Path) -> None:
    import numpy as np

    ring = np.random.default_rng(1).uniform(0, 1, (3_000, 2))
    comb = [(0.0, 0.0), *((i / 2403, float(i % 2)) for i in range(2403)), (1.0, -1.0)]
    features = [
        {"type": "Feature", "properties": {"n": n}, "geometry": shapely.geometry.mapping(geom)}
        for n, geom in enumerate([shapely.Polygon(ring), shapely.box(0, 0, 1, 1), shapely.Polygon(comb)])
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    layer = read_layer(path)
    assert [(f.code, f.row) for f in layer.rejects] == [("polygon_too_tangled", 1)]
    assert layer.frame.geometry.is_valid.all()
    assert layer.frame.index.tolist() == [2, 3]


def test_computing_time_is_bounded(tmp_path: Path) -> None:
    import numpy as np

    path = tmp_path / "a.geojson"
    ring = np.random.default_rng(1).uniform(0, 1, (60_000, 2))
    geometry = shapely.geometry.mapping(shapely.Polygon(ring))
    path.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": geometry}))
    with pytest.raises(UnsafeFileError, match="more than 1 seconds of computing"):
        read_layer(path, limits=Limits(cpu_s=1))


def test_memory_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,lng,lat\n" + "1,120,32\n" * 3_000_000)
    with pytest.raises(LayerError):
        read_layer(path, limits=Limits(memory_bytes=600 * 2**20))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"   \n", "is empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "Office"),
        (b"\x00\x01\x02\x03" * 50, "in no format"),
        (b'{"hello": "world"}', "neither GeoJSON nor TopoJSON"),
        (b"<osm version='0.6'></osm>", "OpenStreetMap"),
        (b"PAR1 and then nothing", "cannot be read"),
        (b"fgb\x03fgb\x01 and then nothing", "cannot be read|has no features|holds no layers"),
        (b"SQLite format 3\0 and then nothing", "damaged"),
        (b"\x00\x00\x27\x0a and then nothing", "cannot be read"),
        (b'{"type": "FeatureCollection", "features": []}', "no features|holds no layers"),
        (b'{"type": "FeatureCollection", "features": [', "cannot be read"),
    ],
)
def test_what_is_no_layer_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "layer.geojson"
    path.write_bytes(content)
    with pytest.raises(LayerError, match=message) as error:
        read_layer(path)
    assert "woodpecker-" not in error.value.message
    assert error.value.fix


def test_a_file_larger_than_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"lng,lat\n1,2\n")
    with pytest.raises(UnsafeFileError, match="more than 5 bytes"):
        read_layer(path, limits=Limits(file_bytes=5))


def test_names_of_files_do_not_say_what_they_are(tmp_path: Path) -> None:
    path = hostile.geopackage(tmp_path / "a.gpkg").rename(tmp_path / "a.shp")
    layer: SourceLayer = read_layer(path)
    assert (layer.source.driver, len(layer.frame)) == ("GPKG", 2)


def run_as_child(tmp_path: Path, code: str, skip: list[str]) -> str:
    """What Python prints in the child's environment, on the child's side of the sandbox."""
    environment = {**sandbox._environment(tmp_path), "GDAL_SKIP": ",".join(skip)}
    command = [*sandbox._isolation(), sys.executable, "-P", "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_gdal_knows_no_driver_but_the_one_needed(tmp_path: Path) -> None:
    skip = [name for name in pyogrio.list_drivers() if name != "GeoJSON"]
    assert run_as_child(tmp_path, "import pyogrio; print(*pyogrio.list_drivers())", skip) == "GeoJSON"


def test_what_a_thread_does_at_the_childs_end_does_not_spoil_its_answer(tmp_path: Path) -> None:
    """Python waits for nothing, as Arrow's thread would abort it; yet all that was said arrives."""
    (tmp_path / "request.json").write_text(json.dumps({"limits": asdict(Limits())}), "utf-8")
    code = (
        "import atexit, os, sys; from pathlib import Path; from layers.reading.child import serve\n"
        "atexit.register(os.abort)\n"
        f"serve(Path({str(tmp_path)!r}), lambda *_: {{'said': sys.stdout.write('rows')}})"
    )
    assert run_as_child(tmp_path, code, []) == "rows"
    assert json.loads((tmp_path / "answer.json").read_text("utf-8")) == {"said": 4}


def test_the_child_has_no_network(tmp_path: Path, listener: tuple[str, list[object]]) -> None:
    if not sandbox._isolation():
        pytest.skip(sandbox_status())
    port = listener[0].rpartition(":")[2].partition("/")[0]
    code = f"import socket; print(socket.socket().connect_ex(('127.0.0.1', {port})))"
    assert run_as_child(tmp_path, code, []) != "0"
    assert listener[1] == []
