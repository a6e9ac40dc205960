"""The reports over HTTP, key by key: `POST /api/reports/<type>` in both forms (umami contract §5)."""

from typing import Any, NamedTuple

import pytest

from support.facts import Facts, did, paid, viewed
from support.umami import NOBODY, Umami

RANGE = {"startDate": "2024-03-04T00:00:00.000Z", "endDate": "2024-03-05T23:59:59.999Z"}


class Site(NamedTuple):
    """A website of ada's, and its reports."""

    umami: Umami
    id: str

    def first(self, report: str, **body: Any) -> Any:
        """The answer to form A."""
        return self.umami.ada.post(f"reports/{report}", {"websiteId": self.id, "dateRange": RANGE, **body})

    def second(self, report: str, filters: Any = None, **parameters: Any) -> Any:
        """The answer to form B."""
        body = {"websiteId": self.id, "type": report, "filters": filters or {}}
        return self.umami.ada.post(f"reports/{report}", {**body, "parameters": {**RANGE, **parameters}})

    def first_error(self, report: str, **body: Any) -> Any:
        """What is wrong in form A."""
        whole = {"websiteId": self.id, "dateRange": RANGE, **body}
        given = {key: value for key, value in whole.items() if value is not ...}
        status, error = self.umami.ada.refused("post", f"reports/{report}", given)
        assert status == 400
        return error

    def second_error(self, report: str, body: dict[str, Any] | None = None, **parameters: Any) -> Any:
        """What is wrong in form B."""
        whole = {
            "websiteId": self.id,
            "type": report,
            "filters": {},
            "parameters": {**RANGE, **parameters},
            **(body or {}),
        }
        given = {key: value for key, value in whole.items() if value is not ...}
        status, error = self.umami.ada.refused("post", f"reports/{report}", given)
        assert status == 400
        return error


def store(umami: Umami, website_id: str, tell: Any) -> None:
    """Write what `tell` puts into the website's facts."""
    runtime = umami.footfall.runtime
    facts = Facts(runtime.catalog.get_project(website_id).id)
    tell(facts)
    runtime.store.write(facts.batch(runtime.store.position() + 1))


def shop(facts: Facts) -> None:
    """Two visitors and three visits on 4 and 5 March 2024, and one a day later."""
    sent = viewed("/", properties={"__search": "utm_source=mail&utm_agid=1", "__query.utm_source": "mail"})
    order = did("order", {"revenue": "19.99", "currency": "EUR"}, revenue=1999, currency="EUR")
    facts.visit("ann", "2024-03-04 10:00", sent, 60, "/a", 30, "/", 5, order, country="DE", region="BE")
    facts.visit("ann", "2024-03-05 10:00", "/a", paid(501, currency="USD"), country="DE", region="BE")
    facts.visit("bob", "2024-03-05 23:59:59", "/a", country="FR")
    facts.visit("bob", "2024-03-06 00:00:00", "/late", paid(100))
    facts.event(
        "__performance", "2024-03-04 10:00", device_id="ann", path="/", properties={"lcp": "1200", "cls": "0.05"}
    )


@pytest.fixture(scope="module")
def site(umami: Umami) -> Site:
    """The shop."""
    made = umami.ada.post("websites", name="Reported", domain="reported.example")
    store(umami, made["id"], shop)
    return Site(umami, made["id"])


# utm


def test_utm_of_generation_2_is_a_map_of_maps(site: Site) -> None:
    assert site.first("utm") == {"utm_source": {"mail": 1}, "utm_agid": {"1": 1}}


def test_utm_of_generation_3_has_five_lists(site: Site) -> None:
    assert site.second("utm") == {
        "utm_source": [{"utm": "mail", "views": 1}],
        "utm_medium": [],
        "utm_campaign": [],
        "utm_term": [],
        "utm_content": [],
    }
    assert site.second("utm", {"country": "eq.FR"})["utm_source"] == []


