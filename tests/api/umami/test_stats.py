"""Umami's headline numbers, charts and lists, by hand, on both engines."""

import pytest

from support.facts import did, viewed
from support.statistics import Statistics, Website

DAY = ("2024-03-04", "2024-03-04T23:59:59.999")
GOOGLE = {"referrer": "https://www.google.com/search", "referrer_type": "search"}


@pytest.fixture(scope="module")
def shop(statistics: Statistics) -> Website:
    """Ann looks around for 90.5 seconds and buys, Bob bounces, Ann comes back to one page, Cid was there before."""
    website = statistics.website("shop")
    facts = website.facts()
    bought = did("Buy", {"plan": "pro"})
    ann = {"country": "DE", "browser": "Chrome", "city": "Berlin", "region": "Berlin"}
    facts.visit("ann", "2024-03-04 10:00", viewed("/", "Home"), 90, viewed("/buy"), 60, bought, **ann)
    facts.visit("bob", "2024-03-04 10:30", viewed("/", "Home", {"__language": "en-GB"}), country="GB", **GOOGLE)
    facts.visit("ann", "2024-03-04 15:00", viewed("/buy", "", {"__search": "a=1"}), **ann)
    facts.visit("cid", "2024-03-03 10:00", "/", 30, "/buy", country="GB")
    return website.write(facts)


def test_the_headline_numbers_are_of_page_views(shop: Website) -> None:
    assert shop.get("stats", *DAY) == {
        "pageviews": 4,
        "visitors": 2,
        "visits": 3,
        "bounces": 2,
        "totaltime": 90,
        "comparison": {"pageviews": 2, "visitors": 1, "visits": 1, "bounces": 0, "totaltime": 30},
    }


def test_generation_2_puts_each_number_beside_the_one_before(shop: Website) -> None:
    assert shop.v2.get("stats", *DAY) == {
        "pageviews": {"value": 4, "prev": 2},
        "visitors": {"value": 2, "prev": 1},
        "visits": {"value": 3, "prev": 1},
        "bounces": {"value": 2, "prev": 0},
        "totaltime": {"value": 90, "prev": 30},
    }


def test_a_range_includes_both_ends_and_cuts_visits(shop: Website) -> None:
    found = shop.get("stats", "2024-03-04 10:00", "2024-03-04 10:01:30.500")
    assert (found["pageviews"], found["bounces"], found["totaltime"]) == (2, 0, 90)
    found = shop.get("stats", "2024-03-04 10:00:00.001", "2024-03-04 10:01:30.500")
    assert (found["pageviews"], found["bounces"], found["totaltime"]) == (1, 1, 0)


def test_the_range_before_is_back_by_whole_minutes(shop: Website) -> None:
    # 1439 of them: from 10:01 on the third to 10:00:59.999 on the fourth, so Ann's first view is in both.
    found = shop.get("stats", "2024-03-04 10:00", "2024-03-05 09:59:59.999")
    assert found["comparison"]["pageviews"] == 1
    found = shop.get("stats", "2024-03-04 09:59", "2024-03-05 09:58:59.999")
    assert found["comparison"]["pageviews"] == 2


def test_a_year_before(shop: Website) -> None:
    found = shop.get("stats", "2025-03-03", "2025-03-03T23:59:59", compare="yoy")
    assert (found["pageviews"], found["comparison"]["pageviews"]) == (0, 2)


def test_what_was_before_a_reset_does_not_count(statistics: Statistics) -> None:
    website = statistics.website("reset")
    website.write(website.facts().visit("ann", "2024-03-04 10:00", "/", 60, "/buy"))
    website.reset("2024-03-04 10:00:30")
    assert website.get("stats", *DAY)["pageviews"] == 1
    assert website.get("daterange")["startDate"] == "2024-03-04T10:01:00.000Z"
    assert website.get("stats", "2024-03-01", "2024-03-02")["pageviews"] == 0


