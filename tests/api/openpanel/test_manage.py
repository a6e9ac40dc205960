"""The Manage API, key by key. Source: openpanel contract §10.2, §2.1, §2.5, §1.4, §1.5, §16.14."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.clock import Clock
from support.footfall import HOMELESS, READER, SECRET, WRITER, Footfall
from support.manage import ROOT_HEADERS, Manage

PROJECT_KEYS = {
    "id", "uuid", "name", "organizationId", "domain", "cors", "crossDomain", "allowUnsafeRevenueTracking",
    "filters", "types", "timezone", "retentionDays", "eventsCount", "createdAt", "updatedAt", "deleteAt",
}  # fmt: skip
CLIENT_KEYS = {
    "id", "name", "type", "projectId", "organizationId", "ignoreCorsAndSecret", "createdAt", "updatedAt",
}  # fmt: skip
REFERENCE_KEYS = {"id", "title", "description", "date", "projectId", "createdAt", "updatedAt"}
META_KEYS = {
    "id", "name", "description", "conversion", "color", "icon", "projectId", "createdAt", "updatedAt",
}  # fmt: skip
DASHBOARD_KEYS = {"id", "name", "organizationId", "projectId", "createdAt", "updatedAt"}
REPORT_KEYS = {
    "id", "name", "projectId", "dashboardId", "chartType", "interval", "range", "startDate", "endDate", "metric",
    "previous", "formula", "series", "events", "breakdowns", "filters", "options", "createdAt", "updatedAt",
}  # fmt: skip
NOBODY = "99999999-9999-4999-8999-999999999999"


@pytest.fixture(scope="module")
def manage(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Manage]:
    """One server for all tests here; each makes what it needs."""
    folder = shutil.copytree(template, tmp_path_factory.mktemp("manage") / "data")
    footfall = Footfall(folder, Clock(), reads=True)
    yield Manage(footfall)
    footfall.stop()


@pytest.fixture
def project(manage: Manage) -> str:
    """A fresh project's id."""
    made: str = manage.post("/projects", {"name": "Fresh"})["id"]
    return made


# -- projects


def test_a_project_is_made_with_a_client_that_may_send(manage: Manage) -> None:
    made = manage.post(
        "/projects",
        {
            "name": "Žlutý kůň!",
            "domain": "https://kun.example/",
            "cors": ["https://kun.example/", "https://kun.example", "*.kun.example"],
            "crossDomain": True,
            "types": ["website", "app"],
        },
    )
    assert set(made) == PROJECT_KEYS | {"client"}
    assert made["id"] == "zluty-kun"
    assert (made["domain"], made["cors"]) == ("https://kun.example", ["https://kun.example", "*.kun.example"])
    assert (made["crossDomain"], made["types"]) == (True, ["website", "app"])
    assert (made["allowUnsafeRevenueTracking"], made["filters"], made["deleteAt"]) == (False, [], None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made["createdAt"])
    assert set(made["client"]) == {"id", "secret"}
    assert re.fullmatch(r"sec_[0-9a-f]{20}", made["client"]["secret"])
    assert manage.get(f"/clients/{made['client']['id']}")["type"] == "write"
    assert manage.get(f"/clients/{made['client']['id']}")["name"] == "First client"

    headers = {"openpanel-client-id": made["client"]["id"], "openpanel-client-secret": made["client"]["secret"]}
    body = {"type": "track", "payload": {"name": "hello"}}
    assert manage.footfall.request("POST", "/track", headers=headers, json=body).status_code == 200
    manage.footfall.settle()
    assert manage.get("/projects/zluty-kun")["eventsCount"] == 1


def test_a_second_project_of_a_name_gets_four_digits(manage: Manage) -> None:
    first = manage.post("/projects", {"name": "Twice"})
    second = manage.post("/projects", {"name": "Twice", "domain": None})
    third = manage.post("/projects", {"name": "Twice", "domain": ""})
    assert first["id"] == "twice"
    assert re.fullmatch(r"twice-\d{4}", second["id"])
    assert (second["domain"], third["domain"]) == (None, None)
    assert second["cors"] == []


