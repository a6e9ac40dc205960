"""What is exported and imported into another project answers there as it did at home, in every dialect."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from support.process import Footfall

DAYS = {"startAt": 0, "endAt": 4_000_000_000_000}
DATA = {"sizes": [1, 2], "note": "[draft] of ours", "code": "[1,2]", "zip": "01234"}
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Asks a server that has the project `home` and its copy, made of an export."""
    folder = tmp_path_factory.mktemp("trip")
    with Footfall(folder / "data") as footfall:
        home = footfall.project("Home")
        footfall.project("Copy")
        footfall.client("home", "root")
        footfall.start()
        footfall.said_until("This is shown once")
        made = footfall.run("key", "create", "admin", "--json")
        assert made.code == 0, made.errors
        key = made.output.split('"key": "')[1].split('"')[0]
        with footfall.http() as http:
            http.headers["x-umami-api-key"] = key
            with footfall.http(home) as sender:
                send(sender, home.project)
            until = time.monotonic() + 20
            while not asked(http, "home", "event-data/fields"):  # what was sent last
                assert time.monotonic() < until
                time.sleep(0.1)
        file = str(folder / "events.ndjson")
        for command in (
            ("export", "events", "-p", "home", "-o", file, "--url", footfall.url),
            ("import", "events", file, "-p", "copy"),
        ):
            done = footfall.run(*command)
            assert done.code == 0, done.errors
        with footfall.http() as http:
            http.headers["x-umami-api-key"] = key
            yield http


def send(http: httpx.Client, website: str) -> None:
    """A tablet's view by OpenPanel's dialect, and a phone's event with data by Umami's."""
    seen = {"name": "screen_view", "properties": {"__path": "https://home.example/a", "__device": "Tablet"}}
    bought = {"website": website, "hostname": "home.example", "url": "/b", "name": "buy", "data": DATA}
    for path, body, agent in (
        ("/track", {"type": "track", "payload": seen}, FIREFOX),
        ("/api/send", {"type": "event", "payload": {**bought, "name": None, "data": None}}, PHONE),
        ("/api/send", {"type": "event", "payload": bought}, PHONE),
    ):
        answer = http.post(path, json=body, headers={"user-agent": agent})
        assert answer.status_code == 200, answer.text


def asked(admin: httpx.Client, website: str, path: str, **query: Any) -> Any:
    answer = admin.get(f"/api/websites/{website}/{path}", params={**DAYS, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("website", ["home", "copy"])
def test_a_kind_of_device_is_one_however_it_is_written(admin: httpx.Client, website: str) -> None:
    assert asked(admin, website, "metrics", type="device") == [{"x": "mobile", "y": 1}, {"x": "tablet", "y": 1}]
    assert asked(admin, website, "stats", device="mobile")["pageviews"] == 1
    assert asked(admin, website, "stats", device="tablet")["pageviews"] == 1


@pytest.mark.parametrize("website", ["home", "copy"])
def test_event_data_keeps_its_values_and_their_types(admin: httpx.Client, website: str) -> None:
    fields = asked(admin, website, "event-data/fields")
    assert {field["propertyName"]: (field["dataType"], field["value"]) for field in fields} == {
        "sizes": (5, "[1,2]"),
        "note": (1, "[draft] of ours"),
        "code": (1, "[1,2]"),
        "zip": (1, "01234"),
    }
