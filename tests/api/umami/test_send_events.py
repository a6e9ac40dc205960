"""What becomes of a hit: pages, data and its types, money, people, measurements (umami contract §1.4, §1.5)."""

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest

from api.umami.sending import Page
from footfall.catalog.projects import ProjectChange
from footfall.ingest.enrich.umami_page import resolve
from footfall.model.event_data import STRINGS, DataType, data_type, merge
from footfall.model.project import FilterType, ProjectFilter
from footfall.query.ask import ask
from footfall.query.journey import Journeys
from footfall.query.ranges import TimeRange
from footfall.query.views import TopEvents
from support.footfall import PROJECT, Footfall

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.1 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def page(footfall: Footfall) -> Page:
    """Somebody's browser on a page of the shop."""
    return Page(footfall)


# -- pages


def test_a_page_view(footfall: Footfall, page: Page) -> None:
    page.sends(
        url="https://shop.example/caf%C3%A9/menu?utm_source=news&utm_source=b&gclid=g1&q=a+b#top",
        title="Caf%C3%A9",
        referrer="https://www.google.com/",
        screen="2560x1440",
        language="de-DE",
        tag="beta",
    )
    event = footfall.event("screen_view")
    assert (event.path, event.origin, event.title) == ("/café/menu", "https://shop.example", "Café")
    assert (event.referrer, event.referrer_name, event.sdk_name) == ("https://www.google.com", "news", "umami")
    assert (event.browser, event.os, event.device) == ("Chrome", "macOS", "desktop")
    assert event.properties == {
        "__search": "utm_source=news&utm_source=b&gclid=g1&q=a+b",
        "__query.utm_source": "news",
        "__query.gclid": "g1",
        "__query.q": "a b",
        "__hash": "#top",
        "__screen": "2560x1440",
        "__language": "de-DE",
        "__tag": "beta",
    }
    session = footfall.session()
    assert (session.utm_source, session.entry_path, session.screen_view_count) == ("news", "/café/menu", 1)


def test_a_path_is_of_the_host_that_is_named(footfall: Footfall, page: Page) -> None:
    page.sends(url="/a", hostname="Shop.Example")
    page.sends(url="pricing", hostname="www.shop.example")
    page.sends(url="https://shop.example:8443/b", hostname="shop.example")
    page.sends(url="https://other.example/c", hostname="shop.example")
    page.sends(url="/d", hostname=None)
    assert [(event.origin, event.path) for event in footfall.events()] == [
        ("https://shop.example", "/a"),
        ("https://www.shop.example", "/pricing"),
        ("https://shop.example:8443", "/b"),
        ("https://shop.example", "/c"),
        ("", "/d"),
    ]


@pytest.mark.parametrize(
    ("url", "path", "search"),
    [
        ("", "/", ""),
        ("?q=1", "/", "q=1"),
        ("/a%2Fb%20c", "/a%2Fb c", ""),
        ("/%E0%A4%A", "/%E0%A4%A", ""),
        ("/%FF", "/%FF", ""),
        ("/ü", "/ü", ""),
        ("/a/../b", "/b", ""),
        ("\\a", "/a", ""),
        ("android-app://com.shop/home", "/home", ""),
        ("//cdn.example/x?y", "/x", "y"),
        ("/x?a=%20b", "/x", "a=%20b"),
    ],
)
def test_addresses_are_read_as_a_browser_does(url: str, path: str, search: str) -> None:
    found = resolve(url)
    assert found is not None
    assert (found.path, found.search) == (path, search)


@pytest.mark.parametrize("url", ["http://", "//", "https://a b/", "https://[::1", "http://x:99999/", "foo://a b/"])
def test_what_is_no_address(url: str) -> None:
    assert resolve(url) is None


def test_long_and_odd_values_are_cut(footfall: Footfall, page: Page) -> None:
    page.sends(url="/" + "p" * 3000 + "?" + "q" * 3000, title="t" * 3000, id="i" * 3000, tag="\x00\x01")
    event = footfall.event("screen_view")
    assert (len(event.path), len(event.title), len(event.profile_id)) == (500, 500, 512)
    assert len(event.properties["__search"]) == 500
    assert "__tag" not in event.properties


