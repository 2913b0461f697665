"""A message goes to the address that was looked at, in time, and nowhere else."""

from __future__ import annotations

import dataclasses
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
from hook_server import Receiver, receiving, says, somewhere, status

from layers.webhook_addresses import MOST_TRIED, is_public, resolve, vetted
from layers.webhook_delivery import Courier, DeliveryError, Way
from layers.webhooks import Webhook, WebhookError, parse_url, secret_bytes

BODY = '{"灯": 1}'.encode()
HEADERS = {"webhook-id": "evt_1"}
PUBLIC = ("8.8.8.8", "223.5.5.5", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1")
PRIVATE = (
    *("127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
    *("100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "239.255.255.250"),
    *(
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12::1",
        "fec0::1",
    ),
    *(
        "ff02::1",
        "ff0e::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:7f00:1",
    ),
    *(
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:db8::1",
    ),
    *("2001::1", "3fff::1", "100::1", "5f00::1", "nonsense", ""),
)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_known_in_every_disguise(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "017700000001", "127.1", "0177.0.0.1", "0", "::1"]
)
def test_other_ways_to_write_loopback_are_refused(host: str) -> None:
    """By what the system makes of them, not by how they look."""
    with pytest.raises((WebhookError, OSError)):
        vetted(host, 443, resolve, allow_private=False)


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(WebhookError, match=r"10\.0\.0\.1"):
        vetted("a.cn", 443, lambda _h, _p: ["8.8.8.8", "10.0.0.1"], allow_private=False)
    many = [f"8.8.8.{n}" for n in range(20)]
    assert vetted("a.cn", 443, lambda _h, _p: many, allow_private=False) == many[:MOST_TRIED]
    with pytest.raises(WebhookError):
        vetted("a.cn", 443, lambda _h, _p: [*many, "10.0.0.1"], allow_private=False)


def test_groups_of_machines_are_never_sent_to() -> None:
    for address in ("224.0.0.1", "ff02::1"):
        with pytest.raises(WebhookError):
            vetted("a.cn", 443, lambda _h, _p, address=address: [address], allow_private=True)  # type: ignore[misc]


def test_a_name_that_cannot_be_is_an_error_of_the_network() -> None:
    with pytest.raises(OSError, match="no host's name"):
        resolve("a" * 64 + ".cn", 443)
    with pytest.raises(OSError, match="no address"):
        vetted("a.cn", 443, lambda _h, _p: [], allow_private=False)


def test_a_request_is_a_post_with_its_headers_and_body() -> None:
    with receiving() as receiver:
        hook = receiver.hook("/a?b=c", host="hook.example.cn")
        assert Courier(hook, somewhere("127.0.0.1")).post(HEADERS, BODY) == 200
        came = receiver.next()
    assert came.line == "POST /a?b=c HTTP/1.1"
    assert came.body == BODY
    assert came.headers["host"] == f"hook.example.cn:{receiver.port}"
    assert came.headers["webhook-id"] == "evt_1"
    assert came.headers["content-type"] == "application/json"


def test_a_name_that_leads_to_this_machine_is_not_connected_to() -> None:
    with receiving() as receiver:
        for address in ("127.0.0.1", "::ffff:127.0.0.1"):
            hook = receiver.hook(host="innocent.example.cn", allow_private=False)
            with pytest.raises(DeliveryError, match="no public address") as caught:
                Courier(hook, somewhere(address)).post(HEADERS, BODY)
            assert "allow_private" in caught.value.fix
        assert receiver.so_far() == []


def test_a_name_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was looked at is connected to: a second answer of the name service could be another."""
    asked = []
    real = socket.getaddrinfo

    def numbers_only(host: str, port: int, *args: int, **options: int) -> object:
        assert options["flags"] & socket.AI_NUMERICHOST
        return real(host, port, *args, **options)

    def answers(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with receiving() as receiver, monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", numbers_only)
        hook = receiver.hook(host="rebinding.example.cn")
        assert Courier(hook, Way(resolver=answers)).post(HEADERS, BODY) == 200
    assert asked == ["rebinding.example.cn"]


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with receiving() as receiver:
        elsewhere = f"Location: http://127.0.0.1:{receiver.port}/elsewhere"
        receiver.talks.put(status(307, elsewhere))
        assert Courier(receiver.hook(), Way()).post(HEADERS, BODY) == 307
        assert [came.line for came in receiver.so_far()] == ["POST /hook HTTP/1.1"]


def test_the_next_address_is_tried_where_one_takes_no_connection() -> None:
    with receiving() as receiver:
        way = somewhere("127.0.0.2", "127.0.0.1")  # nobody listens at the first
        assert Courier(receiver.hook(host="two.example.cn"), way).post(HEADERS, BODY) == 200


@pytest.mark.parametrize("talk", ["keep_silent", "drip"])
def test_a_slow_answer_ends_with_the_time(talk: str) -> None:
    """Also one of which a byte comes now and then."""
    with receiving() as receiver:
        receiver.talks.put(getattr(receiver, talk))
        with pytest.raises(DeliveryError, match="No answer"):
            Courier(receiver.hook(), Way(timeout_s=0.3)).post(HEADERS, BODY)


def test_a_long_answer_is_not_read_to_its_end() -> None:
    with receiving() as receiver:
        endless = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 200_000
        receiver.talks.put(says(endless))
        assert Courier(receiver.hook(), Way()).post(HEADERS, BODY) == 200


def test_an_answer_that_breaks_off_after_its_status_counts() -> None:
    with receiving() as receiver:
        receiver.talks.put(says(b"HTTP/1.1 204 No Content\r\nContent-Length: 50\r\n\r\nx"))
        assert Courier(receiver.hook(), Way()).post(HEADERS, BODY) == 204


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x1b[31mSSH-2.0-x\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 " + b"x" * 70_000,
        b"HTTP/9.9 200\r\n\r\n",
    ],
)
def test_what_is_no_http_is_an_error_that_repeats_nothing_of_it(answer: bytes) -> None:
    with receiving() as receiver:
        receiver.talks.put(says(answer))
        with pytest.raises(DeliveryError) as caught:
            Courier(receiver.hook(), Way()).post(HEADERS, BODY)
    assert "SSH" not in caught.value.message
    assert "\x1b" not in caught.value.message


def test_nobody_there_is_an_error() -> None:
    with receiving() as receiver:
        hook = receiver.hook()
    with pytest.raises(DeliveryError, match="No answer"):
        Courier(hook, Way()).post(HEADERS, BODY)


def test_what_is_under_way_can_be_broken_off_by_another_thread() -> None:
    with receiving() as receiver:
        receiver.talks.put(receiver.keep_silent)
        courier, errors = Courier(receiver.hook(), Way(timeout_s=30)), []

        def post() -> None:
            try:
                courier.post(HEADERS, BODY)
            except DeliveryError as error:
                errors.append(error)

        thread = threading.Thread(target=post)
        thread.start()
        receiver.next()
        courier.end()
        thread.join(10)
        assert not thread.is_alive()
        assert len(errors) == 1
        with pytest.raises(DeliveryError):
            courier.post(HEADERS, BODY)


# ---- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for hook.example.cn, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = (
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout {key} "
        f"-out {cert} -subj /CN=hook.example.cn -addext subjectAltName=DNS:hook.example.cn"
    )
    try:
        subprocess.run(command.split(), check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl makes the certificate of this test")
    return cert, key


def _listening(certificate: tuple[Path, Path], names: list[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    context.set_servername_callback(lambda _s, name, _c: names.append(name))  # type: ignore[func-returns-value]
    return context


def _https(receiver: Receiver, host: str) -> Webhook:
    url = f"https://{host}:{receiver.port}/hook"
    return Webhook(url, parse_url(url), secret_bytes("x" * 24), allow_private=True)


def test_tls_is_verified_for_the_name_though_the_address_is_connected_to(
    certificate: tuple[Path, Path],
) -> None:
    names: list[str] = []
    server = _listening(certificate, names)
    trusting = Way(
        resolver=lambda _h, _p: ["127.0.0.1"], context=ssl.create_default_context(cafile=certificate[0])
    )
    with receiving(lambda plain: server.wrap_socket(plain, server_side=True)) as receiver:
        assert Courier(_https(receiver, "hook.example.cn"), trusting).post(HEADERS, BODY) == 200
        assert names == ["hook.example.cn"]
        for hook, way in (
            (_https(receiver, "other.example.cn"), trusting),
            (_https(receiver, "hook.example.cn"), dataclasses.replace(trusting, context=None)),
        ):
            with pytest.raises(DeliveryError, match="No answer"):
                Courier(hook, way).post(HEADERS, BODY)
        assert len(receiver.so_far()) == 1


def test_a_handshake_that_does_not_come_ends_with_the_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        hook = Webhook(url, parse_url(url), b"x" * 24, allow_private=True)
        with pytest.raises(DeliveryError, match="No answer"):
            Courier(hook, Way(timeout_s=0.2)).post(HEADERS, BODY)