def test_projects_are_listed_newest_first_and_found_by_either_id(manage: Manage) -> None:
    older, newer = (manage.post("/projects", {"name": name}) for name in ("Older", "Newer"))
    listed = [project["id"] for project in manage.get("/projects")]
    assert listed.index(newer["id"]) < listed.index(older["id"]) < listed.index("shop")
    assert all(set(project) == PROJECT_KEYS for project in manage.get("/projects"))
    assert manage.get(f"/projects/{older['uuid']}")["id"] == older["id"]


def test_a_project_changes_only_in_what_is_sent(manage: Manage, project: str) -> None:
    before = manage.get(f"/projects/{project}")
    changes = {
        "name": "Other",
        "domain": "other.example",
        "cors": ["https://other.example"],
        "crossDomain": True,
        "allowUnsafeRevenueTracking": True,
        "timezone": "Europe/Berlin",
        "retentionDays": 90,
        "filters": [{"type": "event", "value": "noise"}],
    }
    for field, value in changes.items():
        assert manage.patch(f"/projects/{project}", {field: value})[field] == value
    after = manage.get(f"/projects/{project}")
    assert {key: after[key] for key in changes} == changes
    assert (after["id"], after["createdAt"]) == (before["id"], before["createdAt"])
    assert manage.patch(f"/projects/{project}", {"domain": None, "retentionDays": None})["domain"] is None
    assert manage.patch(f"/projects/{project}", {})["name"] == "Other"


def test_a_deleted_project_is_nobodys_at_once_and_can_be_brought_back(manage: Manage) -> None:
    made = manage.post("/projects", {"name": "Going"})
    reader = manage.post("/clients", {"name": "r", "projectId": made["id"], "type": "read"})
    write = {"openpanel-client-id": made["client"]["id"], "openpanel-client-secret": made["client"]["secret"]}
    read = {"openpanel-client-id": reader["id"], "openpanel-client-secret": reader["secret"]}
    body = {"type": "track", "payload": {"name": "hello"}}

    def statuses() -> list[int]:
        ask = manage.footfall.request
        return [
            ask("POST", "/track", headers=write, json=body).status_code,
            ask("POST", "/import/events", headers=read, json=[]).status_code,
            ask("GET", f"/insights/{made['id']}/live", headers=read).status_code,
            ask("GET", f"/insights/{made['id']}/live", headers=ROOT_HEADERS).status_code,
        ]

    assert statuses() == [200, 200, 200, 200]
    assert manage.delete(f"/projects/{made['id']}") == {"success": True}
    assert statuses() == [401, 400, 404, 404]
    for method, path in (
        ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/dashboards"), ("GET", "/event-meta"),
        ("DELETE", "/profiles/p"),
    ):  # fmt: skip
        response = manage.ask(method, f"/projects/{made['id']}{path}", {} if method == "PATCH" else None)
        assert (response.status_code, response.json()["message"]) == (404, "Project not found")
    assert made["id"] not in {project["id"] for project in manage.get("/projects")}
    assert reader["id"] not in {client["id"] for client in manage.get("/clients")}
    (gone,) = manage.get("/projects?deleted=true")
    assert (gone["id"], gone["deleteAt"] is None) == (made["id"], False)
    # Its name is not free before its data is gone.
    assert manage.post("/projects", {"name": "Going"})["id"] != made["id"]

    assert manage.post(f"/projects/{made['id']}/restore")["deleteAt"] is None
    assert statuses() == [200, 200, 200, 200]
    assert manage.ask("POST", f"/projects/{made['id']}/restore", {}).status_code == 404
    assert manage.get("/projects?deleted=true") == []
    assert manage.ask("GET", "/projects?deleted=perhaps").status_code == 400


