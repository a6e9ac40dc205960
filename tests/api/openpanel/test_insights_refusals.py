"""What the Insights API refuses, and how it says so (openpanel contract §1.4, §1.5, §2.4, §2.6, §16.5)."""

import json
from collections.abc import Iterator

import pytest

from footfall.query.breakdown import Dimension
from support.facts import Facts
from support.insights import Insights, serve_insights
from support.stores import open_store

ROUTES = ("metrics", "live", "pages", *Dimension)
EVIL = "'; DROP TABLE events; --"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    folder = tmp_path_factory.mktemp("refusals")
    store = open_store("duckdb", folder)
    with serve_insights(store, folder) as api:
        api.write(Facts("shop").visit("ann", "2024-03-15 12:30", "/"))
        api.write(Facts("other").visit("eve", "2024-03-15 12:30", "/secret"))
        yield api
    store.close()


@pytest.fixture
def api(served: Insights) -> Insights:
    """The same for every test, but each has the rate limit to itself."""
    served.now_ms += 10_000
    return served


def test_there_are_twenty_one_routes(api: Insights) -> None:
    assert len(ROUTES) == 21
    assert {f"/insights/{{project_id}}/{route}" for route in ROUTES} == set(api.app.openapi()["paths"])


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_asks_who_you_are_and_keeps_to_your_project(api: Insights, route: str) -> None:
    assert api.respond(f"shop/{route}").status_code == 200
    assert api.respond(f"other/{route}", client="root").status_code == 200

    refused = api.respond(f"shop/{route}", headers={})
    assert (refused.status_code, refused.json()["error"]) == (401, "Unauthorized")
    refused = api.respond(f"other/{route}")
    assert (refused.status_code, refused.json()) == (
        403,
        {"status": 403, "error": "Forbidden", "message": "You do not have access to this project"},
    )
    for client in ("read", "root"):
        refused = api.respond(f"nowhere/{route}", client=client)
        assert (refused.status_code, refused.json()) == (
            404,
            {"status": 404, "error": "Not Found", "message": "Project not found"},
        )


def test_a_write_client_does_not_read(api: Insights) -> None:
    refused = api.respond("shop/metrics", client="write")
    assert refused.status_code == 401
    assert refused.json() == {
        "status": 401,
        "error": "Unauthorized",
        "message": "Export: Client is not allowed to export",
    }


def test_a_wrong_secret(api: Insights) -> None:
    headers = {**api.clients["read"], "openpanel-client-secret": "sec_00000000000000000000"}
    assert api.respond("shop/metrics", headers=headers).json()["message"] == "Export: Invalid client secret"


def test_credentials_come_before_parameters(api: Insights) -> None:
    assert api.respond("shop/metrics", headers={}, range="nonsense").status_code == 401
    assert api.respond("other/metrics", range="nonsense").status_code == 403
    assert api.respond("shop/metrics", range="nonsense").status_code == 400


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"range": "8d"}, ["range"]),
        ({"startDate": "yesterday"}, ["startDate"]),
        ({"endDate": "2024-02-30"}, ["endDate"]),
        ({"startDate": "2024"}, ["startDate"]),
        ({"startDate": "2024-03-02", "endDate": "2024-03-01"}, ["startDate"]),
        ({"filters": "["}, ["filters"]),
        ({"filters": "7"}, ["filters"]),
        ({"filters": "[7]"}, ["filters", 0]),
        ({"filters": '[{"operator":"is","value":["x"]}]'}, ["filters", 0, "name"]),
        ({"filters": '[{"name":"os","operator":"like","value":["x"]}]'}, ["filters", 0, "operator"]),
        ({"filters": '[{"name":"os","operator":"is","value":[{}]}]'}, ["filters", 0, "value"]),
        ({"filters": '[{"name":"os","operator":"regex","value":["("]}]'}, ["filters"]),
        ({"filters": '[{"name":"os","operator":"regex","value":["(?=x)"]}]'}, ["filters"]),
        (
            {"filters": json.dumps([{"name": "os", "operator": "regex", "value": ["x" * 257]}])},
            ["filters", 0, "value"],
        ),
        ({"filters": '[{"name":"revenue","operator":"gt","value":["much"]}]'}, ["filters"]),
        ({"filters": "[" * 5000}, ["filters"]),
    ],
)
def test_a_parameter_that_cant_be_used_is_named(api: Insights, query: dict[str, str], path: list[object]) -> None:
    refused = api.respond("shop/metrics", **query)
    assert refused.status_code == 400
    body = refused.json()
    assert (body["status"], body["error"], body["message"]) == (
        400,
        "Bad Request",
        "Invalid query parameters",
    )
    assert body["details"]["issues"][0]["path"] == path
    assert set(body["details"]["issues"][0]) == {"path", "message", "code"}


