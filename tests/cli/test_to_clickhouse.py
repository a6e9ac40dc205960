"""`footfall to-clickhouse`: a folder's events in ClickHouse, and a server that goes on with them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.clickhouse_server import ClickHouseServer
from support.process import Client, Footfall
from support.waiting import until

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def moved(footfall: Footfall, tmp_path: Path) -> Iterator[Footfall]:
    """The same folder with ClickHouse in its settings."""
    with ClickHouseServer(tmp_path / "clickhouse") as url, Footfall(footfall.data, {"store": url}) as made:
        yield made


def sends(footfall: Footfall, site: Client, kind: str, **payload: Any) -> dict[str, str]:
    """What a phone sends, and the answer."""
    with footfall.http(site) as http:
        http.headers["user-agent"] = PHONE
        http.headers["x-forwarded-for"] = "203.0.113.9"
        answer = http.post("/track", json={"type": kind, "payload": payload})
        assert answer.status_code == 200, answer.text
        found: dict[str, str] = answer.json()
        return found


def told(footfall: Footfall, reader: Client) -> dict[str, Any]:
    """What a server says of the site."""
    targets = {
        "numbers": "/insights/site/metrics?range=7d",
        "pages": "/insights/site/pages?range=7d",
        "countries": "/insights/site/country?range=7d",
        "events": "/export/events?projectId=site&includes=properties",
        "ann": "/insights/site/profiles/ann",
    }
    answers = {name: footfall.asks(target, reader) for name, target in targets.items()}
    assert {status for status, _ in answers.values()} == {200}, answers
    return {name: body for name, (_, body) in answers.items()}


def events_of(footfall: Footfall, reader: Client) -> list[dict[str, Any]]:
    status, body = footfall.asks("/export/events?projectId=site", reader)
    assert status == 200
    found: list[dict[str, Any]] = body["data"]
    return found


def test_a_server_goes_on_in_clickhouse_with_all_that_was(footfall: Footfall, moved: Footfall) -> None:
    site = footfall.project("Site")
    reader = footfall.client("site", "read")
    footfall.start()
    before = sends(footfall, site, "track", name="screen_view", properties={"__path": "https://site.example/ä"})
    sends(footfall, site, "identify", profileId="ann", firstName="Ann", properties={"plan": "pro"})
    sends(
        footfall, site, "track", name="revenue", profileId="ann", properties={"__revenue": 1200, "odd": "日本 '\""}
    )
    until(lambda: len(events_of(footfall, reader)) == 3, 20)  # with the start of the session
    was = told(footfall, reader)
    footfall.stop()

    moved.launch()
    until(lambda: "copy them with `footfall to-clickhouse`" in moved.log.read_text(), 60)
    moved.kill()
    copied = moved.run("to-clickhouse", "--json").told
    assert copied == {
        "events": 2, "sessions": 0, "open_sessions": 1, "dwells": 0, "profiles": 1, "groups": 0, "drops": 0,
    }  # fmt: skip

    moved.start()
    assert told(moved, reader) == was
    # The visitor is still in the session that began before.
    after = sends(moved, site, "track", name="screen_view", properties={"__path": "https://site.example/next"})
    assert after == before
    until(lambda: len(events_of(moved, reader)) == 4, 20)


def test_what_is_still_in_the_journal_is_stored_once_by_the_next_server(
    footfall: Footfall, moved: Footfall
) -> None:
    site = footfall.project("Site")
    reader = footfall.client("site", "read")
    footfall.start()
    for number in range(20):
        sends(footfall, site, "track", name=f"e{number}")
    footfall.kill()
    done = moved.run("to-clickhouse")
    assert done.code == 0, done.errors
    assert done.output.startswith(f"Copied the events of {footfall.data} to ClickHouse in ")
    moved.start()
    names = sorted(f"e{number}" for number in range(20))
    until(lambda: sorted(one["name"] for one in events_of(moved, reader) if one["name"][0] == "e") == names, 20)


def test_it_says_what_is_in_the_way(footfall: Footfall, moved: Footfall) -> None:
    unnamed = footfall.run("to-clickhouse")
    assert (unnamed.code, "the settings name no ClickHouse; set FOOTFALL_STORE to" in unnamed.errors) == (2, True)
    nothing = moved.run("to-clickhouse")
    assert (nothing.code, "has no events of its own" in nothing.errors) == (2, True)
    footfall.project("Site")
    footfall.start()
    running = moved.run("to-clickhouse")
    assert (running.code, "is in use by another process; stop that one" in running.errors) == (1, True)
    footfall.stop()
    with Footfall(footfall.data, {"store": "clickhouse://127.0.0.1:1/db"}) as away:
        gone = away.run("to-clickhouse")
    assert (gone.code, "ClickHouse at clickhouse://127.0.0.1:1/db can't be used" in gone.errors) == (1, True)
