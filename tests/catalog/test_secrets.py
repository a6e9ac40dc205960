"""Secrets are made, kept and checked as the contract says, and scrypt runs as rarely as can be."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from footfall.catalog import secrets
from footfall.catalog.secrets import SecretCache
from footfall.model.errors import TooMany


class Scrypt:
    """Stands in for scrypt and counts how often it ran."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, secret: str, stored: str) -> bool:
        self.runs += 1
        return secret == stored


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def scrypt() -> Scrypt:
    return Scrypt()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock, scrypt: Scrypt) -> SecretCache:
    return SecretCache(clock, scrypt)


def test_the_contracts_vector_is_hashed_as_openpanel_does() -> None:
    stored = secrets.hash_secret("sec_0123456789abcdef0123", "00112233445566778899aabbccddeeff")
    assert stored == (
        "00112233445566778899aabbccddeeff.a1b61a14d7c3d8c933d607a316faf4eecd741472db2d77eb18ffde6b69c23fac"
    )
    assert secrets.verify_secret("sec_0123456789abcdef0123", stored)
    assert not secrets.verify_secret("sec_0123456789abcdef0124", stored)


def test_new_secrets_and_keys_look_as_announced() -> None:
    assert re.fullmatch(r"sec_[0-9a-f]{20}", secrets.new_client_secret())
    assert re.fullmatch(r"ff_[0-9a-f]{64}", secrets.new_api_key())


def test_a_password_is_kept_as_argon2id_and_found_again() -> None:
    stored = secrets.hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert secrets.verify_password("correct horse", stored)
    assert not secrets.verify_password("wrong horse", stored)


def test_a_user_without_a_password_lets_nobody_in() -> None:
    assert not secrets.verify_password("", None)


def test_a_secret_costs_scrypt_once(cache: SecretCache, scrypt: Scrypt) -> None:
    assert cache.peek("client", "right", "right") is None
    assert all(cache.verify("client", "right", "right") for _ in range(10))
    assert scrypt.runs == 1
    assert cache.peek("client", "right", "right") is True


def test_once_the_right_secret_is_known_wrong_ones_cost_nothing(cache: SecretCache, scrypt: Scrypt) -> None:
    cache.verify("client", "right", "right")
    assert not any(cache.verify("client", f"guess{number}", "right") for number in range(1000))
    assert scrypt.runs == 1


def test_a_wrong_secret_is_remembered_too(cache: SecretCache, scrypt: Scrypt) -> None:
    assert not any(cache.verify("client", "wrong", "right") for _ in range(10))
    assert scrypt.runs == 1


def test_guessing_at_a_silent_client_is_stopped_and_later_allowed_again(
    cache: SecretCache, clock: Clock, scrypt: Scrypt
) -> None:
    for number in range(30):
        cache.verify("client", f"guess{number}", "right")
    with pytest.raises(TooMany) as stopped:
        cache.verify("client", "right", "right")
    assert stopped.value.retry_after == 10
    assert scrypt.runs == 30
    assert cache.verify("another", "right", "right")
    clock.now = 11
    assert cache.verify("client", "right", "right")


def test_a_changed_secret_counts_at_once(cache: SecretCache) -> None:
    assert cache.verify("client", "old", "old")
    assert not cache.verify("client", "old", "new")
    assert cache.verify("client", "new", "new")


def test_what_is_not_used_for_five_minutes_is_forgotten(cache: SecretCache, clock: Clock, scrypt: Scrypt) -> None:
    cache.verify("client", "right", "right")
    clock.now = 200
    cache.verify("client", "right", "right")
    clock.now = 499
    cache.verify("client", "right", "right")
    assert scrypt.runs == 1
    clock.now = 800
    cache.verify("client", "right", "right")
    assert scrypt.runs == 2


def test_the_cache_does_not_grow_without_end(cache: SecretCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "MAX_REFUSED", 8)
    monkeypatch.setattr(secrets, "MAX_PROVEN", 8)
    for number in range(50):
        cache.verify(f"client{number}", "wrong", "right")
        cache.verify(f"client{number}", "right", "right")
    assert len(cache._refused) == len(cache._proven) == len(cache._failures) == 8


def test_many_threads_with_one_secret_cost_one_scrypt(cache: SecretCache, scrypt: Scrypt) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: cache.verify("client", "right", "right"), range(200)))
    assert all(answers)
    assert scrypt.runs == 1
