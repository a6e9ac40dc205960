"""Reports as resources of a website (Umami 3.3), saved funnels and goals, and the export, on both engines."""

import base64
import csv
import io
import json
import zipfile
from typing import Any

import pytest

from support.facts import did, paid, viewed
from support.statistics import Statistics, Website
from support.umami import NOBODY

DAY = ("2024-03-04", "2024-03-04T23:59:59.999")
MAIL = {"__search": "utm_source=mail", "__query.utm_source": "mail", "__query.utm_medium": "email"}
NOTHING = {"p50": 0, "p75": 0, "p95": 0}


@pytest.fixture(scope="module")
def shop(statistics: Statistics) -> Website:
    """Ann comes by mail and pays twice, Bob views a page and pays in dollars; Ann came and paid the day before."""
    website = statistics.website("resources")
    facts = website.facts()
    ann = {"country": "DE", "region": "DE-BE"}
    facts.visit("ann", "2024-03-03 10:00", "/", paid(100), **ann)
    facts.visit("ann", "2024-03-04 10:00", viewed("/", properties=MAIL), 60, "/buy", paid(1250), paid(250), **ann)
    google = {"referrer": "https://www.google.com/", "referrer_type": "search"}
    facts.visit("bob", "2024-03-04 11:00", "/", paid(500, currency="USD"), country="GB", **google)
    facts.visit("cid", "2024-03-04 11:00", "/", did("=1+1"), country="GB")
    for lcp, path in (("1000", "/"), ("3000", "/buy")):
        facts.event("__performance", "2024-03-04 10:00", path=path, device_id="ann", properties={"lcp": lcp})
    return website.write(facts)


# -- counts


def test_a_breakdown(shop: Website) -> None:
    found = shop.get("breakdown", *DAY, fields=json.dumps(["path", "utmSource"]))
    assert found == [
        {"views": 2, "visitors": 2, "visits": 2, "bounces": 2, "totaltime": 0, "path": "/", "utmSource": None},
        {"views": 1, "visitors": 1, "visits": 1, "bounces": 1, "totaltime": 0, "path": "/", "utmSource": "mail"},
        {"views": 1, "visitors": 1, "visits": 1, "bounces": 1, "totaltime": 0, "path": "/buy", "utmSource": None},
    ]
    assert shop.get("breakdown", *DAY, fields='["country"]', country="GB")[0]["visitors"] == 2


def test_a_goal_is_counted_in_visitors(shop: Website) -> None:
    assert shop.get("goals/stats", *DAY, type="path", value="/buy") == {"num": 1, "total": 3}
    assert shop.get("goals/stats", *DAY, type="event", value="reven*", country="GB") == {"num": 1, "total": 2}


def test_campaigns(shop: Website) -> None:
    assert shop.get("utm/metrics", *DAY, type="utm_source") == [{"utm": "mail", "views": 1}]
    assert shop.get("utm/metrics", *DAY, type="utm_term") == []


def test_performance(shop: Website) -> None:
    lcp = {"p50": 2000, "p75": 2500, "p95": 2900}
    slow, quick = ({"p50": ms, "p75": ms, "p95": ms} for ms in (3000, 1000))
    others = dict.fromkeys(("inp", "cls", "fcp", "ttfb"), NOTHING)
    assert shop.get("performance/stats", *DAY) == {"lcp": lcp, **others, "count": 2}
    assert shop.get("performance/chart", *DAY, unit="day") == {"chart": [{"t": "2024-03-04T00:00:00Z", **lcp}]}
    assert shop.get("performance/chart", *DAY, metric="cls") == {"chart": []}
    found = shop.get("performance/metrics", *DAY, type="path")
    assert found == [{"name": "/buy", **slow, "count": 1}, {"name": "/", **quick, "count": 1}]
    assert shop.get("performance/metrics", *DAY, type="path", limit=1) == found[:1]


# -- revenue


