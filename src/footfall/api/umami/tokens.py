"""The tokens of this dialect: bearer tokens, share tokens and what is signed like them (umami contract §3.2).

A bearer token is base64 of salt, iv, tag and an AES-256-GCM ciphertext of a JWT. The salt is in the token, so
reading one costs 10,000 rounds of PBKDF2 (~6 ms); what was read once is remembered by the token's SHA-256.
"""

import base64
import binascii
import hashlib
import os
import threading
import time
from typing import Any, TypeVar

import jwt
from anyio import CapacityLimiter
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from jwt.types import Options
from msgspec import Struct

from footfall.ingest.enrich.umami_ids import key_text

_SALT, _IV, _TAG, _KEY = 64, 16, 16, 32
_ROUNDS = 10_000
_SHORTEST = _SALT + _IV + _TAG
_LONGEST = 4096  # characters; the tokens of every known client have about 400
_REMEMBERED = 8_192
_ALGORITHM = "HS256"
# Umami's own check looks at `exp` and `nbf` only; a client's clock may be ahead of ours.
_CHECKS: Options = {"verify_iat": False, "verify_sub": False, "verify_aud": False, "verify_jti": False}
_SHARE = "share"
_AT_ONCE = 2

Claims = TypeVar("Claims")


class BearerClaims(Struct, frozen=True):
    """What a bearer token says: whose it is, and when it was made (seconds; None if it does not say)."""

    user_id: str
    issued_at: float | None


class ShareClaims(Struct, frozen=True):
    """What a share token says: the id of its link, and which password the link had ('' for none)."""

    share_id: str
    lock: str


class Tokens:
    """Makes and reads tokens of one installation. Safe to use from many threads."""

    def __init__(self, app_secret: str) -> None:
        self.key = key_text(app_secret)
        self.reading = CapacityLimiter(_AT_ONCE)
        """Of the threads that read bearer tokens: a flood of wrong ones keeps no other work waiting."""
        self._slow = threading.Lock()  # one PBKDF2 at a time: a flood of wrong tokens gets one core
        self._known: dict[bytes, BearerClaims] = {}
        self._wrong: dict[bytes, None] = {}

    # Signed

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT of these claims, HS256, without an expiry."""
        return jwt.encode(claims, self.key, _ALGORITHM)

    def read_signed(self, token: str) -> dict[str, Any] | None:
        """The claims of a JWT that was signed here, None for anything else."""
        try:
            claims: dict[str, Any] = jwt.decode(token, self.key, [_ALGORITHM], options=_CHECKS)
        except (jwt.InvalidTokenError, ValueError):
            return None
        return claims

    # Share links

    def share(self, share_id: str, website_id: str, lock: str = "") -> str:
        """A share token. It names its link, so that deleting the link ends it, and so does a new `lock`."""
        claims = {"type": _SHARE, "shareId": share_id, "websiteId": website_id}
        return self.sign(claims | {"lock": lock} if lock else claims)

    def read_share(self, token: str) -> ShareClaims | None:
        """What a share token says. A visitor's cache token is signed with the same key and is none."""
        claims = self.read_signed(token)
        if claims is None or claims.get("type") != _SHARE:
            return None
        share_id = claims.get("shareId")
        return ShareClaims(share_id, str(claims.get("lock", ""))) if isinstance(share_id, str) else None

    # Bearers

    def bearer(self, user_id: str, role: str) -> str:
        """A bearer token for a user. Takes ~6 ms. It lives until the user's password changes."""
        now = int(time.time())
        claims = {"userId": user_id, "role": role, "iat": now}
        salt, iv = os.urandom(_SALT), os.urandom(_IV)
        sealed = AESGCM(self._derive(salt)).encrypt(iv, self.sign(claims).encode(), None)
        token = base64.b64encode(salt + iv + sealed[-_TAG:] + sealed[:-_TAG]).decode()
        _remember(self._known, _digest(token), BearerClaims(user_id, now))
        return token

    def is_quick(self, token: str) -> bool:
        """Whether reading it costs no PBKDF2. If not, an event loop should ask in a thread."""
        return not _SHORTEST < len(token) <= _LONGEST or self._is_known(_digest(token))

    def _is_known(self, digest: bytes) -> bool:
        return digest in self._known or digest in self._wrong

    def read_bearer(self, token: str) -> BearerClaims | None:
        """What a bearer token says, None if it was not made with this secret. Blocks ~6 ms the first time."""
        if not _SHORTEST < len(token) <= _LONGEST:
            return None
        digest = _digest(token)
        if not self._is_known(digest):
            with self._slow:
                self._learn(digest, token)
        return self._known.get(digest)

    def _learn(self, digest: bytes, token: str) -> None:
        """Wrong ones are remembered apart: however many there are, those of users stay known."""
        if self._is_known(digest):  # whoever held the lock may have read the same
            return
        claims = self._open(token)
        if claims is None:
            _remember(self._wrong, digest, None)
        else:
            _remember(self._known, digest, claims)

    def _open(self, token: str) -> BearerClaims | None:
        try:
            raw = base64.b64decode(token, validate=True)
            salt, rest = raw[:_SALT], raw[_SALT:]
            iv, tag, sealed = rest[:_IV], rest[_IV : _IV + _TAG], rest[_IV + _TAG :]
            plain = AESGCM(self._derive(salt)).decrypt(iv, sealed + tag, None).decode()
        except (binascii.Error, InvalidTag, ValueError):
            return None
        claims = self.read_signed(plain) or {}
        user_id, issued_at = claims.get("userId"), claims.get("iat")
        if not isinstance(user_id, str):
            return None
        return BearerClaims(user_id, issued_at if isinstance(issued_at, int | float) else None)

    def _derive(self, salt: bytes) -> bytes:
        return hashlib.pbkdf2_hmac("sha512", self.key.encode(), salt, _ROUNDS, _KEY)


def _remember(known: dict[bytes, Claims], digest: bytes, claims: Claims) -> None:
    if len(known) >= _REMEMBERED:
        known.pop(next(iter(known)), None)
    known[digest] = claims


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
