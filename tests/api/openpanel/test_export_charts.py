"""`GET /export/charts` over HTTP: the published requests as printed, the shape of the answer, what is refused."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from httpx import Response

from footfall.api.openpanel import export_charts
from support.facts import Facts, did
from support.insights import Insights, serve_insights
from support.stores import ENGINES, open_store

VIEWS = 'events=[{"name":"screen_view"}]'


class Charts:
    """Charts of `shop`; the clock stands on 15 March 2024, noon."""

    def __init__(self, insights: Insights) -> None:
        self.insights = insights

    def respond(self, query: str, client: str = "read") -> Response:
        """The response to a query string as it is, but for what no HTTP client would send bare."""
        self.insights.now_ms += 100
        return self.insights.http.get(
            f"/export/charts?{quote(query, safe='=&%+')}", headers=self.insights.clients[client]
        )

    def get(self, query: str, project: str = "shop") -> Any:
        """The body of a good answer."""
        response = self.respond(f"projectId={project}&{query}", "root")
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, query: str) -> dict[str, Any]:
        """The only issue of a refused request."""
        response = self.respond(f"projectId=shop&{query}")
        assert response.status_code == 400, response.text
        body = response.json()
        assert {name: body[name] for name in ("status", "error", "message")} == {
            "status": 400,
            "error": "Bad Request",
            "message": "Invalid query parameters",
        }
        (issue,) = body["details"]
        assert isinstance(issue, dict)
        return issue


@pytest.fixture(scope="module", params=ENGINES)
def charts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Charts]:
    folder = tmp_path_factory.mktemp("charts")
    store = open_store(request.param, folder)
    with serve_insights(store, folder, lambda context: [export_charts.build(context)]) as insights:
        insights.catalog.create_project("Berlin", id="berlin", timezone="Europe/Berlin")
        insights.write(_facts())
        insights.write(Facts("berlin").visit("ann", "2024-03-12 23:30", "/"))
        insights.catalog.create_project("Monthly", id="monthly")
        for day, views in (("2024-01-31", 1), ("2024-02-10", 2), ("2024-03-05", 4)):
            insights.write(Facts("monthly").visit("ann", f"{day} 10:00", *["/"] * views))
        insights.catalog.create_project("Hostile", id="hostile")
        for day, totals in (("2024-03-13", ("1e-300",)), ("2024-03-14", ("1e308", "1e308", "1e99", "5"))):
            deeds = (did("purchase", {"total": total}) for total in totals)
            insights.write(Facts("hostile").visit("eve", f"{day} 10:00", *deeds))
        insights.catalog.create_project("Alike", id="alike")
        insights.write(Facts("alike").visit("ann", "2024-03-12 10:00", "/", "/-", "/"))
        insights.catalog.create_project("Lasting", id="lasting")
        insights.write(
            Facts("lasting").visit("ann", "2024-03-12 23:59:19.5", "/", 30, "/a", did("buy"), marks=True)
        )
        yield Charts(insights)
    store.close()


def _facts() -> Facts:
    """Ann in the US on the 12th and 13th, Bob in Germany on the 13th, Cid nowhere on the 14th."""
    facts = Facts("shop")
    facts.visit("ann", "2024-03-12 10:00", "/", "/a", country="US", device="desktop")
    facts.visit(
        "ann", "2024-03-13 10:00", "/", did("purchase", {"total": "20", "coupon": "50% off"}), "/a",
        country="US", device="desktop",
    )  # fmt: skip
    facts.visit("bob", "2024-03-13 11:00", "/", did("purchase", {"total": "9.99"}), country="DE", device="smarttv")
    facts.visit("cid", "2024-03-14 10:00", "/", did("404"))
    return facts


def test_the_printed_request(charts: Charts) -> None:
    body = charts.get(
        'events=[{"name":"screen_view","segment":"user"}]&breakdowns=[{"name":"country"}]'
        "&interval=day&range=30d&previous=true"
    )
    assert body.keys() == {"series", "metrics"}
    ids = [(series["id"], series["names"]) for series in body["series"]]
    assert ids == [
        ("screen_view-united-states", ["screen_view", "United States"]),
        ("screen_view", ["screen_view"]),
        ("screen_view-germany", ["screen_view", "Germany"]),
    ]
    first = body["series"][0]
    assert first.keys() == {"id", "names", "event", "metrics", "data"}
    assert first["event"] == {"id": "A", "name": "screen_view", "breakdowns": {"country": "United States"}}
    assert first["metrics"] == {"sum": 2, "average": 1, "min": 0, "max": 1, "count": 1}
    assert len(first["data"]) == 31
    assert first["data"][0] == {"date": "2024-02-14T00:00:00.000Z", "count": 0}
    assert [point for point in first["data"] if point["count"]] == [
        {"date": "2024-03-12T00:00:00.000Z", "count": 1},
        {"date": "2024-03-13T00:00:00.000Z", "count": 1},
    ]
    assert body["metrics"].keys() == {"sum", "average", "min", "max", "previous"}
    assert body["metrics"]["sum"] == 4
    assert body["metrics"]["previous"]["sum"] == {"value": 0, "change": None, "diff": None, "state": "positive"}


def test_the_printed_advanced_request(charts: Charts) -> None:
    body = charts.get(
        'events=[{"name":"purchase","segment":"property_sum","property":"properties.total","filters":'
        '[{"name":"properties.total","operator":"isNotNull","value":[]}]}]'
        '&breakdowns=[{"name":"country"}]&interval=day&range=30d'
    )
    assert [(series["id"], series["metrics"]["sum"]) for series in body["series"]] == [
        ("purchase-united-states", 20),
        ("purchase-germany", 9.99),
    ]
    assert body["metrics"] == {"sum": 29.99, "average": 15, "min": 0, "max": 20}


def test_the_printed_request_of_the_older_revision(charts: Charts) -> None:
    body = charts.get(f"{VIEWS}&interval=day&range=last_30_days&chartType=linear&metric=sum")
    (series,) = body["series"]
    assert (series["id"], series["metrics"]) == ("screen_view", {"sum": 6, "average": 2, "min": 0, "max": 3})
    bare = '[{"name":"purchase","segment":"user","filters":[{"name":"total","operator":"is","value":["20"]}]}]'
    (series,) = charts.get(f"events={bare}")["series"]
    assert series["metrics"]["sum"] == 1


def test_a_range_of_too_many_days_is_drawn_by_month(charts: Charts) -> None:
    (series,) = charts.get(f"{VIEWS}&startDate=1990-01-01&endDate=2089-12-31")["series"]
    assert len(series["data"]) == 1_200


def test_the_period_before(charts: Charts) -> None:
    body = charts.get(f"{VIEWS}&startDate=2024-03-13&endDate=2024-03-13&previous=true")
    (series,) = body["series"]
    assert series["data"] == [
        {
            "date": "2024-03-13T00:00:00.000Z",
            "count": 3,
            "previous": {"value": 2, "change": 50, "diff": 50, "state": "positive"},
        }
    ]
    assert series["metrics"]["previous"].keys() == {"sum", "average", "min", "max"}
    assert body["metrics"]["previous"]["average"]["value"] == 2


def test_the_period_before_counts_whole_though_it_has_more_months_than_the_range(charts: Charts) -> None:
    body = charts.get(
        f"{VIEWS}&startDate=2024-03-01&endDate=2024-03-31&interval=month&previous=true", project="monthly"
    )
    (series,) = body["series"]  # beside March the 31 days before it: two of January and all of February
    (march,) = series["data"]
    assert (march["count"], march["previous"]["value"]) == (4, 1)
    previous = series["metrics"]["previous"]
    assert previous["sum"] == {"value": 3, "change": 33.33, "diff": 33.3, "state": "positive"}
    assert [previous[name]["value"] for name in ("average", "min", "max")] == [1.5, 1, 2]
    assert body["metrics"]["previous"]["sum"]["value"] == 3


def test_the_period_before_may_have_fewer_months_than_the_range(charts: Charts) -> None:
    body = charts.get(
        f"{VIEWS}&startDate=2024-02-28&endDate=2024-03-16&interval=month&previous=true", project="monthly"
    )
    (series,) = body["series"]  # two days of February, 16 of March, and before them 18 of February alone
    assert [(point["count"], point["previous"]["value"]) for point in series["data"]] == [(0, 2), (4, 0)]
    assert [series["metrics"]["previous"][name]["value"] for name in ("sum", "min")] == [2, 2]


SPELLINGS = [
    'events=[{"name":"screen_view","segment":"user","filters":[{"name":"country","operator":"is","value":["US"]}]}]',
    'series=[{"name":"screen_view","segment":"user","filters":[{"name":"country","operator":"is","value":["US"]}]}]'
    '&events=[{"name":"purchase"}]',
    'events={"name":"screen_view","segment":"user","filters":[{"name":"country","operator":"is","value":["US"]}]}',
    "events[0][name]=screen_view&events[0][segment]=user&events[0][filters][0][name]=country"
    "&events[0][filters][0][operator]=is&events[0][filters][0][value][]=US",
    "events[0][name]=screen_view&events[0][segment]=user&events[0][filters][0][name]=country"
    "&events[0][filters][0][operator]=is&events[0][filters][0][value]=United States",
    'events[]={"name":"screen_view","segment":"user"}&filters=[{"name":"country","operator":"is","value":["US"]}]',
    'events[0][name]=screen_view&events[0][segment]=user&events[0][filters]='
    '[{"name":"country","operator":"is","value":["US"]}]',
]  # fmt: skip


@pytest.mark.parametrize("query", SPELLINGS)
def test_every_spelling_of_a_query(charts: Charts, query: str) -> None:
    (series,) = charts.get(query)["series"]
    assert (series["id"], series["metrics"]["sum"], series["metrics"]["count"]) == ("screen_view", 2, 1)


@pytest.mark.parametrize(
    "query",
    [
        "events=screen_view&events=purchase",
        'events=["screen_view","purchase"]',
        'events={"name":"screen_view"}&events={"name":"purchase"}',
        "events[]=screen_view&events[]=purchase",
        "events[1]=purchase&events[0]=screen_view",
    ],
)
def test_several_events(charts: Charts, query: str) -> None:
    body = charts.get(query)
    assert [(series["id"], series["names"], series["event"]["id"]) for series in body["series"]] == [
        ("screen_view", ["(A) screen_view"], "A"),
        ("purchase", ["(B) purchase"], "B"),
    ]
    assert body["metrics"]["sum"] == 8


@pytest.mark.parametrize("breakdowns", ["breakdowns=country&breakdowns=device", 'breakdowns=["country","device"]'])
def test_several_breakdowns_leave_out_empty_labels(charts: Charts, breakdowns: str) -> None:
    body = charts.get(f"{VIEWS}&{breakdowns}")
    assert [(series["id"], series["names"]) for series in body["series"]] == [
        ("screen_view-united-states-desktop", ["screen_view", "United States", "Desktop"]),
        ("screen_view", ["screen_view"]),
        ("screen_view-germany-smarttv", ["screen_view", "Germany", "SmartTV"]),
    ]


def test_the_same_event_twice_has_two_ids(charts: Charts) -> None:
    body = charts.get('events=[{"name":"purchase"},{"name":"purchase","segment":"user","id":"buyers"}]')
    assert [(series["id"], series["event"]["id"]) for series in body["series"]] == [
        ("purchase", "A"),
        ("purchase-2", "buyers"),
    ]


def test_labels_become_slugs(charts: Charts) -> None:
    body = charts.get('events=[{"name":"purchase","displayName":"Sales"}]&breakdowns=properties.coupon')
    assert [(series["id"], series["names"], series["event"]["displayName"]) for series in body["series"]] == [
        ("purchase", ["Sales"], "Sales"),
        ("purchase-50percent-off", ["Sales", "50% off"], "Sales"),
    ]


def test_names_that_look_like_numbers_are_names(charts: Charts) -> None:
    for query in ("events=404", "events[0][name]=404", 'events=[{"name":"404"}]'):
        assert charts.get(query)["series"][0]["event"]["name"] == "404"


def test_limit_and_offset_cut_the_sorted_series(charts: Charts) -> None:
    everything = charts.get(f"{VIEWS}&breakdowns=country")
    second = charts.get(f"{VIEWS}&breakdowns=country&limit=1&offset=1")
    assert [series["id"] for series in second["series"]] == [everything["series"][1]["id"]]
    assert second["metrics"] == everything["metrics"]
    assert charts.get(f"{VIEWS}&limit=99999&offset=99999")["series"] == []


def test_a_series_has_the_same_id_on_whatever_page(charts: Charts) -> None:
    """`/` and `/-` look the same without their punctuation."""
    everything = charts.get(f"{VIEWS}&breakdowns=path", "alike")["series"]
    assert [series["id"] for series in everything] == ["screen_view", "screen_view-2"]
    assert charts.get(f"{VIEWS}&breakdowns=path&limit=1&offset=1", "alike")["series"] == everything[1:]


def test_without_data_there_are_no_series(charts: Charts) -> None:
    empty = {"series": [], "metrics": {"sum": 0, "average": 0, "min": 0, "max": 0}}
    assert charts.get('events=[{"name":"nothing"}]') == empty
    assert charts.get("events=[]") == empty


@pytest.mark.parametrize(
    ("segment", "value"),
    [("property_sum", 1e99), ("property_average", 5e98), ("property_max", 1e99), ("property_min", 5)],
)
def test_numbers_that_no_sum_can_hold_are_none(charts: Charts, segment: str, value: float) -> None:
    asked = f'events=[{{"name":"purchase","segment":"{segment}","property":"total"}}]'
    body = charts.get(f"{asked}&startDate=2024-03-14&endDate=2024-03-14&previous=true", project="hostile")
    ((point,),) = (series["data"] for series in body["series"])
    assert point["count"] == pytest.approx(value)
    assert point["previous"]["change"] is None or value == 5


def test_a_formula(charts: Charts) -> None:
    body = charts.get(
        'series=[{"name":"purchase"},{"name":"screen_view"},'
        '{"type":"formula","formula":"A / B * 100","displayName":"Rate"}]'
        "&startDate=2024-03-13&endDate=2024-03-14"
    )
    rate = next(series for series in body["series"] if series["event"]["id"] == "C")
    assert rate["names"] == ["(C) Rate"]
    assert [point["count"] for point in rate["data"]] == [66.67, 0]
    alone = charts.get(
        "events=purchase&events=screen_view&formula=B-A&breakdowns=country&startDate=2024-03-13&endDate=2024-03-14"
    )
    assert [(series["names"], [point["count"] for point in series["data"]]) for series in alone["series"]] == [
        (["B-A"], [0, 1]),
        (["B-A", "United States"], [1, 0]),
        (["B-A", "Germany"], [0, 0]),
    ]


def test_dates_are_the_projects(charts: Charts) -> None:
    response = charts.respond(f"project_id=berlin&{VIEWS}&startDate=2024-03-12&endDate=2024-03-13", "root")
    assert response.json()["series"][0]["data"] == [
        {"date": "2024-03-12T00:00:00.000+01:00", "count": 0},
        {"date": "2024-03-13T00:00:00.000+01:00", "count": 1},
    ]


MANY = "events=" + json.dumps(["a"] * 26)
LONG = json.dumps(
    [{"name": "screen_view", "filters": [{"name": "path", "operator": "is", "value": ["x" * 5000]}]}]
)


@pytest.mark.parametrize(
    ("query", "path", "message"),
    [
        ("", ["events"], "Required"),
        ("events=[{}]", ["events", 0, "name"], "Required"),
        ('events=[{"name":"a"},{"segment":"user"}]', ["events", 1, "name"], "Required"),
        ('events=[{"name":null}]', ["events", 0, "name"], "Required"),
        ('events=[{"name":404}]', ["events", 0, "name"], "Expected string"),
        ('events=[{"name":["a",["b"]]},{"name":[7]}]', ["events", 1, "name"], "Expected string"),
        ("events=[7]", ["events", 0], "Expected object"),
        ("events=[[[{", ["events"], "events is not valid JSON"),
        ("events=" + "[" * 3000, ["events"], "events is not valid JSON"),
        ("series[0][segment]=user", ["series", 0, "name"], "Required"),
        ('events=[{"name":"a","segment":"people"}]', ["events", 0, "segment"], "Invalid enum value"),
        ('events=[{"name":"a","property":7}]', ["events", 0, "property"], "Expected string"),
        ('events=[{"name":"a","filters":[{"name":"os"},{"operator":"is"}]}]', ["events", 0, "filters", 1, "name"], ""),
        (f"events={LONG}", ["events", 0, "filters", 0, "value"], "4096"),
        (
            'events=[{"name":"a","filters":[{"name":"os","operator":"inCohort","value":["x"]}]}]',
            ["events", 0, "filters", 0, "operator"],
            "cohorts",
        ),
        (f"{VIEWS}&filters=[7]", ["filters", 0], "object"),
        (
            'events=[{"name":"a","filters":[{"name":"path","operator":"regex","value":["("]}]}]',
            ["filters"],
            "regular expression",
        ),
        (f'{VIEWS}&breakdowns=[{{"nam":"os"}}]', ["breakdowns", 0, "name"], "Required"),
        (f"{VIEWS}&breakdowns=cohort:x", ["breakdowns", 0, "name"], "cohorts"),
        (f"{VIEWS}&breakdowns=" + json.dumps(["os"] * 6), ["breakdowns"], "5 breakdowns"),
        ("events=" + json.dumps(["a"] * 27), ["events"], "26 events"),
        (f"{MANY}&filters=" + json.dumps([{"name": "os", "value": ["x"]}] * 8), ["filters"], "200 filters"),
        (f"{VIEWS}&interval=year", ["interval"], "Invalid enum value"),
        (f"{VIEWS}&metric=median", ["metric"], "Invalid enum value"),
        (f"{VIEWS}&previous=maybe", ["previous"], "true or false"),
        (f"{VIEWS}&limit=0", ["limit"], "from 1 on"),
        (f"{VIEWS}&limit=ten", ["limit"], "from 1 on"),
        (f"{VIEWS}&offset=-1", ["offset"], "from 0 on"),
        (f"{VIEWS}&range=8d", ["range"], "range is one of"),
        (f"{VIEWS}&startDate=2024-03-02&endDate=2024-03-01", ["startDate"], "after"),
        (f"{VIEWS}&range=12m&interval=minute", ["interval"], "too many"),
        ('series=[{"type":"formula"}]', ["series", 0, "formula"], "Required"),
        ('series=[{"name":"a"},{"type":"formula","formula":"A/"}]', ["series", 1, "formula"], "ends too early"),
        ('series=[{"name":"a"},{"type":"formula","formula":"A/B"}]', ["series", 1, "formula"], "names B"),
        ("events=a&formula=A/B", ["formula"], "names B"),
        ("&".join(f"x{number}=1" for number in range(2001)), [], "2000 parameters"),
        ("events" + "[a]" * 9 + "=1", ["events"], "8 deep"),
    ],
)  # fmt: skip
def test_what_cant_be_used_is_named(charts: Charts, query: str, path: list[object], message: str) -> None:
    issue = charts.refused(query)
    assert issue["path"] == path
    assert message in issue["message"]


@pytest.mark.parametrize(
    "query",
    [
        f"{VIEWS}&breakdowns=" + "a" * 900,
        f"{VIEWS}&breakdowns=properties.日本.%22quoted%22.it's",
        f"{VIEWS}&breakdowns=properties.%25%00_",
        f"{VIEWS}&breakdowns=properties.(.*).[[*]",
        f"{VIEWS}&breakdowns=*",
        f"{VIEWS}&breakdowns=id&breakdowns=created_at&breakdowns=imported_at&breakdowns=revenue",
        'events=[{"name":"","segment":"property_sum","property":"x"}]',
        'events=[{"name":"*","segment":"property_max","property":"created_at"}]',
        'events=[{"name":"*","segment":"property_max","property":"id"}]',
        'events=[{"name":"\'; DROP TABLE events; --"}]',
        'events=[{"name":"\\ud83d\\ude00\\ud800"}]',
        f"{VIEWS}&events[a][b]=1",
        "events=a&events[name]=b",
        "events[name]=a&events[segment]=user",
        f"{VIEWS}&startDate=2024-03-01 00:00:00&endDate=2024-03-02 00:00:00&unknown[]=1",
        "[=1&]=2&events[0]name]=3&" + VIEWS,
    ],
)
def test_hostile_requests_are_answered_or_refused(charts: Charts, query: str) -> None:
    assert charts.respond(f"projectId=shop&{query}").status_code in (200, 400)


def test_whose_project_it_is(charts: Charts) -> None:
    assert charts.respond(VIEWS).status_code == 200
    assert charts.respond(f"projectId=other&{VIEWS}").status_code == 403
    assert charts.respond(f"projectId=nowhere&{VIEWS}").status_code == 403
    assert charts.respond(f"projectId=nowhere&{VIEWS}", client="root").status_code == 404
    assert charts.respond(f"projectId=other&{VIEWS}", client="root").json()["series"] == []
    nameless = charts.respond(VIEWS, client="root")
    assert (nameless.status_code, nameless.json()["details"][0]["path"]) == (400, ["projectId"])
    assert charts.respond("projectId=other&events=[", client="write").status_code == 401


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("gt", 0, {"screen_view": 1, "session_end": 1}),
        ("is", 0, {"screen_view": 1, "buy": 1, "session_start": 1}),
        ("lte", 30_000, {"screen_view": 2, "buy": 1, "session_start": 1}),
        ("isNot", 40_000, {"screen_view": 2, "buy": 1, "session_start": 1}),
        ("is", 40_000, {"session_end": 1}),
    ],
)
def test_events_are_filtered_by_the_duration_that_they_have(
    charts: Charts, operator: str, value: int, expected: dict[str, int]
) -> None:
    """The first view took 30 seconds, the session 40 up to the purchase; it ended just before midnight."""
    asked = [{"name": "*", "filters": [{"name": "duration", "operator": operator, "value": [value]}]}]
    query = f"events={json.dumps(asked)}&breakdowns=name&startDate=2024-03-12&endDate=2024-03-13"
    series = charts.get(query, "lasting")["series"]
    assert {line["event"]["breakdowns"]["name"]: line["metrics"]["sum"] for line in series} == expected


def test_the_end_of_a_session_after_midnight_tells_of_its_session(charts: Charts) -> None:
    query = 'events=[{"name":"session_end","segment":"property_sum","property":"duration"}]&breakdowns=entry_path'
    (line,) = charts.get(f"{query}&startDate=2024-03-13&endDate=2024-03-13", "lasting")["series"]
    assert (line["names"], line["metrics"]["sum"]) == (["session_end", "/"], 40_000)