def test_revenue_by_bucket(shop: Website) -> None:
    found = shop.get("revenue/chart", *DAY, currency="EUR", timezone="Europe/Berlin", unit="day")
    assert found == {"chart": [{"x": "revenue", "t": "2024-03-03T23:00:00Z", "y": 15, "count": 2}]}


def test_revenue_beside_that_of_the_range_before(shop: Website) -> None:
    assert shop.get("revenue/stats", *DAY, currency="EUR") == {
        "sum": 15,
        "count": 2,
        "unique_count": 1,
        "total_sessions": 3,
        "average": 7.5,
        "arpu": 5,
        "comparison": {
            "sum": 1,
            "count": 1,
            "unique_count": 1,
            "total_sessions": 1,
            "average": 1,
            "arpu": 1,
        },
    }
    nothing = shop.get("revenue/stats", *DAY, currency="CHF", compare="yoy")
    assert (nothing["sum"], nothing["average"], nothing["comparison"]["total_sessions"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("type_", "currency", "rows"),
    [
        ("country", "EUR", [{"name": "DE", "value": 15}]),
        ("region", "EUR", [{"country": "DE", "name": "DE-BE", "value": 15}]),
        ("referrer", "USD", [{"name": "google.com", "value": 5}]),
        ("channel", "USD", [{"name": "organicSearch", "value": 5}]),
        ("channel", "EUR", [{"name": "email", "value": 15}]),
        ("country", "CHF", []),
    ],
)
def test_revenue_by_where_it_came_from(shop: Website, type_: str, currency: str, rows: Any) -> None:
    assert shop.get("revenue/metrics", *DAY, type=type_, currency=currency) == rows


def test_who_paid(shop: Website) -> None:
    found = shop.get("revenue/sessions", *DAY, currency="EUR")
    assert (found["count"], found["page"], found["pageSize"]) == (1, 1, 20)
    assert [(row["id"], row["views"], row["events"]) for row in found["data"]] == [("ann", 2, 2)]
    assert shop.get("revenue/sessions", *DAY, currency="USD")["data"][0]["id"] == "bob"
    assert shop.get("revenue/sessions", *DAY, currency="EUR", country="GB")["data"] == []


# -- saved


STEPS = [{"type": "path", "value": "/"}, {"type": "path", "value": "/buy"}]
FUNNEL = {"window": 60, "steps": STEPS}


def test_saved_funnels(statistics: Statistics, shop: Website) -> None:
    made = shop.post("funnels", {"name": "Buying", "parameters": FUNNEL})
    assert (made["type"], made["name"], made["description"], made["parameters"]) == (
        "funnel",
        "Buying",
        "",
        FUNNEL,
    )
    assert made["websiteId"] == str(shop.project.uuid)
    assert shop.get(f"funnels/{made['id']}") == made
    assert shop.get(f"funnels/{made['id']}/stats", *DAY) == shop.get(
        "funnels/stats", *DAY, window=60, steps=json.dumps(STEPS)
    )
    assert [row["visitors"] for row in shop.get(f"funnels/{made['id']}/stats", *DAY)] == [3, 1]
    changed = shop.post(f"funnels/{made['id']}", {"name": "B", "description": "d", "parameters": FUNNEL})
    assert (changed["id"], changed["name"], changed["description"]) == (made["id"], "B", "d")
    listed = shop.get("funnels")
    assert (listed["count"], [row["id"] for row in listed["data"]]) == (1, [made["id"]])
    assert shop.get("funnels", search="nothing")["data"] == []
    assert shop.refused(f"goals/{made['id']}")[0] == 404
    assert statistics.website("not-its").refused(f"funnels/{made['id']}")[0] == 404
    assert shop.delete(f"funnels/{made['id']}") == {"ok": True}
    assert shop.refused(f"funnels/{made['id']}/stats", *DAY)[0] == 404


def test_saved_goals(shop: Website) -> None:
    goal = {"type": "path", "value": "/b*"}
    made = shop.post("goals", {"name": "Carts", "description": "", "parameters": goal})
    assert shop.get(f"goals/{made['id']}/stats", *DAY) == {"num": 1, "total": 3}
    assert [row["type"] for row in shop.get("goals")["data"]] == ["goal"]
    # they are saved reports too
    reports = shop.get("reports", type="goal")
    assert [(row["id"], row["parameters"]) for row in reports["data"]] == [(made["id"], goal)]
    assert json.loads(shop.get("reports")["data"][0]["parameters"]) == goal
    assert shop.delete(f"goals/{made['id']}") == {"ok": True}
    assert shop.get("reports")["count"] == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("funnels", {"name": "x", "parameters": {"window": 60, "steps": STEPS[:1]}}),
        ("funnels", {"name": "x", "parameters": {"window": 0, "steps": STEPS}}),
        ("funnels", {"name": "", "parameters": FUNNEL}),
        ("funnels", {"parameters": FUNNEL}),
        ("goals", {"name": "x", "parameters": {"type": "path"}}),
        ("goals", {"name": "x" * 201, "parameters": {"type": "path", "value": "/"}}),
        ("goals", []),
    ],
)
def test_what_cant_be_kept(shop: Website, path: str, body: Any) -> None:
    assert shop.send("POST", path, json=body).status_code == 400


