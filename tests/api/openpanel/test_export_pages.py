"""GET /export/events, pages of any depth: of a day with marks of sessions, instants that events share, and ends."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from support.exports import Exports, serve_exports
from support.facts import Facts, did, viewed
from support.stores import open_store

DAY = "start=2024-03-04&end=2024-03-04"
NEWEST_FIRST = [
    ("late", 0),  # the last millisecond of the day
    ("screen_view", 0),
    ("session_start", 0),  # of the session that ends on the day after
    *[("import", 0)] * 9,  # all in one millisecond
    ("session_end", 0),  # bob's
    ("session_end", 30_000),  # ann's
    ("screen_view", 0),
    ("screen_view", 0),  # ann's second, in the same millisecond as
    ("session_start", 0),  # bob's
    ("screen_view", 30_000),
    ("session_start", 0),
]


@pytest.fixture(scope="module", params=["duckdb", "clickhouse"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exports]:
    folder = tmp_path_factory.mktemp("pages")
    store = open_store(request.param, folder)
    with serve_exports(store, folder) as api:
        facts = Facts("shop")
        facts.visit("ann", "2024-03-04 10:00:00", viewed("/a"), 30, viewed("/b"), marks=True)
        facts.visit("bob", "2024-03-04 10:00:30.100", viewed("/c"), marks=True)
        for _ in range(9):
            facts.event("import", "2024-03-04 10:05:00")
        facts.visit("cid", "2024-03-04 23:59:59.950", viewed("/d"), marks=True)
        facts.event("late", "2024-03-04 23:59:59.999")
        facts.visit("dan", "2024-03-05 00:00:00", did("next"))
        api.write(facts)
        yield api
    store.close()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (DAY, None),
        (f"{DAY}&event=session_start", {"session_start"}),
        (f"{DAY}&event=session_end,screen_view", {"session_end", "screen_view"}),
        ("end=2024-03-04&event=import,late,session_end", {"import", "late", "session_end"}),
    ],
)
@pytest.mark.parametrize(("slack", "few"), [(0, 2), (2_000, 200_000)])
def test_pages_of_any_length_make_the_list(
    api: Exports, query: str, names: set[str] | None, slack: int, few: int
) -> None:
    """However little may be read to find a page, and however few events are counted by parts."""
    expected = [each for each in NEWEST_FIRST if names is None or each[0] in names]
    for limit in (3, 4, 1000):
        found = []
        with (
            patch("footfall.query.event_selection.SLACK", slack),
            patch("footfall.query.timeline._FEW", few),
        ):
            for page in range(1, -(-len(expected) // limit) + 1):
                body = api.get(f"{query}&limit={limit}&page={page}")
                assert body["meta"]["totalCount"] == len(expected)
                found += body["data"]
        assert [(event["name"], event["duration"]) for event in found] == expected
        assert len({event["id"] for event in found}) == len(expected)
        same_time = [event["id"] for event in found if event["name"] == "import"]
        assert same_time == sorted(same_time)


def test_the_stream_has_the_same_events(api: Exports) -> None:
    lines = api.stream("application/x-ndjson", DAY).splitlines()
    assert len(lines) == len(NEWEST_FIRST)
