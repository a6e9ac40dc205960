"""Who sees and changes what with the cookie, in all APIs."""

import pytest

from footfall.catalog.projects import NewProject
from footfall.model.access import TeamRole
from footfall.model.project import ClientMode
from support.dashboard import Browser
from support.footfall import HOMELESS, READER, Footfall

READS = (
    "/insights/{}/metrics", "/insights/{}/pages", "/insights/{}/country", "/insights/{}/events", "/insights/{}/sessions",
    "/insights/{}/profiles", "/insights/{}/overview", "/export/charts?projectId={}&events=[\"screen_view\"]",
    "/export/events?projectId={}", "/manage/projects/{}", "/manage/projects/{}/dashboards",
    "/manage/projects/{}/event-meta", "/manage/references?projectId={}", "/api/websites/{}", "/api/websites/{}/active",
)  # fmt: skip


@pytest.mark.parametrize("path", READS)
def test_a_user_reads_what_is_his_and_nothing_else(bob: Browser, cleo: Browser, ada: Browser, path: str) -> None:
    assert bob.status("GET", path.format("bobs")) == 200
    assert ada.status("GET", path.format("bobs")) == 200
    refused = 401 if path.startswith("/api/") else 403
    assert cleo.status("GET", path.format("bobs")) == refused
    assert bob.status("GET", path.format("shop")) == refused
    assert Browser(cleo.footfall).status("GET", path.format("bobs")) == 401


def test_refusals_look_as_each_api_says_them(cleo: Browser, bobs: str) -> None:
    assert cleo.ask("GET", "/insights/bobs/metrics").json() == {
        "status": 403, "error": "Forbidden", "message": "You do not have access to this project",
    }  # fmt: skip
    nobody = Browser(cleo.footfall)
    assert nobody.ask("GET", "/insights/bobs/metrics").json()["error"] == "Unauthorized"
    assert nobody.ask("GET", "/api/me").json()["error"]["code"] == "unauthorized"


def test_an_admin_is_as_good_as_a_root_client(ada: Browser, bobs: str) -> None:
    assert {"shop", "bobs"} <= {each["id"] for each in ada.get("/manage/projects")["data"]}
    made = ada.good("POST", "/manage/clients", {"name": "All", "type": "root"})["data"]
    assert ada.status("DELETE", f"/manage/clients/{made['id']}") == 200
    assert ada.get("/dashboard/session")["mayCreate"] is True


def test_who_makes_a_project_owns_it(bob: Browser, cleo: Browser) -> None:
    made = bob.good("POST", "/manage/projects", {"name": "Mine", "domain": "mine.example"})["data"]
    assert made["id"] in {each["id"] for each in bob.get("/manage/projects")["data"]}
    assert made["id"] not in {each["id"] for each in cleo.get("/manage/projects")["data"]}
    assert bob.good("PATCH", f"/manage/projects/{made['id']}", {"name": "Ours"})["data"]["name"] == "Ours"
    assert cleo.status("DELETE", f"/manage/projects/{made['id']}") == 403
    assert bob.status("DELETE", f"/manage/projects/{made['id']}") == 200
    assert cleo.get("/manage/projects?deleted=true")["data"] == []
    assert [each["id"] for each in bob.get("/manage/projects?deleted=true")["data"]] == [made["id"]]
    assert cleo.status("POST", f"/manage/projects/{made['id']}/restore") == 403
    assert bob.status("POST", f"/manage/projects/{made['id']}/restore") == 200


def test_a_viewer_makes_none(looked_at: Footfall) -> None:
    vic = Browser(looked_at).signs_in("vic")
    assert vic.status("POST", "/manage/projects", {"name": "No"}) == 403
    assert vic.get("/dashboard/session")["mayCreate"] is False