def test_no_campaign_has_a_nul_character_in_its_name(umami: Umami) -> None:
    made = umami.ada.post("websites", name="Nul", domain="nul.example")
    sent = viewed("/", properties={"__search": "utm_source=a%00b", "__query.utm_source": "ab"})
    store(umami, made["id"], lambda facts: facts.visit("ann", "2024-03-04 10:00", sent))
    site = Site(umami, made["id"])
    assert site.first("utm") == {"utm_source": {"ab": 1}}
    assert site.second("utm")["utm_source"] == [{"utm": "ab", "views": 1}]


# insights, breakdown


def fields(*names: str) -> list[dict[str, str]]:
    """As a request names fields."""
    return [{"name": name, "type": "string", "label": name.title()} for name in names]


def test_insights_show_five_numbers_and_the_fields(site: Site) -> None:
    assert site.first("insights", fields=fields("url", "tag"), filters=[]) == [
        {"views": 3, "visitors": 2, "visits": 3, "bounces": 3, "totaltime": 0, "url": "/a", "tag": None},
        {"views": 2, "visitors": 1, "visits": 1, "bounces": 0, "totaltime": 90, "url": "/", "tag": None},
    ]


def test_an_address_without_a_query_has_an_empty_one(site: Site) -> None:
    # as the list of queries tells it; only the first of ann's five views had a query
    found = site.first("insights", fields=fields("query", "title"), filters=[])
    assert [(each["query"], each["title"], each["views"]) for each in found] == [
        ("", None, 4),
        ("utm_source=mail&utm_agid=1", None, 1),
    ]
    newer = site.second("breakdown", fields=["query"])
    assert [each["query"] for each in newer] == ["", "utm_source=mail&utm_agid=1"]


@pytest.mark.parametrize(
    ("filter_", "urls"),
    [
        (("url", "eq", "/a"), ["/a"]),
        (("url", "neq", "/a"), ["/"]),
        (("url", "c", "A"), ["/a"]),
        (("url", "dnc", "A"), ["/"]),
        (("country", "neq", "DE"), ["/a"]),
        (("tag", "neq", "x"), []),
        (("unknown", "eq", "x"), ["/a", "/"]),
    ],
)
def test_insights_take_filters(site: Site, filter_: tuple[str, str, str], urls: list[str]) -> None:
    name, operator, value = filter_
    asked = {"name": name, "type": "string", "operator": operator, "value": value}
    found = site.first("insights", fields=fields("url"), filters=[asked])
    assert [each["url"] for each in found] == urls


def test_of_filters_of_one_name_the_last_counts(site: Site) -> None:
    filters = [{"name": "url", "type": "string", "operator": "eq", "value": value} for value in ("/a", "/")]
    assert [each["url"] for each in site.first("insights", fields=fields("url"), filters=filters)] == ["/"]


def test_insights_may_do_without_filters(site: Site) -> None:
    assert len(site.first("insights", fields=fields("host"))) == 1


def test_a_breakdown_is_ordered_by_visitors(site: Site) -> None:
    assert site.second("breakdown", fields=["country"]) == [
        {"views": 4, "visitors": 1, "visits": 2, "bounces": 1, "totaltime": 90, "country": "DE"},
        {"views": 1, "visitors": 1, "visits": 1, "bounces": 1, "totaltime": 0, "country": "FR"},
    ]
    found = site.second("breakdown", {"path": "eq./a"}, fields=["path", "utmSource", "distinctId"])
    assert [(each["path"], each["utmSource"], each["distinctId"]) for each in found] == [("/a", None, None)]


# goals, goal


def test_goals_come_back_with_how_often_they_were_reached(site: Site) -> None:
    goals = [
        {"type": "event-data", "value": "order", "goal": 1, "operator": "sum", "property": "revenue"},
        {"type": "event", "value": "order", "goal": "5"},
        {"type": "curl", "value": "/", "goal": 1},
        {"type": "url", "value": "/a", "goal": 2},
        {"type": "url", "value": "/", "goal": 10},
    ]
    assert site.first("goals", goals=goals) == [
        {"type": "url", "value": "/a", "goal": 2, "result": 4},
        {"type": "url", "value": "/", "goal": 10, "result": 3},
        {"type": "event", "value": "order", "goal": 5, "result": 1},
        {
            "type": "event-data",
            "value": "order",
            "goal": 1,
            "operator": "sum",
            "property": "revenue",
            "result": 19.99,
        },
    ]


