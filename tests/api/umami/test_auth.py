"""Signing in, tokens of every kind, and who is signed in (umami contract §3)."""

import base64
import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from footfall.api.umami.tokens import Tokens
from footfall.ingest.enrich.umami_ids import key_text
from footfall.model.project import Role
from support.umami import NOBODY, PASSWORD, SECRET, Umami

# contract §1.3: the test vector of two independent implementations
KEY = (
    "a11241a654a6745686e7174a54198060ff33804615814eca4432ce4c485f9b41"
    "f5efa39fd02c1dcc05e22c851f2605289672fbe2ea0e33545a52138468a7f5e6"
)


def minted(claims: dict[str, object], key: str = KEY) -> str:
    """A bearer token as a client makes it that knows the secret (contract §3.2)."""
    salt, iv = os.urandom(64), os.urandom(16)
    derived = hashlib.pbkdf2_hmac("sha512", key.encode(), salt, 10_000, 32)
    sealed = AESGCM(derived).encrypt(iv, jwt.encode(claims, key, "HS256").encode(), None)
    return base64.b64encode(salt + iv + sealed[-16:] + sealed[:-16]).decode()


def test_the_key_is_made_of_the_secret_as_the_contract_s_vector_says() -> None:
    assert key_text("test-secret") == KEY
    claims = {
        "websiteId": "0d0d0d0d-1111-4222-8333-444455556666",
        "sessionId": "327aeae8-a156-5101-a177-6dcfb366fb28",
        "visitId": "e9d3ef5b-3149-5617-a415-3b8df5cce118",
        "iat": 1747748712,
    }
    signed = Tokens("test-secret").sign(claims)
    assert signed.endswith(".yOg55gsxeeAwAZhOmbS_iRz7HR9pVtYBFX7EZTbswcU")
    assert Tokens("test-secret").read_signed(signed) == claims


def test_a_login_answers_with_a_token_and_the_user(umami: Umami) -> None:
    answer = umami.login("ada")
    assert set(answer) == {"token", "user"}
    assert answer["user"] == {
        "id": umami.ada.id,
        "username": "ada",
        "role": "admin",
        "createdAt": umami.ada.get("me")["user"]["createdAt"],
        "isAdmin": True,
        "teams": [],
    }
    bearer = umami.with_token(answer["token"])
    assert bearer.get("auth/verify") == bearer.post("auth/verify") == answer["user"]
    assert umami.login("bob")["user"]["isAdmin"] is False


@pytest.mark.parametrize("word", ["Bearer", "bearer", "Token", "x"])
def test_any_word_may_stand_before_the_token(umami: Umami, word: str) -> None:
    token = minted({"userId": umami.bob.id})
    assert umami.with_token(token, word).get("me")["user"]["username"] == "bob"


def test_a_token_that_a_client_minted_from_the_secret_is_taken(umami: Umami) -> None:
    for claims in ({"userId": umami.ada.id}, {"userId": umami.ada.id, "iat": 4102444800}):
        bearer = umami.with_token(minted(claims))
        assert bearer.get("auth/verify")["username"] == "ada"
        assert bearer.get("me")["authType"] == "session"


def test_the_role_in_a_token_is_not_believed(umami: Umami) -> None:
    bearer = umami.with_token(minted({"userId": umami.bob.id, "role": "admin"}))
    assert bearer.get("auth/verify")["role"] == "user"
    assert bearer.refused("get", "admin/users")[0] == 401


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "null",
        "ff_" + "0" * 64,
        "A" * 400,
        "A" * 5000,
        "é" * 300,
        base64.b64encode(os.urandom(300)).decode(),
        jwt.encode({"userId": NOBODY}, KEY, "HS256"),
    ],
)
def test_anything_else_is_not(umami: Umami, token: str) -> None:
    headers = {"authorization": f"Bearer {token}".encode()}
    answer = umami.footfall.request("GET", "/api/me", headers=headers)
    assert (answer.status_code, answer.json()) == (
        401,
        {"error": {"message": "Unauthorized", "code": "unauthorized", "status": 401}},
    )


def test_a_token_of_another_secret_of_nobody_or_past_its_time_is_not_taken(umami: Umami) -> None:
    other = hashlib.sha512(b"another").hexdigest()
    expired = {"userId": umami.ada.id, "exp": 1_000_000_000}
    for token in (
        minted({"userId": umami.ada.id}, other),
        minted({"userId": NOBODY}),
        minted({}),
        minted(expired),
    ):
        assert umami.with_token(token).refused("get", "me")[0] == 401


