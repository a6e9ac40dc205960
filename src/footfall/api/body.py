"""Request bodies: read whole, capped while they stream, packed or not; and JSON as browsers write it."""

import re
import zlib

from starlette.types import Receive, Scope

from footfall.model.errors import BadRequest, TooLarge

# zlib's window bits: with a gzip header, with a zlib header.
_WINDOWS = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}

_BOM = b"\xef\xbb\xbf"
# An escape of JSON: a whole surrogate pair, half of one, or any other, whose backslash is passed over with it.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)


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


def strict_json(body: bytes) -> bytes:
    """The JSON without a byte order mark and halves of surrogate pairs, which strict decoders refuse.

    JavaScript writes such a half where a text was cut in the middle of an emoji. Contract §6.4 takes it out.
    """
    return _ESCAPE.sub(lambda escape: b"" if escape["half"] else escape[0], body.removeprefix(_BOM))


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
