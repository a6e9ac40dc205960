"""Users, teams and what admins see (umami contract §3.5, §4.5)."""

from typing import Any

import pytest

from support.umami import NOBODY, PASSWORD, Umami

UNAUTHORIZED = (401, {"message": "Unauthorized", "code": "unauthorized", "status": 401})


def bad(message: str) -> tuple[int, dict[str, Any]]:
    return 400, {"message": message, "code": "bad-request", "status": 400}


def test_an_admin_makes_changes_and_deletes_a_user(umami: Umami) -> None:
    made = umami.ada.post("users", username="fay", password="secret pass", role="user")
    assert set(made) == {"id", "username", "role", "createdAt"}
    assert (made["username"], made["role"]) == ("fay", "user")
    assert umami.login("fay", "secret pass")["user"]["id"] == made["id"]
    assert umami.ada.get(f"users/{made['id']}") == made
    changed = umami.ada.post(f"users/{made['id']}", username="faye", role="view-only", password="other pass")
    assert (changed["username"], changed["role"]) == ("faye", "view-only")
    assert umami.login("faye", "other pass")["user"]["role"] == "view-only"
    again = {"username": "faye", "password": "x", "role": "user"}
    assert umami.ada.refused("post", "users", again) == bad("User already exists")
    assert umami.ada.refused("post", f"users/{made['id']}", {"username": "bob"}) == bad("User already exists")
    assert umami.ada.delete(f"users/{made['id']}") == {"ok": True}
    assert umami.ada.refused("get", f"users/{made['id']}")[0] == 404
    assert umami.ada.refused("delete", f"users/{made['id']}")[0] == 404


def test_a_user_may_bring_an_id(umami: Umami) -> None:
    id_ = "11112222-3333-4444-8555-666677778888"
    made = umami.ada.post("users", username="gus", password=PASSWORD, role="user", id=id_)
    assert made["id"] == id_
    again = {"username": "gus2", "password": PASSWORD, "role": "user", "id": id_}
    assert umami.ada.refused("post", "users", again) == bad("User already exists")


def test_no_admin_deletes_himself(umami: Umami) -> None:
    assert umami.ada.refused("delete", f"users/{umami.ada.id}") == bad("You cannot delete yourself.")


def test_others_see_and_change_only_themselves(umami: Umami) -> None:
    bob, cleo = umami.bob, umami.cleo
    assert bob.get(f"users/{bob.id}")["username"] == "bob"
    for path in (f"users/{cleo.id}", f"users/{cleo.id}/websites", f"users/{cleo.id}/teams", f"users/{NOBODY}"):
        assert bob.refused("get", path) == UNAUTHORIZED, "whether there is one is not told"
    assert bob.refused("post", f"users/{cleo.id}", {"password": "mine now!"}) == UNAUTHORIZED
    assert bob.refused("delete", f"users/{cleo.id}") == UNAUTHORIZED
    new = {"username": "x", "password": "y", "role": "admin"}
    assert bob.refused("post", "users", new) == UNAUTHORIZED
    for path in ("users", "admin/users", "admin/websites", "admin/teams"):
        assert bob.refused("get", path) == UNAUTHORIZED
    mine = bob.post(f"users/{bob.id}", role="admin", username="boss")
    assert (mine["role"], mine["username"]) == ("user", "bob"), "only an admin changes these"


def test_the_list_of_users_has_no_password(umami: Umami) -> None:
    page = umami.ada.get("admin/users", search="BOB")
    assert page["count"] == 1
    (bob,) = page["data"]
    assert bob["username"] == "bob"
    assert set(bob) == {
        *("id", "username", "role", "createdAt", "updatedAt", "deletedAt", "displayName", "logoUrl", "_count")
    }
    assert bob["_count"]["websiteUser"] == umami.bob.get("websites")["count"]
    assert umami.ada.get("users", search="bob")["data"] == page["data"]


def test_an_admin_sees_all_websites_and_those_of_one_user(umami: Umami) -> None:
    site = umami.cleo.post("websites", name="Cleo's", domain="")
    listed = umami.ada.get("admin/websites", pageSize=500)["data"]
    assert site["id"] in {each["id"] for each in listed}
    assert "shop" in {each["name"].lower() for each in listed}
    of_cleo = umami.ada.get("admin/websites", userId=umami.cleo.id)["data"]
    assert {each["user"]["username"] for each in of_cleo} == {"cleo"}


