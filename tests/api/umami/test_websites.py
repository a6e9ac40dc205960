"""Websites: made, listed, changed, given away, reset and deleted (umami contract §3.5, §4.1, §4.2)."""

import re
from typing import Any

import pytest

from support.footfall import Footfall
from support.umami import NOBODY, Umami

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
KEYS = {
    *("id", "name", "domain", "shareId", "resetAt", "userId", "teamId", "createdBy", "createdAt", "updatedAt"),
    *("deletedAt", "recorderEnabled", "replayEnabled", "replayConfig"),
}


def names(page: Any) -> list[str]:
    return [item["name"] for item in page["data"]]


def test_a_website_is_made_with_every_key(umami: Umami) -> None:
    site = umami.bob.post("websites", name="Garden", domain="garden.example", shareId="garden-1")
    assert set(site) == KEYS
    assert UUID.fullmatch(site["id"])
    assert MOMENT.fullmatch(site["createdAt"])
    assert (site["name"], site["domain"], site["shareId"]) == ("Garden", "garden.example", "garden-1")
    assert (site["userId"], site["createdBy"], site["teamId"]) == (umami.bob.id, umami.bob.id, None)
    assert (site["resetAt"], site["deletedAt"], site["replayConfig"]) == (None, None, None)
    assert umami.bob.get(f"websites/{site['id']}") == site
    assert umami.bob.get(f"websites/{site['id'].upper()}") == site
    assert umami.bob.get("websites/garden") == site, "the project's slug is as good"


def test_a_website_is_a_project_and_the_reverse(umami: Umami) -> None:
    site = umami.bob.post("websites", name="Nursery", domain="nursery.example")
    project = umami.catalog.get_project(site["id"])
    assert (project.id, project.name, project.domain) == ("nursery", "Nursery", "nursery.example")
    assert project.cors == ("https://nursery.example",)
    made = umami.catalog.create_project("By hand", id="by-hand", domain="hand.example")
    seen = umami.ada.get("websites/by-hand")
    assert (seen["id"], seen["domain"], seen["userId"]) == (str(made.uuid), "hand.example", None)


def test_a_website_may_bring_its_id(umami: Umami) -> None:
    id_ = "0d0d0d0d-1111-4222-8333-444455556666"
    assert umami.bob.post("websites", name="Mine", domain="mine.example", id=id_)["id"] == id_
    again = {"name": "Mine", "domain": "mine.example", "id": id_}
    status, error = umami.bob.refused("post", "websites", again)
    assert (status, error["code"]) == (400, "bad-request")


def test_a_project_that_is_nobody_s_is_in_every_admin_s_list(umami: Umami) -> None:
    umami.catalog.create_project("Orphan", id="orphan")
    page = umami.ada.get("websites", search="orphan")
    assert names(page) == ["Orphan"]
    assert page["data"][0]["user"] is None
    assert names(umami.bob.get("websites", search="orphan")) == []
    assert umami.bob.refused("get", "websites/orphan") == (
        401,
        {"message": "Unauthorized", "code": "unauthorized", "status": 401},
    )


@pytest.fixture(scope="module")
def zoe(umami: Umami) -> Any:
    """Somebody with three websites."""
    zoe = umami.joins("zoe")
    for name in ("Beta", "alpha", "Gamma"):
        zoe.post("websites", name=name, domain=f"{name.lower()}.example")
    return zoe


def test_the_list_is_paged_searched_and_by_name(zoe: Any) -> None:
    page = zoe.get("websites")
    assert set(page) == {"data", "count", "page", "pageSize"}
    assert (page["count"], page["page"], page["pageSize"]) == (3, 1, 20)
    assert names(page) == ["alpha", "Beta", "Gamma"]
    assert page["data"][0]["user"] == {"id": zoe.id, "username": "zoe"}
    assert set(page["data"][0]) == KEYS | {"user"}
    second = zoe.get("websites", page=2, pageSize=2)
    assert (names(second), second["count"], second["page"], second["pageSize"]) == (["Gamma"], 3, 2, 2)
    assert names(zoe.get("websites", page=9)) == []
    found = zoe.get("websites", search="BETA.ex")
    assert (names(found), found["count"], found["search"]) == (["Beta"], 1, "BETA.ex")
    ordered = zoe.get("websites", orderBy="createdAt", sortDescending="true")
    assert (names(ordered), ordered["orderBy"]) == (["Gamma", "alpha", "Beta"], "createdAt")
    assert zoe.get("websites", pageSize=99999)["pageSize"] == 1000
    assert zoe.get("me/websites")["data"] == page["data"]
    assert zoe.get(f"users/{zoe.id}/websites")["data"] == page["data"]


