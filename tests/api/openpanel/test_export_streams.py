"""GET /export/events as NDJSON and CSV: the whole range in one answer."""

import asyncio
import csv
import io
import json
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from threading import Event, Thread
from threading import enumerate as all_threads
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import ClientDisconnect

from footfall.exporters.events import TextFormat, export
from footfall.model.errors import Overloaded
from footfall.query import event_slices
from footfall.query.event_selection import Selection
from footfall.query.ranges import between
from support.exports import Exports, serve_exports
from support.facts import Facts, did, viewed
from support.stores import open_store

NDJSON, CSV = "application/x-ndjson", "text/csv"
MOMENT = "2024-03-04 10:00"
ODD = {"k,{": "}", "ü": 'two\nlines, "quoted"'}


@pytest.fixture(scope="module", params=["duckdb", "clickhouse"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exports]:
    folder = tmp_path_factory.mktemp("streams")
    store = open_store(request.param, folder)
    with serve_exports(store, folder) as api:
        api.write(shop())
        yield api
    store.close()


def shop() -> Facts:
    facts = Facts("shop")
    facts.person("ann@x", "2024-01-01", first_name="Ann")
    facts.visit(
        "ann", "2024-03-01 10:00", viewed("/a", "=HYPERLINK(1)", {"k": "=1+1"}), did("-1+1"),
        did("@sum", {"text": 'two\nlines, "quoted"'}), user="ann@x", city="+49", region="\tTab", model="\rCR",
        browser="ok, fine", longitude=-73.98,
    )  # fmt: skip
    for _ in range(25):  # all in one millisecond
        facts.event("import", MOMENT)
    for minute in range(10):
        facts.event("import", f"2024-03-05 10:{minute:02}")
    return facts


def test_every_line_is_the_event_of_the_pages(api: Exports) -> None:
    lines = api.stream(NDJSON).splitlines()
    assert [json.loads(line) for line in lines] == api.get("limit=1000")["data"]
    assert len(lines) == 38


@pytest.mark.parametrize("accept", [NDJSON, CSV])
@pytest.mark.parametrize("size", [5, 6, 20, 25, 38])
def test_slices_of_any_size_make_the_same_stream(api: Exports, size: int, accept: str) -> None:
    """Also where more events than fit a slice have the same time, or just as many as fit."""
    whole = api.stream(accept)
    with patch("footfall.exporters.events.SLICE", size):
        assert api.stream(accept) == whole


def test_lines_that_the_engine_writes_are_those_that_are_written_for_a_page(api: Exports) -> None:
    """To the last character: titles with quotes, names of countries, devices that are written in their own way."""
    facts = Facts("shop")
    for number, (title, properties) in enumerate([("", {}), ("", ODD), ('"\\/\x7fé世\u2028', {}), ("<b>", ODD)]):
        facts.visit(
            f"odd {number}", f"2024-06-0{number + 1} 10:00", viewed("/odd", title, properties),
            country=["DE", "de", "ZZ", ""][number], device=["smarttv", "xr", "élan", ""][number],
        )  # fmt: skip
    api.write(facts)
    dates = "start=2024-06-01&end=2024-06-30"
    written = [json.loads(line) for line in api.stream(NDJSON, dates).strip().split("\n")]
    assert written == api.get(f"{dates}&limit=1000")["data"]
    views = [event for event in reversed(written) if event["name"] == "screen_view"]
    assert [event["country"] for event in views] == ["Germany", "Germany", "ZZ", ""]
    assert [event["device"] for event in views] == ["SmartTV", "XR", "Élan", ""]
    assert [event["properties"].get("__title") for event in views] == [None, None, '"\\/\x7fé世\u2028', "<b>"]
    assert [event["properties"].get("k,{") for event in views] == [None, "}", None, "}"]


def test_parameters_select_and_paging_says_nothing(api: Exports) -> None:
    lines = api.stream(NDJSON, "start=2024-03-05&event=import&limit=2&page=3").splitlines()
    assert len(lines) == 10


def test_the_stream_says_how_many_come(api: Exports) -> None:
    response = api.respond("event=import", accept=NDJSON)
    assert response.headers["x-total-count"] == "35"
    assert response.headers["content-type"] == NDJSON
    assert response.headers["x-ratelimit-remaining"].isdecimal()


def test_profiles_come_along_if_asked(api: Exports) -> None:
    last = json.loads(api.stream(NDJSON, "includes=profile").splitlines()[-1])
    assert last["profile"]["firstName"] == "Ann"


def test_nothing_is_an_empty_stream(api: Exports) -> None:
    assert api.stream(NDJSON, "event=none") == ""
    assert len(api.stream(CSV, "event=none").splitlines()) == 1


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_the_keys_as_its_header_and_cells_that_are_read_back(api: Exports) -> None:
    response = api.respond("end=2024-03-01", accept=CSV)
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    found = rows(response.text)
    pages = api.get("end=2024-03-01")["data"]
    assert set(found[0]) == set(pages[0])
    assert [row["id"] for row in found] == [event["id"] for event in pages]
    assert json.loads(found[0]["properties"]) == {"text": 'two\nlines, "quoted"'}
    assert found[0]["browser"] == "ok, fine"
    assert found[0]["groups"] == "[]"
    assert found[0]["importedAt"] == ""


def test_csv_cells_are_no_formulas(api: Exports) -> None:
    newest, second, oldest = rows(api.stream(CSV, "end=2024-03-01"))
    assert (newest["name"], second["name"]) == ("'@sum", "'-1+1")
    assert (oldest["city"], oldest["region"]) == ("'+49", "'\tTab")
    assert oldest["model"] == "'\rCR"
    assert oldest["longitude"] == "-73.98", "a number is none"
    assert json.loads(oldest["properties"]) == {"__title": "=HYPERLINK(1)", "k": "=1+1"}


def test_csv_with_profile_and_meta(api: Exports) -> None:
    for includes in (["profile"], ["meta"], ["profile", "meta"]):
        found = rows(api.stream(CSV, f"end=2024-03-01&includes={','.join(includes)}"))
        assert [key for key in found[0] if key in ("profile", "meta")] == includes
        if "profile" in includes:
            assert json.loads(found[0]["profile"])["firstName"] == "Ann"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/x-ndjson; q=0.5, application/json", "application/json"),
        ("application/json;q=0.1, text/csv", "text/csv; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("APPLICATION/X-NDJSON", NDJSON),
        ("text/csv;q=x", "application/json"),
        ("", "application/json"),
    ],
)
def test_the_media_type_that_is_wanted_most(api: Exports, accept: str, content_type: str) -> None:
    assert api.respond("limit=1", accept=accept).headers["content-type"] == content_type


