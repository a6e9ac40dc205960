"""Umami's reports on behaviour, key by key, on both engines: forms A and B, and the resources of 3.3."""

import json
from typing import Any

import pytest

from support.facts import did, ms, viewed
from support.statistics import Statistics, Website

BERLIN = "Europe/Berlin"


def ask(website: Website, report: str, body: dict[str, Any]) -> Any:
    """The answer to a report's body."""
    http = website.statistics.http("v3")
    return http.post(f"/reports/{report}", json=body, headers={"x-umami-api-key": website.statistics.key})


def first(website: Website, report: str, start: str, end: str, **fields: Any) -> Any:
    """Form A: both ends are included."""
    dates = {"startDate": ms(start), "endDate": ms(end), "unit": "day", "offset": 0, "num": 1, "value": "0week"}
    answer = ask(website, report, {"websiteId": str(website.project.uuid), "dateRange": dates, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()


def second(website: Website, report: str, start: str, end: str, filters: Any = None, **fields: Any) -> Any:
    """Form B."""
    parameters = {"startDate": ms(start), "endDate": ms(end), **fields}
    body = {"websiteId": website.project.id, "type": report, "filters": filters or {}, "parameters": parameters}
    answer = ask(website, report, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


DAY = ("2024-03-04", "2024-03-04T23:59:59.999")


# -- journey


@pytest.fixture(scope="module")
def ways(statistics: Statistics) -> Website:
    """Two visits go a, b; one stays on a; one goes on and on; one only sends an event."""
    website = statistics.website("ways")
    facts = website.facts()
    facts.visit("ann", "2024-03-04 10:00", "/a", "/b", marks=True)
    facts.visit("ann", "2024-03-04 12:00", "/a", "/b", country="DE")
    facts.visit("bob", "2024-03-04 10:00", "/a", "/a", "/a", "/a", "/a", "/late")
    facts.visit("cid", "2024-03-04 10:00", "/a", "/a", "/b", did("buy", path="/b"), "/d", "/e", "/f", "/g")
    facts.visit("dan", "2024-03-04 10:00", did("buy", path="/b"), country="DE")
    facts.visit("eve", "2024-03-04 10:00", "/a", "/b", "/b", "/b", "/b", country="DE")
    facts.visit("fay", "2024-03-04 23:59:55", "/x", "/tomorrow")
    return website.write(facts)


def test_journeys_show_equal_neighbours_once_and_the_end_as_null(ways: Website) -> None:
    assert first(ways, "journey", *DAY, steps=5) == [
        {"items": ["/a", "/b", None, None], "count": 2},
        {"items": ["/a", None], "count": 1},
        {"items": ["/a", "/b", "buy", "/d", None], "count": 1},
        {"items": ["/a", "/b", None], "count": 1},
        {"items": ["/x", None, None], "count": 1},
        {"items": ["buy", None, None], "count": 1},
    ]


def test_journeys_are_not_merged_where_they_look_alike(ways: Website) -> None:
    found = first(ways, "journey", *DAY, steps="3", startStep="/a")
    assert [(each["items"], each["count"]) for each in found] == [
        (["/a", "/b", None, None], 2),
        (["/a", None], 1),
        (["/a", "/b", None], 1),
        (["/a", "/b", None], 1),
    ]


def test_seven_steps_have_no_column_beyond(ways: Website) -> None:
    found = {tuple(each["items"]) for each in first(ways, "journey", *DAY, steps=7)}
    assert ("/a", "/b", None) in found
    assert ("/a", "/b", "buy", "/d", "/e", "/f") in found  # full: no null at the end
    assert ("buy", None) in found


def test_journeys_end_with_what_was_last_within_the_steps(ways: Website) -> None:
    found = first(ways, "journey", *DAY, steps=3, startStep="", endStep="/b")
    assert [each["count"] for each in found] == [2, 1, 1]
    assert first(ways, "journey", *DAY, steps=3, endStep="/late") == []


def test_journeys_of_form_b_take_filters_and_a_kind(ways: Website) -> None:
    german = {"country": "eq.DE"}
    assert second(ways, "journey", *DAY, german, steps=2) == [
        {"items": ["/a", "/b", None], "count": 2},
        {"items": ["buy", None, None], "count": 1},
    ]
    assert second(ways, "journey", *DAY, german, steps=2, eventType=2) == [
        {"items": ["buy", None, None], "count": 1}
    ]


def test_filters_of_form_b_may_be_of_a_kind_of_event(ways: Website) -> None:
    # seven visits of 4 March, two of them with an order; six people, of whom five saw /a or /x
    for kind in (2, "2"):
        assert second(ways, "journey", *DAY, {"eventType": kind}, steps=2) == [
            {"items": ["buy", None, None], "count": 2}
        ]
        assert second(ways, "goal", *DAY, {"eventType": kind}, type="event", value="buy") == {"num": 2, "total": 2}
    assert second(ways, "goal", *DAY, {"eventType": 1}, type="event", value="buy") == {"num": 0, "total": 5}
    body = {"websiteId": ways.project.id, "type": "utm", "filters": {"eventType": 9}, "parameters": {}}
    refused = ask(ways, "utm", body | {"parameters": {"startDate": ms(DAY[0]), "endDate": ms(DAY[1])}})
    assert (refused.status_code, list(refused.json()["error"]["properties"])) == (400, ["eventType"])


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["/late", "/d"], ["/d", "/late"]),
        (["eq./late", "/d"], ["/d", "/late"]),
        (["/late"], ["/late"]),
        (["neq./a", "/b", "/d", "/e"], ["/f", "/g", "/late", "/x"]),
        ([], ["/a", "/b", "/d", "/e", "/f", "/g", "/late", "/x"]),
    ],
)
def test_a_filter_of_form_b_may_be_a_list(ways: Website, paths: list[str], found: list[str]) -> None:
    rows = second(ways, "breakdown", *DAY, {"path": paths}, fields=["path"])
    assert sorted(each["path"] for each in rows) == found