def test_a_list_refuses_what_is_no_page(umami: Umami, umami_v2: Umami) -> None:
    assert umami.bob.refused("get", "websites", page=0)[1]["properties"] == {
        "page": {"errors": ["Too small: expected number to be >=1"]}
    }
    assert umami_v2.bob.refused("get", "websites", page="x", pageSize=-1) == (
        400,
        ["page: Expected number, received nan", "pageSize: Number must be greater than or equal to 1"],
    )
    assert umami_v2.bob.refused("get", "websites", page="1.5")[1] == ["page: Expected integer, received float"]
    assert umami_v2.bob.refused("get", "websites", page="1e99")[1] == ["page: Number is out of range"]


def test_an_order_by_a_key_that_is_not_there_is_refused(zoe: Any) -> None:
    assert zoe.refused("get", "websites", orderBy="nothing")[0] == 400


def test_generation_2_has_ten_on_a_page(umami_v2: Umami) -> None:
    assert umami_v2.bob.get("websites")["pageSize"] == 10


def test_a_website_is_changed_in_part(umami: Umami) -> None:
    site = umami.bob.post("websites", name="Old", domain="old.example", shareId="keep-me-1")
    path = f"websites/{site['id']}"
    changed = umami.bob.post(path, name="New")
    assert (changed["name"], changed["domain"], changed["shareId"]) == ("New", "old.example", "keep-me-1")
    changed = umami.bob.post(path, domain="new.example", shareId="another-1")
    assert (changed["name"], changed["domain"], changed["shareId"]) == ("New", "new.example", "another-1")
    assert umami.nobody.refused("get", "share/keep-me-1")[0] == 404
    assert umami.bob.post(path, {"shareId": None})["shareId"] is None
    assert umami.nobody.refused("get", "share/another-1")[0] == 404


def test_a_share_id_that_is_another_s_is_refused(umami: Umami) -> None:
    umami.bob.post("websites", name="First", domain="", shareId="taken-00")
    second = umami.bob.post("websites", name="Second", domain="")
    taken = {"message": "That share ID is already taken.", "code": "bad-request", "status": 400}
    assert umami.bob.refused("post", f"websites/{second['id']}", {"shareId": "taken-00"}) == (400, taken)
    third = {"name": "Third", "domain": "", "shareId": "taken-00"}
    assert umami.bob.refused("post", "websites", third) == (400, taken)
    assert names(umami.bob.get("websites", search="Third")) == [], "nothing is made by halves"


def test_a_website_is_not_changed_by_halves(umami: Umami) -> None:
    umami.bob.post("websites", name="First", domain="", shareId="taken-01")
    path = f"websites/{umami.bob.post('websites', name='Whole', domain='', shareId='whole-1')['id']}"
    bad_domain = {"name": "Half", "domain": "https://shop.example/path", "shareId": "half-1"}
    for body in (bad_domain, {"name": "Half", "shareId": "taken-01"}):
        assert umami.bob.refused("post", path, body)[0] == 400
        found = umami.bob.get(path)
        assert (found["name"], found["shareId"]) == ("Whole", "whole-1")


def test_who_may_see_and_change_a_website(umami: Umami) -> None:
    site = umami.bob.post("websites", name="Private", domain="")
    path = f"websites/{site['id']}"
    refusal = (401, {"message": "Unauthorized", "code": "unauthorized", "status": 401})
    for other in (umami.cleo, umami.vic, umami.nobody):
        assert other.refused("get", path) == refusal
        assert other.refused("post", path, {"name": "Mine now"}) == refusal
        assert other.refused("post", f"{path}/reset") == refusal
        assert other.refused("post", f"{path}/transfer", {"userId": umami.cleo.id}) == refusal
        assert other.refused("delete", path) == refusal
    assert umami.vic.refused("post", "websites", {"name": "No", "domain": ""}) == refusal
    assert umami.ada.post(path, name="Seen by the admin")["name"] == "Seen by the admin"


def test_what_is_not_there_is_404(umami: Umami) -> None:
    missing = (404, {"message": "Not found", "code": "not-found", "status": 404})
    for ref in (NOBODY, "no-such-slug", "%00", "é", "a" * 3000):
        assert umami.bob.refused("get", f"websites/{ref}") == missing
        assert umami.bob.refused("delete", f"websites/{ref}") == missing
        assert umami.nobody.refused("get", f"websites/{ref}")[0] == 401, "who asks comes first"


def test_a_website_is_given_to_a_user_or_a_team(umami: Umami) -> None:
    site = umami.bob.post("websites", name="Wanderer", domain="")
    path = f"websites/{site['id']}/transfer"
    team = umami.bob.post("teams", name="Bob's")[0]
    assert umami.bob.refused("post", path, {})[0] == 400
    assert umami.bob.refused("post", path, {"userId": umami.cleo.id})[0] == 401, "nobody is given one unasked"
    assert umami.bob.refused("post", path, {"teamId": NOBODY})[0] == 404
    moved = umami.bob.post(path, teamId=team["id"])
    assert (moved["userId"], moved["teamId"], moved["createdBy"]) == (None, team["id"], umami.bob.id)
    assert names(umami.bob.get("websites", search="Wanderer")) == []
    assert names(umami.bob.get("websites", search="Wanderer", includeTeams="true")) == ["Wanderer"]
    listed = umami.bob.get(f"teams/{team['id']}/websites")["data"][0]
    assert listed["createUser"] == {"id": umami.bob.id, "username": "bob"}
    assert umami.bob.get("websites", teamId=team["id"])["data"] == [listed]
    assert umami.cleo.refused("get", "websites", teamId=team["id"])[0] == 401
    back = umami.bob.post(path, userId=umami.bob.id)
    assert (back["userId"], back["teamId"]) == (umami.bob.id, None)
    assert umami.ada.post(path, userId=umami.cleo.id)["userId"] == umami.cleo.id
    assert umami.ada.refused("post", path, {"userId": NOBODY})[0] == 404


