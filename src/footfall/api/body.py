"""Request bodies: read whole, capped while they stream, packed or not."""

import zlib

from starlette.types import Receive, Scope

from footfall.model.errors import BadRequest, TooLarge

_GZIP = 31  # zlib's window bits for a gzip header
_ZLIB = 15


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The body, unpacked if `content-encoding` says gzip or deflate.

    Raises TooLarge as soon as it is over `limit` bytes, packed or unpacked, BadRequest if it can't be unpacked
    or the sender went away.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        raise BadRequest("The request ended before its body did.")
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        parts = [body]
        size = len(body)
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                raise BadRequest("The request ended before its body did.")
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise TooLarge(f"The body is larger than {limit} bytes.")
        body = b"".join(parts)
    if len(body) > limit:
        raise TooLarge(f"The body is larger than {limit} bytes.")
    encoding = _encoding(scope)
    return _unpack(body, encoding, limit) if encoding else body


def _encoding(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-encoding":
            encoding: bytes = value.strip().lower()
            return b"" if encoding == b"identity" else encoding
    return b""


def _unpack(body: bytes, encoding: bytes, limit: int) -> bytes:
    if encoding in (b"gzip", b"x-gzip"):
        window = _GZIP
    elif encoding == b"deflate":
        window = _ZLIB
    else:
        raise BadRequest("The content encoding is not supported; send gzip, deflate or none.", "content-encoding")
    unpacker = zlib.decompressobj(window)
    try:
        unpacked = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadRequest(f"The body is not valid {encoding.decode()}.", "content-encoding") from error
    if len(unpacked) > limit:
        raise TooLarge(f"The unpacked body is larger than {limit} bytes.")
    if not unpacker.eof:
        raise BadRequest(f"The {encoding.decode()} body ends too early.", "content-encoding")
    return unpacked