def test_a_token_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    derive = hashlib.pbkdf2_hmac

    def counted(*arguments: object) -> bytes:
        opened.append(arguments)
        return derive(*arguments)  # type: ignore[arg-type]

    good, bad = minted({"userId": NOBODY}), base64.b64encode(os.urandom(300)).decode()
    monkeypatch.setattr(hashlib, "pbkdf2_hmac", counted)
    tokens = Tokens(SECRET)
    for _ in range(3):
        found = tokens.read_bearer(good)
        assert found is not None
        assert found.user_id == NOBODY
        assert tokens.read_bearer(bad) is None
    assert len(opened) == 2
    assert tokens.is_quick(good)
    assert tokens.is_quick(bad)


def test_wrong_tokens_make_nobody_s_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("footfall.api.umami.tokens._REMEMBERED", 3)
    tokens = Tokens(SECRET)
    good = tokens.bearer(NOBODY, "user")
    for _ in range(5):
        wrong = base64.b64encode(os.urandom(200)).decode()
        assert tokens.read_bearer(wrong) is None
        assert tokens.is_quick(wrong)
    assert tokens.is_quick(good)


def test_a_wrong_name_and_a_wrong_password_are_told_alike(umami: Umami, umami_v2: Umami) -> None:
    for name, password in (("ada", "wrong"), ("nobody", PASSWORD), ("", "")):
        body = {"username": name, "password": password}
        assert umami.nobody.refused("post", "auth/login", body) == (
            401,
            {"message": "Unauthorized", "code": "incorrect-username-password", "status": 401},
        )
        assert umami_v2.nobody.refused("post", "auth/login", body) == (
            401,
            "message.incorrect-username-password",
        )


def test_sign_in_attempts_are_counted_by_address(make_umami: Callable[..., Umami]) -> None:
    umami = make_umami(rate_limit_login="2/60s")
    ada = {"username": "ada", "password": PASSWORD}

    def tries(ip: str, **body: str) -> int:
        headers = {"x-forwarded-for": ip}
        answer = umami.footfall.request("POST", "/api/auth/login", json={**ada, **body}, headers=headers)
        if answer.status_code == 429:
            assert answer.json()["error"]["code"] == "rate-limited"
            assert answer.headers["retry-after"] == "60"
        return answer.status_code

    assert [tries("203.0.113.1", password="wrong") for _ in range(3)] == [401, 401, 429]
    assert tries("203.0.113.1") == 429, "the right password too, or guessing would go on"
    assert tries("203.0.113.2") == 200
    umami.footfall.advance(seconds=61)
    assert tries("203.0.113.1") == 200


@pytest.mark.parametrize(
    "named",
    [
        lambda n: {"openpanel-client-ip": f"203.0.113.{n}", "x-forwarded-for": "198.51.100.7"},
        lambda n: {"x-forwarded-for": f"203.0.113.{n}, 198.51.100.7, 10.0.0.2"},
        lambda n: {"x-forwarded-for": f"203.0.113.{n}, ::ffff:198.51.100.7"},
        lambda n: {"true-client-ip": f"203.0.113.{n}"},
    ],
)
def test_nobody_gets_more_attempts_by_naming_other_addresses(
    make_umami: Callable[..., Umami], named: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footfall.server.contexts.LOGINS_OF_A_SOURCE", 3)
    umami = make_umami(rate_limit_login="1/60s")
    wrong = {"username": "nobody", "password": "wrong"}

    def tries(headers: dict[str, str]) -> int:
        return umami.footfall.request("POST", "/api/auth/login", json=wrong, headers=headers).status_code

    assert [tries(named(number)) for number in range(4)] == [401] * 3 + [429]
    assert tries({"x-forwarded-for": "198.51.100.8"}) == 401


def test_logout_is_always_fine(umami: Umami) -> None:
    assert umami.nobody.post("auth/logout") == {"ok": True}


def test_me_says_who_asks_and_how_that_showed(umami: Umami) -> None:
    me = umami.ada.get("me")
    assert set(me) == {"user", "grant", "token", "shareToken", "authKey", "authType"}
    assert me["user"]["username"] == "ada"
    assert (me["token"], me["shareToken"], me["authType"]) == (None, None, "api-key")
    token = umami.login("ada")["token"]
    signed_in = umami.with_token(token).get("me")
    assert (signed_in["token"], signed_in["authType"]) == (token, "session")


def test_an_api_key_works_in_either_header_until_it_is_deleted_or_expires(umami: Umami) -> None:
    made = umami.bob.post("me/api-keys", name="ci")
    assert set(made) == {"id", "name", "keyPrefix", "createdAt", "lastUsedAt", "expiresAt", "key"}
    assert made["key"].startswith(made["keyPrefix"])
    key = made["key"]
    bearer = umami.with_token(key)
    assert bearer.get("me")["user"]["username"] == "bob"
    assert bearer.get("me")["authType"] == "api-key"
    listed = {each["id"]: each for each in umami.bob.get("me/api-keys")}
    assert listed[made["id"]] | {"lastUsedAt": None} == {
        name: value for name, value in made.items() if name != "key"
    }
    assert listed[made["id"]]["lastUsedAt"] is not None
    assert umami.cleo.refused("delete", f"me/api-keys/{made['id']}")[0] == 404, "only one's own"
    assert umami.bob.delete(f"me/api-keys/{made['id']}") == {"ok": True}
    assert bearer.refused("get", "me")[0] == 401
    past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    expired = umami.bob.post("me/api-keys", name="old", expiresAt=past)
    assert umami.with_token(expired["key"]).refused("get", "me")[0] == 401
    for never in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "soon"):
        status, error = umami.bob.refused("post", "me/api-keys", {"name": "x", "expiresAt": never})
        assert (status, list(error["properties"])) == (400, ["expiresAt"])