@pytest.mark.parametrize(
    ("filters", "pageviews"),
    [
        ({"url": "/"}, 2),
        ({"path": "eq./"}, 2),
        ({"path": "eq./,/buy"}, 4),
        ({"path": "neq./"}, 2),
        ({"url": "!/"}, 2),
        ({"url": "~BU"}, 2),
        ({"path": "c.BU"}, 2),
        ({"url": "!~BU"}, 2),
        ({"path": "re.^/B"}, 2),
        ({"path": "nre.^/B"}, 2),
        ({"country": "DE"}, 3),
        ({"country": "DE", "url": "/"}, 1),
        ({"country": "GB", "url": "/buy"}, 0),
        ({"country": "GB", "url": "/buy", "match": "any"}, 3),
        ({"country1": "neq.DE"}, 1),
        ({"browser": "neq.Firefox"}, 3),  # Bob's is not known, so no condition holds
        ({"title": "Home"}, 2),
        ({"title": "dnc.x"}, 2),
        ({"referrer": "google.com"}, 1),
        ({"host": "shop.example"}, 4),
        ({"hostname": "neq.shop.example"}, 0),
        ({"language": "en"}, 1),
        ({"language": "en-GB"}, 1),
        ({"query": "a=1"}, 1),
        ({"event": "Buy"}, 0),
        ({"eventType": 2}, 0),
        ({"eventType": 1}, 4),
        ({"excludeBounce": "true"}, 2),
        ({"unknown": "x"}, 4),
        ({"url": ""}, 4),
    ],
)
def test_filters_of_both_generations(shop: Website, filters: dict[str, str], pageviews: int) -> None:
    assert shop.get("stats", *DAY, **filters)["pageviews"] == pageviews


def test_a_list_needs_no_operator_in_generation_3(shop: Website) -> None:
    assert shop.get("stats", *DAY, country="DE,GB")["pageviews"] == 4
    assert shop.get("stats", *DAY, country="FR,GB")["pageviews"] == 1
    assert shop.v2.get("stats", *DAY, country="DE,GB")["pageviews"] == {"value": 0, "prev": 0}


def test_a_title_with_a_comma_is_found_as_a_whole(statistics: Statistics) -> None:
    website = statistics.website("commas")
    website.write(
        website.facts().visit("ann", "2024-03-04 10:00", viewed("/", "Hello, World"), viewed("/b", "Hi"))
    )
    for each in (website, website.v2):
        assert each.get("metrics", *DAY, type="path", title="Hello, World") == [{"x": "/", "y": 1}]


def test_saved_segments_and_cohorts(shop: Website) -> None:
    segments = shop.statistics.catalog.saved.segments
    german = {"filters": [{"name": "country", "operator": "eq", "value": "DE"}]}
    segment = segments.create(shop.project.id, {"type": "segment", "name": "German", "parameters": german})
    assert shop.get("stats", *DAY, segment=segment.id)["pageviews"] == 3
    bought = {
        "action": {"type": "event", "value": "Buy"},
        "dateRange": {"startDate": 1709510400000, "endDate": DAY[1]},
    }
    cohort = segments.create(shop.project.id, {"type": "cohort", "name": "Buyers", "parameters": bought})
    assert shop.get("stats", *DAY, cohort=cohort.id)["visitors"] == 1
    viewed_before = {"action": {"type": "path", "value": "/"}, "dateRange": {"value": "30day"}, "filters": []}
    cohort = segments.create(shop.project.id, {"type": "cohort", "name": "Old", "parameters": viewed_before})
    assert shop.get("stats", *DAY, cohort=cohort.id)["visitors"] == 2
    broken = segments.create(shop.project.id, {"type": "cohort", "name": "Broken", "parameters": {"filters": 1}})
    assert shop.refused("stats", *DAY, cohort=broken.id)[0] == 400
    other = shop.statistics.website("elsewhere")
    assert other.refused("stats", *DAY, segment=segment.id)[0] == 404