# -- clients


def test_clients_from_birth_to_death(manage: Manage, project: str) -> None:
    made = manage.post("/clients", {"name": "Reader", "projectId": project, "type": "read"})
    assert set(made) == CLIENT_KEYS | {"secret"}
    assert (made["name"], made["type"], made["projectId"]) == ("Reader", "read", project)
    listed = manage.get(f"/clients?projectId={project}")
    assert [client["name"] for client in listed] == ["Reader", "First client"]
    assert all(set(client) == CLIENT_KEYS for client in listed)
    assert len(manage.get("/clients")) > 2

    assert manage.patch(f"/clients/{made['id']}", {"name": "Renamed"})["name"] == "Renamed"
    assert manage.get(f"/clients/{made['id'].upper()}")["name"] == "Renamed"
    headers = {"openpanel-client-id": made["id"], "openpanel-client-secret": made["secret"]}
    assert manage.footfall.request("GET", f"/insights/{project}/live", headers=headers).status_code == 200
    assert manage.delete(f"/clients/{made['id']}") == {"success": True}
    assert manage.footfall.request("GET", f"/insights/{project}/live", headers=headers).status_code == 401
    assert manage.ask("GET", f"/clients/{made['id']}").json() == {
        "status": 404,
        "error": "Not Found",
        "message": "Client not found",
    }


def test_a_client_writes_unless_it_is_said_otherwise(manage: Manage, project: str) -> None:
    assert manage.post("/clients", {"name": "x", "projectId": project})["type"] == "write"
    assert manage.post("/clients", {"name": "x", "type": "root"})["projectId"] is None
    refused = manage.ask("POST", "/clients", {"name": "x", "type": "read"})
    assert (refused.status_code, refused.json()["details"][0]["path"]) == (400, ["projectId"])


def test_no_answer_has_a_hash(manage: Manage, project: str) -> None:
    made = manage.post("/clients", {"name": "x", "projectId": project})
    hashes = {client.secret_hash for client in manage.footfall.runtime.catalog.list_clients()} - {None}
    assert len(hashes) > 4
    texts = [
        manage.ask("GET", "/clients").text,
        manage.ask("GET", f"/clients/{made['id']}").text,
        manage.ask("PATCH", f"/clients/{made['id']}", {"name": "y"}).text,
        manage.ask("POST", "/clients", {"name": "z", "projectId": project}).text,
        manage.ask("GET", "/projects").text,
        manage.ask("POST", "/projects", {"name": "Hashless"}).text,
    ]
    for text in texts:
        for part in (*hashes, *(str(hash_).partition(".")[2] for hash_ in hashes)):
            assert part not in text
    assert "sec_" not in "".join(texts[:3]) + texts[4]


# -- references and event meta


def test_references_from_birth_to_death(manage: Manage, project: str) -> None:
    made = manage.post(
        "/references", {"projectId": project, "title": "Launch", "datetime": "2024-03-15T12:00:00+02:00"}
    )
    assert set(made) == REFERENCE_KEYS
    assert (made["title"], made["description"], made["date"]) == ("Launch", "", "2024-03-15T10:00:00.000Z")
    assert [each["id"] for each in manage.get(f"/references?projectId={project}")] == [made["id"]]
    assert made["id"] in {each["id"] for each in manage.get("/references")}
    changed = manage.patch(f"/references/{made['id']}", {"description": "two\nlines", "datetime": "2024-03-16"})
    assert (changed["title"], changed["description"]) == ("Launch", "two\nlines")
    assert changed["date"] == "2024-03-16T00:00:00.000Z"
    assert manage.delete(f"/references/{made['id']}") == {"success": True}
    missing = manage.ask("GET", f"/references/{made['id']}")
    assert (missing.status_code, missing.json()["message"]) == (404, "Reference not found")
    assert manage.ask("GET", "/references?projectId=none").json()["message"] == "Project not found"


