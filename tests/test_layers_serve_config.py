"""serve.toml: what it may say, and where it is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hook_server import SECRET

from geo.errors import ConfigError
from layers.city import City
from layers.serve_config import ServeConfig, parse_serve_config, read_serve_config
from layers.webhooks import KINDS, secret_bytes

HOOK = f'[[webhook]]\nurl = "https://example.cn/hook"\nsecret = "{SECRET}"\n'
DOCS = Path(__file__).parents[1] / "docs" / "serving.md"


def test_without_the_file_everything_is_as_usual(tmp_path: Path) -> None:
    config = read_serve_config(City(tmp_path))
    assert config == ServeConfig()
    assert (config.retention_days, config.least_free_mb, config.webhooks) == (0, 200, ())


def test_what_it_says_is_read(tmp_path: Path) -> None:
    (tmp_path / "serve.toml").write_text(
        '\ufeffaddress = "https://Woodpecker.Intranet:443/"\nhosts = ["Woodpecker.Intranet", "::1"]\n'
        'cors = ["https://Portal.example.cn:443", "http://[::1]:8080", "http://localhost:5173"]\n'
        "retention_days = 730\nleast_free_mb = 0\n" + HOOK + 'events = ["received", "dispatch"]\n',
        encoding="utf-8",
    )
    config = read_serve_config(City(tmp_path))
    assert config.address == "https://woodpecker.intranet"
    assert config.hosts == ("woodpecker.intranet", "::1")
    assert config.cors == ("https://portal.example.cn", "http://[::1]:8080", "http://localhost:5173")
    assert (config.retention_days, config.least_free_mb) == (730, 0)
    (hook,) = config.webhooks
    assert hook.secret == secret_bytes(SECRET)
    assert hook.kinds == {"received", "dispatch"}
    assert (hook.address.host, hook.address.port, hook.address.target) == ("example.cn", 443, "/hook")
    assert not hook.allow_private


def test_a_secret_may_lie_in_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "hook.secret").write_text(f"{SECRET}\n")
    text = '[[webhook]]\nurl = "https://example.cn/"\nsecret_file = "hook.secret"\n'
    assert parse_serve_config(text, tmp_path).webhooks[0].secret == secret_bytes(SECRET)


def test_a_private_address_needs_to_be_allowed() -> None:
    for url in ("http://example.cn/", "https://127.0.0.1/", "https://2130706433/", "https://[::1]:8443/x"):
        text = HOOK.replace("https://example.cn/hook", url)
        with pytest.raises(ConfigError, match=r"serve\.toml, line 2: ") as caught:
            parse_serve_config(text)
        assert "allow_private = true" in caught.value.fix
        assert parse_serve_config(f"{text}allow_private = true\n").webhooks[0].url == url


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("retention_day = 1\n", 1, "retention_day"),
        ("address = 5\n", 1, "5"),
        ('address = "woodpecker.intranet"\n', 1, "woodpecker.intranet"),
        ('address = "https://a.cn/city"\n', 1, "https://a.cn/city"),
        ("\nhosts = 5\n", 2, "hosts"),
        ('hosts = ["a b"]\n', 1, "a b"),
        ('hosts = ["https://a.cn"]\n', 1, "https://a.cn"),
        ('hosts = ["a.cn:8000"]\n', 1, "a.cn:8000"),
        ('hosts = ["*"]\n', 1, "*"),
        ('hosts = [""]\n', 1, "''"),
        ('cors = ["*"]\n', 1, "*"),
        ('cors = ["null"]\n', 1, "null"),
        ('cors = ["https://a.cn/"]\n', 1, "https://a.cn/"),
        ('cors = ["https://a.cn:99999"]\n', 1, "99999"),
        ('cors = ["https://u:p@a.cn"]\n', 1, "u:p"),
        ('cors = ["ftp://a.cn"]\n', 1, "ftp"),
        ("retention_days = -1\n", 1, "-1"),
        ("retention_days = true\n", 1, "True"),
        ("least_free_mb = 1.5\n", 1, "1.5"),
        ("least_free_mb = nan\n", 1, "nan"),
        ("webhook = 5\n", 1, "webhook"),
        (f'{HOOK}retries = 3\n', 4, "retries"),
        (f'{HOOK}events = ["dispatched"]\n', 4, "dispatched"),
        (f'{HOOK}events = "dispatch"\n', 4, "events"),
        (f'{HOOK}allow_private = "yes"\n', 4, "yes"),
        (f"{HOOK}{HOOK}", 5, "twice"),
        (f'{HOOK}secret_file = "x"\n', 4, "secret_file"),
        ('[[webhook]]\nurl = "https://example.cn/"\n', 1, "'secret' is missing"),
        ('[[webhook]]\nurl = "https://example.cn/"\nsecret = "short"\n', 3, "5 bytes"),
        ('[[webhook]]\nurl = "https://example.cn/"\nsecret = "whsec_%%%"\n', 3, "base64"),
        ('[[webhook]]\nurl = "https://example.cn/"\nsecret_file = "no/such"\n', 3, "no/such"),
        ('[[webhook]]\nurl = "https://example.cn/"\nsecret_file = "a\\u0000b"\n', 3, "cannot be read"),
        (f'[[webhook]]\nsecret = "{SECRET}"\n', 1, "'url' is missing"),
        (f'[[webhook]]\nurl = "example.cn"\nsecret = "{SECRET}"\n', 2, "example.cn"),
        (f'[[webhook]]\nurl = "file:///etc/passwd"\nsecret = "{SECRET}"\n', 2, "file"),
        (f'[[webhook]]\nurl = "https://u:pw@example.cn/"\nsecret = "{SECRET}"\n', 2, "password"),
        (f'[[webhook]]\nurl = "https://example.cn/灯"\nsecret = "{SECRET}"\n', 2, "ASCII"),
        (f'[[webhook]]\nurl = "https://e.cn/\\r\\nX: y"\nsecret = "{SECRET}"\n', 2, "ASCII"),
        (f'[[webhook]]\nurl = "https://.example.cn/"\nsecret = "{SECRET}"\n', 2, "example.cn"),
        (f'[[webhook]]\nurl = "https://[::1/"\nsecret = "{SECRET}"\n', 2, "::1"),
        (f'[[webhook]]\nurl = "https://e.cn:0/"\nsecret = "{SECRET}"\n', 2, ":0"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_and_line(text: str, line: int, word: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_serve_config(text)
    assert caught.value.message.startswith(f"serve.toml, line {line}: ")
    assert word in caught.value.message


@pytest.mark.parametrize("secret", ['"hunter2"', "1234567890123", '["hunter2"]', '"whsec_hunter2%"'])
def test_no_error_and_no_representation_shows_a_secret(secret: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_serve_config(f'[[webhook]]\nurl = "https://example.cn/"\nsecret = {secret}\n')
    assert not re.search("hunter2|12345", caught.value.message + caught.value.fix)
    assert "MfKQ" not in repr(parse_serve_config(HOOK))
    assert repr(secret_bytes(SECRET)) not in repr(parse_serve_config(HOOK))


def test_what_is_no_toml_or_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^serve\.toml cannot be read"):
        parse_serve_config("hosts = [")
    (tmp_path / "serve.toml").write_bytes(b'hosts = ["\xff"]')
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_serve_config(City(tmp_path))
    (tmp_path / "serve.toml").unlink()
    (tmp_path / "serve.toml").mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        read_serve_config(City(tmp_path))


def test_the_example_of_the_documentation_is_valid_and_names_every_kind(tmp_path: Path) -> None:
    text = DOCS.read_text("utf-8")
    (example,) = re.findall(r'^```toml title="serve.toml"\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)
    assert parse_serve_config(example, tmp_path).webhooks
    for kind in KINDS:
        assert f"`{kind}`" in text, kind