def test_a_saved_segment_joins_its_filters_as_it_says(shop: Website) -> None:
    def saved(match: str, *filters: tuple[str, str]) -> str:
        rows = [{"name": name, "operator": "eq", "value": value} for name, value in filters]
        fields = {"type": "segment", "name": match, "parameters": {"filters": rows, "match": match}}
        return shop.statistics.catalog.saved.segments.create(shop.project.id, fields).id

    some, both = (
        saved("any", ("country", "GB"), ("path", "/buy")),
        saved("all", ("country", "DE"), ("path", "/buy")),
    )
    assert shop.get("stats", *DAY, segment=some)["pageviews"] == 3
    assert shop.get("stats", *DAY, segment=some, path="/buy")["pageviews"] == 2
    assert shop.get("stats", *DAY, segment=both)["pageviews"] == 2
    assert shop.get("stats", *DAY, segment=both, referrer="google.com", match="any")["pageviews"] == 3


def test_a_cohort_joins_its_filters_as_it_says(shop: Website) -> None:
    countries = [{"name": "country", "operator": "eq", "value": value} for value in ("GB", "FR")]
    for match, pageviews in (("any", 1), ("all", 0)):
        home = {"action": {"type": "path", "value": "/"}, "dateRange": {"value": "30day"}, "filters": countries}
        fields = {"type": "cohort", "name": match, "parameters": {**home, "match": match}}
        cohort = shop.statistics.catalog.saved.segments.create(shop.project.id, fields)
        assert shop.get("stats", *DAY, cohort=cohort.id)["pageviews"] == pageviews


def test_all_time_is_from_the_first_event_until_now(shop: Website) -> None:
    assert shop.get("stats", startAt=0, endAt=1)["pageviews"] == 6
    assert shop.get("pageviews", startAt=0, endAt=1)["pageviews"][0] == {"x": "2024-03-03T10:00:00Z", "y": 2}


def test_a_chart_has_the_buckets_that_have_page_views(shop: Website) -> None:
    assert shop.get("pageviews", *DAY, unit="hour") == {
        "pageviews": [{"x": "2024-03-04T10:00:00Z", "y": 3}, {"x": "2024-03-04T15:00:00Z", "y": 1}],
        "sessions": [{"x": "2024-03-04T10:00:00Z", "y": 2}, {"x": "2024-03-04T15:00:00Z", "y": 1}],
    }


def test_a_chart_beside_the_one_before(shop: Website) -> None:
    found = shop.get("pageviews", *DAY, unit="day", compare="prev")
    assert found == {
        "pageviews": [{"x": "2024-03-04T00:00:00Z", "y": 4}],
        "sessions": [{"x": "2024-03-04T00:00:00Z", "y": 2}],
        "startDate": "2024-03-04T00:00:00.000Z",
        "endDate": "2024-03-04T23:59:59.999Z",
        "compare": {
            "pageviews": [{"x": "2024-03-03T00:00:00Z", "y": 2}],
            "sessions": [{"x": "2024-03-03T00:00:00Z", "y": 1}],
            "startDate": "2024-03-03T00:01:00.000Z",
            "endDate": "2024-03-04T00:00:59.999Z",
        },
    }


@pytest.mark.parametrize(
    ("unit", "start", "end", "bucket"),
    [
        ("day", *DAY, "2024-03-03T23:00:00Z"),
        ("month", *DAY, "2024-02-29T23:00:00Z"),
        ("year", *DAY, "2023-12-31T23:00:00Z"),
        ("minute", "2024-03-04 15:00", "2024-03-04 15:59", "2024-03-04T15:00:00Z"),
        ("minute", "2024-03-04 12:00", "2024-03-04 15:59", "2024-03-04T15:00:00Z"),  # too fine: hours
        ("hour", "2024-02-20", "2024-04-20", "2024-03-02T23:00:00Z"),  # too fine: days
        (None, "2023-03-01", "2024-05-01", "2024-02-29T23:00:00Z"),
        (None, "2020-03-01", "2024-05-01", "2023-12-31T23:00:00Z"),
    ],
)
def test_buckets_are_local_and_never_too_fine(
    shop: Website, unit: str | None, start: str, end: str, bucket: str
) -> None:
    query = {"unit": unit} if unit else {}
    found = shop.get("pageviews", start, end, timezone="Europe/Berlin", **query)
    assert found["pageviews"][0]["x"] == bucket


