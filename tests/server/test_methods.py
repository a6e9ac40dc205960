"""HEAD wherever GET is read, and what a refused method is told (RFC 9110 §9.3.2, §15.5.6), in every dialect."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from footfall.model.project import Role
from support.clock import Clock
from support.footfall import READER, ROOT, SECRET, Footfall

READ = {"openpanel-client-id": READER, "openpanel-client-secret": SECRET}
MANAGE = {"openpanel-client-id": ROOT, "openpanel-client-secret": SECRET}
COUNTED = ("x-ratelimit-remaining", "x-ratelimit-reset", "date")


@pytest.fixture(scope="module")
def whole(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Footfall]:
    """A server with all that can be read."""
    folder = shutil.copytree(template, tmp_path_factory.mktemp("methods") / "data")
    footfall = Footfall(folder, Clock(), reads=True, areas=True)
    catalog = footfall.runtime.catalog
    footfall.key = catalog.create_key(catalog.create_user("ada", "x", Role.ADMIN).id, "all")[1]  # type: ignore[attr-defined]
    yield footfall
    footfall.stop()


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/healthz/live", "/healthcheck", "/metrics", "/api/healthcheck", "/script.js", "/login"),
        *("/insights/shop/metrics", "/api/insights/shop/pages", "/export/events?projectId=shop"),
        *(
            "/manage/projects/shop",
            "/documentation/json",
            "/documentation",
            "/track/device-id",
            "/insights/none/live",
        ),
        *(
            "/api/websites/shop",
            "/api/heartbeat",
            "/api/umami/documentation",
            "/api/v2/sites",
            "/api/v2/sites/no/stats",
        ),
    ],
)
def test_a_head_is_the_get_without_its_body(whole: Footfall, path: str) -> None:
    bearer = {"authorization": f"Bearer {whole.key}"}  # type: ignore[attr-defined]
    headers = bearer if path.startswith("/api/") else MANAGE if path.startswith("/manage") else READ
    if "insights" in path:
        headers = READ
    got, head = (whole.request(method, path, headers=headers) for method in ("GET", "HEAD"))
    assert head.status_code == got.status_code != 405
    assert head.content == b""
    told = [{name: value for name, value in each.headers.items() if name not in COUNTED} for each in (got, head)]
    # Numbers of a process change from one look to the next.
    assert told[0] == told[1] or path == "/metrics"


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/insights/shop/metrics",
            "/insights/none/metrics",
            "/export/events",
            "/manage/projects",
            "/api/v2/sites",
        ),
        *("/api/websites/shop", "/dashboard/session"),
    ],
)
@pytest.mark.parametrize("is_known", [True, False])
def test_no_cache_keeps_what_only_some_may_read(whole: Footfall, path: str, is_known: bool) -> None:
    bearer = {"authorization": f"Bearer {whole.key}"}  # type: ignore[attr-defined]
    headers = {**(MANAGE if path.startswith("/manage") else READ), **bearer} if is_known else {}
    answer = whole.request("GET", path, headers=headers).headers
    # Umami's contract has a word of its own, which has each answer asked for anew.
    assert answer["cache-control"] == ("no-cache" if path.startswith("/api/websites") else "no-store")
    assert answer["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("kind", ["application/x-ndjson", "text/csv"])
def test_a_head_of_a_whole_export_reads_no_events(whole: Footfall, kind: str) -> None:
    whole.visitor().views("/")
    whole.settle()
    asked = {"headers": {**READ, "accept": kind}}
    got = whole.request("GET", "/export/events", **asked)
    with patch("footfall.exporters.events.Reading") as reading:
        head = whole.request("HEAD", "/export/events", **asked)
    told = [{name: value for name, value in each.headers.items() if name not in COUNTED} for each in (got, head)]
    assert (told[0], int(told[1]["x-total-count"]) > 0, head.content) == (told[1], True, b"")
    assert not reading.called


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/insights/shop/metrics", "GET, HEAD"),
        ("PUT", "/export/events", "GET, HEAD"),
        ("DELETE", "/manage/projects", "GET, HEAD, POST"),
        ("PUT", "/api/manage/projects/shop", "DELETE, GET, HEAD, PATCH"),
        ("HEAD", "/manage/projects/shop/restore", "POST"),
        ("HEAD", "/import/events", "POST"),
        ("HEAD", "/api/send", "POST"),
        ("DELETE", "/api/websites", "GET, HEAD, POST"),
        ("GET", "/api/auth/login", "POST"),
        ("POST", "/api/v2/sites", "GET, HEAD"),
    ],
)
def test_a_refused_method_is_told_which_are_taken(whole: Footfall, method: str, path: str, allowed: str) -> None:
    answer = whole.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
