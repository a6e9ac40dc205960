"""Secrets: how a client's, a user's and a key's are made, kept and checked.

Client secrets follow openpanel contract §2.2 (scrypt), passwords are argon2id, API keys are 256 random
bits of which only the SHA-256 is kept. No secret is stored in a form that could be read back.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from footfall.model.errors import TooMany

SCRYPT_N, SCRYPT_R, SCRYPT_P, SCRYPT_BYTES = 16_384, 8, 1, 32  # openpanel contract §2.2
SCRYPT_MEMORY = 64 * 1024 * 1024
KEY_PREFIX_LENGTH = 11  # `ff_` and eight digits: enough to tell keys apart, useless to a thief

K = TypeVar("K")
V = TypeVar("V")

TTL_SECONDS = 300.0
MAX_PROVEN = 16_384
MAX_REFUSED = 1_024
MAX_FAILURES = 30
FAILURE_SECONDS = 10


def new_client_secret() -> str:
    """`sec_` and 20 lower-hex characters."""
    return "sec_" + secrets.token_hex(10)


def hash_secret(secret: str, salt: str | None = None) -> str:
    """`<salt hex>.<key hex>`; the salt's hex text itself is what scrypt is salted with. Takes ~50 ms."""
    salt = secrets.token_hex(16) if salt is None else salt
    return f"{salt}.{_scrypt(secret, salt).hex()}"


def verify_secret(secret: str, stored: str) -> bool:
    """Whether the secret is the one that was hashed. Takes ~50 ms; `SecretCache` remembers."""
    salt, _, key = stored.partition(".")
    return hmac.compare_digest(_scrypt(secret, salt).hex(), key)


def _scrypt(secret: str, salt: str) -> bytes:
    return hashlib.scrypt(
        secret.encode(errors="surrogatepass"),
        salt=salt.encode(),
        n=SCRYPT_N,
        r=SCRYPT_R,
        p=SCRYPT_P,
        dklen=SCRYPT_BYTES,
        maxmem=SCRYPT_MEMORY,
    )


class SecretCache:
    """Remembers which secret a stored hash belongs to, so that scrypt runs once, not once a request.

    A hash has one right secret: when it is known (by its SHA-256, five minutes after the last use), every
    other secret is wrong without scrypt, so guessing costs the guesser more than the server. While it is
    unknown, refused secrets are remembered too, and a client may cost us `MAX_FAILURES` scrypts in ten
    seconds. Entries hang on the stored hash: a changed secret counts at once. Safe to use from many threads.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        verify: Callable[[str, str], bool] = verify_secret,
    ) -> None:
        self._clock = clock
        self._verify = verify
        self._slow = threading.Lock()  # one scrypt at a time: each takes 16 MB and a core
        self._proven: dict[tuple[str, str], tuple[bytes, float]] = {}
        self._refused: dict[tuple[str, str, bytes], float] = {}
        self._failures: dict[str, list[float]] = {}

    def peek(self, client_id: str, secret: str, stored: str) -> bool | None:
        """The answer if it is known without scrypt, else None."""
        digest = hashlib.sha256(secret.encode(errors="surrogatepass")).digest()
        now = self._clock()
        known = self._proven.get((client_id, stored))
        if known is not None and now < known[1]:
            right = hmac.compare_digest(known[0], digest)
            if right and known[1] - now < TTL_SECONDS / 2:
                self._proven[client_id, stored] = (digest, now + TTL_SECONDS)
            return right
        until = self._refused.get((client_id, stored, digest))
        return False if until is not None and now < until else None

    def verify(self, client_id: str, secret: str, stored: str) -> bool:
        """Whether the secret is right; runs scrypt (~50 ms) when that is not known.

        Raises TooMany when this client was sent too many wrong secrets in the last seconds.
        """
        known = self.peek(client_id, secret, stored)
        if known is not None:
            return known
        with self._slow:
            known = self.peek(client_id, secret, stored)  # whoever held the lock may have asked the same
            return self._learn(client_id, secret, stored) if known is None else known

    def _learn(self, client_id: str, secret: str, stored: str) -> bool:
        now = self._clock()
        recent = [moment for moment in self._failures.get(client_id, ()) if now - moment < FAILURE_SECONDS]
        if len(recent) >= MAX_FAILURES:
            raise TooMany("Too many wrong secrets for this client; try again later.", FAILURE_SECONDS)
        right = self._verify(secret, stored)
        digest = hashlib.sha256(secret.encode(errors="surrogatepass")).digest()
        if right:
            _make_room(self._proven, MAX_PROVEN)
            self._proven[client_id, stored] = (digest, now + TTL_SECONDS)
            return True
        _make_room(self._refused, MAX_REFUSED)
        self._refused[client_id, stored, digest] = now + TTL_SECONDS
        _make_room(self._failures, MAX_REFUSED)
        self._failures[client_id] = [*recent, now]
        return False


def _make_room(entries: dict[K, V], limit: int) -> None:
    """Drop the oldest entry of a full table."""
    if len(entries) >= limit:
        entries.pop(next(iter(entries)), None)


_PASSWORDS = PasswordHasher()  # argon2id, RFC 9106's low-memory profile


def new_password() -> str:
    """A random password a person can type: 20 characters, ~119 bits."""
    alphabet = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_"
    return "".join(secrets.choice(alphabet) for _ in range(20))


def hash_password(password: str) -> str:
    """The argon2id hash of a password. Takes ~100 ms."""
    return _PASSWORDS.hash(password)


def verify_password(password: str, stored: str | None) -> bool:
    """Whether the password is right. As slow when there is none to compare with, so nobody learns that."""
    try:
        return _PASSWORDS.verify(stored or _nobody(), password) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _PASSWORDS.hash(secrets.token_hex(16))


def new_api_key() -> str:
    """`ff_` and 64 hex digits: 256 random bits."""
    return "ff_" + secrets.token_hex(32)


def hash_api_key(key: str) -> str:
    """SHA-256, hex. A random 256-bit key needs no slow hash."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