def test_a_goal_is_counted_in_visitors(site: Site) -> None:
    assert site.second("goal", type="path", value="/*") == {"num": 2, "total": 2}
    assert site.second("goal", type="event", value="order") == {"num": 1, "total": 2}
    assert site.second("goal", {"country": "FR"}, type="anything", value="order") == {"num": 0, "total": 1}
    assert site.second("goal", {"country": ["FR", "DE"]}, type="event", value="order") == {"num": 1, "total": 2}


# revenue


def test_revenue_of_generation_2(site: Site) -> None:
    found = site.first("revenue", timezone="Europe/Berlin", currency="EUR")
    assert found == {
        "chart": [{"x": "order", "t": "2024-03-03T23:00:00Z", "y": 19.99}],
        "country": [{"name": "DE", "value": 19.99}],
        "total": {"sum": 19.99, "count": 1, "unique_count": 1},
        "table": [
            {"currency": "EUR", "sum": 19.99, "count": 1, "unique_count": 1},
            {"currency": "USD", "sum": 5.01, "count": 1, "unique_count": 1},
        ],
    }


def test_revenue_in_a_currency_that_nobody_paid_in_is_nothing(site: Site) -> None:
    found = site.first("revenue", timezone="UTC", currency="eur")
    assert (found["chart"], found["country"]) == ([], [])
    assert found["total"] == {"sum": 0, "count": 0, "unique_count": 0}


def test_the_chart_takes_its_unit_from_the_range(site: Site) -> None:
    found = site.first(
        "revenue", timezone="UTC", currency="EUR", dateRange={**RANGE, "unit": "hour", "num": "1", "offset": 0}
    )
    assert found["chart"] == [{"x": "order", "t": "2024-03-04T10:00:00Z", "y": 19.99}]


def test_revenue_of_generation_3(site: Site) -> None:
    found = site.second("revenue", currency="USD", unit="day", timezone="Europe/Berlin")
    nothing = {"sum": 0, "count": 0, "unique_count": 0, "average": 0, "arpu": 0}
    comparison = found["total"].pop("comparison")
    assert found == {
        "chart": [{"x": "revenue", "t": "2024-03-04T23:00:00Z", "y": 5.01, "count": 1}],
        "country": [{"name": "DE", "value": 5.01}],
        "region": [{"country": "DE", "name": "BE", "value": 5.01}],
        "referrer": [],
        "channel": [],  # ann came by a query that says nothing of a kind
        "total": {
            "sum": 5.01,
            "count": 1,
            "unique_count": 1,
            "total_sessions": 2,
            "average": 5.01,
            "arpu": 2.505,
        },
    }
    assert comparison == {**nothing, "total_sessions": 0}


# performance


def test_performance(site: Site) -> None:
    found = site.second("performance", metric="lcp", unit="hour", timezone="Europe/Berlin")
    lcp = {"p50": 1200, "p75": 1200, "p95": 1200}
    nothing = {"p50": 0, "p75": 0, "p95": 0}
    assert found == {
        "chart": [{"t": "2024-03-04T10:00:00Z", **lcp}],
        "summary": {
            "lcp": lcp,
            "inp": nothing,
            "cls": {"p50": 0.05, "p75": 0.05, "p95": 0.05},
            "fcp": nothing,
            "ttfb": nothing,
            "count": 1,
        },
        "pages": [{"name": "/", **lcp, "count": 1}],
        "pageTitles": [{"name": "", **lcp, "count": 1}],
        "devices": [{"name": "", **lcp, "count": 1}],
        "browsers": [{"name": "", **lcp, "count": 1}],
    }