def test_clients_are_for_who_may_change_the_project(bob: Browser, cleo: Browser) -> None:
    made = bob.good("POST", "/manage/clients", {"name": "App", "projectId": "bobs", "type": "read"})["data"]
    assert [each["id"] for each in bob.get("/manage/clients?projectId=bobs")["data"]] == [made["id"]]
    seen = bob.get("/manage/clients")["data"]
    assert made in [{**each, "secret": made["secret"]} for each in seen]
    assert "shop" not in {each["projectId"] for each in seen}
    assert cleo.get("/manage/clients")["data"] == []
    assert cleo.status("GET", "/manage/clients?projectId=bobs") == 403
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        assert cleo.status(method, f"/manage/clients/{made['id']}", body) == 403
    assert cleo.status("POST", "/manage/clients", {"name": "App", "projectId": "bobs"}) == 403
    assert bob.status("POST", "/manage/clients", {"name": "App", "projectId": "shop"}) == 403
    assert bob.status("POST", "/manage/clients", {"name": "Root", "projectId": "bobs", "type": "root"}) == 403
    assert bob.status("POST", "/manage/clients", {"name": "Root", "type": "root"}) == 403
    for other in (READER, HOMELESS):
        assert bob.status("DELETE", f"/manage/clients/{other}") == 403
    assert bob.status("DELETE", f"/manage/clients/{made['id']}") == 200


def test_root_clients_of_a_project_are_not_its_owners(looked_at: Footfall, bob: Browser) -> None:
    root, _ = looked_at.runtime.catalog.create_client("bobs", ClientMode.ROOT, "An admin's")
    assert root.id not in {each["id"] for each in bob.get("/manage/clients")["data"]}
    assert bob.status("DELETE", f"/manage/clients/{root.id}") == 403


def test_notes_and_reports_belong_to_the_project(bob: Browser, cleo: Browser) -> None:
    note = {"projectId": "bobs", "title": "Launch", "datetime": "2026-03-01T10:00:00Z"}
    made = bob.good("POST", "/manage/references", note)["data"]
    assert [each["id"] for each in bob.get("/manage/references")["data"]] == [made["id"]]
    assert cleo.get("/manage/references")["data"] == []
    assert cleo.status("POST", "/manage/references", note) == 403
    for method, body in (("GET", None), ("PATCH", {"title": "x"}), ("DELETE", None)):
        assert cleo.status(method, f"/manage/references/{made['id']}", body) == 403
    shelf = "/manage/projects/bobs/dashboards"
    assert cleo.status("POST", shelf, {"name": "Mine"}) == 403
    board = bob.good("POST", shelf, {"name": "Mine"})["data"]
    assert cleo.status("DELETE", f"{shelf}/{board['id']}") == 403
    assert bob.status("DELETE", f"/manage/references/{made['id']}") == 200


def test_members_who_only_view_change_nothing(looked_at: Footfall) -> None:
    catalog = looked_at.runtime.catalog
    users = catalog.snapshot().users_by_name
    team, _ = catalog.teams.create("Readers", users["bob"].id)
    catalog.teams.add(team.id, users["vic"].id, TeamRole.VIEW_ONLY)
    catalog.create_owned_project(NewProject(name="Team's", id="teams", team_id=team.id))
    vic, bob = Browser(looked_at).signs_in("vic"), Browser(looked_at).signs_in("bob")
    for path in READS:
        assert vic.status("GET", path.format("teams")) == 200, path
    (seen,) = vic.get("/dashboard/session")["projects"]
    assert (seen["id"], seen["mayChange"]) == ("teams", False)
    home = "/manage/projects/teams"
    for method, path, body in (
        ("PATCH", home, {"name": "x"}),
        ("DELETE", home, None),
        ("POST", f"{home}/dashboards", {"name": "x"}),
        ("POST", f"{home}/event-meta", {"name": "x"}),
        ("DELETE", f"{home}/profiles/ann", None),
        ("POST", "/manage/references", {"projectId": "teams", "title": "x", "datetime": "2026-03-01"}),
        ("GET", "/manage/clients?projectId=teams", None),
    ):
        assert vic.status(method, path, body) == 403, path
    assert bob.status("PATCH", home, {"name": "Team's own"}) == 200
