"""Small plain POSTs pass by ASGI (server/protocol.py); nobody who sends or reads may notice."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from support.process import Client, Footfall

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
GOOD = b'{"type":"track","payload":{"name":"hello"}}'
OFFER = {"connection": "Upgrade, HTTP2-Settings", "upgrade": "h2c", "http2_settings": "AAMAAABkAAQCAAAAAAIAAAAA"}
"""What Java's HTTP client sends beside a body where there is no TLS."""


class House(NamedTuple):
    """A running server and a client of its project."""

    footfall: Footfall
    client: Client


class Answer(NamedTuple):
    """A response as its reader sees it."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    settings = {"max_body_bytes": "20000"}
    with Footfall(tmp_path_factory.mktemp("straight") / "data", settings) as footfall:
        client = footfall.project("Shop", "--domain", "https://shop.example")
        footfall.start()
        yield House(footfall, client)


@pytest.fixture
def line(house: House) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", house.footfall.port), timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection


def request(house: House, body: bytes = GOOD, target: str = "/track", **headers: str) -> bytes:
    named = {
        "host": "shop.example",
        "content-type": "application/json",
        "content-length": str(len(body)),
        "user-agent": BROWSER,
        "origin": "https://shop.example",
        "x-forwarded-for": "73.15.8.9",
        "openpanel-client-id": house.client.id,
    }
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return f"POST {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def read(connection: socket.socket) -> Answer:
    """The next answer, and not a byte more."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        assert byte, f"hung up after {head!r}"
        head += byte
    first, *lines = head.decode().split("\r\n")[:-2]
    headers = dict(line.lower().split(": ", 1) for line in lines)
    body = b""
    while len(body) < int(headers.get("content-length", 0)):
        part = connection.recv(int(headers["content-length"]) - len(body))
        assert part, f"hung up after {body!r}"
        body += part
    return Answer(int(first.split()[1]), headers, body)


def ask(connection: socket.socket, sent: bytes) -> Answer:
    connection.sendall(sent)
    return read(connection)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (GOOD, {}, 200),
        (
            b'{"type":"track","payload":{"name":"caf\xc3\xa9","properties":{"__path":"https://shop.example/"}}}',
            {},
            200,
        ),
        (b'{"type":"identify","payload":{"profileId":"ann","firstName":"Ann"}}', {}, 200),
        (b"{", {}, 400),
        (b"", {}, 400),
        (b'{"type":"track","payload":{}}', {}, 400),
        (b'{"type":"replay","payload":{"chunk_index":0}}', {}, 400),
        (GOOD, {"openpanel_client_id": ""}, 401),
        (GOOD, {"origin": "https://elsewhere.example"}, 401),
        (GOOD, {"origin": "", "openpanel_client_secret": "sec_wrong"}, 401),
        (GOOD, {"user_agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}, 202),
        (b'{"type":"track","payload":{"name":"' + b"x" * 25_000 + b'"}}', {}, 413),
    ],
)
def test_an_answer_is_the_same_with_and_without_asgi(
    house: House, line: socket.socket, body: bytes, headers: dict[str, str], status: int
) -> None:
    straight = ask(line, request(house, body, **headers))
    # No other target than the bare path is taken straight.
    by_asgi = ask(line, request(house, body, "/track?", **headers))
    assert straight.status == status
    assert straight == by_asgi


def test_a_secret_that_takes_a_while_to_check_is_checked(house: House, line: socket.socket) -> None:
    secret = {"origin": "", "openpanel_client_secret": house.client.secret}
    assert [ask(line, request(house, **secret)).status for _ in range(2)] == [200, 200]


def test_umamis_path_is_taken_too(house: House, line: socket.socket) -> None:
    website = "00000000-0000-4000-8000-000000000000"
    body = json.dumps({"type": "event", "payload": {"website": website, "url": "/"}}).encode()
    straight, by_asgi = (ask(line, request(house, body, target)) for target in ("/api/send", "/api/send?"))
    assert straight.status == 400
    assert straight == by_asgi


def test_several_requests_in_one_packet_are_answered_in_their_order(house: House, line: socket.socket) -> None:
    line.sendall(request(house) + request(house, b"{") + request(house, target="/track?") + request(house))
    assert [read(line).status for _ in range(4)] == [200, 400, 200, 200]


