"""Umami's ids: visitors ("sessions") and visits, so that a site that moves keeps both. Contract: umami.md §1.3.

Everything is made of texts and one secret by hashing, so every node of an installation makes the same ids. Months
and hours are those of UTC.
"""

from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha1, sha512
from uuid import NAMESPACE_DNS

HOUR_MS = 3_600_000
_REMEMBERED = 16_384
_LONGEST_REMEMBERED = 1_024  # characters of a user agent; a payload may name one of 16 MB
_NAMESPACE = sha1(NAMESPACE_DNS.bytes, usedforsecurity=False)  # to go on from a copy is half the work


def key_text(app_secret: str) -> str:
    """What keys and ids are made of: the SHA-512 of the secret, as 128 hex digits (contract §1.3)."""
    return sha512(app_secret.encode()).hexdigest()


class Identities:
    """Makes the ids of one installation; `key` is the SHA-512 of its secret, as hex."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._id = lru_cache(_REMEMBERED)(self._make)

    def session(self, website: str, ip: str, user_agent: str, at_ms: int, distinct_id: str = "") -> str:
        """The visitor: whoever bears the distinct id, else an address and browser for a calendar month."""
        if distinct_id:
            return self._id(website, distinct_id)
        make = self._id if len(user_agent) <= _LONGEST_REMEMBERED else self._make
        return make(website, ip, user_agent, _salt(_month(at_ms // HOUR_MS)))

    def visit(self, session_id: str, at_ms: int) -> str:
        """A visitor's visit in a clock hour."""
        return self._id(session_id, _salt(at_ms // HOUR_MS))

    def _make(self, *parts: str) -> str:
        return _uuid5(_hash(*parts, self._key))


def _uuid5(text: str) -> str:
    """As `uuid.uuid5` in the namespace of DNS, in half the time."""
    hashed = _NAMESPACE.copy()
    hashed.update(text.encode())
    digest = bytearray(hashed.digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    digits = digest.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _hash(*parts: str) -> str:
    return sha512("".join(parts).encode("utf-8", "replace")).hexdigest()


@lru_cache(256)
def _month(hour: int) -> int:
    """The first hour of the month of an hour."""
    first = _instant(hour).replace(day=1, hour=0)
    return int(first.timestamp() * 1000) // HOUR_MS


@lru_cache(256)
def _salt(hour: int) -> str:
    return _hash(format_datetime(_instant(hour), usegmt=True))


def _instant(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * HOUR_MS / 1000, UTC)