@pytest.mark.parametrize("escaped", ["%41", "%C3%A9", "%E4%BD%A0", "%F0%9F%8E%81", "a%F0%9F%8E%81"])
def test_the_beginning_of_a_long_title_is_decoded(footfall: Footfall, page: Page, escaped: str) -> None:
    page.sends(url="/", title=escaped * 5_000)
    assert footfall.event("screen_view").title == (unquote(escaped) * 500)[:500]


def test_what_is_long_is_not_remembered(footfall: Footfall, page: Page) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64) " + "x" * 10_000_000
    tracemalloc.start()
    for number in range(5):
        page.sends(url="/", userAgent=f"{agent}{number}")
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 20_000_000


def test_a_view_without_an_address(footfall: Footfall, page: Page) -> None:
    page.sends(hostname=None)
    event = footfall.event("screen_view")
    assert (event.path, event.origin) == ("", "")


@pytest.mark.parametrize(
    ("agent", "screen", "device"),
    [
        ("", "1920x1080", "laptop"),
        ("", "1921x1080", "desktop"),
        ("", "", "desktop"),
        ("", "wide", "desktop"),
        (PHONE, "390x844", "mobile"),
        ("Mozilla/5.0 Umami/v20.1.0", "", "desktop"),
    ],
)
def test_devices_by_screen(footfall: Footfall, agent: str, screen: str, device: str) -> None:
    page = Page(footfall, **({"ua": agent} if agent else {}))
    page.sends(url="/", screen=screen)
    assert footfall.event("screen_view").device == device
    assert footfall.session().device == device


def test_the_sender_may_say_what_it_is(footfall: Footfall, page: Page) -> None:
    page.sends(url="/", browser="Kiosk", os="KioskOS", device="kiosk", screen="800x600")
    event = footfall.event("screen_view")
    assert (event.browser, event.os, event.device) == ("Kiosk", "KioskOS", "kiosk")


def test_a_trusted_proxy_says_where_its_visitors_are(footfall: Footfall, page: Page) -> None:
    page.headers |= {"cf-ipcountry": "US", "cf-region-code": "CA", "cf-ipcity": "San%20Jos%C3%A9"}
    page.sends(url="/")
    page.sends(url="/", ip="203.0.113.99")
    first, second = footfall.events()
    assert (first.country, first.region, first.city) == ("US", "US-CA", "San José")
    assert second.country == ""


def test_a_stranger_says_nothing_of_where_he_is(make_footfall: Callable[..., Footfall]) -> None:
    footfall = make_footfall(trusted_proxies=("10.0.0.0/8",))
    page = Page(footfall)
    page.headers["cf-ipcountry"] = "US"
    page.sends(url="/")
    assert footfall.event("screen_view").country == ""


# -- events and data


def test_a_named_event_with_data(footfall: Footfall, page: Page) -> None:
    page.sends(url="/cart")
    page.sends(
        url="/cart",
        name="added",
        data={
            "price": 19.99,
            "count": 3,
            "gift": True,
            "note": "for “Ada” 🎁",
            "at": "2025-05-20T15:45:12+02:00",
            "since": "2025-05-20T15:45:12",
            "tags": ["a", {"b": 1}],
            "none": None,
            "floor": "3",
            "yes": "true",
            "list": "[1]",
            "empty": "",
            "nested": {"deep": {"er": "x"}, "nothing": {}},
            "__path": "/evil",
            "void": [],
        },
    )
    event = footfall.event("added")
    strings = event.properties.pop(STRINGS)
    assert event.properties == {
        "price": "19.99",
        "count": "3",
        "gift": "true",
        "note": "for “Ada” 🎁",
        "at": "2025-05-20T13:45:12.000Z",
        "since": "2025-05-20T15:45:12.000Z",
        "tags": '["a",{"b":1}]',
        "none": "null",
        "floor": "3",
        "yes": "true",
        "list": "[1]",
        "nested.deep.er": "x",
        "_path": "/evil",
        "void": "[]",
    }
    properties = {**event.properties, STRINGS: strings}
    types = {key: data_type(key, properties).name for key in event.properties}
    assert types == {
        "price": "NUMBER",
        "count": "NUMBER",
        "gift": "BOOLEAN",
        "note": "STRING",
        "at": "DATE",
        "since": "DATE",
        "tags": "ARRAY",
        "none": "ARRAY",
        "floor": "STRING",
        "yes": "STRING",
        "list": "STRING",
        "nested.deep.er": "STRING",
        "_path": "STRING",
        "void": "ARRAY",
    }
    assert event.path == "/cart"
    session = footfall.session()
    assert (session.screen_view_count, session.event_count) == (1, 1)


