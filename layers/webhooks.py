"""Webhooks: whom to tell of which events, and the message, signed, that tells it.

The message is what Standard Webhooks describes: three headers and a JSON body. It holds nothing of a person:
only fields of an issue that any map may show, and reasons that only staff can have written.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from geo.errors import GridError
from layers.action_corrections import CORRECTION
from layers.action_history import PROPOSED_OWNER
from layers.actions import JOINED_BY, LEFT_BY
from layers.life_cycle import TABLE, Action, Role
from layers.store.canonical import canonical
from layers.store.corrections import KINDS as CORRECTION_KINDS
from layers.store.filing import JOINED, RECEIVED
from layers.store.private import ERASED
from layers.store.values import Event
from layers.times import time_text
from layers.transfers import ASSIGNED

LEAST_SECRET = 24  # bytes
MOST_URL = 2_000  # characters
SECRET_PREFIX = "whsec_"
PORTS = {"https": 443, "http": 80}

KINDS = (RECEIVED, JOINED, *Action, JOINED_BY, LEFT_BY, ASSIGNED, ERASED, *CORRECTION_KINDS)
# What of an issue is told, beside flags and due time. What is not named is not told, new fields included.
TOLD = (
    *("status", "category", "lng", "lat", "cell_code", "cell_path", "owner_id", "asset_kind", "asset_id"),
    *("certainty", "owner_share", "generation", "report_count", "merged_into", "version", "issue", "reports"),
    *(PROPOSED_OWNER, "claimed_by", CORRECTION, "radius_m", "replaced_by"),
)
_TOLD_OF_REPORT = ("uid", "channel")
# A reporter's comment is what a citizen wrote. The reasons of these actions are the staff's alone.
REASONS_TOLD = frozenset(Action) - {step.action for step in TABLE if Role.REPORTER in step.roles}

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_IPV6 = re.compile(r"[0-9a-f:.]*:[0-9a-f:.]*")


class WebhookError(GridError):
    """A webhook's address or secret cannot serve."""


@dataclass(frozen=True, slots=True)
class HookUrl:
    """Where a webhook listens.

    Attributes:
        host: a name or an address, an IPv6 one without brackets.
        target: path and query.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Whom to tell of what.

    Attributes:
        url: as it was written; its SHA-256 is what the store knows the hook by.
        kinds: of the events to be told; none means all.
        allow_private: whether it may be in this machine or its network, and may lack encryption.
    """

    url: str
    address: HookUrl
    secret: bytes = field(repr=False)
    kinds: frozenset[str] = frozenset()
    allow_private: bool = False

    @property
    def key(self) -> str:
        """What the store keeps its place under."""
        return f"webhook.{hashlib.sha256(self.url.encode()).hexdigest()}"

    @property
    def name(self) -> str:
        """What logs and figures call it: the host, and no path, which may hold a password."""
        return f"{self.address.host}-{self.key[8:16]}"


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent for an event, the same at every attempt and to every hook."""

    id: str
    body: bytes


def is_host(host: str) -> bool:
    """Whether a text is a host's name in lower case, or an IP address without brackets."""
    return bool(_NAME.fullmatch(host) or _IPV6.fullmatch(host))


def parse_url(url: str) -> HookUrl:
    """Where a webhook listens.

    Raises:
        WebhookError: it is no http or https address of a host, or holds a name and password.
    """
    if not re.fullmatch(r"[!-~]+", url) or "\\" in url or len(url) > MOST_URL:
        fix = "Write %XX for other characters of a path, and a host's name in its xn-- form."
        raise WebhookError(f"{url[:80]!r} is no web address: it is empty, too long, or not ASCII.", fix=fix)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WebhookError(f"{url!r} is no web address: {error}.", fix=_EXAMPLE) from error
    host = parts.hostname or ""
    if parts.scheme not in PORTS or not is_host(host) or port == 0 or parts.fragment:
        raise WebhookError(f"{url!r} is no https address of a host.", fix=_EXAMPLE)
    if "@" in parts.netloc:
        raise WebhookError("The address holds a name or password.", fix="The signature proves who sends.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return HookUrl(parts.scheme, host, port or PORTS[parts.scheme], target)


_EXAMPLE = "Write it like https://example.cn/hook."


def secret_bytes(secret: str) -> bytes:
    """The bytes to sign with: those of base64 after ``whsec_``, else the text's own.

    Raises:
        WebhookError: fewer than 24 bytes, or no base64; the message does not repeat it.
    """
    plain = secret.strip()
    try:
        raw = (
            base64.b64decode(plain.removeprefix(SECRET_PREFIX), validate=True)
            if plain.startswith(SECRET_PREFIX)
            else plain.encode()
        )
    except binascii.Error as error:
        raise WebhookError(f"What follows {SECRET_PREFIX} is no base64.", fix=_MAKE_SECRET) from error
    if len(raw) < LEAST_SECRET:
        what = f"The secret has {len(raw)} bytes; at least {LEAST_SECRET} are needed."
        raise WebhookError(what, fix=_MAKE_SECRET)
    return raw


_MAKE_SECRET = f'Make one: echo "{SECRET_PREFIX}$(head -c 32 /dev/urandom | base64)".'


def message(event: Event, number: str | None) -> Message:
    """What is sent for an event.

    The id holds a piece of the event's hash: a store that was restored may give a seq to another event, and
    other cities have the same seqs.

    Args:
        number: the issue's, None where the event concerns no single one.
    """
    at = time_text(event.at_us)
    body = {
        "type": f"{'city' if event.issue_uid is None else 'issue'}.{event.kind}",
        "timestamp": at,
        "data": {
            "seq": event.seq,
            "issue": event.issue_uid,
            "number": number,
            "kind": event.kind,
            "at": at,
            "actor": event.actor,
            "reason": event.reason if event.kind in REASONS_TOLD else "",
            "before": public_fields(event.before),
            "after": public_fields(event.after),
        },
    }
    return Message(f"evt_{event.seq}_{event.hash[:16]}", canonical(body).encode())


def headers(message: Message, secret: bytes, at_s: float) -> dict[str, str]:
    """The three headers of an attempt at a time."""
    return {
        "webhook-id": message.id,
        "webhook-timestamp": str(int(at_s)),
        "webhook-signature": signature(message, secret, int(at_s)),
    }


def signature(message: Message, secret: bytes, at_s: int) -> str:
    """``v1,`` and the base64 of HMAC-SHA-256 over id, time and body, joined by full stops."""
    signed = b".".join((message.id.encode(), str(at_s).encode(), message.body))
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def public_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What may be told of the fields that changed, as an issue's GeoJSON has it."""
    said = {name: None if fields[name] == "" else fields[name] for name in TOLD if name in fields}
    if "flags" in fields:
        said["flags"] = fields["flags"].split(",") if fields["flags"] else []
    for name, at in (("due_us", "due_at"), ("claimed_us", "claimed_at")):
        if name in fields:
            said[at] = None if fields[name] is None else time_text(fields[name])
    if isinstance(report := fields.get("report"), Mapping):
        said["report"] = {name: report[name] for name in _TOLD_OF_REPORT if name in report}
    return said
