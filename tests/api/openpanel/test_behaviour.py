"""Funnels, retention, engagement, active users and user flow over HTTP (openpanel contract §8.6, §9.3)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from httpx import Response

from footfall.api.openpanel import export_funnel, insights_behaviour
from support.facts import Facts, did
from support.insights import Insights, serve_insights
from support.stores import open_store

SEED = '/export/funnel?projectId=shop&events=[{"name":"sign_up"},{"name":"purchase"}]&range=last_30_days'
"""As the published document prints it, but for host and project."""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    """Now is Friday, 15 March 2024."""
    folder = tmp_path_factory.mktemp("behaviour")
    store = open_store("duckdb", folder)
    with serve_insights(store, folder) as api:
        api.app.include_router(insights_behaviour.build(api.context))
        api.app.include_router(export_funnel.build(api.context))
        api.write(_facts())
        api.write(Facts("other").visit("eve", "2024-03-12 10:00", did("sign_up"), did("purchase"), user="eve"))
        yield api
    store.close()


def _facts() -> Facts:
    facts = Facts("shop")
    facts.visit("phone", "2024-03-12 10:00", did("open"), did("sign_up"), 7200, did("purchase"), user="ann")
    facts.visit("laptop", "2024-03-05 10:00", did("open"), user="ann")
    facts.visit("d2", "2024-03-12 10:00", did("sign_up", {"plan": "pro"}), did("purchase", {"total": "100"}))
    facts.visit("d3", "2024-03-12 10:00", did("sign_up", {"plan": "pro"}))
    facts.visit("d3", "2024-03-12 20:00", did("purchase"))
    facts.visit("d4", "2024-03-12 10:00", did("sign_up"), did("a, b"))
    return facts


def funnel(api: Insights, **query: Any) -> Any:
    """The answer of `/export/funnel`."""
    response = export(api, "shop", **query)
    assert response.status_code == 200, response.text
    return response.json()


def export(api: Insights, project: str, client: str = "read", **query: Any) -> Response:
    api.now_ms += 100
    return api.http.get("/export/funnel", params={"projectId": project, **query}, headers=api.clients[client])


def counts(answer: Any) -> list[int]:
    return [step["count"] for step in answer["steps"]]


# -- /export/funnel


def test_the_documents_own_request(api: Insights) -> None:
    response = api.http.get(SEED, headers=api.clients["read"])
    assert response.json() == {
        "totalSessions": 4,
        "steps": [
            {
                "event": {"id": "A", "name": "sign_up", "displayName": "sign_up", "filters": []},
                "count": 4,
                "percent": 100,
                "dropoffCount": 0,
                "dropoffPercent": 0,
                "previousCount": 4,
            },
            {
                "event": {"id": "B", "name": "purchase", "displayName": "purchase", "filters": []},
                "count": 2,
                "percent": 50,
                "dropoffCount": 2,
                "dropoffPercent": 50,
                "previousCount": 4,
            },
        ],
    }


@pytest.mark.parametrize(
    "query",
    [
        {"events": '[{"name":"sign_up"},{"name":"purchase"}]'},
        {"events": '["sign_up","purchase"]'},
        {"events": "sign_up,purchase"},
        {"events": ["sign_up", "purchase"]},
        {"events": ['{"name":"sign_up"}', '{"name":"purchase"}']},
        {"events[]": ["sign_up", "purchase"]},
        {"events[0][name]": "sign_up", "events[1][name]": "purchase"},
        {"events": "sign_up,purchase", "range": "30d"},
        {"events": "sign_up,purchase", "startDate": "2024-03-12", "endDate": "2024-03-12"},
        {"events": "sign_up,purchase", "funnelGroup": "session_id", "funnelWindow": "24"},
    ],
)
def test_the_events_in_every_spelling(api: Insights, query: dict[str, Any]) -> None:
    assert counts(funnel(api, **query)) == [4, 2]


def test_the_project_in_both_spellings_and_by_the_client(api: Insights) -> None:
    for query in ({"project_id": "shop"}, {"projectId": "shop"}, {}):
        response = api.http.get(
            "/export/funnel", params={"events": "sign_up", **query}, headers=api.clients["read"]
        )
        assert response.json()["totalSessions"] == 4


def test_the_window_and_the_grouping(api: Insights) -> None:
    assert counts(funnel(api, events="sign_up,purchase", funnelWindow="1")) == [4, 1]
    assert counts(funnel(api, events="sign_up,purchase", funnelWindow="1.9")) == [4, 1]
    assert counts(funnel(api, events="sign_up,purchase", funnelWindow="2.1")) == [4, 2]
    assert counts(funnel(api, events="sign_up,purchase", funnelGroup="profile_id")) == [4, 3]
    assert counts(funnel(api, events="sign_up,purchase", funnelGroup="profile_id", funnelWindow="9")) == [4, 2]


def test_filters_names_and_ids_of_the_steps(api: Insights) -> None:
    plan = {"name": "plan", "operator": "is", "value": ["pro"]}
    total = {"name": "properties.total", "operator": "gte", "value": [100]}
    events = [
        {"name": "sign_up", "filters": [plan], "displayName": "Signed up", "id": "first"},
        {"name": "purchase", "filters": [total]},
    ]
    answer = funnel(api, events=json.dumps(events))
    assert counts(answer) == [2, 1]
    assert answer["steps"][0]["event"] == {
        "id": "first",
        "name": "sign_up",
        "displayName": "Signed up",
        "filters": [plan],
    }


def test_a_name_with_a_comma_is_asked_for_in_json(api: Insights) -> None:
    assert counts(funnel(api, events='["sign_up","a, b"]')) == [4, 1]


def test_a_funnel_of_nothing(api: Insights) -> None:
    assert funnel(api, events="[]") == {"totalSessions": 0, "steps": []}
    answer = funnel(api, events="never,happened", range="all_time")
    assert [(each["count"], each["percent"], each["dropoffPercent"]) for each in answer["steps"]] == [
        (0, 0, 0)
    ] * 2


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({}, ["events"]),
        ({"events": "[{"}, ["events"]),
        ({"events": "[1]"}, ["events", 0]),
        ({"events": '[{"filters":[]}]'}, ["events", 0, "name"]),
        ({"events": '[{"name":""}]'}, ["events", 0, "name"]),
        ({"events": '[{"name":["a"]}]'}, ["events", 0, "name"]),
        (
            {"events": '[{"name":"a","filters":[{"name":"x","operator":"no"}]}]'},
            ["events", 0, "filters", 0, "operator"],
        ),
        ({"events": '[{"name":"a","filters":[{"name":"x","operator":"regex","value":["("]}]}]'}, ["filters"]),
        ({"events": ",".join("abcdefghijk")}, ["events"]),
        ({"events": "a" * 1001}, ["events", 0]),
        ({"events": "a", "range": "someday"}, ["range"]),
        ({"events": "a", "startDate": "2024-03-02", "endDate": "2024-03-01"}, ["startDate"]),
        ({"events": "a", "funnelWindow": "0"}, ["funnelWindow"]),
        ({"events": "a", "funnelWindow": "-1"}, ["funnelWindow"]),
        ({"events": "a", "funnelWindow": "nan"}, ["funnelWindow"]),
        ({"events": "a", "funnelWindow": "a day"}, ["funnelWindow"]),
        ({"events": "a", "funnelGroup": "device_id"}, ["funnelGroup"]),
    ],
)
def test_what_a_funnel_does_not_take(api: Insights, query: dict[str, str], path: list[object]) -> None:
    response = export(api, "shop", **query)
    assert response.status_code == 400
    body = response.json()
    assert (body["status"], body["error"], body["message"]) == (400, "Bad Request", "Invalid query parameters")
    assert [issue["path"] for issue in body["details"]] == [path]


def test_a_funnel_of_your_own_project_only(api: Insights) -> None:
    assert export(api, "other", events="sign_up").status_code == 403
    assert export(api, "nowhere", events="sign_up").status_code == 403
    assert export(api, "nowhere", client="root", events="sign_up").status_code == 404
    assert export(api, "other", client="root", events="sign_up").json()["totalSessions"] == 1
    assert export(api, "shop", client="write", events="sign_up").status_code == 401


# -- /insights/…/funnel


def test_the_newer_funnel(api: Insights) -> None:
    assert api.get("funnel", steps=["sign_up", "purchase", "never"], groupBy="profile_id") == {
        "steps": [
            {
                "step": 1,
                "eventName": "sign_up",
                "users": 4,
                "conversionRateFromStart": 100,
                "dropoffPercent": 0,
                "isHighestDropoff": False,
            },
            {
                "step": 2,
                "eventName": "purchase",
                "users": 3,
                "conversionRateFromStart": 75,
                "dropoffPercent": 25,
                "isHighestDropoff": False,
            },
            {
                "step": 3,
                "eventName": "never",
                "users": 0,
                "conversionRateFromStart": 0,
                "dropoffPercent": 100,
                "isHighestDropoff": True,
            },
        ],
        "totalUsers": 4,
        "completedUsers": 0,
        "overallConversionRate": 0,
    }


@pytest.mark.parametrize("steps", ["sign_up,purchase", '["sign_up","purchase"]', ["sign_up", "purchase"]])
def test_the_steps_in_every_spelling(api: Insights, steps: Any) -> None:
    assert api.get("funnel", steps=steps)["completedUsers"] == 2
    assert api.get("funnel", steps=steps, windowHours=1)["completedUsers"] == 1


# -- retention, engagement, active users


def test_retention_week_by_week(api: Insights) -> None:
    assert api.get("retention") == [
        {"date": "2024-03-04T00:00:00.000Z", "active_users": 1, "retained_users": 1, "retention": 100},
        {"date": "2024-03-11T00:00:00.000Z", "active_users": 1, "retained_users": 0, "retention": 0},
    ]


def test_cohorts_of_the_last_twelve_weeks(api: Insights) -> None:
    average, cohort = api.get("retention/cohort")
    assert average["cohort_interval"] == "Weighted Average"
    assert cohort["cohort_interval"] == "2024-03-04T00:00:00.000Z"
    assert average.keys() == cohort.keys() == {"cohort_interval", "sum", "values", "percentages"}
    assert (cohort["sum"], cohort["values"], cohort["percentages"]) == (1, [1, 1, *[0] * 11], [1, 1, *[0] * 11])
    # the second week is not over
    assert (average["sum"], average["values"], average["percentages"]) == (1, [1, *[0] * 12], [1, *[0] * 12])


def test_cohorts_of_events_by_day(api: Insights) -> None:
    query = {"startDate": "2024-03-05", "endDate": "2024-03-12", "interval": "day", "criteria": "on"}
    _, cohort = api.get("retention/cohort", **query, firstEvent="open,sign_up", secondEvent='["purchase"]')
    assert cohort["values"] == [0, 0, 0, 0, 0, 0, 0, 1]


def test_engagement_of_known_people(api: Insights) -> None:
    assert api.get("engagement") == {
        "summary": {
            "total_identified_users": 1,
            "active_last_7_days": 1,
            "active_8_to_14_days": 0,
            "active_15_to_30_days": 0,
            "inactive_31_to_60_days": 0,
            "churned_60_plus_days": 0,
        },
        "distribution": [{"days": 3, "users": 1}],
    }


def test_rolling_active_users(api: Insights) -> None:
    answer = api.get("active_users", days=7, startDate="2024-03-11", endDate="2024-03-12")
    assert answer == {
        "window_days": 7,
        "label": "WAU",
        "series": [
            {"date": "2024-03-11T00:00:00.000Z", "users": 1},
            {"date": "2024-03-12T00:00:00.000Z", "users": 4},
        ],
    }
    answer = api.get("active_users", days=1)
    assert (answer["label"], len(answer["series"])) == ("DAU", 31)
    assert api.get("active_users")["window_days"] == 7


# -- user flow


def test_the_flow_from_an_event(api: Insights) -> None:
    answer = api.get("user_flow", startEvent="sign_up", steps=2)
    colours = {node["label"]: node.pop("nodeColor") for node in answer["nodes"]}
    assert len(set(colours.values())) == 3
    assert answer == {
        "mode": "after",
        "startEvent": "sign_up",
        "endEvent": None,
        "node_count": 3,
        "link_count": 2,
        "nodes": [
            {"id": "sign_up::step1", "label": "sign_up", "percentage": 100, "value": 4, "step": 1},
            {"id": "purchase::step2", "label": "purchase", "percentage": 50, "value": 2, "step": 2},
            {"id": "a, b::step2", "label": "a, b", "percentage": 25, "value": 1, "step": 2},
        ],
        "links": [
            {"source": "sign_up::step1", "target": "purchase::step2", "value": 2},
            {"source": "sign_up::step1", "target": "a, b::step2", "value": 1},
        ],
    }


def test_the_flow_before_and_between(api: Insights) -> None:
    before = api.get("user_flow", startEvent="purchase", mode="before", steps=3)
    assert [node["id"] for node in before["nodes"]] == ["open::step1", "sign_up::step2", "purchase::step3"]
    assert before["links"] == [
        {"source": "open::step1", "target": "sign_up::step2", "value": 1},
        {"source": "sign_up::step2", "target": "purchase::step3", "value": 2},
    ]
    between = api.get("user_flow", startEvent="open", endEvent="purchase", mode="between", exclude="sign_up")
    assert [node["id"] for node in between["nodes"]] == ["open::step1", "purchase::step2"]
    only = api.get("user_flow", startEvent="open", include=["purchase"])
    assert [node["id"] for node in only["nodes"]] == ["open::step1", "purchase::step2"]


# -- what they do not take


@pytest.mark.parametrize(
    ("route", "query", "path"),
    [
        ("funnel", {}, ["steps"]),
        ("funnel", {"steps": "one"}, ["steps"]),
        ("funnel", {"steps": ",".join("abcdefghijk")}, ["steps"]),
        ("funnel", {"steps": "[[1],2]"}, ["steps", 0]),
        ("funnel", {"steps": "a,b", "windowHours": "0"}, ["windowHours"]),
        ("funnel", {"steps": "a,b", "windowHours": "721"}, ["windowHours"]),
        ("funnel", {"steps": "a,b", "windowHours": "1.5"}, ["windowHours"]),
        ("funnel", {"steps": "a,b", "groupBy": "country"}, ["groupBy"]),
        ("funnel", {"steps": "a,b", "range": "someday"}, ["range"]),
        ("retention", {"range": "someday"}, ["range"]),
        ("retention/cohort", {"interval": "hour"}, ["interval"]),
        ("retention/cohort", {"interval": "day", "range": "12m", "startDate": "2020-01-01"}, ["interval"]),
        ("retention/cohort", {"criteria": "never"}, ["criteria"]),
        ("active_users", {"days": "0"}, ["days"]),
        ("active_users", {"days": "91"}, ["days"]),
        ("active_users", {"days": "seven"}, ["days"]),
        ("user_flow", {}, ["startEvent"]),
        ("user_flow", {"startEvent": "\0"}, ["startEvent"]),
        ("user_flow", {"startEvent": "a", "mode": "sideways"}, ["mode"]),
        ("user_flow", {"startEvent": "a", "mode": "between"}, ["endEvent"]),
        ("user_flow", {"startEvent": "a", "steps": "11"}, ["steps"]),
        ("user_flow", {"startEvent": "a", "steps": "1"}, ["steps"]),
    ],
)
def test_bad_parameters_are_named(api: Insights, route: str, query: dict[str, str], path: list[object]) -> None:
    response = api.respond(f"shop/{route}", **query)
    assert response.status_code == 400, response.text
    body = response.json()
    assert (body["status"], body["error"]) == (400, "Bad Request")
    assert [issue["path"] for issue in body["details"]["issues"]] == [path]


ROUTES = {
    "funnel": {"steps": "sign_up,purchase"},
    "retention": {},
    "retention/cohort": {},
    "engagement": {},
    "active_users": {},
    "user_flow": {"startEvent": "sign_up"},
}


@pytest.mark.parametrize("route", ROUTES)
def test_your_own_project_only(api: Insights, route: str) -> None:
    query = ROUTES[route]
    assert api.respond(f"other/{route}", **query).status_code == 403
    assert api.respond(f"nowhere/{route}", **query).status_code == 404
    assert api.respond(f"shop/{route}", headers={}).status_code == 401
    assert api.respond(f"shop/{route}", client="write", **query).status_code == 401
    assert api.respond(f"other/{route}", client="root", **query).status_code == 200


@pytest.mark.parametrize("route", ROUTES)
def test_strange_texts_are_texts(api: Insights, route: str) -> None:
    strange = "'; DROP TABLE events; --,日本 💡,a\0b,\ud800"
    encoded = strange.encode("utf-8", "surrogatepass")
    query = {"steps": encoded, "startEvent": encoded, "exclude": encoded, "firstEvent": encoded, "days": "7"}
    if route == "user_flow":
        del query["steps"]
    response = api.respond(f"shop/{route}", **query)
    assert response.status_code == 200, response.text


def test_everything_is_described(api: Insights) -> None:
    paths = api.app.openapi()["paths"]
    assert "/export/funnel" in paths
    for route in ROUTES:
        described = paths[f"/insights/{{project_id}}/{route}"]["get"]
        assert described["responses"]["200"]["content"]["application/json"]["schema"]
        assert "400" in described["responses"]
