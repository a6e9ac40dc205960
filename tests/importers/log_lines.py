"""Lines of access logs, and what is read of them."""

import io
from pathlib import Path

from footfall.importers.access_log import AccessLog
from footfall.importers.source import Source
from footfall.importers.tally import LeftOut
from footfall.ingest.records import Hit, Place

NOW = 1_700_000_000_000
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def line(
    request: str = "GET /pricing HTTP/1.1",
    *,
    ip: str = "203.0.113.7",
    time: str = "17/May/2015:10:05:03 +0000",
    status: int = 200,
    referrer: str = "-",
    agent: str = CHROME,
) -> bytes:
    return f'{ip} - - [{time}] "{request}" {status} 512 "{referrer}" "{agent}"\n'.encode()


def importer(domain: str = "https://example.com", project: str = "shop", salt: str = "salt") -> AccessLog:
    places = {"203.0.113.7": Place("DE", "Berlin", "Berlin", 13.4, 52.5)}
    return AccessLog(project, salt, received_at=NOW, locate=lambda ip: places.get(ip, Place()), domain=domain)


def read(
    *lines: bytes, domain: str = "https://example.com", project: str = "shop", salt: str = "salt"
) -> list[Hit]:
    return list(importer(domain, project, salt).hits(lines))


def one(raw: bytes, domain: str = "https://example.com") -> Hit:
    (hit,) = read(raw, domain=domain)
    return hit


def reason(raw: bytes) -> LeftOut:
    log = importer()
    assert list(log.hits([raw])) == []
    ((left_out, count),) = log.tally.left_out.items()
    assert count == 1
    return left_out


def from_stdin(data: bytes) -> list[Hit]:
    log = importer()
    return [hit for hits in log.read(Source("-", io.BufferedReader(io.BytesIO(data)))) for hit in hits]


def from_file(path: Path, batch: int = 10_000) -> list[list[Hit]]:
    with Source(path) as source:
        return list(importer().read(source, batch))