@pytest.mark.parametrize("accept", [NDJSON, CSV])
def test_what_is_wrong_before_the_first_event_is_an_error_like_any_other(api: Exports, accept: str) -> None:
    response = api.respond("start=nonsense", accept=accept)
    assert (response.status_code, response.json()["details"][0]["path"]) == (400, ["start"])
    regex = '[{"name":"path","operator":"regex","value":["("]}]'
    assert api.respond({"filters": regex}, accept=accept).status_code == 400
    assert api.respond("projectId=other", accept=accept).status_code == 403


def test_who_goes_away_ends_the_reading(api: Exports) -> None:
    make, made = event_slices.Reading, []

    def counted(*given: object) -> object:
        made.append(given)
        return make(*given)  # type: ignore[arg-type]

    insights = api.insights
    with patch("footfall.exporters.events.Reading", counted), patch("footfall.exporters.events.SLICE", 1):
        headers = {**insights.clients["read"], "accept": NDJSON}
        with insights.http.stream("GET", "/export/events", headers=headers) as response:
            assert response.status_code == 200
    assert made


def test_a_slice_that_cant_be_read_ends_the_export_after_those_before_it(api: Exports) -> None:
    """Though it may have failed first: two are read at once."""
    make, made = event_slices.Reading, []

    def failing(*given: object) -> object:
        made.append(given)
        if len(made) == 3:
            raise Overloaded("too much", 1)
        return make(*given)  # type: ignore[arg-type]

    whole, sent = api.stream(NDJSON), []
    with patch("footfall.exporters.events.Reading", failing), patch("footfall.exporters.events.SLICE", 4):
        found = export(api.store, "shop", Selection(between(ZoneInfo("UTC"))), TextFormat.NDJSON)
        with pytest.raises(Overloaded):
            sent.extend(piece.text.decode() for piece in found.pieces)
    assert len(sent) == 3, "the head, and two slices"
    assert 6 <= len("".join(sent).splitlines()) <= 8
    assert whole.startswith("".join(sent))


def readers() -> list[Thread]:
    """Those that read slices at this moment, or wait to."""
    return [thread for thread in all_threads() if thread.name.startswith("export")]


def test_who_goes_away_before_the_first_byte_ends_the_reading(api: Exports) -> None:
    async def send(message: Any) -> None:
        raise OSError(f"gone before {message['type']}")

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    headers = {**api.insights.clients["read"], "accept": NDJSON}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "method": "GET",
        "path": "/export/events",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    with patch("footfall.exporters.events.SLICE", 1), suppress(ClientDisconnect):
        asyncio.run(api.insights.http.app(scope, receive, send))
    assert readers() == []


def test_an_export_that_nobody_reads_on_can_be_let_go_by_its_own_reader(api: Exports) -> None:
    """As garbage collection does, in whatever thread it comes to."""
    make, made, is_held = event_slices.Reading, [], Event()
    let_go: Future[None] = Future()

    def reading(*given: object) -> object:
        made.append(given)
        if len(made) == 3:
            assert is_held.wait(10)
            try:
                let_go.set_result(found.pieces.close())
            except RuntimeError as error:
                let_go.set_exception(error)
        return make(*given)  # type: ignore[arg-type]

    with patch("footfall.exporters.events.Reading", reading), patch("footfall.exporters.events.SLICE", 4):
        found = export(api.store, "shop", Selection(between(ZoneInfo("UTC"))), TextFormat.NDJSON)
        assert [next(found.pieces).events > 0 for _ in range(2)] == [False, True]
        is_held.set()
        let_go.result(10)
    for thread in readers():
        thread.join()
    assert next(found.pieces, None) is None
