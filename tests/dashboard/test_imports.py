"""Uploads: a log or event file sent by the browser, and how far its import is."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.dashboard import Browser
from support.footfall import CHROME, Footfall

LOG = "".join(
    f'198.51.100.{number} - - [09/Mar/2026:10:00:0{number} +0000] "GET /page-{number} HTTP/1.1" 200 512 "-" "{CHROME}"\n'
    for number in range(1, 4)
).encode()
ROWS = b"".join(
    json.dumps({"name": "signup", "created_at": f"2026-03-0{day}T10:00:00Z", "device_id": "ann"}).encode() + b"\n"
    for day in (1, 2)
)


@pytest.fixture
def server(make_looked_at: Callable[..., Footfall], monkeypatch: pytest.MonkeyPatch) -> Footfall:
    """A server whose drain works as soon as it is woken."""
    footfall = make_looked_at()
    drain = footfall.runtime.drain
    monkeypatch.setattr(footfall.server.questions.made().imports, "_wake", drain.catch_up)
    return footfall


def _import(browser: Browser, content: bytes, query: str) -> Any:
    """An import, when it is over."""
    response = browser.ask("POST", f"/dashboard/import/shop?{query}", content)
    assert response.status_code == 202, response.text
    made = response.json()["import"]
    browser.footfall.server.questions.made().imports._thread.submit(lambda: None).result(60)
    return next(each for each in browser.get("/dashboard/import/shop")["imports"] if each["id"] == made["id"])


def test_an_access_log_becomes_page_views(server: Footfall) -> None:
    ada = Browser(server).signs_in("ada")
    junk = b'198.51.100.9 - - [09/Mar/2026:10:00:00 +0000] "POST /x HTTP/1.1" 200 1 "-" "-"\n'
    packed = gzip.compress(LOG + junk)
    found = _import(ada, packed, "kind=access-log&name=access.log.gz")
    assert found == {
        "id": found["id"], "kind": "access-log", "name": "access.log.gz", "startedAt": server.clock(),
        "bytes": len(packed), "state": "done", "bytesRead": len(packed), "lines": 4, "added": 3, "known": 0,
        "leftOut": {"method": 1}, "examples": [], "message": "",
    }  # fmt: skip
    assert [event.path for event in server.events("screen_view")] == ["/page-1", "/page-2", "/page-3"]
    again = _import(ada, LOG, "kind=access-log")
    assert (again["added"], again["known"], again["name"]) == (0, 3, "upload")
    assert not list((Path(server.folder) / "uploads").iterdir())


def test_event_rows_are_taken_as_they_are(server: Footfall) -> None:
    found = _import(Browser(server).signs_in("ada"), ROWS + b"{}\n", "kind=events&name=rows.ndjson")
    assert (found["state"], found["added"], found["leftOut"]) == ("done", 2, {"refused": 1})
    assert found["examples"][0].startswith("Line 3: ")
    assert len(server.events("signup")) == 2


def test_an_import_of_which_no_line_is_of_use_fails(server: Footfall) -> None:
    found = _import(Browser(server).signs_in("ada"), b"{}\n" + LOG, "kind=events&name=access.log")
    assert (found["state"], found["added"], found["leftOut"]) == ("failed", 0, {"refused": 4})
    assert found["message"] == "None of the 4 lines could be used; nothing was added."
    assert found["examples"][0].startswith("Line 1: ")


def test_what_can_not_be_read_fails_in_words(server: Footfall) -> None:
    found = _import(Browser(server).signs_in("ada"), gzip.compress(LOG * 50)[:-20], "kind=access-log&name=cut.gz")
    assert found["state"] == "failed"
    assert found["message"].startswith("cut.gz is damaged or cut short")
    assert str(server.folder) not in found["message"]


@pytest.mark.parametrize(("query", "content"), [("", b"x"), ("kind=nonsense", b"x"), ("kind=events", b"")])
def test_what_is_no_import_is_400_and_leaves_nothing(server: Footfall, query: str, content: bytes) -> None:
    ada = Browser(server).signs_in("ada")
    assert ada.status("POST", f"/dashboard/import/shop?{query}", content) == 400
    assert not list((Path(server.folder) / "uploads").glob("*"))
    assert ada.get("/dashboard/import/shop") == {"imports": []}


def test_only_who_may_change_the_project_imports(server: Footfall) -> None:
    server.runtime.catalog.shares.create("shop", slug="no-imports")
    guest = Browser(server)
    guest.good("POST", "/dashboard/share/no-imports")
    for browser, code in ((Browser(server), 401), (guest, 403), (Browser(server).signs_in("bob"), 403)):
        assert browser.status("GET", "/dashboard/import/shop") == code
        assert browser.status("POST", "/dashboard/import/shop?kind=events", ROWS) == code


def test_an_upload_that_is_too_large_or_finds_no_room_leaves_nothing(
    server: Footfall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = Browser(server).signs_in("ada")
    monkeypatch.setattr("footfall.api.dashboard.imports.MAX_UPLOAD_BYTES", 10)
    assert ada.status("POST", "/dashboard/import/shop?kind=events", ROWS) == 413
    monkeypatch.setattr("footfall.api.dashboard.imports.MAX_UPLOAD_BYTES", 10**6)
    monkeypatch.setattr("footfall.api.dashboard.imports.MIN_FREE_BYTES", 2**62)
    assert ada.status("POST", "/dashboard/import/shop?kind=events", ROWS) == 503
    assert not list((Path(server.folder) / "uploads").glob("*"))
