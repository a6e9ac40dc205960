"""Around the body: CORS, methods, content types, packing, sizes. Contract §1.1, §1.3."""

import gzip
import json
import zlib
from collections.abc import AsyncIterator, Callable

import pytest

from support.footfall import ORIGIN, Footfall

HELLO = json.dumps({"type": "track", "payload": {"name": "hello"}}).encode()
# Without the time, which would be a part of the tests' names.
PACKED = gzip.compress(HELLO, mtime=0)


def test_a_preflight_is_allowed(house: Footfall) -> None:
    answer = house.request(
        "OPTIONS",
        "/track",
        headers={
            "origin": "https://anyone.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,openpanel-client-id",
        },
    )
    assert answer.status_code == 204
    assert answer.content == b""
    assert dict(answer.headers) == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET,HEAD,POST",
        "access-control-allow-headers": "content-type,openpanel-client-id",
        "access-control-max-age": "604800",
        "vary": "Origin, Access-Control-Request-Headers",
        "content-length": "0",
    }


@pytest.mark.parametrize("headers", [{}, {"origin": ORIGIN}, {"access-control-request-method": "POST"}])
def test_half_a_preflight_is_refused(house: Footfall, headers: dict[str, str]) -> None:
    answer = house.request("OPTIONS", "/track", headers=headers)
    assert answer.status_code == 400
    assert answer.text == "Invalid Preflight Request"
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("body", [HELLO, b"{", b""])
def test_every_answer_may_be_read_by_any_page(house: Footfall, body: bytes) -> None:
    answer = house.visitor().sends(body)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers


def test_a_401_may_be_read_by_any_page(house: Footfall) -> None:
    answer = house.request("POST", "/track", content=HELLO)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, "*")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/track", "POST"),
        ("HEAD", "/track", "POST"),
        ("PUT", "/track", "POST"),
        ("POST", "/track/device-id", "GET, HEAD"),
    ],
)
def test_another_method_is_405(house: Footfall, method: str, path: str, allowed: str) -> None:
    answer = house.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert method == "HEAD" or answer.json()["status"] == 405


def test_an_unknown_route_is_404_in_the_frameworks_words(house: Footfall) -> None:
    answer = house.request("GET", "/tracks")
    assert answer.status_code == 404
    assert answer.json() == {"message": "Route GET:/tracks not found", "error": "Not Found", "statusCode": 404}


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "text/plain", "", "image/png"])
def test_any_content_type_is_taken(house: Footfall, content_type: str) -> None:
    assert house.visitor().sends(HELLO, content_type=content_type).status_code == 200


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("identity", bytes),
    ],
)
def test_a_packed_body_is_unpacked(house: Footfall, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    assert house.visitor().sends(pack(HELLO), content_encoding=encoding).status_code == 200


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"not gzip"),
        ("gzip", PACKED[:-9]),
        ("gzip", PACKED + b"rubbish"),
        ("gzip", PACKED + PACKED[:-9]),
        ("deflate", zlib.compress(HELLO) + zlib.compress(b" ")),
        ("gzip", b""),
        ("deflate", b"\x00\x01"),
        ("br", HELLO),
        ("gzip, gzip", HELLO),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_400(house: Footfall, encoding: str, body: bytes) -> None:
    answer = house.visitor().sends(body, content_encoding=encoding)
    assert answer.status_code == 400
    assert answer.json()["error"] == "Bad Request"


@pytest.mark.parametrize(
    "parts",
    [[HELLO[:9], HELLO[9:]], [HELLO, b""], [b" " * 200_000, *(HELLO[at : at + 1] for at in range(len(HELLO)))]],
)
def test_a_gzip_body_of_several_members_is_read_whole(footfall: Footfall, parts: list[bytes]) -> None:
    body = b"".join(gzip.compress(part, mtime=0) for part in parts)
    assert footfall.visitor().sends(body, content_encoding="gzip").status_code == 200
    assert [event.name for event in footfall.events()] == ["hello"]


@pytest.mark.parametrize("members", [[b" " * 60_000] * 2, [b""] * 3_000])
def test_members_that_are_too_many_or_too_much_together_are_413(
    make_footfall: Callable[..., Footfall], members: list[bytes]
) -> None:
    body = b"".join(gzip.compress(member, mtime=0) for member in members)
    answer = make_footfall(max_body_bytes=100_000).visitor().sends(body, content_encoding="gzip")
    assert answer.status_code == 413


def test_a_bomb_is_413(make_footfall: Callable[..., Footfall]) -> None:
    footfall = make_footfall(max_body_bytes=100_000)
    answer = footfall.visitor().sends(gzip.compress(b" " * 50_000_000), content_encoding="gzip")
    assert answer.status_code == 413
    assert answer.json()["error"] == "Payload Too Large"


def test_a_body_over_the_cap_is_413(make_footfall: Callable[..., Footfall]) -> None:
    footfall = make_footfall(max_body_bytes=2_000)
    body = {"type": "track", "payload": {"name": "hello", "properties": {"text": "x" * 3_000}}}
    answer = footfall.visitor().sends(body)
    assert answer.status_code == 413
    assert answer.json()["status"] == 413
    assert footfall.events() == []


def test_a_body_without_end_is_refused_while_it_streams(make_footfall: Callable[..., Footfall]) -> None:
    footfall = make_footfall(max_body_bytes=10_000)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 1_000_000:
            sent += 1_000
            yield b" " * 1_000

    answer = footfall.request("POST", "/track", content=endless(), headers=footfall.visitor().headers)
    assert answer.status_code == 413
    assert sent <= 12_000


def test_a_body_in_pieces_is_put_together(house: Footfall) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for byte in HELLO:
            yield bytes([byte])

    visitor = house.visitor()
    assert house.request("POST", "/track", content=pieces(), headers=visitor.headers).status_code == 200
