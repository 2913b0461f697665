"""serve.toml: what only the server needs to know, in a city's folder; it may be absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from geo.errors import ConfigError
from layers.city import City
from layers.config import Lines, no_unknown, read_toml, tables_of
from layers.webhook_addresses import is_public
from layers.webhooks import KINDS, PORTS, Webhook, WebhookError, is_host, parse_url, secret_bytes

FILE = "serve.toml"
MOST_HOOKS = 32
MOST_SECRET_FILE = 4_096  # bytes
_KEYS = frozenset({"address", "hosts", "cors", "retention_days", "least_free_mb", "webhook"})
_HOOK_KEYS = frozenset({"url", "secret", "secret_file", "events", "allow_private"})
_HOOK = "webhook"


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """What serve.toml says.

    Attributes:
        address: where people reach the server, without a slash at its end; "" is where they asked.
        hosts: names under which browsers may reach the server, beside loopback; lower case.
        cors: origins whose pages may ask, as browsers write them.
        retention_days: after how many days what is personal in a report is erased; 0 is never.
        least_free_mb: with less room on the disk the server says that it is not ready.
        webhooks: whom to tell of events.
    """

    address: str = ""
    hosts: tuple[str, ...] = ()
    cors: tuple[str, ...] = ()
    retention_days: int = 0
    least_free_mb: int = 200
    webhooks: tuple[Webhook, ...] = ()


def read_serve_config(city: City) -> ServeConfig:
    """What a city's serve.toml says; the defaults where there is none.

    Raises:
        ConfigError: it is no TOML, or says what cannot be; names the line.
    """
    path = city.folder / FILE
    if not path.exists():
        return ServeConfig()
    return parse_serve_config(_read(path), city.folder)


def parse_serve_config(text: str, folder: Path = Path()) -> ServeConfig:
    """What the text of a serve.toml says.

    Args:
        folder: where its secret files lie.

    Raises:
        ConfigError: as in `read_serve_config`.
    """
    at = Lines(text, FILE)
    data = read_toml(at, _KEYS)
    return ServeConfig(
        address=_address(data, at),
        hosts=_each(data, "hosts", at, _host),
        cors=_each(data, "cors", at, _origin),
        retention_days=_whole(data, "retention_days", at, 0, 36_500),
        least_free_mb=_whole(data, "least_free_mb", at, ServeConfig().least_free_mb, 10_000_000),
        webhooks=_webhooks(data, at, folder),
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 ({error.reason}).", fix="Save it as UTF-8.") from error
    except OSError as error:
        fix = "Make it a file that the server may read, or remove it."
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", fix=fix) from error


def _texts(data: Mapping[str, Any], key: str, at: Lines, table: str = "", index: int = 0) -> list[str]:
    values = data.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        fix = f'Write {key} = ["…", "…"].'
        raise at.error(f"{key!r} is {values!r}; a list of texts is needed.", key, table, index, fix=fix)
    return values


def _each(data: Mapping[str, Any], key: str, at: Lines, read: Callable[[str], str | None]) -> tuple[str, ...]:
    """The entries of a list, each as it is to be compared."""
    found = []
    for value in _texts(data, key, at):
        said = read(value)
        if said is None:
            raise at.error(f"{value!r} in {key!r} cannot be.", key, fix=_FIXES[key])
        found.append(said)
    return tuple(dict.fromkeys(found))


def _address(data: Mapping[str, Any], at: Lines) -> str:
    value = data.get("address", "")
    said = _origin(value.removesuffix("/")) if isinstance(value, str) and value else value
    if not isinstance(said, str):
        fix = 'Give scheme and host, and the port where there is one, such as "https://woodpecker.intranet".'
        raise at.error(f"'address' is {value!r}, which cannot be.", "address", fix=fix)
    return said


_FIXES = {
    "hosts": 'Give names or addresses alone, such as "woodpecker.intranet": no scheme, port or path.',
    "cors": 'Give scheme, host and port, such as "https://portal.example.cn": no path, no *.',
}


def _host(value: str) -> str | None:
    """A host's name, or an IP address without brackets."""
    host = value.strip("[]").lower()
    return host if is_host(host) else None