def test_a_deleted_user_takes_websites_and_teams_along(umami: Umami) -> None:
    hal = umami.joins("hal")
    site = hal.post("websites", name="Hal's", domain="")
    own = hal.post("teams", name="Hal's team")[0]
    joint = umami.bob.post("teams", name="Joint")[0]
    hal.post("teams/join", accessCode=joint["accessCode"])
    shared = hal.post("websites", name="Of the team", domain="", teamId=joint["id"])
    assert umami.ada.delete(f"users/{hal.id}") == {"ok": True}
    assert umami.ada.refused("get", f"websites/{site['id']}")[0] == 404
    assert umami.ada.refused("get", f"teams/{own['id']}")[0] == 404
    assert [each["role"] for each in umami.bob.get(f"teams/{joint['id']}")["teamUser"]] == ["team-owner"]
    assert umami.bob.get(f"websites/{shared['id']}")["name"] == "Of the team", "that one is the team's"


@pytest.mark.parametrize(
    ("body", "v2"),
    [
        ({}, ["username: Required", "password: Required", "role: Required"]),
        (
            {"username": "x" * 256, "password": "y", "role": "user"},
            ["username: String must contain at most 255 character(s)"],
        ),
        (
            {"username": "x", "password": "y", "role": "root"},
            ["role: Invalid enum value. Expected 'admin' | 'user' | 'view-only', received 'root'"],
        ),
        ({"username": "x", "password": None, "role": "user"}, ["password: Expected string, received null"]),
    ],
)
def test_a_user_that_can_t_be_is_refused(umami_v2: Umami, body: Any, v2: list[str]) -> None:
    assert umami_v2.ada.refused("post", "users", body) == (400, v2)
    assert umami_v2.nobody.refused("post", "users", body) == (400, v2)


# Teams


def test_a_team_is_made_with_its_owner(umami: Umami) -> None:
    team, owner = umami.bob.post("teams", name="Gardeners")
    assert set(team) == {
        *("id", "name", "accessCode", "logoUrl", "createdAt", "updatedAt", "deletedAt", "twoFactorRequired")
    }
    assert set(owner) == {"id", "teamId", "userId", "role", "createdAt", "updatedAt"}
    assert team["accessCode"].startswith("team_")
    assert len(team["accessCode"]) == 21
    assert (owner["teamId"], owner["userId"], owner["role"]) == (team["id"], umami.bob.id, "team-owner")
    seen = umami.bob.get(f"teams/{team['id']}")
    assert seen["teamUser"] == seen["members"] == [owner | {"user": {"id": umami.bob.id, "username": "bob"}}]
    assert umami.vic.refused("post", "teams", {"name": "No"}) == UNAUTHORIZED
    assert umami.bob.refused("post", "teams", {"name": "x" * 51})[0] == 400
    assert umami.bob.refused("post", "teams", {"name": "For cleo", "ownerId": umami.cleo.id}) == UNAUTHORIZED


def test_one_joins_by_the_access_code(umami: Umami) -> None:
    team = umami.bob.post("teams", name="Open")[0]
    joined = umami.cleo.post("teams/join", accessCode=team["accessCode"])
    assert (joined["teamId"], joined["userId"], joined["role"]) == (team["id"], umami.cleo.id, "team-member")
    again = {"accessCode": team["accessCode"]}
    assert umami.cleo.refused("post", "teams/join", again) == bad("User is already a member of the Team.")
    unknown = (404, {"message": "Team not found.", "code": "not-found", "status": 404})
    assert umami.cleo.refused("post", "teams/join", {"accessCode": "team_x"}) == unknown
    assert "Open" in {each["name"] for each in umami.cleo.get("me/teams")["data"]}
    assert umami.cleo.get("me/teams")["data"] == umami.cleo.get("teams")["data"]
    assert umami.cleo.get(f"users/{umami.cleo.id}/teams")["data"] == umami.cleo.get("teams")["data"]
    (seen,) = umami.cleo.get("teams", search="open")["data"]
    assert seen["_count"] == {"website": 0, "websites": 0, "teamUser": 2, "members": 2}
    assert seen["accessCode"] is None, "who may not add members does not see what adds them"
    assert [each["username"] for each in (m["user"] for m in seen["teamUser"])] == ["bob", "cleo"]


