"""Which addresses a webhook may be sent to: public ones, however an address is written."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from layers.webhooks import WebhookError

Resolver = Callable[[str, int], Sequence[str]]
"""The addresses of a host (and port), in the order to try them; raises OSError where there are none."""

MOST_TRIED = 4
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_DOCUMENTATION = IPv6Network("3fff::/20")  # not in the tables of every Python
# Groups of machines, and a network in which clouds have services: `is_global` of some Pythons has them.
_NEVER = (IPv4Network("224.0.0.0/3"), IPv4Network("192.0.0.0/24"))


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system knows them.

    Raises:
        OSError: it has none, or nobody answers.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or too long
        raise OSError(f"{host!r} is no host's name") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def vetted(host: str, port: int, resolver: Resolver, *, allow_private: bool) -> list[str]:
    """The addresses to connect to: connect to these, not to the name, which may say another thing next time.

    Raises:
        WebhookError: one of them is not public, and that is not allowed.
        OSError: it has none.
    """
    addresses = list(resolver(host, port))
    if not addresses:
        raise OSError(f"{host!r} has no address")
    for address in addresses:
        if not (may_private(address) if allow_private else is_public(address)):
            fix = "If it is meant to be there, say allow_private = true."
            raise WebhookError(f"{host!r} is at {address}, which is no public address.", fix=fix)
    return addresses[:MOST_TRIED]


def is_public(address: str) -> bool:
    """Whether an address is anybody's: neither this machine, nor its network, nor a group of machines."""
    try:
        return _is_public(ip_address(address))
    except ValueError:
        return False


def may_private(address: str) -> bool:
    """Whether an address is one machine's, be it this one."""
    try:
        return not ip_address(address).is_multicast
    except ValueError:
        return False


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _NEVER)
    inner = _inside(address)
    if inner is not None and not _is_public(inner):
        return False
    if address.ipv4_mapped is not None or address in _NAT64:
        return True
    return address.is_global and address in _GLOBAL_UNICAST and address not in _DOCUMENTATION


def _inside(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