def test_a_filter_of_form_b_is_no_list_of_lists(ways: Website) -> None:
    span = {"startDate": ms(DAY[0]), "endDate": ms(DAY[1])}
    body = {"websiteId": ways.project.id, "type": "utm", "filters": {"path": [["/a"]]}, "parameters": span}
    refused = ask(ways, "utm", body)
    assert (refused.status_code, list(refused.json()["error"]["properties"])) == (400, ["path"])


def test_a_reset_does_not_cut_journeys(statistics: Statistics) -> None:
    website = statistics.website("reset-ways")
    website.write(website.facts().visit("ann", "2024-03-04 10:00", "/a", "/b"))
    website.reset("2024-03-04 10:00:05")
    assert second(website, "journey", *DAY, steps=2) == [{"items": ["/a", "/b", None], "count": 1}]


# -- retention


@pytest.fixture(scope="module")
def spring(statistics: Statistics) -> Website:
    """Around 31 March 2024, when Berlin's clocks go forward."""
    website = statistics.website("spring")
    facts = website.facts()
    facts.visit("ann", "2024-03-30 23:30+01:00", "/")
    facts.visit("ann", "2024-03-31 00:10+01:00", "/")
    facts.visit("ann", "2024-04-01 00:05+02:00", "/", did("buy"))
    facts.visit("bob", "2024-03-30 12:00+01:00", "/", country="DE")
    facts.visit("bob", "2024-03-30 13:00+01:00", "/", country="DE")
    facts.visit("cid", "2024-03-31 23:59:59+02:00", "/", 2, "/b")
    return website.write(facts)


SPRING = ("2024-03-30 00:00+01:00", "2024-04-01 23:59:59.999+02:00")


def row(date: str, day: int, visitors: int, back: int, percentage: float) -> dict[str, Any]:
    return {"date": date, "day": day, "visitors": visitors, "returnVisitors": back, "percentage": percentage}


def test_retention_counts_local_days_over_a_change_of_the_clock(spring: Website) -> None:
    assert first(spring, "retention", *SPRING, timezone=BERLIN) == [
        row("2024-03-29T23:00:00Z", 0, 2, 2, 100),
        row("2024-03-29T23:00:00Z", 1, 2, 1, 50),
        row("2024-03-29T23:00:00Z", 2, 2, 1, 50),
        row("2024-03-30T23:00:00Z", 0, 1, 1, 100),
        row("2024-03-30T23:00:00Z", 1, 1, 1, 100),  # over midnight
    ]


