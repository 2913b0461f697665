"""The documentation says what is true: its commands run, its examples parse, its links lead somewhere.

``docs/cli.md`` is written by this file: ``python tests/test_docs.py`` writes it anew from the commands.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from click.testing import CliRunner

from api.cli import woodpecker
from geo.errors import GridError
from layers.answers import ANSWER_COLUMNS
from layers.categories import SHIPPED, read_categories
from layers.check import MESSAGES
from layers.config import parse_config
from layers.demo import write_sources
from layers.hotspot_messages import FILE_MESSAGES
from layers.osm.messages import OSM_MESSAGES
from layers.store.messages import STORE_MESSAGES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
READMES = (ROOT / "README.md", ROOT / "README.zh.md")
PAGES = (*READMES, ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md")))
RULES = DOCS / "rules.md"
START = DOCS / "getting-started.md"
FROM_NOTHING = (*READMES, START)  # the other pages go on in the city that Getting started made
TITLED = re.compile(r'^```\w+ title="([\w.-]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REST = "…"  # in shown output: anything, within a line or for some lines
# Getting started is followed by the fixture `started`; the Chinese README has the English one's commands.
FOLLOWED = [page for page in PAGES if page not in (START, READMES[1])]
PAGE_NAME = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


class Step(NamedTuple):
    """A command of a page, what the page shows of its output, and how it ends."""

    command: str
    shown: str
    exit_code: int


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [body for found, body in FENCE.findall(page.read_text("utf-8")) if found == language]


def steps(page: Path) -> list[Step]:
    """Every ``$`` line of the console blocks with the lines below it."""
    bodies = blocks(page, "console")
    return [_step(part) for body in bodies for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]]


def _step(part: str) -> Step:
    command, _, shown = part.partition("\n")
    code = re.search(r"^# exit code (\d)", shown, re.MULTILINE)
    shown = re.sub(r"^# .*\n?", "", shown, flags=re.MULTILINE)
    return Step(command, shown, int(code[1]) if code else 0)


def run(command: str) -> tuple[int, str]:
    """Exit code and output, stdout and stderr together, of a line of a page; only its own words are run."""
    words = shlex.split(command)
    if words[0] == "woodpecker":
        return _woodpecker(words[1:])
    if words[0] == "head":  # head -n N FILE > FILE
        lines = Path(words[3]).read_text("utf-8").splitlines(keepends=True)[: int(words[2])]
        Path(words[5]).write_text("".join(lines), "utf-8")
    elif words[0] == "cat":
        return 0, Path(words[1]).read_text("utf-8")
    else:
        assert command in ("make demo", "make test", "pip install ."), f"nobody runs {command!r}"
    return 0, ""


def _woodpecker(words: list[str]) -> tuple[int, str]:
    result = CliRunner().invoke(woodpecker, words)
    if isinstance(result.exception, GridError):
        error = result.exception
        return 3, f"{result.output}Error: {error.message}\nFix: {error.fix}\n"
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def pattern(shown: str) -> re.Pattern[str]:
    """What output has to look like: blanks count as one, `REST` stands for anything."""
    lines = []
    for line in shown.splitlines():
        if line.strip() == REST:
            lines.append(r"(?:.*\n)*?")
        elif line.strip():
            lines.append(re.escape(_plain(line)).replace(REST, ".*") + r"\n")
    return re.compile("".join(lines))


def _plain(line: str) -> str:
    return re.sub(r"\s+", " ", line).strip()


def _plain_lines(text: str) -> str:
    return "".join(f"{_plain(line)}\n" for line in text.splitlines() if line.strip())


def follow(page: Path, folder: Path) -> None:
    """Run a page's commands in a folder and compare what comes out with what the page shows.

    A block with a title is a file of that name, which the commands may use.
    """
    with contextlib.chdir(folder):
        for name, text in TITLED.findall(page.read_text("utf-8")):
            Path(name).write_text(text, "utf-8")
        for step in steps(page):
            code, output = run(step.command)
            assert code == step.exit_code, f"{step.command}\n{output}"
            said = _plain_lines(output)
            if step.shown.strip():
                fits = pattern(step.shown).fullmatch(said) is not None
                assert fits, f"{page.name}: {step.command}\nsays\n{said}"


# ---- what the commands work on


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `make demo` leaves it, with the sources alone."""
    folder = tmp_path_factory.mktemp("sources")
    write_sources(folder / "demo" / "sources")
    return folder