def _origin(value: str) -> str | None:
    """An origin as browsers write it: lower case, without the port that goes without saying."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    host = _host(parts.hostname or "")
    written = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in PORTS or host is None or "@" in parts.netloc or value.lower() != written.lower():
        return None
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + ("" if port in (None, PORTS[parts.scheme]) else f":{port}")


def _whole(data: Mapping[str, Any], key: str, at: Lines, default: int, most: int) -> int:
    value = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise at.error(f"{key!r} is {value!r}; a whole number from 0 to {most} is needed.", key)
    return value


def _webhooks(data: Mapping[str, Any], at: Lines, folder: Path) -> tuple[Webhook, ...]:
    hooks: dict[str, Webhook] = {}
    for index, entry in enumerate(tables_of(data, _HOOK, at)):
        hook = _webhook(entry, index, at, folder)
        if hook.url in hooks:
            fix = "Name all its events in one [[webhook]]."
            raise at.error("this url is there twice.", "url", _HOOK, index, fix=fix)
        hooks[hook.url] = hook
    if len(hooks) > MOST_HOOKS:
        raise at.error(f"there are {len(hooks)} webhooks; {MOST_HOOKS} are the most.", "url", _HOOK)
    return tuple(hooks.values())


def _webhook(entry: Mapping[str, Any], index: int, at: Lines, folder: Path) -> Webhook:
    no_unknown(entry, _HOOK_KEYS, at, _HOOK, index)
    allow_private = entry.get("allow_private", False)
    if not isinstance(allow_private, bool):
        what = f"'allow_private' is {allow_private!r}; true or false is needed."
        raise at.error(what, "allow_private", _HOOK, index)
    key = "url"
    try:
        url = _text(entry, key)
        address = parse_url(url)
        _check_reach(address.scheme, address.host, allow_private)
        key = "secret_file" if "secret_file" in entry else "secret"
        secret = secret_bytes(_secret(entry, folder))
    except WebhookError as error:
        raise at.error(error.message, key, _HOOK, index, fix=error.fix) from error
    return Webhook(url, address, secret, _kinds(entry, index, at), allow_private)


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str) or not value.strip():
        # The value is not shown: it may be a secret.
        raise WebhookError(f"{key!r} is {'no text' if key in entry else 'missing'}.")
    return value


def _check_reach(scheme: str, host: str, allow_private: bool) -> None:
    """What can be seen without a look at the name service; the rest is seen when it is sent."""
    if allow_private:
        return
    if scheme != "https":
        raise WebhookError("The address is not https.", fix="Use https, or say allow_private = true.")
    is_number = ":" in host or host.replace(".", "").isdecimal()
    if is_number and not is_public(host):
        fix = "If it is meant to be there, say allow_private = true."
        raise WebhookError(f"{host!r} is no public address.", fix=fix)


def _secret(entry: Mapping[str, Any], folder: Path) -> str:
    if "secret_file" not in entry:
        return _text(entry, "secret")
    if "secret" in entry:
        raise WebhookError("There is a secret and a secret_file.", fix="Keep one of them.")
    path = folder / _text(entry, "secret_file")
    try:
        with path.open("rb") as file:
            return file.read(MOST_SECRET_FILE).decode()
    except (OSError, UnicodeDecodeError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise WebhookError(f"{path} cannot be read: {why}.") from error


def _kinds(entry: Mapping[str, Any], index: int, at: Lines) -> frozenset[str]:
    kinds = _texts(entry, "events", at, _HOOK, index)
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        fix = f"Known: {', '.join(KINDS)}."
        raise at.error(f"{unknown[0]!r} is no kind of event.", "events", _HOOK, index, fix=fix)
    return frozenset(kinds)