def test_retention_of_form_b_is_in_utc_by_default_and_filtered(spring: Website) -> None:
    span = ("2024-03-30", "2024-04-01T23:59:59.999")
    assert second(spring, "retention", *span)[:2] == [
        row("2024-03-30T00:00:00Z", 0, 2, 2, 100),
        row("2024-03-30T00:00:00Z", 1, 2, 1, 50),
    ]
    assert second(spring, "retention", *span, {"country": "DE"}) == [row("2024-03-30T00:00:00Z", 0, 1, 1, 100)]
    assert second(spring, "retention", *span, {"event": "buy"}, timezone=BERLIN) == [
        row("2024-03-31T22:00:00Z", 0, 1, 1, 100)
    ]


def test_the_hour_that_comes_twice_is_of_one_day(statistics: Statistics) -> None:
    website = statistics.website("autumn")
    facts = website.facts()
    facts.visit("ann", "2024-10-27 02:30+02:00", "/").visit("ann", "2024-10-27 02:30+01:00", "/")
    facts.visit("ann", "2024-10-28 00:00+01:00", "/")
    website.write(facts)
    span = ("2024-10-27 00:00+02:00", "2024-10-28 00:00+01:00")  # the end is included
    assert first(website, "retention", *span, timezone=BERLIN) == [
        row("2024-10-26T22:00:00Z", 0, 1, 1, 100),
        row("2024-10-26T22:00:00Z", 1, 1, 1, 100),
    ]


def test_retention_ends_on_the_31st_day_and_ranges_may_be_long(statistics: Statistics) -> None:
    website = statistics.website("long")
    facts = website.facts()
    facts.visit("ann", "2022-01-01 10:00", "/").visit("ann", "2022-02-01 10:00", "/")
    facts.visit("ann", "2022-02-02 10:00", "/").visit("bob", "2022-01-01 10:00", "/").visit(
        "cid", "2022-01-01", "/"
    )
    website.write(facts)
    expected = [row("2022-01-01T00:00:00Z", 0, 3, 3, 100), row("2022-01-01T00:00:00Z", 31, 3, 1, 100 / 3)]
    assert first(website, "retention", "2022-01-01", "2024-03-01", timezone="UTC") == expected
    assert first(website, "retention", "1970-01-01", "2090-01-01", timezone="UTC") == expected
    # One visitor whose clock was wrong is no reason to tell nothing of all time.
    website.write(website.facts().visit("dan", "1970-06-01 10:00", "/"))
    expected.insert(0, row("1970-06-01T00:00:00Z", 0, 1, 1, 100))
    assert first(website, "retention", "1970-01-01", "2090-01-01", timezone="UTC") == expected
    assert website.get("retention", startAt=0, endAt=1) == expected


def test_an_empty_site_has_no_cohorts(statistics: Statistics) -> None:
    website = statistics.website("empty")
    assert first(website, "retention", *DAY, timezone=BERLIN) == []
    assert first(website, "retention", "1970-01-01", "2090-01-01", timezone=BERLIN) == []
    assert first(website, "journey", *DAY, steps=3) == []


# -- funnel


def urls(*paths: str, **more: Any) -> list[dict[str, Any]]:
    return [{"type": "url", "value": path, **more} for path in paths]


@pytest.fixture(scope="module")
def path_through(statistics: Statistics) -> Website:
    """Ann buys, Bob takes his time, Cid looks, Dan comes back to buy, Eve sends an event on a page."""
    website = statistics.website("through")
    facts = website.facts()
    facts.visit(
        "ann", "2024-03-04 10:00", "/", 60, "/cart", 60, did("buy", {"plan": "Pro", "seats": "10"}), marks=True
    )
    facts.visit("bob", "2024-03-04 10:00", "/", 600, "/cart", 600, did("buy", {"plan": "free"}), country="DE")
    facts.visit("cid", "2024-03-04 10:00", "/", 60, "/blog/a", country="DE")
    facts.visit("dan", "2024-03-04 10:00", "/", 60, "/").visit("dan", "2024-03-04 10:20", "/cart")
    facts.visit("eve", "2024-03-04 10:00", did("open", path="/"), 60, did("open", path="/cart"))
    return website.write(facts)