@pytest.mark.parametrize("value", [1e21, -0.5, 1e-7, 2**60, 0])
def test_every_number_is_one(footfall: Footfall, page: Page, value: float) -> None:
    page.sends(name="x", data={"n": value})
    properties = footfall.event("x").properties
    assert data_type("n", properties) is DataType.NUMBER
    assert float(properties["n"]) == value


@pytest.mark.parametrize("text", ["2025-13-45T00:00:00", "2025-02-30T10:00:00Z"])
def test_no_such_day_is_a_string(footfall: Footfall, page: Page, text: str) -> None:
    page.sends(name="x", data={"at": text})
    properties = footfall.event("x").properties
    assert properties["at"] == text
    assert data_type("at", properties) is DataType.STRING


def test_hostile_data_costs_no_more_than_its_size(footfall: Footfall, page: Page) -> None:
    deep: dict[str, Any] = {"end": 1}
    for _ in range(200):
        deep = {"d": deep}
    many = {f"k{number}": number for number in range(1000)}
    page.sends(name="x", data={"deep": deep, "big": 10**300, "long": "l" * 50_000, "a\nb": 1, **many})
    properties = footfall.event("x").properties
    assert len(properties) == 256
    assert len(properties["long"]) == 10_000
    assert properties["a b"] == "1"


@pytest.mark.parametrize(
    ("data", "revenue", "currency"),
    [
        ({"revenue": 19.99, "currency": "usd"}, 1999, "USD"),
        ({"revenue": "19.99", "currency": "EUR"}, 1999, "EUR"),
        ({"revenue": 500, "currency": "JPY"}, 500, "JPY"),
        ({"revenue": 1.2345, "currency": "KWD"}, 1235, "KWD"),
        ({"revenue": 0, "currency": "EUR"}, 0, ""),
        ({"revenue": -5, "currency": "EUR"}, 0, ""),
        ({"revenue": 5}, 0, ""),
        ({"revenue": "lots", "currency": "EUR"}, 0, ""),
        ({"revenue": True, "currency": "EUR"}, 0, ""),
        ({"revenue": "NaN", "currency": "EUR"}, 0, ""),
        ({"revenue": "1_000", "currency": "EUR"}, 0, ""),
        ({"revenue": "٣", "currency": "EUR"}, 0, ""),
        ({"revenue": 1e300, "currency": "EUR"}, 2**53, "EUR"),
        ({"revenue": "1e999999", "currency": "EUR"}, 2**53, "EUR"),
        ({"revenue": 5, "currency": "points"}, 0, ""),
    ],
)
def test_revenue(footfall: Footfall, page: Page, data: dict[str, Any], revenue: int, currency: str) -> None:
    page.sends(name="bought", data=data)
    event = footfall.event("bought")
    assert (event.revenue, event.currency) == (revenue, currency)
    assert footfall.session().revenue == revenue
    assert set(event.properties) - {STRINGS} == set(data), "it is event data all the same"


def test_a_blocked_event_is_answered_and_not_kept(footfall: Footfall, page: Page) -> None:
    change = ProjectChange(
        filters=[ProjectFilter(FilterType.EVENT, "noise"), ProjectFilter(FilterType.PROFILE, "eve")]
    )
    footfall.runtime.catalog.update_project(PROJECT, change)
    assert "visitId" in page.sends(name="noise")
    assert page.asks(url="/", id="eve").status_code == 403
    assert footfall.events() == []
    assert footfall.drops() == {"blocked_event": 1, "blocked_profile": 1}


# -- people


def test_a_distinct_id_is_a_profile(footfall: Footfall, page: Page) -> None:
    anonymous = page.sends(url="/")["sessionId"]
    page.cache = ""
    footfall.advance(ms=1)
    known = page.sends(url="/account", id="ada")["sessionId"]
    assert known != anonymous
    first, second = footfall.events()
    assert (first.profile_id, second.profile_id) == (anonymous, "ada")
    assert [session.profile_id for session in footfall.sessions()] == [anonymous, "ada"]
    profile = footfall.profile("ada")
    assert (profile.is_external, profile.properties["path"]) == (True, "/account")


