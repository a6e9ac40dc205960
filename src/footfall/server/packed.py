"""Files that are sent as they are or packed with gzip, read and packed once."""

import gzip
from functools import cache
from hashlib import blake2b
from mimetypes import guess_type
from pathlib import Path

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

_TEXTS = ("text/", "application/json", "image/svg+xml")
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2"}


class Packed(Struct, frozen=True):
    """A file: as it is, and packed with gzip unless that makes no sense. The tag is of both."""

    plain: bytes
    packed: bytes | None
    tag: str
    media_type: str


@cache
def load(path: Path) -> Packed | None:
    """The file, None if there is none. Blocks the first time."""
    try:
        plain = path.read_bytes()
    except OSError:
        return None
    return pack(plain, _TYPES.get(path.suffix) or guess_type(path.name)[0] or "application/octet-stream")


def pack(plain: bytes, media_type: str) -> Packed:
    """These bytes; texts are packed."""
    packed = gzip.compress(plain, 9, mtime=0) if media_type.startswith(_TEXTS) else None
    return Packed(plain, packed, f'W/"{blake2b(plain, digest_size=12).hexdigest()}"', media_type)


def respond(request: Request, found: Packed, headers: dict[str, str]) -> Response:
    """The file with these headers, packed for whom that suits; 304 for who has it already."""
    headers = headers | {"etag": found.tag, "vary": "accept-encoding", "x-content-type-options": "nosniff"}
    if found.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if found.packed is None or not _takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(found.plain, headers=headers, media_type=found.media_type)
    return Response(found.packed, headers=headers | {"content-encoding": "gzip"}, media_type=found.media_type)


def _takes_gzip(accepted: str) -> bool:
    """Whether `gzip` is among what a browser accepts, and not with a weight of 0."""
    for coding in accepted.lower().split(","):
        name, _, weight = coding.replace(" ", "").partition(";q=")
        if name in ("gzip", "*"):
            return weight.strip("0.") != "" or weight == ""
    return False