def reached(found: list[dict[str, Any]]) -> list[int]:
    return [each["visitors"] for each in found]


def test_a_funnel_says_each_step_with_its_numbers(path_through: Website) -> None:
    steps = [*urls("/", "/cart"), {"type": "event", "value": "buy", "unknown": 1}]
    assert first(path_through, "funnel", *DAY, window=60, steps=steps) == [
        {
            "type": "url",
            "value": "/",
            "visitors": 5,
            "previous": 0,
            "dropped": 0,
            "dropoff": None,
            "remaining": 1,
        },
        {
            "type": "url",
            "value": "/cart",
            "visitors": 4,
            "previous": 5,
            "dropped": 1,
            "dropoff": 1 - 4 / 5,
            "remaining": 0.8,
        },
        {
            "type": "event",
            "value": "buy",
            "visitors": 2,
            "previous": 4,
            "dropped": 2,
            "dropoff": 0.5,
            "remaining": 0.4,
        },
    ]


def test_a_funnel_that_nobody_began_has_nulls(path_through: Website) -> None:
    found = first(path_through, "funnel", *DAY, window=60, steps=urls("/nothing", "/"))
    assert [(each["dropped"], each["dropoff"], each["remaining"]) for each in found] == [(0, None, None)] * 2


def test_a_funnels_window_is_from_step_to_step_in_minutes(path_through: Website) -> None:
    steps = [*urls("/", "/cart"), {"type": "event", "value": "buy"}]
    # bob takes ten minutes for each step, dan nineteen from his second page
    assert reached(first(path_through, "funnel", *DAY, window="10", steps=steps)) == [5, 3, 2]
    assert reached(first(path_through, "funnel", *DAY, window=19, steps=steps)) == [5, 4, 2]
    assert reached(first(path_through, "funnel", *DAY, window=9.99, steps=steps)) == [5, 2, 1]
    assert reached(first(path_through, "funnel", *DAY, window=1e15, steps=steps)) == [5, 4, 2]


def test_two_equal_steps_may_be_one_event(path_through: Website) -> None:
    assert reached(first(path_through, "funnel", *DAY, window=60, steps=urls("/", "/"))) == [5, 5]


def test_later_steps_stop_at_the_end_which_is_included(path_through: Website) -> None:
    steps = urls("/", "/cart")
    assert reached(
        first(path_through, "funnel", "2024-03-04 10:00", "2024-03-04 10:10", window=60, steps=steps)
    ) == [
        5,
        3,
    ]
    end = "2024-03-04 10:09:59.999"
    assert reached(first(path_through, "funnel", "2024-03-04 10:00", end, window=60, steps=steps)) == [5, 2]
    # a session's marks, which stand a moment beside its first event, are on no path
    assert reached(
        first(path_through, "funnel", "2024-03-04 09:59", "2024-03-04 09:59:59.999", window=1, steps=steps)
    ) == [
        0,
        0,
    ]


def test_stars_stand_for_anything_at_the_ends_only(path_through: Website) -> None:
    for pattern, visitors in (
        ("/blog/*", 1),
        ("*art", 4),
        ("*lo*", 1),
        ("*", 5),
        ("/c*t", 0),
        ("/c%", 0),
        ("/CART", 0),
    ):
        assert reached(first(path_through, "funnel", *DAY, window=60, steps=urls("/", pattern)))[1] == visitors
    events = [{"type": "event", "value": value} for value in ("*", "b*")]
    assert reached(first(path_through, "funnel", *DAY, window=60, steps=events)) == [3, 2]


