"""The cache token: a visit that its browser carries along, signed (umami contract §1.3).

A JWT as Umami makes it, to the byte; made and read here without a library because every hit needs one.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

import msgspec
from msgspec import Struct

_BLOCK = 64  # bytes that SHA-256 takes at once; the key is longer, so its hash stands for it
_LONGEST = 1_024  # characters; one has about 330


class CachedVisit(Struct, frozen=True, rename="camel"):
    """What a token says; `iat` is when the visit got its id, in seconds."""

    website_id: str
    session_id: str
    visit_id: str
    iat: int | float | None = None


_decode = msgspec.json.Decoder(CachedVisit).decode


def _encoded(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


_HEADER = _encoded(b'{"alg":"HS256","typ":"JWT"}')


class CacheTokens:
    """Makes and reads the tokens of one installation; `key` is the SHA-512 of its secret, as hex."""

    def __init__(self, key: str) -> None:
        # HMAC as RFC 2104 has it, with the part of the work that is the same for every token done once.
        padded = sha256(key.encode()).digest().ljust(_BLOCK, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in padded))

    def make(self, website_id: str, session_id: str, visit_id: str, iat: int) -> str:
        """The token of a visit."""
        claims = f'{{"websiteId":"{website_id}","sessionId":"{session_id}","visitId":"{visit_id}","iat":{iat}}}'
        signed = _HEADER + b"." + _encoded(claims.encode())
        return (signed + b"." + self._signature(signed)).decode()

    def read(self, token: str) -> CachedVisit | None:
        """What a token says, None if it was not made with this secret or is of another kind."""
        if not token or len(token) > _LONGEST or not token.isascii():
            return None
        signed, _, signature = token.encode().rpartition(b".")
        if not hmac.compare_digest(signature, self._signature(signed)):
            return None
        claims = signed.rpartition(b".")[2]
        try:
            return _decode(urlsafe_b64decode(claims + b"=" * (-len(claims) % 4)))
        except (ValueError, msgspec.MsgspecError):
            return None

    def _signature(self, signed: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(signed)
        outer.update(inner.digest())
        return _encoded(outer.digest())
