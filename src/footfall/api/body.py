"""Request bodies: read whole, capped while they stream, packed or not."""

import zlib

from starlette.types import Receive, Scope

from footfall.model.errors import BadRequest, TooLarge

# zlib's window bits: with a gzip header, with a zlib header.
_WINDOWS = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The body, unpacked if `content-encoding` says gzip or deflate.

    Raises TooLarge as soon as it is over `limit` bytes, packed or unpacked, BadRequest if it can't be unpacked
    or the sender went away.
    """
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("The request ended before its body did.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise TooLarge(f"The body is larger than {limit} bytes.")
        more = message.get("more_body", False)
    body = parts[0] if len(parts) == 1 else b"".join(parts)
    encoding = _encoding(scope)
    return _unpack(body, encoding, limit) if encoding else body


def _encoding(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-encoding":
            encoding: bytes = value.strip().lower()
            return b"" if encoding == b"identity" else encoding
    return b""


def _unpack(body: bytes, encoding: bytes, limit: int) -> bytes:
    window = _WINDOWS.get(encoding)
    if window is None:
        message = "The content encoding is not supported; send gzip, deflate or none."
        raise BadRequest(message, "content-encoding")
    unpacker = zlib.decompressobj(window)
    try:
        unpacked = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadRequest(f"The body is not valid {encoding.decode()}.", "content-encoding") from error
    if len(unpacked) > limit:
        raise TooLarge(f"The unpacked body is larger than {limit} bytes.")
    if not unpacker.eof or unpacker.unused_data:
        raise BadRequest(f"The {encoding.decode()} body ends too early or too late.", "content-encoding")
    return unpacked
