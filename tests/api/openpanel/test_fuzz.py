"""What no schema describes: events, filters and breakdowns of any kind inside JSON, put to both engines.

Every such request is answered or refused with 400; the numbers are other tests' business.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from footfall.api.openpanel import export_charts, export_events, export_funnel, insights_lists
from footfall.query.operators import Operator, ValueType
from footfall.query.tallies import Segment
from support.facts import Facts, did, paid, viewed
from support.insights import Insights, serve_insights
from support.stores import ENGINES, open_store

EXAMPLES = int(os.environ.get("FOOTFALL_TEST_FUZZ", "15"))
BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

WORDS = some.sampled_from(
    ("screen_view", "buy", "*", "pro", "10", "-1e308", "2024-03-12", "true", "DE", "'\"`\\", "%_", "😀", "\0")
)
TEXTS = WORDS | some.text(max_size=12)
NAMES = some.sampled_from(
    ("path", "country", "device", "referrer", "revenue", "longitude", "created_at", "id", "has_profile", "duration",
     "is_bounce", "entry_path", "utm_source", "plan", "properties.plan", "properties.*", "properties.a.*.b",
     "properties.tags[*]", "profile.email", "profile.properties.plan", "profile.created_at", "group.id",
     "group.properties.size", "properties.__query.utm_source", "session_id", "profileId", "name")
) | TEXTS.map("properties.{}".format) | TEXTS  # fmt: skip
VALUES = TEXTS | some.integers() | some.floats(allow_nan=False) | some.booleans() | some.none()
FILTERS = some.lists(
    some.fixed_dictionaries(
        {"name": NAMES, "operator": some.sampled_from(Operator), "value": some.lists(VALUES, max_size=3)},
        optional={"type": some.sampled_from(ValueType)},
    ),
    max_size=3,
)
EVENTS = some.lists(
    some.fixed_dictionaries(
        {"name": TEXTS},
        optional={
            "segment": some.sampled_from(Segment),
            "property": NAMES,
            "filters": FILTERS,
            "displayName": TEXTS,
        },
    )
    | some.fixed_dictionaries(
        {
            "type": some.just("formula"),
            "formula": some.sampled_from(("A", "A/B", "A^9^9", "log(A)-1/0", "((")) | TEXTS,
        }
    ),
    min_size=1,
    max_size=3,
)


@pytest.fixture(scope="module", params=ENGINES)
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    folder = tmp_path_factory.mktemp("fuzz")
    store = open_store(request.param, folder)
    facts = Facts("shop").group("acme", "2024-01-01", type="company", name="Acme", properties={"size": "9"})
    facts.person("ann@x", "2024-03-01", email="ann@x", properties={"plan": "pro"})
    facts.visit("ann", "2024-03-12 10:00", viewed("/", "T", {"plan": "pro", "a.0.b": "x", "tags.0": "y"}),
                did("buy", {"plan": "10", "total": "1e400"}), paid(900), user="ann@x", country="DE",
                device="desktop", longitude=1.5, referrer="https://t.co/x", groups=("acme",))  # fmt: skip
    facts.visit("bob", "2024-03-13 10:00", "/", did("buy"))
    builders = (export_charts, export_events, export_funnel, insights_lists)
    with serve_insights(store, folder, lambda context: [each.build(context) for each in builders]) as api:
        api.write(facts)
        yield api
    store.close()


def ask(api: Insights, path: str, **query: Any) -> None:
    """Put it and look at the status and, of a refusal, at the body."""
    api.now_ms += 100
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items()}
    response = api.http.get(path, params=texts, headers=api.clients["read"])
    assert response.status_code in (200, 400), (response.status_code, response.text, texts)
    body = response.json()
    assert response.status_code == 200 or body["error"] == "Bad Request", body


@BOUNDED
@given(
    events=EVENTS,
    breakdowns=some.lists(some.fixed_dictionaries({"name": NAMES}), max_size=2),
    interval=some.sampled_from(("day", "week", "month")),
    previous=some.sampled_from(("true", "false")),
)
def test_charts(api: Insights, events: Any, breakdowns: Any, interval: str, previous: str) -> None:
    ask(
        api,
        "/export/charts",
        events=events,
        breakdowns=breakdowns,
        interval=interval,
        previous=previous,
        range="7d",
    )


@BOUNDED
@given(
    events=EVENTS, group=some.sampled_from(("session_id", "profile_id")), window=some.sampled_from(("24", "0.001"))
)
def test_funnels(api: Insights, events: Any, group: str, window: str) -> None:
    ask(api, "/export/funnel", events=events, funnelGroup=group, funnelWindow=window, range="7d")


@BOUNDED
@given(filters=FILTERS, path=some.sampled_from(("metrics", "pages", "country", "referrer", "events", "sessions")))
def test_filters_of_insights(api: Insights, filters: Any, path: str) -> None:
    ask(api, f"/insights/shop/{path}", filters=filters, range="7d")


@BOUNDED
@given(filters=FILTERS, event=some.lists(TEXTS, max_size=3), profile=TEXTS)
def test_events(api: Insights, filters: Any, event: Any, profile: str) -> None:
    ask(api, "/export/events", filters=filters, event=event, profileId=profile)