def visits(footfall: Footfall, project: str) -> int:
    footfall.settle()
    return int(footfall.ask(f"SELECT count(*) FROM events WHERE project_id = '{project}'")[0][0])


def test_reset_deletes_the_data_and_notes_when(umami: Umami) -> None:
    footfall = umami.footfall
    footfall.visitor().views("/")
    assert visits(footfall, "shop") > 0
    assert umami.ada.post("websites/shop/reset") == {"ok": True}
    assert visits(footfall, "shop") == 0
    assert umami.ada.get("websites/shop")["resetAt"] == "2026-03-10T12:00:00.000Z"
    footfall.visitor().views("/again")
    assert visits(footfall, "shop") > 0


def test_a_deleted_website_is_gone_everywhere(umami: Umami) -> None:
    site = umami.bob.post("websites", name="Short lived", domain="", shareId="shortlive")
    guest = umami.shared("shortlive")
    assert guest.get(f"websites/{site['id']}")["name"] == "Short lived"
    assert umami.bob.delete(f"websites/{site['id']}") == {"ok": True}
    assert umami.bob.refused("get", f"websites/{site['id']}")[0] == 404
    assert umami.bob.refused("delete", f"websites/{site['id']}")[0] == 404
    assert umami.nobody.refused("get", "share/shortlive")[0] == 404
    assert guest.refused("get", f"websites/{site['id']}")[0] == 404
    assert names(umami.bob.get("websites", search="Short lived")) == []


@pytest.mark.parametrize(
    ("body", "v2", "v3"),
    [
        (
            {},
            ["name: Required", "domain: Required"],
            {
                "name": {"errors": ["Invalid input: expected string, received undefined"]},
                "domain": {"errors": ["Invalid input: expected string, received undefined"]},
            },
        ),
        (
            {"name": 5, "domain": ["x"]},
            ["name: Expected string, received number", "domain: Expected string, received array"],
            {
                "name": {"errors": ["Invalid input: expected string, received number"]},
                "domain": {"errors": ["Invalid input: expected string, received array"]},
            },
        ),
        (
            {"name": "x" * 101, "domain": ""},
            ["name: String must contain at most 100 character(s)"],
            {"name": {"errors": ["Too big: expected string to have <=100 characters"]}},
        ),
        (
            {"name": "x", "domain": "", "teamId": "7", "id": "x"},
            ["teamId: Invalid uuid", "id: Invalid uuid"],
            {"teamId": {"errors": ["Invalid UUID"]}, "id": {"errors": ["Invalid UUID"]}},
        ),
        (
            {"name": "x", "domain": "", "shareId": "s" * 51},
            ["shareId: String must contain at most 50 character(s)"],
            {"shareId": {"errors": ["Too big: expected string to have <=50 characters"]}},
        ),
        ("{", [], None),
        ("", [], None),
        ("[1]", [], None),
        ("null", [], None),
    ],
)
def test_a_body_that_can_t_be_used_says_why_before_it_asks_who(
    umami: Umami, umami_v2: Umami, body: Any, v2: list[str], v3: Any
) -> None:
    for person, person_v2 in ((umami.bob, umami_v2.bob), (umami.nobody, umami_v2.nobody)):
        assert person_v2.refused("post", "websites", body) == (400, v2)
        status, error = person.refused("post", "websites", body)
        assert (status, error["message"], error["code"], error["status"]) == (
            400,
            "Bad request",
            "bad-request",
            400,
        )
        assert error.get("properties") == v3
    if isinstance(body, dict):
        assert umami_v2.nobody.refused("post", "websites", {"name": "x", "domain": ""}) == (401, "Unauthorized")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "n\0ul", "domain": ""},
        '{"name": "\\ud800", "domain": ""}',
        '{"name": "x", "domain": "\\u0000"}',
        {"name": "x", "domain": "https://a b"},
        {"name": "x", "domain": "x" * 500},
        {"name": " ", "domain": ""},
        {"name": "x", "domain": "", "shareId": "../.."},
    ],
)
def test_hostile_text_is_never_a_server_error(umami: Umami, body: Any) -> None:
    assert umami.bob.ask("POST", "websites", body).status_code in (200, 400)


def test_a_huge_body_is_refused(umami: Umami) -> None:
    answer = umami.nobody.ask("POST", "auth/login", " " * (1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "payload-too-large")