def test_event_meta_from_birth_to_death(manage: Manage, project: str) -> None:
    home = f"/projects/{project}/event-meta"
    made = manage.post(home, {"name": "sign_up", "conversion": True, "color": "emerald", "icon": "star"})
    assert set(made) == META_KEYS
    assert (made["name"], made["conversion"], made["color"], made["icon"]) == ("sign_up", True, "emerald", "star")
    assert manage.footfall.runtime.catalog.saved.conversions(project) == {"sign_up"}
    again = manage.ask("POST", home, {"name": "sign_up"})
    assert (again.status_code, again.json()["details"][0]["code"]) == (400, "taken")
    assert manage.patch(f"{home}/{made['id']}", {"conversion": False, "description": "d"})["description"] == "d"
    assert manage.get(home) == [manage.get(f"{home}/{made['id']}")]
    assert manage.footfall.runtime.catalog.saved.conversions(project) == frozenset()
    assert manage.ask("GET", f"/projects/shop/event-meta/{made['id']}").status_code == 404
    assert manage.delete(f"{home}/{made['id']}") == {"success": True}
    assert manage.get(home) == []


# -- dashboards and reports


def test_dashboards_and_reports_from_birth_to_death(manage: Manage, project: str) -> None:
    home = f"/projects/{project}/dashboards"
    board = manage.post(home, {"name": "Board"})
    assert set(board) == DASHBOARD_KEYS
    assert manage.patch(f"{home}/{board['id']}", {"name": "Renamed"})["name"] == "Renamed"
    assert manage.get(home) == [manage.get(f"{home}/{board['id']}")]

    reports = f"{home}/{board['id']}/reports"
    series = [{"name": "screen_view", "segment": "user"}]
    report = manage.post(reports, {"name": "Views", "chartType": "bar", "events": series, "range": "7d"})
    assert set(report) == REPORT_KEYS
    assert (report["series"], report["events"]) == (series, series)
    assert (report["chartType"], report["range"], report["interval"]) == ("bar", "7d", "day")
    assert (report["metric"], report["previous"], report["startDate"]) == ("sum", False, None)
    changed = manage.patch(f"{reports}/{report['id']}", {"chartType": "funnel", "options": {"window": 24}})
    assert (changed["chartType"], changed["options"], changed["series"]) == ("funnel", {"window": 24}, series)
    assert manage.get(reports) == [manage.get(f"{reports}/{report['id']}")]
    assert manage.ask("GET", f"/projects/shop/dashboards/{board['id']}/reports").status_code == 404

    assert manage.delete(f"{reports}/{report['id']}") == {"success": True}
    assert manage.get(reports) == []
    manage.post(reports, {"name": "Other"})
    assert manage.delete(f"{home}/{board['id']}") == {"success": True}
    assert manage.ask("GET", reports).json()["message"] == "Dashboard not found"


# -- refusals


