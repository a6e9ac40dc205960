"""What is another project's stays there, on every route of the read and manage APIs (contract §2.4-§2.6, §16.5)."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import patch

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from footfall.api.openpanel import reads
from footfall.model.project import ClientMode
from support.clock import Clock
from support.footfall import HOMELESS, PROJECT, READER, SECRET, WRITER, Footfall

THEIRS = "zebra"
"""In everything that the other project has, so that no answer can hide it."""

NOBODY = ""
STRANGER = "55555555-5555-4555-8555-555555555555"
ERRORS = {
    401: {"Unauthorized"},
    403: {"Forbidden"},
    404: {"Not Found", "Profile not found", "Group not found"},
}
TOMORROW = datetime(2026, 3, 11, 12, tzinfo=UTC)


class Operation(NamedTuple):
    """One method of one path, as the application routes it."""

    method: str
    path: str
    parameters: frozenset[str]


class House:
    """A server with `shop`, the project `zebra` that has one of everything, and `gone`, which is deleted."""

    def __init__(self, footfall: Footfall, app: FastAPI) -> None:
        self.footfall = footfall
        self.app = app
        catalog = footfall.runtime.catalog
        catalog.create_project("Gone", id="gone")
        catalog.schedule_deletion("gone", TOMORROW)
        catalog.create_project(f"The {THEIRS}", id=THEIRS, timezone="Africa/Nairobi")
        self.uuid = str(catalog.get_project(THEIRS).uuid)
        catalog.create_client(THEIRS, ClientMode.WRITE, f"{THEIRS}s", id=STRANGER, secret=SECRET)
        self.things = self._things()

    def _things(self) -> dict[str, str]:
        """Their ids by the names of the parameters in paths."""
        they = self.footfall.visitor(client=STRANGER, headers={"openpanel-client-secret": SECRET})
        they.does("group", id=f"{THEIRS}-group", type="herd", name=f"{THEIRS}s")
        they.identifies(f"{THEIRS}@x", firstName=THEIRS)
        they.views(f"/{THEIRS}")
        they.tracks(THEIRS, groups=[f"{THEIRS}-group"], colour=THEIRS)
        they.identifies("forgotten@x")
        self.footfall.settle()
        home = f"/manage/projects/{THEIRS}"
        board = self.make(f"{home}/dashboards", name=THEIRS)
        return {
            "profile_id": f"{THEIRS}@x",
            "device_id": self.footfall.event(THEIRS).device_id,
            "group_id": f"{THEIRS}-group",
            "client_id": STRANGER,
            "reference_id": self.make(
                "/manage/references", projectId=THEIRS, title=THEIRS, datetime="2026-03-01T00:00:00Z"
            ),
            "event_meta_id": self.make(f"{home}/event-meta", name=THEIRS, description=THEIRS),
            "dashboard_id": board,
            "report_id": self.make(f"{home}/dashboards/{board}/reports", name=THEIRS, events=[{"name": THEIRS}]),
            "erasure_id": self.ask(HOMELESS, "DELETE", f"{home}/profiles/forgotten@x").json()["id"],
        }

    def make(self, path: str, **body: Any) -> str:
        """Make a thing with the root client; its id."""
        response = self.ask(HOMELESS, "POST", path, json=body)
        assert response.status_code == 200, response.text
        return str(response.json()["data"]["id"])

    def ask(self, client: str, method: str, path: str, accept: str = "*/*", **request: Any) -> httpx.Response:
        """The response to a client that is never too fast; NOBODY has no credentials."""
        self.footfall.advance(seconds=1)
        credentials = {"openpanel-client-id": client, "openpanel-client-secret": SECRET} if client else {}
        headers = {**credentials, "accept": accept}
        return self.footfall.request(method, path, headers=headers, **request)

    def operations(self) -> Iterator[Operation]:
        """Every route that the application has."""
        for route in iter_route_contexts(self.app.routes):
            path = route.path_format or ""
            for method in sorted(route.methods or ()):
                yield Operation(method, path, frozenset(re.findall(r"{(\w+)}", path)))

    def filled(self, operation: Operation, project: str) -> str:
        """The path, about their things, in that project."""
        return operation.path.format(**self.things, project_id=project)

    def kept(self) -> list[Any]:
        """All that a route could have changed of theirs."""
        home = f"/manage/projects/{THEIRS}"
        dashboard = f"{home}/dashboards/{self.things['dashboard_id']}"
        paths = [home, "/manage/clients", "/manage/references", f"{home}/event-meta", f"{dashboard}/reports",
                 f"{home}/dashboards", f"{home}/erasures", f"/export/events?projectId={THEIRS}&includes=profile",
                 f"/insights/{THEIRS}/profiles", f"/insights/{THEIRS}/groups"]  # fmt: skip
        return [self.ask(HOMELESS, "GET", path).json() for path in paths]


@pytest.fixture(scope="module")
def house(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = shutil.copytree(template, tmp_path_factory.mktemp("foreign") / "data")
    built: list[FastAPI] = []

    def build(*given: Any) -> FastAPI:
        built.append(reads.build(*given))
        return built[-1]

    with patch("footfall.server.questions.reads", SimpleNamespace(build=build)):
        footfall = Footfall(folder, Clock(), reads=True)
    footfall.server.warm()
    yield House(footfall, *built)
    footfall.stop()


def test_no_route_gives_or_changes_what_is_another_projects(house: House) -> None:
    before = house.kept()
    assert json.dumps(before).count(THEIRS) > 20
    walked = set()
    for operation in house.operations():
        if operation.path.startswith("/documentation"):
            continue  # everybody's
        walked.add(operation.path.split("/")[1])
        for client, project, allowed in cases(operation, house.uuid):
            path = house.filled(operation, project)
            about = {} if "project_id" in operation.parameters else {"params": {"projectId": project}}
            body = {"json": {"name": "Mine"}} if operation.method in ("POST", "PATCH") else {}
            response = house.ask(client, operation.method, path, **about, **body)
            what = f"{operation.method} {path} by {client or 'nobody'} about {project}: {response.status_code} {response.text}"
            assert response.status_code in allowed, what
            answer = response.json()
            assert answer["status"] == response.status_code, what
            assert answer["error"] in ERRORS[response.status_code], what
            assert isinstance(answer["message"], str), what
            if client is NOBODY:
                assert "details" not in answer, what
            said = response.text.replace(json.dumps(house.things.get("profile_id")), "").replace("zebra-group", "")
            assert THEIRS not in said, what
    assert walked == {"insights", "export", "manage"}
    assert house.kept() == before


def cases(operation: Operation, uuid: str) -> Iterator[tuple[str, str, set[int]]]:
    """Who asks about which project, and the statuses that refuse it."""
    reader_allowed = {401} if operation.path.startswith("/manage") else {403, 404}
    for project in (THEIRS, THEIRS.upper(), uuid, uuid.upper(), "nowhere", "gone"):
        yield WRITER, project, {401}
        yield READER, project, reader_allowed
    yield NOBODY, THEIRS, {401}
    yield NOBODY, PROJECT, {401}
    if operation.parameters - {"project_id"}:
        yield READER, PROJECT, reader_allowed
    if "project_id" not in operation.parameters:
        return
    # A root client reaches every project; what there is not, or is not that project's, stays 404.
    if operation.path != "/manage/projects/{project_id}/restore":
        yield HOMELESS, "gone", {404}
    yield HOMELESS, "nowhere", {404}
    if operation.parameters - {"project_id"}:
        yield HOMELESS, PROJECT, {404}


@pytest.mark.parametrize("name", ["projectId", "project_id"])
@pytest.mark.parametrize("route", ["charts", "events", "funnel"])
def test_an_export_of_another_project_is_refused_in_both_spellings(house: House, name: str, route: str) -> None:
    """A reader can't tell what there is from what there is not; a root client reaches all that there is."""
    asked = [(READER, project, 403) for project in (THEIRS, house.uuid, "nowhere", "gone")]
    asked += [(WRITER, project, 401) for project in (THEIRS, house.uuid, "nowhere", "gone")]
    asked += [(HOMELESS, project, 404) for project in ("nowhere", "gone")]
    for client, project, status in asked:
        response = house.ask(client, "GET", f"/export/{route}?{name}={project}")
        assert response.status_code == status, (client, project, response.text)
        assert THEIRS not in response.text