# ranges


@pytest.mark.parametrize(
    ("start", "end", "views"),
    [
        (1709510400000, 1709683199999, 5),
        ("2024-03-04T10:00:00.000Z", "2024-03-04T10:00:00.000Z", 1),
        ("2024-03-04T10:00:00.001Z", "2024-03-04T10:00:59.999Z", 0),
        ("2024-03-04", "2024-03-06", 6),
        ("2024-03-06T00:00:00+01:00", "2024-03-06T01:00:00+01:00", 2),
        (None, "2024-03-04T23:00:00", 3),
        ("Mon Mar 04 2024 00:00:00 GMT+0100 (Central European Standard Time)", 1709683199999, 5),
    ],
)
def test_both_ends_of_the_range_belong_to_it(site: Site, start: Any, end: Any, views: int) -> None:
    span = {"startDate": start, "endDate": end}
    found = site.first("insights", fields=fields("host"), filters=[], dateRange=span)
    assert sum(each["views"] for each in found) == views


def test_insights_begin_where_the_website_was_reset(umami: Umami) -> None:
    made = umami.ada.post("websites", name="Reset", domain="reset.example")
    site = Site(umami, made["id"])
    umami.ada.post(f"websites/{made['id']}/reset", {})
    store(umami, made["id"], shop)
    assert site.first("insights", fields=fields("url"), filters=[]) == []
    assert site.second("utm")["utm_source"] == []
    assert site.first("utm") != {}


# what is refused


@pytest.mark.parametrize(
    ("report", "body", "error"),
    [
        ("utm", {"websiteId": ...}, ["websiteId: Required"]),
        ("utm", {"websiteId": "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"}, ["websiteId: Invalid uuid"]),
        ("utm", {"dateRange": ...}, ["dateRange: Required"]),
        ("utm", {"dateRange": {"startDate": "soon", "endDate": 0}}, ["dateRange: "]),
        ("utm", {"dateRange": {"startDate": 2, "endDate": 1}}, ["dateRange: "]),
        ("utm", {"dateRange": {"startDate": 2}}, ["dateRange: "]),
        ("revenue", {"currency": "EUR"}, ["timezone: Required"]),
        ("revenue", {"currency": "EUR", "timezone": "Mars/Phobos"}, ["timezone: Invalid timezone"]),
        ("revenue", {"timezone": "UTC"}, ["currency: Required"]),
        (
            "revenue",
            {"currency": "EUR", "timezone": "UTC", "dateRange": {**RANGE, "unit": "week"}},
            ["dateRange: "],
        ),
        ("goals", {"goals": []}, ["goals: Array must contain at least 1 element(s)"]),
        ("goals", {"goals": [{"type": "page", "value": "/", "goal": 1}]}, ["goals: "]),
        ("goals", {"goals": [{"type": "event-data", "value": "x", "goal": 1}]}, ["goals: "]),
        (
            "goals",
            {"goals": [{"type": "event", "value": "x", "goal": 1, "operator": "median"}]},
            ["goals: "],
        ),
        ("insights", {"fields": [], "filters": []}, ["fields: Array must contain at least 1 element(s)"]),
        ("insights", {"fields": [{"name": "secret", "type": "s", "label": "s"}], "filters": []}, ["fields: "]),
        (
            "insights",
            {
                "fields": [{"name": "url", "type": "s", "label": "s"}],
                "filters": [{"name": "url", "type": "s", "operator": "re", "value": "x"}],
            },
            ["filters: "],
        ),
    ],
)
def test_form_a_says_what_is_wrong(site: Site, report: str, body: dict[str, Any], error: list[str]) -> None:
    assert site.first_error(report, **body) == error


def test_a_body_that_is_no_json_is_refused(site: Site) -> None:
    assert site.umami.ada.refused("post", "reports/utm", '{"goals":,}') == (400, [])
    status, _ = site.umami.ada.refused("post", "reports/utm", "[]")
    assert status == 400


