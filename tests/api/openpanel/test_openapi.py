"""Every operation of the OpenAPI page, asked what the page allows, answers what the page says (contract §1.2)."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from support.clock import Clock
from support.footfall import HOMELESS, PYTHON, ROOT, SECRET, Footfall

CREDENTIALS = {"openpanel-client-id": HOMELESS, "openpanel-client-secret": SECRET}
SENDING = {"openpanel-client-id": ROOT, "openpanel-client-secret": SECRET, "user-agent": PYTHON}
CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]


class House:
    """A server with one of everything, whose ids stand in the paths that are asked."""

    def __init__(self, footfall: Footfall) -> None:
        self.footfall = footfall
        visitor = footfall.visitor()
        visitor.does("group", id="acme", type="company", name="Acme")
        visitor.identifies("ann", firstName="Ann")
        for path in ("/", "/pricing"):
            visitor.views(path, plan="pro")
            footfall.advance(seconds=20)
        visitor.tracks("sign_up", groups=["acme"])
        visitor.does("track", name="revenue", properties={"__revenue": 900})
        footfall.advance(minutes=31)
        footfall.settle()
        home = "/manage/projects/shop"
        board = self._make(f"{home}/dashboards", name="Board")
        self.ids = {
            "project_id": "shop",
            "profile_id": "ann",
            "group_id": "acme",
            "dashboard_id": board,
            "report_id": self._make(f"{home}/dashboards/{board}/reports", name="R", events=[{"name": "sign_up"}]),
            "event_meta_id": self._make(f"{home}/event-meta", name="sign_up", conversion=True),
            "reference_id": self._make(
                "/manage/references", projectId="shop", title="Launch", datetime="2026-03-01T00:00:00Z"
            ),
        }

    def _make(self, path: str, **body: Any) -> str:
        answer = self.footfall.request("POST", path, headers=CREDENTIALS, json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["id"])

    def ask(self, case: schemathesis.Case) -> Any:
        """Put the case to the server, about what there is unless it would delete it."""
        if case.method != "DELETE":
            case.path_parameters = {
                name: self.ids.get(name, value) for name, value in (case.path_parameters or {}).items()
            }
        if "projectId" in (case.query or {}):
            case.query["projectId"] = "shop"
        self.footfall.advance(seconds=1)
        asked = case.as_transport_kwargs(base_url="http://footfall")
        sends = case.path.split("/")[1] in ("track", "event", "profile", "import")
        asked["headers"] = {**asked.get("headers", {}), **(SENDING if sends else CREDENTIALS)}
        asked.pop("cookies", None)
        return self.footfall.request(asked.pop("method"), asked.pop("url"), **asked)


@pytest.fixture(scope="module")
def house(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = shutil.copytree(template, tmp_path_factory.mktemp("openapi") / "data")
    footfall = Footfall(folder, Clock(), reads=True)
    yield House(footfall)
    footfall.stop()


@pytest.fixture(scope="module")
def page(house: House) -> Any:
    """The page, as a client reads it."""
    return house.footfall.request("GET", "/documentation/json").json()


@pytest.fixture(scope="module")
def schema(page: Any) -> Any:
    """The page for schemathesis."""
    return schemathesis.openapi.from_dict(page)


def test_every_operation_answers_as_its_page_says(house: House, schema: Any) -> None:
    operations = [found.ok() for found in schema.get_all_operations()]
    areas = {operation.path.split("/")[1] for operation in operations}
    assert areas == {"track", "event", "profile", "import", "insights", "export", "manage"}
    for operation in operations:
        drive(house, operation)


def drive(house: House, operation: Any) -> None:
    """Ask a few of the cases that schemathesis makes of the operation, the same ones every time."""
    checks = CHECKS if "/gsc/" in operation.path else [*CHECKS, not_a_server_error]

    def ask(case: schemathesis.Case) -> None:
        case.validate_response(house.ask(case), checks=checks)

    bounded = settings(
        max_examples=4,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    bounded(given(case=operation.as_strategy())(ask))()


def test_the_page_names_the_credentials_and_no_status_that_can_not_be(page: Any) -> None:
    assert page["security"] == [{"clientId": [], "clientSecret": []}]
    headers = {scheme["name"] for scheme in page["components"]["securitySchemes"].values()}
    assert headers == {"openpanel-client-id", "openpanel-client-secret"}
    statuses = {
        status
        for path in page["paths"].values()
        for operation in path.values()
        for status in operation["responses"]
    }
    assert "422" not in statuses


def test_the_page_has_the_published_tags_and_what_track_takes(page: Any) -> None:
    tags = {tag for path in page["paths"].values() for operation in path.values() for tag in operation["tags"]}
    assert tags == {"Track", "Profile", "Export", "Import", "Insights", "Manage", "Event"}
    body = page["paths"]["/track"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["discriminator"]["mapping"]) == {
        *("track", "identify", "increment", "decrement", "group", "assign_group"),
    }
    assert page["components"]["schemas"]["TrackPayload"]["required"] == ["name"]


def test_the_page_has_a_sentence_for_every_operation(page: Any) -> None:
    for path, operations in page["paths"].items():
        for operation in operations.values():
            assert operation.get("description"), path
