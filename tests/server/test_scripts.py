"""The scripts for browsers: how they are served, how small they are, and that their page tells all of them."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from footfall.server import scripts
from footfall.server.settings_sources import load_settings
from support.footfall import Footfall

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "tracker" / "src"
PAGE = (ROOT / "docs" / "tracker.md").read_text()
LIMITS = {"script.js": 2_048, "op1.js": 2_048, "vitals.js": 1_024}
ATTRIBUTE = re.compile(r"given\.(\w+)|isSet\('(\w+)'\)")


@pytest.mark.parametrize(("name", "limit"), LIMITS.items())
def test_a_script_is_small(name: str, limit: int) -> None:
    built = Path(scripts.__file__).parents[1] / "data" / "tracker" / name
    assert len(gzip.compress(built.read_bytes(), 9)) <= limit


@pytest.mark.parametrize("name", LIMITS)
def test_any_site_may_load_it_and_keep_it_for_a_day(house: Footfall, name: str) -> None:
    packed = house.request("GET", f"/{name}", headers={"accept-encoding": "br, gzip"})
    plain = house.request("GET", f"/{name}", headers={"accept-encoding": "gzip;q=0"})
    assert packed.status_code == plain.status_code == 200
    assert packed.content == plain.content
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-type"].startswith("text/javascript")
    assert packed.headers["access-control-allow-origin"] == "*"
    assert packed.headers["cache-control"] == "public, max-age=86400, must-revalidate"
    again = house.request("GET", f"/{name}", headers={"if-none-match": packed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_script_and_where_it_sends_may_have_other_names(make_footfall: Callable[..., Footfall]) -> None:
    footfall = make_footfall(tracker_script_name=("stats.js", "/js/app.js"), collect_api_endpoint="/hello")
    for path in ("/script.js", "/stats.js", "/js/app.js"):
        text = footfall.request("GET", path).text
        assert '"/hello"' in text
        assert "/api/send" not in text
    hit = {"type": "event", "payload": {"website": "shop", "url": "/"}}
    for path in ("/hello", "/api/send"):
        headers = {"user-agent": "Mozilla/5.0 Umami/v20.1.0"}
        assert "visitId" in footfall.request("POST", path, json=hit, headers=headers).json()
    assert len(footfall.events()) == 2


def test_another_name_takes_no_routes_place(make_footfall: Callable[..., Footfall]) -> None:
    footfall = make_footfall(collect_api_endpoint="/track")
    assert footfall.request("POST", "/track", json={}).status_code != 200


def test_umamis_variables_name_them() -> None:
    found = load_settings({}, {"TRACKER_SCRIPT_NAME": "a.js,b.js", "COLLECT_API_ENDPOINT": "/api/x"})
    assert (found.tracker_script_name, found.collect_api_endpoint) == (("a.js", "b.js"), "/api/x")


def _listed(heading: str, pattern: str) -> set[str]:
    """What the first columns of the tables under a heading name."""
    part = PAGE.partition(f"## `/{heading}`")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", part, re.MULTILINE)
    return {name for cell in cells for name in re.findall(pattern, cell)}


def test_the_page_lists_every_attribute_that_the_script_reads() -> None:
    source = (SOURCES / "script.js").read_text()
    read = {one or other for one, other in ATTRIBUTE.findall(source)}
    attributes = {"data-" + re.sub("[A-Z]", lambda found: "-" + found[0].lower(), name) for name in read}
    assert _listed("script.js", r"`(data-[a-z-]+)`") == attributes


def test_the_page_lists_every_option_and_function_of_op1() -> None:
    source = (SOURCES / "op1.js").read_text()
    table = source.partition("const methods = {")[2].partition("\n};")[0]
    methods = set(re.findall(r"^  (?:async )?(\w+)(?:\(|:)", table, re.MULTILINE))
    options = set(re.findall(r"options\.(\w+)", source))
    assert _listed("op1.js", r"`(\w+)") == methods | options