def test_what_each_role_in_a_team_may_do(umami: Umami) -> None:
    team = umami.bob.post("teams", name="Roles")[0]
    path = f"teams/{team['id']}"
    people = {role: umami.joins(role) for role in ("team-manager", "team-member", "team-view-only")}
    for role, person in people.items():
        assert umami.ada.post(f"{path}/users", userId=person.id, role=role)["role"] == role
    site = umami.bob.post("websites", name="Team site", domain="", teamId=team["id"])
    website = f"websites/{site['id']}"
    for person in people.values():
        assert person.get(website)["teamId"] == team["id"]
        assert person.get(path)["id"] == team["id"]
    manager, member, viewer = people.values()
    new = {"name": "By a member", "domain": "", "teamId": team["id"]}
    assert member.post("websites", new)["userId"] is None
    assert viewer.refused("post", "websites", new) == UNAUTHORIZED
    assert member.post(website, name="Renamed")["name"] == "Renamed"
    assert viewer.refused("post", website, {"name": "No"}) == UNAUTHORIZED
    assert manager.post(path, name="Roles 2", accessCode="team_0123456789abcdef")["name"] == "Roles 2"
    assert member.refused("post", path, {"name": "No"}) == UNAUTHORIZED
    assert manager.refused("delete", path) == UNAUTHORIZED
    assert member.refused("delete", f"{path}/users/{viewer.id}") == UNAUTHORIZED
    assert manager.refused("delete", f"{path}/users/{umami.bob.id}") == UNAUTHORIZED, "the owner stays"
    assert manager.refused("post", f"{path}/users/{umami.bob.id}", {"role": "team-member"}) == UNAUTHORIZED
    assert manager.post(f"{path}/users/{viewer.id}", role="team-member")["role"] == "team-member"
    assert manager.get(f"{path}/users/{viewer.id}")["role"] == "team-member"
    assert manager.delete(f"{path}/users/{viewer.id}") == {"ok": True}
    assert viewer.refused("get", path) == UNAUTHORIZED
    assert member.delete(f"{path}/users/{member.id}") == {"ok": True}, "one may leave"
    own = member.post("websites", name="Own", domain="")
    gift = {"teamId": team["id"]}
    assert member.refused("post", f"websites/{own['id']}/transfer", gift) == UNAUTHORIZED
    mine = {"userId": manager.id}
    assert manager.refused("post", f"{website}/transfer", mine) == UNAUTHORIZED, "only owners take it out"
    assert umami.cleo.refused("get", path) == UNAUTHORIZED
    assert umami.bob.delete(path) == {"ok": True}
    assert umami.bob.get(website)["userId"] == umami.bob.id, "its maker has it again"


def test_only_admins_add_members_by_hand(umami: Umami) -> None:
    team = umami.bob.post("teams", name="Closed")[0]
    path = f"teams/{team['id']}/users"
    new = {"userId": umami.cleo.id, "role": "team-member"}
    assert umami.bob.refused("post", path, new) == UNAUTHORIZED
    assert umami.ada.refused("post", path, {"userId": NOBODY, "role": "team-member"})[0] == 404
    assert umami.ada.refused("post", path, {**new, "role": "team-owner"})[0] == 400
    assert umami.ada.post(path, new)["userId"] == umami.cleo.id
    assert umami.ada.refused("post", path, new) == bad("User is already a member of the Team.")
    page = umami.cleo.get(path)
    assert [each["user"]["username"] for each in page["data"]] == ["bob", "cleo"]
    assert umami.cleo.get(path, search="CLE")["count"] == 1
    assert umami.bob.refused("get", f"{path}/{NOBODY}")[0] == 404
    assert umami.ada.refused("get", f"teams/{NOBODY}")[0] == 404


def test_an_access_code_is_one_team_s(umami: Umami) -> None:
    first, second = (umami.bob.post("teams", name=name)[0] for name in ("One", "Two"))
    code = {"accessCode": first["accessCode"]}
    assert umami.bob.refused("post", f"teams/{second['id']}", code)[0] == 400
    assert umami.ada.get("admin/teams", search="Two")["data"][0]["accessCode"] == second["accessCode"]