@pytest.mark.parametrize(
    ("timezone", "bucket"),
    [("utc", "04T00:00:00"), ("europe/berlin", "03T23:00:00"), ("ASIA/KOLKATA", "03T18:30:00")],
)
def test_a_time_zone_is_known_in_any_case(shop: Website, timezone: str, bucket: str) -> None:
    found = shop.get("pageviews", *DAY, timezone=timezone, unit="day")
    assert found["pageviews"][0] == {"x": f"2024-03-{bucket}Z", "y": 4}


def test_two_days_are_hours_and_a_week_is_days_in_generation_2(shop: Website) -> None:
    week = ("2024-03-01", "2024-03-08")
    assert shop.get("pageviews", *week)["pageviews"][0]["x"] == "2024-03-03T10:00:00Z"
    assert shop.v2.get("pageviews", *week)["pageviews"][0]["x"] == "2024-03-03T00:00:00Z"


def test_the_day_that_the_clock_goes_back_in_berlin(statistics: Statistics) -> None:
    website = statistics.website("clock")
    facts = website.facts()
    for at in ("00:30", "01:30", "02:30"):
        facts.visit("ann", f"2024-10-27 {at}", "/")
    facts.visit("ann", "2024-10-26 22:00", "/").visit("ann", "2024-10-27 22:59:59.999", "/")
    website.write(facts)
    span = ("2024-10-26 22:00", "2024-10-27 22:59:59.999")
    found = website.get("pageviews", *span, timezone="Europe/Berlin", unit="hour")["pageviews"]
    assert [row["x"][8:16] for row in found] == ["26T22:00", "27T00:00", "27T01:00", "27T02:00", "27T22:00"]
    found = website.get("pageviews", *span, timezone="Europe/Berlin", unit="day")["pageviews"]
    assert found == [{"x": "2024-10-26T22:00:00Z", "y": 5}]


@pytest.mark.parametrize(
    ("type_", "rows"),
    [
        ("path", [("/", 2), ("/buy", 1)]),
        ("url", [("/", 2), ("/buy", 1)]),
        ("entry", [("/", 2), ("/buy", 1)]),
        ("exit", [("/buy", 1), ("/", 1)]),
        ("title", [("Home", 2)]),
        ("referrer", [("google.com", 1)]),
        ("query", [("a=1", 1)]),
        ("event", [("Buy", 1)]),
        ("hostname", [("shop.example", 2)]),
        ("host", [("shop.example", 2)]),
        ("language", [("en", 1)]),
        ("country", [("DE", 1), ("GB", 1)]),
        ("browser", [("Chrome", 1)]),
        ("channel", [("direct", 1), ("organicSearch", 1)]),
        ("tag", []),
        ("utmSource", []),
        ("distinctId", []),
    ],
)
def test_lists_count_visitors(shop: Website, type_: str, rows: list[tuple[str, int]]) -> None:
    found = shop.get("metrics", *DAY, type=type_)
    assert [(row["x"], row["y"]) for row in found] == rows


def test_views_at_one_millisecond_are_in_the_order_of_their_ids(statistics: Statistics) -> None:
    website = statistics.website("at-once")
    facts = website.facts()
    at_once = [
        viewed(path, browser=browser) for path, browser in (("/a", "Chrome"), ("/b", ""), ("/c", "Firefox"))
    ]
    facts.visit("ann", "2024-03-04 10:00", at_once[0], 0, at_once[1], 0, at_once[2])
    facts.events.reverse()
    website.write(facts)
    ends = [website.get("metrics", *DAY, type=end) for end in ("entry", "exit")]
    assert ends == [[{"x": "/a", "y": 1}], [{"x": "/c", "y": 1}]]
    assert [row["browser"] for row in website.get("sessions", *DAY)["data"]] == ["Firefox"]


def test_a_city_says_where_it_is(shop: Website) -> None:
    assert shop.get("metrics", *DAY, type="city") == [{"x": "Berlin", "y": 1, "country": "DE"}]