def test_a_step_of_form_b_tests_the_events_properties(path_through: Website) -> None:
    def buyers(operator: str, property: str, value: str) -> int:
        filters = [{"property": property, "operator": operator, "value": value}]
        steps = [{"type": "path", "value": "/"}, {"type": "event", "value": "buy", "filters": filters}]
        found = second(path_through, "funnel", *DAY, window=60, steps=steps)
        assert found[1]["filters"] == filters
        return int(found[1]["visitors"])

    assert buyers("eq", "plan", "Pro") == 1
    assert buyers("neq", "plan", "Pro") == 1
    assert buyers("c", "plan", "PR") == 1
    assert buyers("dnc", "plan", "r") == 0
    assert buyers("eq", "seats", "10") == 1
    assert buyers("neq", "seats", "11") == 1  # who has none does not pass


def test_filters_of_form_b_are_of_the_first_step(path_through: Website) -> None:
    steps = [{"type": "path", "value": "/"}, {"type": "event", "value": "buy"}]
    assert reached(second(path_through, "funnel", *DAY, {"country": "DE"}, window=60, steps=steps)) == [2, 1]
    assert reached(second(path_through, "funnel", *DAY, {"path": "/cart"}, window=60, steps=steps)) == [0, 0]


# -- goals


def test_a_sum_is_of_numbers_and_not_of_texts_that_look_like_them(statistics: Statistics) -> None:
    website = statistics.website("prices")
    facts = website.facts()
    facts.visit(
        "ann",
        "2024-03-04 10:00",
        did("buy", {"price": "10", "size": "38"}),
        did("buy", {"price": "2.5", "size": "40", "__strings": "\nsize\n"}),
        did("buy", {"price": "1000", "__strings": "\nprice\n"}),
    )
    website.write(facts)

    def result(property: str, operator: str) -> Any:
        goal = {"type": "event-data", "value": "buy", "goal": 1, "operator": operator, "property": property}
        return first(website, "goals", *DAY, goals=[goal])[0]["result"]

    assert [result("price", each) for each in ("sum", "average", "count")] == [12.5, 6.25, 3]
    assert [result("size", each) for each in ("sum", "average", "count")] == [38, 38, 2]


def test_a_sum_of_cents_has_no_binary_remainder(statistics: Statistics) -> None:
    website = statistics.website("cents")
    website.write(
        website.facts().visit("ann", "2024-03-04 10:00", *(did("buy", {"p": each}) for each in ["0.1", "0.2"]))
    )
    goal = {"type": "event-data", "value": "buy", "goal": 1, "operator": "sum", "property": "p"}
    assert first(website, "goals", *DAY, goals=[goal])[0]["result"] == 0.3


# -- attribution


@pytest.fixture(scope="module")
def sources(statistics: Statistics) -> Website:
    """Ann comes by an ad and buys later by a letter; Bob buys at once; Cid comes from the site itself."""
    website = statistics.website("sources")
    facts = website.facts()
    ad = viewed(
        "/", properties={"__query.gclid": "1", "__query.utm_source": "google"}, referrer="https://www.google.com"
    )
    letter = viewed("/offer", properties={"__query.utm_medium": "email", "__query.utm_campaign": "may"})
    own = viewed("/", referrer="https://www.shop.example/a")
    money = {"revenue": 1999, "currency": "EUR", "path": "/offer"}
    facts.visit("ann", "2024-03-04 10:00", ad, "/b")
    facts.visit("ann", "2024-03-04 15:00", letter, did("buy", **money), did("buy", path="/offer"))
    facts.visit("bob", "2024-03-04 10:00", did("buy", path="/", referrer="https://bing.com/x"), country="DE")
    facts.visit("cid", "2024-03-04 10:00", own, did("buy", **{**money, "revenue": 1}), country="DE")
    return website.write(facts)


EMPTY = {"utm_source": [], "utm_medium": [], "utm_campaign": [], "utm_content": [], "utm_term": []}


def test_attribution_to_the_first_click(sources: Website) -> None:
    steps = [{"type": "event", "value": "buy"}, {"type": "url", "value": "/ignored"}]
    assert first(sources, "attribution", *DAY, model="firstClick", steps=steps) == {
        **EMPTY,
        "referrer": [{"name": "bing.com", "value": 1}, {"name": "google.com", "value": 1}],
        "paidAds": [{"name": "Google Ads", "value": 1}],
        "utm_source": [{"name": "google", "value": 1}],
        "total": {"pageviews": 4, "visitors": 3, "visits": 3},
    }