def test_a_new_password_voids_older_tokens(umami: Umami) -> None:
    dora = umami.joins("dora", Role.USER)
    old = minted({"userId": dora.id, "iat": 1_700_000_000})
    assert umami.with_token(old).get("me")["user"]["username"] == "dora"
    token = umami.login("dora")["token"]
    wrong = {"currentPassword": "not this", "newPassword": "another horse"}
    assert umami.with_token(token).refused("post", "me/password", wrong) == (
        400,
        {"message": "Current password is incorrect", "code": "bad-request", "status": 400},
    )
    short = {"currentPassword": PASSWORD, "newPassword": "short"}
    assert umami.with_token(token).refused("post", "me/password", short)[1]["properties"] == {
        "newPassword": {"errors": ["Too small: expected string to have >=8 characters"]}
    }
    changed = umami.with_token(token).post("me/password", currentPassword=PASSWORD, newPassword="another horse")
    assert (changed["id"], changed["username"]) == (dora.id, "dora")
    assert "password" not in " ".join(changed).lower()
    assert umami.with_token(old).refused("get", "me")[0] == 401
    without_time = minted({"userId": dora.id})
    assert umami.with_token(without_time).refused("get", "me")[0] == 401, "nobody knows how old it is"
    assert umami.with_token(umami.login("dora", "another horse")["token"]).get("me")["user"]["id"] == dora.id
    assert umami.nobody.refused("post", "auth/login", {"username": "dora", "password": PASSWORD})[0] == 401


def test_a_deleted_user_s_token_is_void_at_once(umami: Umami) -> None:
    ed = umami.joins("ed")
    bearer = umami.with_token(minted({"userId": ed.id}))
    assert bearer.get("me")["user"]["username"] == "ed"
    umami.ada.delete(f"users/{ed.id}")
    assert bearer.refused("get", "me")[0] == 401
    assert ed.refused("get", "me")[0] == 401, "and so is the key"


def test_without_a_secret_in_the_settings_there_is_a_random_one_that_stays(
    make_umami: Callable[..., Umami],
) -> None:
    umami = make_umami(secret="")
    token = umami.login("ada")["token"]
    assert umami.with_token(minted({"userId": umami.ada.id})).refused("get", "me")[0] == 401
    umami.footfall.restart()
    assert umami.with_token(token).get("me")["user"]["username"] == "ada"


def test_general_routes_need_nobody(umami: Umami) -> None:
    assert umami.nobody.get("heartbeat") == {"ok": True}
    watched = umami.nobody.ask("HEAD", "heartbeat")
    assert (watched.status_code, watched.content) == (200, b"")
    assert umami.nobody.get("config")["cloudMode"] is False


def test_any_page_s_script_may_ask(umami: Umami) -> None:
    wanted = {
        "access-control-allow-origin": "*",
        "access-control-allow-headers": "*",
        "access-control-allow-methods": "GET, DELETE, POST, PUT",
        "access-control-max-age": "86400",
        "cache-control": "no-cache",
    }
    preflight = umami.nobody.ask("OPTIONS", "websites")
    assert preflight.status_code == 204
    for answer in (preflight, umami.nobody.ask("GET", "heartbeat"), umami.nobody.ask("GET", "websites")):
        assert {name: answer.headers[name] for name in wanted} == wanted
        assert answer.headers.get_list("access-control-allow-origin") == ["*"]


def test_openpanel_s_routes_beside_are_what_they_were(make_umami: Callable[..., Umami]) -> None:
    umami = make_umami(reads=True)
    answer = umami.footfall.request("GET", "/api/insights/shop/metrics")
    assert answer.json()["message"] == "Export: Client ID must be a valid UUIDv4"
    assert umami.footfall.request("GET", "/api/nothing").json()["message"] == "Route GET:/api/nothing not found"
    assert umami.footfall.request("GET", "/websites").status_code == 404, "Umami lives under /api alone"
    assert umami.footfall.request("GET", "/api/healthcheck").json()["ready"] is True


def test_the_description_names_every_route(umami: Umami) -> None:
    paths = umami.nobody.get("umami/documentation/json")["paths"]
    assert {"/auth/login", "/websites/{website_id}", "/teams/{team_id}/users"} <= set(paths)
    login = paths["/auth/login"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert login["required"] == ["username", "password"]