ROUTES = [
    ("GET", "/projects"), ("POST", "/projects"), ("GET", "/projects/shop"), ("PATCH", "/projects/shop"),
    ("DELETE", "/projects/shop"), ("POST", "/projects/shop/restore"),
    ("GET", "/clients"), ("POST", "/clients"), ("GET", f"/clients/{WRITER}"), ("PATCH", f"/clients/{WRITER}"),
    ("DELETE", f"/clients/{WRITER}"),
    ("GET", "/references"), ("POST", "/references"), ("GET", f"/references/{NOBODY}"),
    ("PATCH", f"/references/{NOBODY}"), ("DELETE", f"/references/{NOBODY}"),
    ("GET", "/projects/shop/event-meta"), ("POST", "/projects/shop/event-meta"),
    ("GET", f"/projects/shop/event-meta/{NOBODY}"), ("PATCH", f"/projects/shop/event-meta/{NOBODY}"),
    ("DELETE", f"/projects/shop/event-meta/{NOBODY}"),
    ("GET", "/projects/shop/dashboards"), ("POST", "/projects/shop/dashboards"),
    ("GET", f"/projects/shop/dashboards/{NOBODY}"), ("PATCH", f"/projects/shop/dashboards/{NOBODY}"),
    ("DELETE", f"/projects/shop/dashboards/{NOBODY}"),
    ("GET", f"/projects/shop/dashboards/{NOBODY}/reports"), ("POST", f"/projects/shop/dashboards/{NOBODY}/reports"),
    ("GET", f"/projects/shop/dashboards/{NOBODY}/reports/{NOBODY}"),
    ("PATCH", f"/projects/shop/dashboards/{NOBODY}/reports/{NOBODY}"),
    ("DELETE", f"/projects/shop/dashboards/{NOBODY}/reports/{NOBODY}"),
    ("DELETE", "/projects/shop/profiles/p"), ("DELETE", "/projects/shop/visitors/d"),
    ("GET", "/projects/shop/erasures"), ("GET", "/projects/shop/erasures/e"),
]  # fmt: skip


def test_every_route_is_tried(manage: Manage) -> None:
    described = manage.footfall.request("GET", "/documentation").json()["paths"]
    known = {
        (method.upper(), path.removeprefix("/manage"))
        for path, methods in described.items()
        if path.startswith("/manage/")
        for method in methods
    }
    assert len(known) == len(ROUTES)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_only_a_root_client_gets_in(manage: Manage, method: str, path: str) -> None:
    """Whatever the body: who may not manage learns nothing of it."""
    for client, secret, message in (
        ("", "", "Manage: Client ID must be a valid UUIDv4"),
        (NOBODY, SECRET, "Manage: Invalid client id"),
        (WRITER, SECRET, "Manage: Only root clients are allowed to manage resources"),
        (READER, SECRET, "Manage: Only root clients are allowed to manage resources"),
        (HOMELESS, "", "Manage: Invalid client secret"),
    ):
        headers = {"openpanel-client-id": client, "openpanel-client-secret": secret}
        response = manage.ask(method, path, b"{" if method in ("POST", "PATCH") else None, headers)
        assert response.status_code == 401
        assert response.json() == {"status": 401, "error": "Unauthorized", "message": message}
        assert response.headers["x-ratelimit-limit"] == "20"


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("GET", "/projects/none", None, "Project not found"),
        ("PATCH", "/projects/none", {"name": "x"}, "Project not found"),
        ("DELETE", "/projects/none", None, "Project not found"),
        ("GET", "/projects/none/dashboards", None, "Project not found"),
        ("GET", f"/projects/none/dashboards/{NOBODY}/reports", None, "Project not found"),
        ("GET", f"/projects/shop/dashboards/{NOBODY}/reports", None, "Dashboard not found"),
        ("GET", "/projects/shop/dashboards/%00", None, "Dashboard not found"),
        ("GET", "/clients?projectId=none", None, "Project not found"),
        ("POST", "/clients", {"name": "x", "projectId": "none"}, "Project not found"),
        ("GET", f"/clients/{NOBODY}", None, "Client not found"),
        ("PATCH", f"/clients/{NOBODY}", {"name": "x"}, "Client not found"),
        ("DELETE", "/clients/x", None, "Client not found"),
        ("GET", "/references/1", None, "Reference not found"),
        ("PATCH", f"/references/{NOBODY}", {"title": "x"}, "Reference not found"),
        ("DELETE", f"/references/{NOBODY}", None, "Reference not found"),
        ("DELETE", "/projects/shop/profiles/nobody", None, "Profile not found"),
        ("DELETE", "/projects/shop/profiles/", None, "Profile not found"),
        ("DELETE", "/projects/shop/visitors/nobody", None, "Visitor not found"),
        ("GET", "/projects/shop/erasures/none", None, "Erasure not found"),
    ],
)
def test_what_is_not_there(manage: Manage, method: str, path: str, body: Any, message: str) -> None:
    response = manage.ask(method, path, body)
    assert response.json() == {"status": 404, "error": "Not Found", "message": message}
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/projects", {}, "name"),
        ("/projects", {"name": 5}, "name"),
        ("/projects", {"name": ""}, "name"),
        ("/projects", {"name": "a\u0000b"}, "name"),
        ("/projects", {"name": "x" * 256}, "name"),
        ("/projects", {"name": "x", "domain": "not a domain"}, "domain"),
        ("/projects", {"name": "x", "cors": "https://a.example"}, "cors"),
        ("/projects", {"name": "x", "cors": ["nonsense with spaces"]}, "cors"),
        ("/projects", {"name": "x", "cors": ["a\u0000b.example"]}, "cors"),
        ("/projects", {"name": "x", "types": ["fridge"]}, "types"),
        ("/projects", {"name": "x", "crossDomain": "yes"}, "crossDomain"),
        ("/projects", {"name": "x", "timezone": "Mars/Olympus"}, "timezone"),
        ("/projects", {"name": "x", "retentionDays": 0}, "retentionDays"),
        ("/clients", {"name": "x", "projectId": "shop", "type": "admin"}, "type"),
        ("/references", {"projectId": "shop", "title": "x", "datetime": "yesterday"}, "datetime"),
        ("/references", {"projectId": "shop", "title": "x", "datetime": "2" * 400}, "datetime"),
        ("/references", {"projectId": "shop", "datetime": "2024-01-01"}, "title"),
        ("/projects/shop/event-meta", {"name": "x", "description": "a\u0000b"}, "description"),
        ("/projects/shop/event-meta", {"name": "x", "conversion": 1}, "conversion"),
        ("/projects/shop/dashboards", {"name": None}, "name"),
    ],
)
def test_a_body_that_cannot_be_used(manage: Manage, path: str, body: Any, field: str) -> None:
    response = manage.ask("POST", path, body)
    answer = response.json()
    assert (response.status_code, answer["status"], answer["error"]) == (400, 400, "Bad Request")
    assert answer["details"][0]["path"][0] == field
    assert answer["message"].startswith(f"body/{field}")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"text"', b"\xff", b"[" * 5000, b'{"name":"x","a":NaN}', b'{"name":"x","a":1e999}'],
)
def test_a_body_that_is_no_object(manage: Manage, body: bytes) -> None:
    assert manage.ask("POST", "/projects", body).status_code == 400