def test_only_the_exact_words_are_the_first_click(sources: Website) -> None:
    steps = [{"type": "url", "value": "/offer"}]
    last = {
        **EMPTY,
        "referrer": [],
        "paidAds": [],
        "total": {"pageviews": 1, "visitors": 1, "visits": 1},
    }
    # ann's last event before the offer is a page that nobody sent
    for model in ("lastClick", "last-click", "FIRSTCLICK", "xlastClick"):
        assert first(sources, "attribution", *DAY, model=model, steps=steps) == last
    for model in ("firstClick", "first-click"):
        assert first(sources, "attribution", *DAY, model=model, steps=steps)["paidAds"] != []


def test_attribution_of_money(sources: Website) -> None:
    fields = {"model": "first-click", "type": "event", "step": "buy", "currency": "eur"}
    found = second(sources, "attribution", *DAY, **fields)
    assert found["referrer"] == [{"name": "google.com", "value": 19.99}, {"name": "shop.example", "value": 0.01}]
    assert found["utm_medium"] == [{"name": "", "value": 20}]
    assert found["paidAds"] == [{"name": "Google Ads", "value": 19.99}, {"name": "", "value": 0.01}]
    assert found["total"] == {"pageviews": 4, "visitors": 3, "visits": 3}
    last = first(
        sources, "attribution", *DAY, model="lastClick", steps=[{"type": "url", "value": "/offer"}], currency="EUR"
    )
    # cid earned his cent on that path too
    assert last["utm_campaign"] == [{"name": "may", "value": 19.99}, {"name": "", "value": 0.01}]
    assert last["referrer"] == [{"name": "", "value": 19.99}, {"name": "shop.example", "value": 0.01}]


def test_form_a_attributes_the_money_that_its_revenue_report_counts(statistics: Statistics) -> None:
    website = statistics.website("money-in-data")
    facts = website.facts()
    ad = viewed("/", properties={"__query.gclid": "1"})
    mail = viewed("/", properties={"__query.utm_source": "mail"})
    # 5.50, and 2 and 3 in two amounts; a refund; yen by their hundredths; a page view that earned without data
    tip = {"revenue": "2", "tip_revenue": "3", "currency": "usd"}
    facts.visit(
        "ann", "2024-03-04 10:00", ad, did("buy", {"order_revenue": "5.50", "my_currency": "usd"}), did("buy", tip)
    )
    facts.visit("bob", "2024-03-04 10:00", mail, did("buy", {"revenue": "-1", "currency": "usd"}))
    facts.visit("cid", "2024-03-04 10:00", mail, did("buy", {"revenue": "100.25", "currency": "JPY"}))
    facts.visit("dan", "2024-03-04 10:00", ad, viewed("/paid", revenue=500, currency="JPY"))
    website.write(facts)

    def money(model: str, currency: str, type: str = "event", value: str = "buy") -> dict[str, Any]:
        steps = [{"type": type, "value": value}]
        found = first(website, "attribution", *DAY, model=model, steps=steps, currency=currency)
        return {name: {each["name"]: each["value"] for each in found[name]} for name in ("paidAds", "utm_source")}

    assert first(website, "revenue", *DAY, timezone="UTC", currency="usd")["total"]["sum"] == 9.5
    assert money("firstClick", "usd") == {
        "paidAds": {"Google Ads": 10.5, "": -1},
        "utm_source": {"": 10.5, "mail": -1},
    }
    # ann's latest event before her last order is the order before it
    assert money("lastClick", "usd") == {"paidAds": {"": 9.5}, "utm_source": {"": 10.5, "mail": -1}}
    assert money("firstClick", "USD") == {"paidAds": {}, "utm_source": {}}
    assert money("firstClick", "JPY")["utm_source"] == {"mail": 100.25}
    assert money("firstClick", "JPY", "url", "/paid")["paidAds"] == {"Google Ads": 500}
    total = first(
        website, "attribution", *DAY, model="firstClick", steps=[{"type": "event", "value": "buy"}], currency="usd"
    )["total"]
    assert total == {"pageviews": 4, "visitors": 3, "visits": 3}
    # form B counts as Umami does since 2.19, by the columns
    fields = {"model": "first-click", "type": "event", "step": "buy", "currency": "usd"}
    assert second(website, "attribution", *DAY, **fields)["paidAds"] == []