@pytest.fixture(scope="session")
def started(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of somebody who has followed Getting started."""
    folder = tmp_path_factory.mktemp("started") / "work"
    shutil.copytree(sources, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_ALL", "C.UTF-8")
        follow(START, folder)
    return folder


# ---- the claims


@pytest.mark.parametrize("page", FOLLOWED, ids=lambda page: page.name)
def test_every_command_of_a_page_runs_and_says_what_the_page_shows(
    page: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    wanted = "sources" if page in FROM_NOTHING else "started"
    if not steps(page) and not blocks(page, "python"):
        return  # nothing to run
    folder = tmp_path / "work"
    shutil.copytree(request.getfixturevalue(wanted), folder)
    follow(page, folder)
    for body in blocks(page, "python"):
        with contextlib.chdir(folder):
            exec(compile(body, page.name, "exec"), {"__name__": "example"})


def test_getting_started_leads_to_a_city_with_answers(started: Path) -> None:
    assert (started / "mycity" / "LIVE").read_text("utf-8") == "0001\n"
    assert (started / "reports.html").exists()


@PAGE_NAME
def test_every_piece_of_city_toml_parses(page: Path, tmp_path: Path) -> None:
    (tmp_path / "categories.csv").write_text("code,name_zh,name_en,asset_kinds\n1,灯,Light,\n", "utf-8")
    for body in blocks(page, "toml"):
        whole = body if re.search(r"^name\s*=", body.split("[")[0], re.MULTILINE) else f'name = "x"\n{body}'
        assert parse_config(whole, tmp_path).name


@PAGE_NAME
def test_every_link_inside_the_project_leads_to_a_file_and_a_heading(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path) if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in _anchors(file), target


def _anchors(page: Path) -> set[str]:
    from markdown.extensions.toc import slugify

    heads = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {slugify(head.replace("`", ""), "-") for head in heads}


def test_every_finding_that_can_be_made_is_explained() -> None:
    pages = [(DOCS / name).read_text("utf-8") for name in ("checking.md", "importing.md", "importing-osm.md")]
    explained = set(re.findall(r"^\| `(\w+)` \|", "\n".join(pages), re.MULTILINE))
    roles = {"owner", "place"}  # of an import, in a table of the same look
    assert explained - roles == set(MESSAGES) | set(OSM_MESSAGES) | set(STORE_MESSAGES) | set(FILE_MESSAGES)


def test_every_category_that_is_shipped_is_listed() -> None:
    rows = re.findall(
        r"^\| (E?\d{4}) \| ([^|]+) \| ([^|]+) \|([^|]*)\|", RULES.read_text("utf-8"), re.MULTILINE
    )
    listed = {code: (zh, en, tuple(kinds.split())) for code, zh, en, kinds in rows}
    shipped = read_categories(SHIPPED, ROOT)
    assert listed == {code: (c.name_zh, c.name_en, c.asset_kinds) for code, c in shipped.items()}


@PAGE_NAME
def test_every_option_that_a_page_names_exists(page: Path) -> None:
    known = {opt for _, command in commands() for option in command.params for opt in option.opts}
    others = {"--help", "--version", "--ignore-scripts", "--data-binary", "--data-urlencode"}
    others |= {"--kills", "--how-often", "--count", "--towns", "--peer-every"}  # of benchmarks
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", page.read_text("utf-8")))
    assert named <= known | others


def test_every_column_of_an_answer_is_explained() -> None:
    text = (DOCS / "answers.md").read_text("utf-8")
    assert (
        tuple(re.findall(r"^\| `(\w+)` \| ", text.partition("## Topology")[0], re.MULTILINE))
        == ANSWER_COLUMNS
    )


def test_both_readmes_tell_the_same() -> None:
    english, chinese = READMES
    heads = [re.findall(r"^(#+) ", readme.read_text("utf-8"), re.MULTILINE) for readme in READMES]
    links = [re.findall(r"\]\((docs/[^)]+)\)", readme.read_text("utf-8")) for readme in READMES]
    assert heads[0] == heads[1]
    assert links[0] == links[1]
    assert steps(english) == steps(chinese)


def test_every_page_can_be_reached_from_the_readme() -> None:
    linked = set(re.findall(r"\(docs/([^)]+)\)", READMES[0].read_text("utf-8")))
    assert {page.name for page in DOCS.glob("*.md")} - {"index.md"} <= linked


@PAGE_NAME
def test_no_page_names_a_machine_or_a_registry(page: Path) -> None:
    text = page.read_text("utf-8")
    assert not re.search(r"pypi\.|npmjs|/(?:work|home|tmp)/|unpkg|jsdelivr", text)


# ---- the site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation as HTML; any warning of mkdocs fails the build."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_COLOR": "1", "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_has_every_page(site: Path) -> None:
    for page in DOCS.glob("*.md"):
        assert (site / f"{page.stem}.html").exists()


def test_the_site_loads_nothing_from_another_host(site: Path) -> None:
    for page in site.rglob("*.html"):
        html = page.read_text("utf-8")
        loading = re.findall(r"<(?:link|script|img|iframe|source|object|embed)\b[^>]*>", html)
        assert not [tag for tag in loading if re.search(r"(?:href|src|data)=[\"']?(?:https?:)?//", tag)]
        assert 'class="mermaid"' not in html  # the theme would fetch its script for it
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?(?:https?:)?//|@import", sheet.read_text("utf-8"))


# ---- the command line's page


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by what is typed."""
    for name, command in woodpecker.commands.items():
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", found) for inner, found in command.commands.items())
        else:
            yield name, command


def cli_page() -> str:
    """``docs/cli.md``, from the commands themselves."""
    parts = [HEAD.strip(), *(_section(name, command) for name, command in commands())]
    return "\n\n".join(parts) + "\n"


HEAD = """
# Command line

Written from the commands' own `--help`; every command also has `-h`.

`D` is `wgs84`, `gcj02`, `bd09`, `cgcs2000` or `EPSG:n`. Coordinates are longitude first, or easting first.
A negative longitude may stand where an option could: `locate --city chicago -87.6 41.8`.

| exit code | meaning |
|---|---|
| 0 | all well |
| 1 | findings of `check`, `doctor` or a dry run, or rows that could not be used |
| 2 | wrong usage |
| 3 | unusable data or city; the message says what is wrong and how to mend it |

Results go to standard output, everything said to a person goes to standard error. On a terminal tables are
drawn; in a pipe their columns are separated by tabs. Findings are in Chinese where the locale (`LC_ALL`,
`LC_MESSAGES`, `LANG`) is Chinese, else in English.
"""


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"woodpecker {name}")
    usage = " ".join(command.collect_usage_pieces(context))
    said = inspect.cleandoc((command.help or "").replace("\b", ""))
    rows = [_row(option, context) for option in command.params if isinstance(option, click.Option)]
    table = "\n".join(["| option | meaning |", "|---|---|", *rows])
    example = re.sub(r"^\s*Examples?:\s*", "", (command.epilog or "").replace("\b", ""))
    example = "\n".join(line.strip() for line in example.strip().splitlines())
    shown = f"\n\n```text\n{example}\n```" if example else ""
    return f"## {name}\n\n`woodpecker {name} {usage}`\n\n{said}\n\n{table}{shown}"


def _row(option: click.Option, context: click.Context) -> str:
    names, meaning = option.get_help_record(context) or ("", "")
    return f"| `{names}` | {meaning.replace('|', chr(92) + '|')} |"


def test_the_page_of_the_command_line_is_what_the_commands_say() -> None:
    fresh = (DOCS / "cli.md").read_text("utf-8") == cli_page()
    assert fresh, "write it anew: python tests/test_docs.py"


def test_the_page_of_the_command_line_names_every_option() -> None:
    text = (DOCS / "cli.md").read_text("utf-8")
    for name, command in commands():
        section = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        for option in command.params:
            if isinstance(option, click.Option):
                assert all(opt in section for opt in option.opts), (name, option)


if __name__ == "__main__":
    (DOCS / "cli.md").write_text(cli_page(), encoding="utf-8")