def test_a_stream_of_another_projects_events_does_not_begin(house: House) -> None:
    for accept in ("application/x-ndjson", "text/csv"):
        response = house.ask(READER, "GET", f"/export/events?projectId={THEIRS}", accept=accept)
        assert (response.status_code, response.headers["content-type"]) == (403, "application/json")


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_a_line_break_in_a_path_is_no_way_around(house: House, prefix: str) -> None:
    for path, said in (
        ("/insights/shop/profiles/a%0Ab", "Profile not found"),
        ("/insights/zeb%0Ara/metrics", "Project not found"),
        ("/manage/projects/zeb%0Ara/dashboards/x%0A", "Manage: Only root clients are allowed to manage resources"),
    ):
        assert house.ask(READER, "DELETE" if "manage" in path else "GET", prefix + path).json()["message"] == said


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_a_slash_too_many_sends_no_secret_elsewhere(house: House, prefix: str) -> None:
    """A redirect would name whatever host the request named, without TLS behind a proxy."""
    for path in ("/insights/shop/metrics/", "/export/events/", "/manage/projects/", "/documentation/"):
        response = house.ask(HOMELESS, "GET", prefix + path)
        assert (response.status_code, response.json()["error"]) == (404, "Not Found"), path
        assert "location" not in response.headers


def test_nor_does_one_at_the_other_dialects(make_footfall: Callable[..., Footfall]) -> None:
    footfall = make_footfall(areas=True)
    for path in ("/api/websites/", "/api/me/", "/api/v2/sites/", "/api/v2/sites/shop/stats/"):
        response = footfall.request("GET", path, headers={"authorization": "Bearer x"})
        assert response.status_code == 404, path
        assert "location" not in response.headers


def test_the_client_of_a_deleted_project_reads_nothing(house: House) -> None:
    catalog = house.footfall.runtime.catalog
    catalog.create_project("Closed", id="closed")
    client, secret = catalog.create_client("closed", ClientMode.READ, "reader")
    headers = {"openpanel-client-id": client.id, "openpanel-client-secret": secret}

    def status(path: str) -> int:
        house.footfall.advance(seconds=1)
        return house.footfall.request("GET", path, headers=headers).status_code

    paths = ["/insights/closed/metrics", "/export/events", "/export/events?projectId=closed"]
    assert [status(path) for path in paths] == [200, 200, 200]
    catalog.schedule_deletion("closed", TOMORROW)
    assert [status(path) for path in paths] == [404, 400, 403]