def test_identify_keeps_data_by_key_with_types(footfall: Footfall, page: Page) -> None:
    page.sends("identify", id="ada", data={"plan": "free", "zip": "10115", "seats": 2})
    page.sends("identify", id="ada", data={"plan": "pro", "floor": "3", "seats": "two"})
    page.sends("identify", id="ada", data={"zip": 10115})
    profile = footfall.profile("ada")
    told = {key: profile.properties[key] for key in ("plan", "zip", "seats", "floor")}
    assert told == {"plan": "pro", "zip": "10115", "seats": "two", "floor": "3"}
    assert [data_type(key, profile.properties).name for key in ("zip", "floor")] == ["NUMBER", "STRING"]
    assert profile.is_external
    assert footfall.events() == []
    assert footfall.sessions() == []


def test_identify_without_an_id_is_of_the_visitor(footfall: Footfall, page: Page) -> None:
    visitor = page.sends("identify", data={"plan": "free"})["sessionId"]
    assert page.sends(url="/")["sessionId"] == visitor
    profile = footfall.profile(visitor)
    assert (profile.is_external, profile.properties["plan"]) == (False, "free")


def test_a_person_has_a_thousand_properties_that_may_change(footfall: Footfall, page: Page) -> None:
    for number in range(5):
        page.sends("identify", id="ada", data={f"k{number}-{key}": "1" for key in range(250)})
    page.sends("identify", id="ada", data={"k0-0": "2", "late": "x"})
    properties = footfall.profile("ada").properties
    assert len(properties) <= 1_001  # with the list of those that are texts
    assert (properties["k0-0"], properties["k3-100"]) == ("2", "1")
    assert "late" not in properties


def test_merging_forgets_what_is_no_string_any_more() -> None:
    properties = {"a": "1", "b": "2", STRINGS: "\na\nb\n"}
    merge(properties, {"a": "3", "b": "4", STRINGS: "\nb\n"}, 9)
    assert properties == {"a": "3", "b": "4", STRINGS: "\nb\n"}
    merge(properties, {"b": "5"}, 9)
    assert properties == {"a": "3", "b": "5"}
    merge(properties, {"a": "6", "c": "7", "d": "8", STRINGS: "\na\nc\nd\n"}, 3)
    assert properties == {"a": "6", "b": "5", "c": "7", STRINGS: "\na\nc\n"}


# -- measurements


def test_measurements_stand_beside_the_visit(footfall: Footfall, page: Page) -> None:
    visit = page.sends(url="/a")["visitId"]
    footfall.advance(minutes=5)
    page.sends("performance", url="/a", lcp=1200.5, inp=80, cls=0.05, fcp=600, ttfb=90)
    page.sends("engagement", url="/a", engagement=45_000)
    page.sends("error", url="/a", data={"message": "boom"})
    page.sends(name="signup")
    measured = footfall.event("__performance")
    assert (measured.session_id, measured.path) == (visit, "/a")
    assert measured.properties == {"lcp": "1200.5", "inp": "80", "cls": "0.05", "fcp": "600", "ttfb": "90"}
    assert footfall.event("__engagement").properties == {"engagement": "45000"}
    assert footfall.event("__error").properties == {"message": "boom"}
    session = footfall.session()
    assert (session.screen_view_count, session.event_count) == (1, 1)
    hour = TimeRange(footfall.clock() - 3_600_000, footfall.clock() + 1, ZoneInfo("UTC"))
    assert [found.name for found in ask(footfall.runtime.store, PROJECT, TopEvents(hour))] == ["signup"]
    (journey,) = ask(footfall.runtime.store, PROJECT, Journeys(hour, 3))
    assert journey.items == ("/a", "signup")


def test_measurements_alone_make_no_session(footfall: Footfall, page: Page) -> None:
    page.sends("performance", url="/a", lcp=1)
    page.asks("performance", url="/a", lcp=1, timestamp=footfall.clock() // 1000 - 86_400)
    assert len(footfall.events("__performance")) == 2
    assert footfall.sessions() == []