@pytest.mark.parametrize("text", ["0", "-1", "x", "1.5", "٣", "NaN", "1e3"])
@pytest.mark.parametrize("name", ["cursor", "limit"])
def test_pages_are_counted_from_one(api: Insights, name: str, text: str) -> None:
    refused = api.respond("shop/browser", **{name: text})
    assert refused.status_code == 400
    assert refused.json()["details"]["issues"][0]["path"] == [name]


def test_empty_and_repeated_parameters_are_fine(api: Insights) -> None:
    assert api.respond(
        "shop/browser", cursor="", limit="", startDate="", endDate="", range="", filters=""
    ).is_success
    assert api.respond("shop/browser", limit=["1", "2"], range=["7d", "30d"]).is_success


@pytest.mark.parametrize("years", [("0001-01-01", "9999-12-31"), ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")])
def test_absurd_years_are_cut_to_what_can_be_stored(api: Insights, years: tuple[str, str]) -> None:
    found = api.respond("shop/metrics", startDate=years[0], endDate=years[1])
    assert found.status_code == 200
    assert found.json()["metrics"]["total_sessions"] == 1


@pytest.mark.parametrize(
    "name",
    [
        EVIL,
        "path",
        f"properties.{EVIL}",
        "properties.$project_id",
        "a{b:String}",
        "日本",
        "properties.",
        "\0x",
        "profile.id",
    ],
)
@pytest.mark.parametrize("route", ["metrics", "pages", "browser"])
def test_sql_in_names_and_values_is_only_text(api: Insights, route: str, name: str) -> None:
    for operator in ("is", "isNot", "contains", "doesNotContain", "startsWith", "endsWith", "regex"):
        filters = json.dumps([{"name": name, "operator": operator, "value": ["x' OR 1=1 --", "%", "$v0"]}])
        assert api.respond(f"shop/{route}", filters=filters).status_code == 200, operator
    assert api.get("metrics")["metrics"]["total_sessions"] == 1


def test_a_hundred_requests_in_ten_seconds(api: Insights) -> None:
    def ask(client: str = "read") -> tuple[int, dict[str, str]]:
        response = api.http.get("/insights/shop/live", headers=api.clients[client])
        names = ("limit", "remaining", "reset")
        return response.status_code, {name: response.headers[f"x-ratelimit-{name}"] for name in names}

    assert ask() == (200, {"limit": "100", "remaining": "99", "reset": "10"})
    api.now_ms += 2_500
    for _ in range(98):
        ask()
    assert ask() == (200, {"limit": "100", "remaining": "0", "reset": "8"})
    assert ask() == (429, {"limit": "100", "remaining": "0", "reset": "8"})
    assert ask("root")[0] == 200  # another client has a window of its own
    refused = api.http.get("/insights/shop/live", headers=api.clients["read"])
    assert refused.headers["retry-after"] == "8"
    assert refused.json() == {
        "status": 429,
        "error": "Too Many Requests",
        "message": "You have exceeded the rate limit for this endpoint.",
    }
    api.now_ms += 7_500
    assert ask() == (200, {"limit": "100", "remaining": "99", "reset": "10"})


@pytest.mark.parametrize(("path", "client", "query"), [
    ("shop/metrics", "write", {}),
    ("other/metrics", "read", {}),
    ("nowhere/metrics", "read", {}),
    ("shop/metrics", "read", {"range": "nonsense"}),
])  # fmt: skip
def test_refusals_count_and_carry_the_limit(api: Insights, path: str, client: str, query: dict[str, str]) -> None:
    assert api.respond(path, client, **query).headers["x-ratelimit-remaining"] == "99"
    assert api.respond(path, client, **query).headers["x-ratelimit-remaining"] == "98"


def test_without_a_client_id_the_address_is_counted(api: Insights) -> None:
    assert api.respond("shop/metrics", headers={}).headers["x-ratelimit-remaining"] == "99"
    assert api.respond("shop/metrics", headers={}).headers["x-ratelimit-remaining"] == "98"