# -- export


def test_the_export_is_a_zip_of_lists(shop: Website) -> None:
    archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(shop.get("export", *DAY)["zip"])))
    files = {name: list(csv.reader(io.StringIO(archive.read(name).decode()))) for name in archive.namelist()}
    assert files == {
        "events.csv": [["x", "y"], ["revenue", "3"], ["'=1+1", "1"]],
        "pages.csv": [["x", "y"], ["/", "3"], ["/buy", "1"]],
        "referrers.csv": [["x", "y"], ["google.com", "1"]],
        "browsers.csv": [["x", "y"]],
        "os.csv": [["x", "y"]],
        "devices.csv": [["x", "y"]],
        "countries.csv": [["x", "y"], ["GB", "2"], ["DE", "1"]],
    }


def test_what_a_user_has_taken(statistics: Statistics, shop: Website) -> None:
    owner = statistics.catalog.snapshot().users_by_name["ada"].id
    found = shop.get(f"/users/{owner}/usage", *DAY)
    own = next(row for row in found["websites"] if row["websiteId"] == str(shop.project.uuid))
    assert (own["websiteName"], own["websiteEventUsage"], own["eventDataUsage"]) == ("resources", 8, 0)
    assert found["websiteEventUsage"] == sum(row["websiteEventUsage"] for row in found["websites"])
    two_more = {**own, "websiteEventUsage": 10}  # the day before
    assert two_more in shop.get(f"/users/{owner}/usage", startAt=0, endAt=1)["websites"]


# -- what is refused


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("breakdown", {}),
        ("breakdown", {"fields": "path"}),
        ("breakdown", {"fields": "[]"}),
        ("breakdown", {"fields": '["secret"]'}),
        ("breakdown", {"fields": "{}"}),
        ("goals/stats", {"type": "path"}),
        ("utm/metrics", {"type": "utm_x"}),
        ("performance/chart", {"metric": "fid"}),
        ("performance/metrics", {"type": "country"}),
        ("performance/metrics", {"type": "path", "limit": 0}),
        ("revenue/chart", {}),
        ("revenue/stats", {"currency": "EUR", "compare": "never"}),
        ("revenue/metrics", {"currency": "EUR", "type": "city"}),
        ("revenue/sessions", {}),
        ("export", {"timezone": "Mars"}),
    ],
)
def test_resources_say_what_is_wrong(shop: Website, path: str, query: dict[str, Any]) -> None:
    status, error = shop.refused(path, *DAY, **query)
    assert (status, error["code"]) == (400, "bad-request")
    assert error["properties"]


def test_resources_need_a_range_and_a_website(shop: Website) -> None:
    for path in ("breakdown?fields=[]", "utm/metrics?type=utm_source", "revenue/stats?currency=EUR", "export"):
        assert shop.refused(path)[0] == 400, path
    assert shop.refused(f"/websites/{NOBODY}/export", *DAY)[0] == 404