def test_a_request_may_come_byte_by_byte(house: House, line: socket.socket) -> None:
    whole = request(house)
    for at in range(0, len(whole), 7):
        line.sendall(whole[at : at + 7])
        time.sleep(0.002)
    assert read(line).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"content_length": "", "transfer_encoding": "chunked"},
        {"content_encoding": "gzip"},
        {"expect": "100-continue"},
        {**OFFER},
        {**OFFER, "content_length": "", "transfer_encoding": "chunked"},
    ],
)
def test_other_ways_to_send_a_body_go_on_working(
    house: House, line: socket.socket, headers: dict[str, str]
) -> None:
    body = gzip.compress(GOOD) if "content_encoding" in headers else GOOD
    if "transfer_encoding" in headers:
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    answer = ask(line, request(house, body, **headers))
    if answer.status == 100:
        answer = read(line)
    assert answer.status == 200


def test_an_offer_of_another_protocol_is_as_good_as_none(house: House, line: socket.socket) -> None:
    offer = request(house, **OFFER)
    line.sendall(request(house) + offer[:-4])
    assert read(line).status == 200
    line.sendall(offer[-4:] + request(house, b"{", "/track?", **OFFER) + request(house))
    assert [read(line).status for _ in range(3)] == [200, 400, 200]
    head = b"Host: shop.example\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert ask(line, b"GET /healthz/live HTTP/1.1\r\n" + head).status == 200
    assert line.recv(1) == b""


def test_who_asks_to_close_is_told_so_and_hung_up_on(house: House, line: socket.socket) -> None:
    answer = ask(line, request(house, connection="close"))
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert line.recv(1) == b""


def test_http_1_0_is_answered_and_hung_up_on(house: House, line: socket.socket) -> None:
    answer = ask(line, request(house).replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert answer.status == 200
    assert line.recv(1) == b""


def test_a_broken_length_is_refused(house: House, line: socket.socket) -> None:
    assert ask(line, request(house, content_length="1e3")).status == 400


def test_a_visitor_who_leaves_in_the_middle_harms_nobody(house: House, line: socket.socket) -> None:
    line.sendall(request(house)[:-5])
    line.close()
    with socket.create_connection(("127.0.0.1", house.footfall.port), timeout=20) as another:
        another.sendall(request(house))
        another.close()
    with socket.create_connection(("127.0.0.1", house.footfall.port), timeout=20) as third:
        assert ask(third, request(house)).status == 200


def test_a_silent_connection_is_closed_after_a_while_and_a_busy_one_is_not(
    house: House, line: socket.socket
) -> None:
    with socket.create_connection(("127.0.0.1", house.footfall.port), timeout=20) as silent:
        assert ask(silent, request(house)).status == 200
        began = time.monotonic()
        while time.monotonic() - began < 6:
            assert ask(line, request(house)).status == 200
            time.sleep(0.5)
        assert silent.recv(1) == b""
    assert ask(line, request(house)).status == 200


def test_what_is_on_its_way_when_the_server_stops_is_answered(house: House) -> None:
    footfall = Footfall(house.footfall.data.with_name("stopping"))
    with footfall:
        client = footfall.project("Shop", "--domain", "https://shop.example")
        footfall.start()
        with socket.create_connection(("127.0.0.1", footfall.port), timeout=20) as connection:
            whole = request(House(footfall, client))
            assert ask(connection, whole).status == 200
            connection.sendall(whole[:-3])
            time.sleep(0.5)
            begun = time.monotonic()
            stopping = threading.Thread(target=footfall.stop)
            stopping.start()
            time.sleep(0.5)
            connection.sendall(whole[-3:])
            answer = read(connection)
            stopping.join()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("way", ["straight", "asgi"])
def test_a_busy_connection_is_told_when_the_server_stops_and_not_hung_up_on(house: House, way: str) -> None:
    with Footfall(house.footfall.data.with_name(f"busy-{way}")) as footfall:
        whole = request(House(footfall, footfall.project("Shop", "--domain", "https://shop.example")))
        sent = whole if way == "straight" else b"GET /healthz/live HTTP/1.1\r\nhost: x\r\n\r\n"
        footfall.start()
        with socket.create_connection(("127.0.0.1", footfall.port), timeout=20) as connection:
            assert ask(connection, sent).status == 200
            stopping = threading.Thread(target=footfall.stop)
            stopping.start()
            while (answer := ask(connection, sent)).headers.get("connection") != "close":
                assert answer.status == 200
            assert answer.status == 200
            assert connection.recv(1) == b""
        stopping.join()
