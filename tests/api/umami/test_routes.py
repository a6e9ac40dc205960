"""Every route of the description, asked by people who may not: nobody learns or changes what is another's."""

import re
from typing import Any

import pytest

from support.umami import Person, Umami

PUBLIC = {"/auth/login", "/auth/logout", "/heartbeat", "/config", "/share/{slug}"}
OWN_LISTS = re.compile(r"/(me(/[a-z-]+)?|auth/verify|teams|websites|links|pixels)")


@pytest.fixture(scope="module")
def of_bob(umami: Umami) -> dict[str, str]:
    """Something of everything, all of it bob's."""
    bob = umami.bob
    site = bob.post("websites", name="Foreign", domain="")["id"]
    segment = {"type": "segment", "name": "s", "parameters": {}}
    link = bob.post("links", name="l", url="https://x.example/")["id"]
    return {
        "website_id": site,
        "segment_id": bob.post(f"websites/{site}/segments", segment)["id"],
        "share_id": bob.post(f"websites/{site}/shares", name="x")["id"],
        "slug": "no-such-slug",
        "link_id": link,
        "team_id": bob.post("teams", name="t")[0]["id"],
        "user_id": bob.id,
        "key_id": bob.post("me/api-keys", name="k")["id"],
    }


def routes(umami: Umami, of_bob: dict[str, str]) -> list[tuple[str, str, str]]:
    """Method, path and the path with what is bob's."""
    paths: dict[str, Any] = umami.nobody.get("umami/documentation/json")["paths"]
    found = [(method, path, path.format(**of_bob)) for path, methods in paths.items() for method in methods]
    assert len(found) > 50
    return found


def asked(person: Person, method: str, path: str) -> int:
    body = {} if method == "post" else None
    return person.ask(method.upper(), path.removeprefix("/"), body).status_code


def test_nobody_gets_past_any_door(umami: Umami, of_bob: dict[str, str]) -> None:
    for method, path, filled in routes(umami, of_bob):
        if path not in PUBLIC:
            assert asked(umami.nobody, method, filled) in ((400, 401) if method == "post" else (401,)), (
                method,
                path,
            )


@pytest.mark.parametrize("name", ["cleo", "vic"])
def test_a_stranger_gets_nothing_that_is_bob_s(umami: Umami, of_bob: dict[str, str], name: str) -> None:
    stranger: Person = getattr(umami, name)
    for method, path, filled in routes(umami, of_bob):
        if path in PUBLIC or OWN_LISTS.fullmatch(path):
            continue
        assert asked(stranger, method, filled) in (400, 401, 404), (method, path)
    assert umami.bob.get(f"websites/{of_bob['website_id']}")["name"] == "Foreign"
    assert umami.bob.get(f"teams/{of_bob['team_id']}")["name"] == "t"
    assert of_bob["key_id"] in {key["id"] for key in umami.bob.get("me/api-keys")}