@pytest.mark.parametrize(
    ("report", "body", "parameters", "field"),
    [
        ("utm", {"filters": ...}, {}, ("filters",)),
        ("utm", {"type": ...}, {}, ("type",)),
        ("utm", {"type": "insights"}, {}, ("type",)),
        ("utm", {"websiteId": "nonsense"}, {}, ("websiteId",)),
        ("utm", {"filters": {"match": "some"}}, {}, ("filters", "match")),
        ("utm", {}, {"startDate": "soon"}, ("parameters", "startDate")),
        ("breakdown", {}, {"fields": []}, ("parameters", "fields")),
        ("performance", {}, {"metric": "fid"}, ("parameters", "metric")),
        ("revenue", {}, {}, ("parameters", "currency")),
        ("revenue", {}, {"currency": "EUR", "unit": "week"}, ("parameters", "unit")),
        ("goal", {}, {"type": "path"}, ("parameters", "value")),
    ],
)
def test_form_b_says_what_is_wrong(
    site: Site, report: str, body: dict[str, Any], parameters: dict[str, Any], field: tuple[str, ...]
) -> None:
    error = site.second_error(report, body, **parameters)
    assert (error["message"], error["code"], error["status"]) == ("Bad request", "bad-request", 400)
    for name in field:
        error = error["properties"][name]
    assert error["errors"]
    assert all(isinstance(each, str) for each in error["errors"])


def test_a_pattern_that_is_none_is_refused(site: Site) -> None:
    status, _ = site.umami.ada.refused(
        "post",
        "reports/utm",
        {"websiteId": site.id, "type": "utm", "filters": {"path": "re.(["}, "parameters": RANGE},
    )
    assert status == 400


def test_more_filters_than_a_question_may_have_are_refused(site: Site) -> None:
    tests = [{"property": f"p{number}", "operator": "eq", "value": "x"} for number in range(20)]
    steps = [{"type": "event", "value": "buy", "filters": tests}] * 11
    (told,) = site.second_error("funnel", window=60, steps=steps)["properties"]["filters"]["errors"]
    assert "200 filters at most" in told


def test_form_b_wins_by_its_parameters_only_without_a_date_range(site: Site) -> None:
    assert site.first("utm", parameters={}) == site.first("utm")
    status, error = site.umami.ada.refused("post", "reports/performance", {"websiteId": site.id})
    assert (status, error["code"]) == (400, "bad-request")


def test_the_body_is_looked_at_before_who_asks(site: Site) -> None:
    nobody, body = site.umami.nobody, {"websiteId": site.id, "dateRange": RANGE}
    assert nobody.refused("post", "reports/utm", {})[0] == 400
    assert nobody.refused("post", "reports/utm", body) == (401, "Unauthorized")
    assert site.umami.bob.refused("post", "reports/utm", body) == (401, "Unauthorized")
    second = {"websiteId": site.id, "type": "utm", "filters": {}, "parameters": RANGE}
    assert nobody.refused("post", "reports/utm", second)[1]["code"] == "unauthorized"
    unknown = {**body, "websiteId": NOBODY}
    assert site.umami.ada.refused("post", "reports/utm", unknown) == (404, "Not found")


def test_a_share_link_reads_reports(site: Site) -> None:
    slug = site.umami.ada.post(f"websites/{site.id}/shares", name="All", parameters={})["slug"]
    guest = site.umami.shared(slug)
    body = {"websiteId": site.id, "dateRange": RANGE}
    assert guest.post("reports/utm", body) == site.first("utm")


@pytest.mark.parametrize("value", ["\0", "ü" * 600, "'; --", "a.b", '"'])
def test_strange_texts_find_nothing_and_break_nothing(site: Site, value: str) -> None:
    assert site.first("goals", goals=[{"type": "url", "value": value, "goal": 1}])[0]["result"] == 0
    assert site.second("goal", {"path": f"c.{value}x"}, type="event", value=value)["num"] == 0
