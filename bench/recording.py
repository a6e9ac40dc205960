"""Recorded POSTs to /track or /api/send, as browsers send them: many visitors, all different, ready to be sent.

A request is text with two gaps, a part of the visitor's address and a number in the event's properties.
Each round through the recording fills them anew, so there are always new visitors and no body comes twice.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from msgspec import Struct

from footfall.demo.live import LiveHit, hits
from footfall.model.event import SCREEN_VIEW

_SEED = 11
_RATE = 30  # events a second of the made-up site; the recording is sent much faster
_NUMBER_DIGITS = 12
_SEPARATOR = b"\x00"
_MARK = b"\x01"


class Recorded(Struct, frozen=True):
    """One request in the three parts around its gaps: a byte of the address (3 digits), a number (12)."""

    head: bytes
    middle: bytes
    tail: bytes


def record(number: int, client_id: str, origin: str) -> list[Recorded]:
    """So many requests of a made-up site in the order in which they would come."""
    found = []
    for hit in hits(_SEED, _RATE, origin):
        # Revenue takes a secret, which no browser has.
        if hit.body.startswith(b'{"type":"track"') and b"__revenue" not in hit.body:
            found.append(_recorded(hit, client_id))
            if len(found) == number:
                break
    return found


def record_umami(number: int, website: str, origin: str) -> list[Recorded]:
    """The same hits as Umami's script would send them, without cache tokens."""
    found = []
    for hit in hits(_SEED, _RATE, origin):
        if hit.body.startswith(b'{"type":"track"') and b"__revenue" not in hit.body:
            body = json.dumps(_umami(json.loads(hit.body)["payload"], website, origin)).encode()
            found.append(_parts("/api/send", hit, body.replace(b"GAP", _MARK), {}))
            if len(found) == number:
                break
    return found


def _umami(payload: Mapping[str, Any], website: str, origin: str) -> dict[str, Any]:
    properties = payload["properties"]
    sent: dict[str, Any] = {
        "website": website,
        "screen": "1920x1080",
        "language": "en-GB",
        "hostname": origin.partition("://")[2],
        "url": properties.get("__path", origin),
        "referrer": properties.get("__referrer", ""),
        "title": properties.get("__title", ""),
        "data": {"request": "GAP"},
    }
    if payload["name"] != SCREEN_VIEW:
        sent["name"] = payload["name"]
    return {"type": "event", "payload": sent}


def filled(recorded: Sequence[Recorded], first: int) -> Iterator[bytes]:
    """Endless requests, no two the same, their numbers from `first` on."""
    for number in count(first):
        turn, place = divmod(number, len(recorded))
        one = recorded[place]
        yield b"%b%03d%b%012d%b" % (one.head, 100 + turn % 156, one.middle, number, one.tail)


def save(recorded: Sequence[Recorded], path: Path) -> None:
    """For programs that aren't Python: requests between zero bytes, their gaps marked by \\x01."""
    path.write_bytes(_SEPARATOR.join(_MARK.join((one.head, one.middle, one.tail)) for one in recorded))


def _recorded(hit: LiveHit, client_id: str) -> Recorded:
    body = hit.body.replace(b'"properties":{', b'"properties":{"request":"' + _MARK + b'",', 1)
    return _parts("/track", hit, body, {"openpanel-client-id": client_id})


def _parts(path: str, hit: LiveHit, body: bytes, more: Mapping[str, str]) -> Recorded:
    first, second, _, fourth = hit.headers["x-forwarded-for"].split(".")
    headers = {
        **hit.headers,
        **_browser(hit.headers["user-agent"]),
        "host": "127.0.0.1",
        "referer": hit.headers["origin"] + "/",
        **more,
        "x-forwarded-for": f"{first}.{second}.\x01.{fourth}",
        "content-length": str(len(body) - 1 + _NUMBER_DIGITS),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head, rest = f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode().split(_MARK)
    before, after = body.split(_MARK)
    return Recorded(head, rest + before, after)


def _browser(user_agent: str) -> dict[str, str]:
    """What a browser says beside."""
    said = {
        "accept": "*/*",
        "accept-encoding": "gzip, deflate, br, zstd",
        "accept-language": "en-GB,en;q=0.9,de;q=0.8",
        "connection": "keep-alive",
        "sec-fetch-dest": "empty",
        "sec-fetch-mode": "cors",
        "sec-fetch-site": "cross-site",
    }
    if "Chrome/" in user_agent:
        said |= {
            "sec-ch-ua": '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
            "sec-ch-ua-mobile": "?1" if "Mobile" in user_agent else "?0",
            "sec-ch-ua-platform": '"Android"' if "Android" in user_agent else '"Windows"',
        }
    return said