def test_a_body_that_is_too_large(manage: Manage) -> None:
    response = manage.ask("POST", "/projects", b"x" * (1024 * 1024 + 1))
    assert (response.status_code, response.json()["error"]) == (413, "Payload Too Large")


def test_twenty_in_ten_seconds_and_no_more(manage: Manage) -> None:
    headers = {"openpanel-client-id": "limited"}
    ask = manage.footfall.request
    for left in range(19, -1, -1):
        response = ask("GET", "/manage/projects", headers=headers)
        assert (response.status_code, response.headers["x-ratelimit-remaining"]) == (401, str(left))
    refused = ask("GET", "/manage/projects", headers=headers)
    assert refused.json() == {
        "status": 429,
        "error": "Too Many Requests",
        "message": "You have exceeded the rate limit for this endpoint.",
    }
    assert (refused.headers["retry-after"], refused.headers["x-ratelimit-reset"]) == ("10", "10")
    assert manage.ask("GET", "/projects").status_code == 200
    manage.footfall.advance(seconds=10)
    assert ask("GET", "/manage/projects", headers=headers).status_code == 401


def test_the_api_prefix_works_too(manage: Manage) -> None:
    manage.footfall.advance(seconds=10)
    assert manage.footfall.request("GET", "/api/manage/projects/shop", headers=ROOT_HEADERS).status_code == 200
