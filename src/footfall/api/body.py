"""Request bodies: read whole, capped while they stream, packed or not."""

import zlib

from starlette.types import Receive, Scope

from footfall.model.errors import BadRequest, TooLarge

# zlib's window bits: with a gzip header, with a zlib header.
_GZIP = 31
_WINDOWS = {b"gzip": _GZIP, b"x-gzip": _GZIP, b"deflate": 15}

_MAX_MEMBERS = 1000
"""Of a gzip body (RFC 1952 §2.2). Each costs some work, though it may take twenty bytes and unpack to none."""
_PIECE_BYTES = 64 * 1024
"""What is unpacked at once: zlib copies what comes after a member's end."""


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
        _check_size(size, limit)
        more = message.get("more_body", False)
    body = parts[0] if len(parts) == 1 else b"".join(parts)
    encoding = _encoding(scope)
    return _unpack(body, encoding, limit) if encoding else body


async def whole_body(body: bytes, limit: int) -> bytes:
    """A body that is there already, and not packed. Raises TooLarge if it is over `limit` bytes."""
    _check_size(len(body), limit)
    return body


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise TooLarge(f"The body is larger than {limit} bytes.")


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
    try:
        return _unpacked(body, window, limit)
    except (zlib.error, EOFError) as error:
        raise BadRequest(f"The body is not valid {encoding.decode()}: {error}.", "content-encoding") from error


def _unpacked(body: bytes, window: int, limit: int) -> bytes:
    """What is packed, of all members. Raises zlib.error, EOFError if it ends too early, TooLarge."""
    parts: list[bytes] = []
    size, members = 0, 1
    unpacker = zlib.decompressobj(window)
    for start in range(0, len(body), _PIECE_BYTES):
        rest = body[start : start + _PIECE_BYTES]
        while rest:
            if unpacker.eof:
                members += 1
                _check_members(members, window)
                unpacker = zlib.decompressobj(window)
            parts.append(unpacker.decompress(rest, limit + 1 - size))
            size += len(parts[-1])
            if size > limit:
                raise TooLarge(f"The unpacked body is larger than {limit} bytes.")
            rest = unpacker.unused_data
    if not unpacker.eof:
        raise EOFError("it ends too early")
    return b"".join(parts)


def _check_members(members: int, window: int) -> None:
    if window != _GZIP:
        raise zlib.error("something follows its end")
    if members > _MAX_MEMBERS:
        raise TooLarge(f"The gzip body has more than {_MAX_MEMBERS} members.")