def test_generation_2_counts_page_views_of_pages_and_keeps_what_is_missing(shop: Website) -> None:
    def rows(type_: str) -> list[tuple[str | None, int]]:
        return [(row["x"], row["y"]) for row in shop.v2.get("metrics", *DAY, type=type_)]

    assert rows("url") == [("/", 2), ("/buy", 2)]
    assert rows("entry") == [("/", 2), ("/buy", 1)]
    assert rows("title") == [("Home", 2), (None, 2)]
    assert rows("query") == [("", 3), ("a=1", 1)]
    assert rows("browser") == [("Chrome", 1), (None, 1)]
    channels = rows("channel")
    assert channels[:2] == [("direct", 1), ("organicSearch", 1)]
    assert len(channels) == 14


def test_parts_of_lists(shop: Website) -> None:
    assert [row["x"] for row in shop.get("metrics", *DAY, type="path", search="BU")] == ["/buy"]
    assert [row["x"] for row in shop.get("metrics", *DAY, type="path", limit=1, offset=1)] == ["/buy"]


def test_expanded_lists(shop: Website) -> None:
    assert shop.get("metrics/expanded", *DAY, type="path") == [
        {"name": "/", "pageviews": 2, "visitors": 2, "visits": 2, "bounces": 2, "totaltime": 0},
        {"name": "/buy", "pageviews": 2, "visitors": 1, "visits": 2, "bounces": 2, "totaltime": 0},
    ]
    assert shop.get("metrics/expanded", *DAY, type="entry", country="DE") == [
        {"name": "/", "pageviews": 2, "visitors": 1, "visits": 1, "bounces": 0, "totaltime": 90},
        {"name": "/buy", "pageviews": 1, "visitors": 1, "visits": 1, "bounces": 1, "totaltime": 0},
    ]
    assert [row["name"] for row in shop.get("metrics/expanded", *DAY, type="path", search="bu")] == ["/buy"]


def test_values_to_choose_from(shop: Website) -> None:
    assert shop.get("values", *DAY, type="country") == [{"value": "DE", "count": 4}, {"value": "GB", "count": 1}]
    assert shop.get("values", *DAY, type="path", search="BUY, nothing") == [{"value": "/buy", "count": 3}]
    assert shop.get("values", *DAY, type="event") == [{"value": "Buy", "count": 1}]


@pytest.mark.parametrize(
    ("columns", "channel"),
    [
        ({}, "direct"),
        ({"referrer": "https://blog.example/post"}, "referral"),
        ({"referrer": "https://shop.example/other"}, "direct"),
        ({"referrer": "https://x.com/", "referrer_type": "social"}, "organicSocial"),
        ({"search": "gclid=1", "referrer": "https://google.com/"}, "paidAds"),
        ({"search": "xgclid=1"}, ""),
        ({"utm_medium": "CPC"}, "paidAds"),
        ({"utm_medium": "ppc", "referrer": "https://bing.com/", "referrer_type": "search"}, "paidSearch"),
        ({"utm_medium": "email"}, "email"),
        ({"utm_medium": "sms"}, "sms"),
        ({"utm_source": "sms"}, "sms"),
        ({"utm_medium": "my-affiliate"}, "affiliate"),
        ({"utm_medium": "app"}, "referral"),
        ({"utm_campaign": "winter-shop", "search": "x"}, "organicShopping"),
        ({"referrer": "https://www.youtube.com/", "referrer_type": "social"}, "organicVideo"),
        ({"utm_medium": "organic"}, "organicSearch"),
        ({"utm_medium": "unheard-of"}, ""),
    ],
)
def test_channels(statistics: Statistics, columns: dict[str, str], channel: str) -> None:
    website = statistics.website(f"channel-{abs(hash(str(columns)))}")
    utm = {f"__query.{name}": value for name, value in columns.items() if name.startswith("utm_")}
    search = columns.get("search") or ("x=1" if utm else "")
    properties = {**utm, **({"__search": search} if search else {})}
    told = {name: value for name, value in columns.items() if name.startswith("referrer")}
    website.write(website.facts().visit("ann", "2024-03-04 10:00", viewed("/", "", properties), **told))
    assert [row["x"] for row in website.get("metrics", *DAY, type="channel")] == ([channel] if channel else [])


