"""The published Insights document's own requests, byte for byte but for host and credentials."""

from collections.abc import Iterator
from typing import Any

import pytest

from support.process import Client, Footfall
from support.shapes import INSTANT, NUMBER, WHOLE, maybe, misfits

HEADLINES = {
    **dict.fromkeys(("bounce_rate", "avg_session_duration", "views_per_session"), NUMBER),
    **dict.fromkeys(("unique_visitors", "total_sessions", "total_screen_views"), WHOLE),
}
SHARE = {"name": maybe(str), "sessions": WHOLE, "bounce_rate": NUMBER, "avg_session_duration": maybe(NUMBER)}
REQUESTS: dict[str, Any] = {
    '/insights/abc123/metrics?range=30d&filters=[{"name":"path","operator":"contains","value":["/product"]}]': {
        "metrics": HEADLINES,
        "series": [{"date": INSTANT, **HEADLINES}],
    },
    "/insights/abc123/live": {"visitors": WHOLE},
    "/insights/abc123/pages?range=7d&limit=20": [
        {
            "title": str,
            "origin": str,
            "path": str,
            "sessions": WHOLE,
            "bounce_rate": NUMBER,
            "avg_duration": NUMBER,
        }
    ],
    "/insights/abc123/referrer?range=30d&limit=15": [SHARE],
    "/insights/abc123/utm_source?range=30d": [SHARE],
    "/insights/abc123/country?range=30d&limit=20": [SHARE],
    "/insights/abc123/browser?range=7d": [SHARE],
}
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Footfall, Client]]:
    with Footfall(tmp_path_factory.mktemp("seed") / "data") as footfall:
        footfall.project("Example", "--id", "abc123", "--domain", "https://example.com")
        writer, reader = footfall.client("abc123", "write"), footfall.client("abc123", "read")
        footfall.start()
        with footfall.http(writer) as client:
            for path in ("/", "/product/1", "/product/2"):
                properties = {"__path": f"https://example.com{path}?utm_source=google", "__title": "Example"}
                properties["__referrer"] = "https://www.google.com/"
                sent = client.post(
                    "/track",
                    json={"type": "track", "payload": {"name": "screen_view", "properties": properties}},
                    headers={"user-agent": CHROME},
                )
                assert sent.status_code == 200, sent.text
        _wait_for_three_views(footfall, reader)
        yield footfall, reader


def _wait_for_three_views(footfall: Footfall, reader: Client) -> None:
    for _ in range(50):
        body = answer_to(footfall, reader, "/insights/abc123/metrics")
        if body["metrics"]["total_screen_views"] == 3:
            return
    raise AssertionError("three acknowledged views can't be read")


def answer_to(footfall: Footfall, reader: Client, target: str) -> Any:
    status, body = footfall.asks(target, reader)
    assert status == 200, body
    return body


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize("target", REQUESTS, ids=lambda target: target.split("/")[3][:12])
def test_a_printed_request_answers_in_the_printed_shape(
    reader: tuple[Footfall, Client], target: str, prefix: str
) -> None:
    assert misfits(answer_to(*reader, prefix + target), REQUESTS[target]) == []


def test_the_printed_path_filter_counts_the_matching_views(reader: tuple[Footfall, Client]) -> None:
    body = answer_to(*reader, next(iter(REQUESTS)))
    assert body["metrics"]["total_screen_views"] == 2
    assert body["metrics"]["unique_visitors"] == 1
    assert body["metrics"]["total_sessions"] == 1


def test_names_are_spelled_as_printed(reader: tuple[Footfall, Client]) -> None:
    def first(route: str) -> object:
        return answer_to(*reader, f"/insights/abc123/{route}")[0]["name"]

    assert first("referrer") == "google.com"
    assert first("referrer_name") == "Google"
    assert first("referrer_type") == "search"
    assert first("utm_source") == "google"
    assert first("device") == "Desktop"
    assert first("browser") == "Chrome"
    version = answer_to(*reader, "/insights/abc123/browser_version")[0]
    assert (version["prefix"], version["name"]) == ("Chrome", "118.0.0.0")