def test_filters_of_form_b_choose_the_conversions(sources: Website) -> None:
    fields = {"model": "first-click", "type": "event", "step": "buy"}
    found = second(sources, "attribution", *DAY, {"country": "DE"}, **fields)
    assert found["referrer"] == [{"name": "bing.com", "value": 1}]
    assert found["total"] == {"pageviews": 2, "visitors": 2, "visits": 2}


# -- resources of 3.3


def test_resources_answer_as_the_reports_do(
    ways: Website, spring: Website, path_through: Website, sources: Website
) -> None:
    assert ways.get("journeys", *DAY, steps=5) == first(ways, "journey", *DAY, steps=5)
    assert ways.get("journeys", *DAY, steps=2, country="DE", endStep="/b")[0]["count"] == 2
    assert spring.get("retention", *SPRING, timezone=BERLIN) == first(
        spring, "retention", *SPRING, timezone=BERLIN
    )
    steps = urls("/", "/cart")
    found = path_through.get("funnels/stats", *DAY, window=60, steps=json.dumps(steps))
    assert found == first(path_through, "funnel", *DAY, window=60, steps=steps)
    fields = {"model": "first-click", "type": "event", "step": "buy"}
    assert sources.get("attribution", *DAY, **fields) == second(sources, "attribution", *DAY, **fields)


def test_resources_refuse_what_they_cant_read(ways: Website) -> None:
    for path, query in (
        ("journeys", {"steps": 8}),
        ("journeys", {}),
        ("funnels/stats", {"window": 60, "steps": "[{"}),
        ("funnels/stats", {"window": 0, "steps": json.dumps(urls("/", "/"))}),
        ("attribution", {"model": "middle", "type": "event", "step": "x"}),
        ("retention", {"timezone": "Europe/Atlantis"}),
    ):
        assert ways.refused(path, *DAY, **query)[0] == 400, path
    assert ways.refused("retention")[0] == 400


# -- what is refused


@pytest.mark.parametrize(
    ("report", "fields", "error"),
    [
        ("journey", {"steps": 2}, "steps: Number must be greater than or equal to 3"),
        ("journey", {"steps": 8}, "steps: Number must be less than or equal to 7"),
        ("journey", {"steps": "many"}, "steps: Expected number, received nan"),
        ("journey", {}, "steps: Expected number, received nan"),
        ("retention", {}, "timezone: Required"),
        ("retention", {"timezone": "Europe/Atlantis"}, "timezone: Invalid timezone"),
        ("funnel", {"window": 60, "steps": urls("/")}, "steps: Array must contain at least 2 element(s)"),
        ("funnel", {"window": 0, "steps": urls("/", "/")}, "window: Number must be greater than 0"),
        ("funnel", {"window": 60, "steps": [{"type": "url"}, {}]}, "steps: "),
        ("attribution", {"model": "middle", "steps": urls("/")}, "model: Invalid"),
        (
            "attribution",
            {"model": "firstClick", "steps": []},
            "steps: Array must contain at least 1 element(s)",
        ),
    ],
)
def test_bad_bodies_of_form_a_say_what_is_wrong(ways: Website, report: str, fields: Any, error: str) -> None:
    body = {"websiteId": ways.project.id, "dateRange": {"startDate": 0, "endDate": 1}, **fields}
    answer = ask(ways, report, body)
    assert (answer.status_code, answer.json()) == (400, {"error": [error]})


def test_hostile_texts_are_only_texts(ways: Website) -> None:
    for text in ("'; DROP TABLE events; --", "\u0000", "ä💡", "*" * 50, "x" * 10_000, "$v1", "%"):
        steps = [{"type": "url", "value": text}, {"type": "event", "value": text}]
        assert first(ways, "attribution", *DAY, model="lastClick", steps=steps)["total"]["visitors"] == 0
        assert len(first(ways, "funnel", *DAY, window=1, steps=steps)) == 2
        assert first(ways, "journey", *DAY, steps=3, startStep=f"{text}x") == []
