"""Text from outside: as a store can hold it, and JSON as browsers write it."""

import re

_BOM = b"\xef\xbb\xbf"
# An escape of JSON: a whole surrogate pair, half of one, or any other, whose backslash is passed over with it.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)


def storable(text: str) -> str:
    """The text as a store can hold it: without NULs, and `?` for halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def strict_json(body: bytes) -> bytes:
    """The JSON without a byte order mark and halves of surrogate pairs, which strict decoders refuse.

    JavaScript writes such a half where a text was cut in the middle of an emoji. Contract §6.4 takes it out.
    """
    return _ESCAPE.sub(lambda escape: b"" if escape["half"] else escape[0], body.removeprefix(_BOM))