def test_generation_2_tells_every_channel_whatever_part_is_asked_for(statistics: Statistics) -> None:
    website = statistics.website("doors")
    facts = website.facts().visit("ann", "2024-03-04 10:00", "/").visit("bob", "2024-03-04 11:00", "/")
    facts.visit("cid", "2024-03-04 12:00", "/", referrer="https://blog.example/")
    website.write(facts)
    for part in ({"limit": 1}, {"limit": 1, "offset": 1}):
        rows = website.v2.get("metrics", *DAY, type="channel", **part)
        found = {row["x"]: row["y"] for row in rows}
        assert (len(rows), found["direct"], found["referral"], found["email"]) == (14, 2, 1, 0)
    assert website.get("metrics", *DAY, type="channel", limit=1, offset=1) == [{"x": "referral", "y": 1}]


def test_who_is_there_now_and_since_when(statistics: Statistics) -> None:
    website = statistics.website("now")
    assert website.get("active") == {"visitors": 0, "x": 0}
    assert website.get("daterange") == {"startDate": None, "endDate": None, "mindate": None, "maxdate": None}
    facts = website.facts().visit("ann", "2024-03-15 12:30", "/", did("ping"), is_open=True)
    website.write(facts.visit("bob", "2024-03-15 12:29:56", "/", is_open=True))
    assert website.get("active") == {"visitors": 1, "x": 1}
    first, last = "2024-03-15T12:29:56.000Z", "2024-03-15T12:30:10.000Z"
    assert website.get("daterange") == {"startDate": first, "endDate": last, "mindate": first, "maxdate": last}


def test_an_empty_website(statistics: Statistics) -> None:
    website = statistics.website("empty")
    nothing = {"pageviews": 0, "visitors": 0, "visits": 0, "bounces": 0, "totaltime": 0}
    assert website.get("stats", *DAY) == {**nothing, "comparison": nothing}
    assert website.get("stats", startAt=0, endAt=1) == {**nothing, "comparison": nothing}
    assert website.get("pageviews", *DAY) == {"pageviews": [], "sessions": []}
    assert website.get("metrics", *DAY, type="url") == []
    assert website.get("metrics/expanded", *DAY, type="channel") == []


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("stats", {}, "startAt"),
        ("stats", {"startAt": 5}, "endAt"),
        ("stats", {"startAt": "x", "endAt": 5}, "startAt"),
        ("stats", {"startAt": 6, "endAt": 5}, "endAt"),
        ("stats", {"startDate": "nonsense", "endDate": "2024-01-01"}, "startDate"),
        ("stats", {"startAt": 0, "endAt": 5, "compare": "x"}, "compare"),
        ("stats", {"startAt": 0, "endAt": 5, "eventType": 9}, "eventType"),
        ("stats", {"startAt": 0, "endAt": 5, "segment": "x"}, "segment"),
        ("stats", {"startAt": 0, "endAt": 5, "path": "x" * 5000}, "path"),
        ("pageviews", {"startAt": 0, "endAt": 5, "unit": "week"}, "unit"),
        ("pageviews", {"startAt": 0, "endAt": 5, "timezone": "Mars"}, "timezone"),
        ("metrics", {"startAt": 0, "endAt": 5}, "type"),
        ("metrics", {"startAt": 0, "endAt": 5, "type": "x"}, "type"),
        ("metrics", {"startAt": 0, "endAt": 5, "type": "path", "limit": 0}, "limit"),
        ("values", {"startAt": 0, "endAt": 5, "type": "entry"}, "type"),
    ],
)
def test_what_can_not_be_used_is_named(shop: Website, path: str, query: dict[str, object], field: str) -> None:
    status, error = shop.refused(path, **query)
    assert (status, list(error["properties"])) == (400, [field])


def test_a_pattern_that_is_none_is_refused(shop: Website) -> None:
    assert shop.refused("stats", *DAY, path="re.(")[0] == 400


def test_odd_values_find_nothing(shop: Website) -> None:
    for value in ("'; DROP TABLE events", "\x00", "ünïcode", "{}", "%"):
        assert shop.get("stats", *DAY, browser=f"c.{value}")["pageviews"] in (0, 3)
    assert shop.get("stats", startAt=-(10**15), endAt=10**15)["pageviews"] == 6
    assert shop.get("pageviews", startAt=0, endAt=10**15, timezone="Europe/Berlin")["pageviews"] != []
