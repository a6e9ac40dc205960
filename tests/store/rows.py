"""Rows to put in: small ones, and ones with everything in them that has ever broken a store."""

from typing import Any

from footfall.model.event import BROUGHT_END, BROUGHT_START, DropCount, Dwell, Event, Group, Profile, Session

NOON = 1_760_011_200_000  # 2025-10-09 12:00 UTC
MINUTE = 60_000
STRANGE = "ünïcödé 日本 🦉 ' \" ` \\ \n \t $x {y:String} %s %(z)s -- ;"
BIGGEST, SMALLEST = 2**63 - 1, -(2**63)


def event_id(number: int) -> str:
    """The same id for the same number."""
    return f"00000000-0000-8000-8000-{number:012x}"


def event(number: int, **fields: Any) -> Event:
    """A screen view, a second after the one before."""
    given: dict[str, Any] = {
        "id": event_id(number),
        "project_id": "shop",
        "name": "screen_view",
        "created_at": NOON + number * 1000,
        "device_id": "d1",
        "profile_id": "d1",
        "session_id": "s1",
        "path": "/",
        "origin": "https://shop.example",
    }
    return Event(**given | fields)


def session(id: str = "s1", **fields: Any) -> Session:
    """An open session of a minute from noon, without marks."""
    given: dict[str, Any] = {
        "id": id,
        "project_id": "shop",
        "device_id": "d1",
        "profile_id": "d1",
        "created_at": NOON,
        "ended_at": NOON + MINUTE,
        "start_id": event_id(999_997),
        "marks": BROUGHT_START | BROUGHT_END,
        "received_at": NOON + MINUTE,
    }
    return Session(**given | fields)


def dwell(number: int, **fields: Any) -> Dwell:
    """How long the view of that number was looked at."""
    given: dict[str, Any] = {
        "view_id": event_id(number),
        "project_id": "shop",
        "viewed_at": NOON + number * 1000,
        "session_id": "s1",
        "origin": "https://shop.example",
        "path": "/",
        "duration": 1000,
    }
    return Dwell(**given | fields)


def profile(id: str = "ann", **fields: Any) -> Profile:
    """A person."""
    return Profile(id=id, project_id="shop", is_external=True, created_at=NOON, last_seen_at=NOON, **fields)


def group(id: str = "acme", **fields: Any) -> Group:
    """A company."""
    return Group(
        **{"id": id, "project_id": "shop", "type": "company", "name": "Acme", "created_at": NOON} | fields
    )


def drop(count: int, reason: str = "bot") -> DropCount:
    """Hits not counted."""
    return DropCount(project_id="shop", day="2025-10-09", reason=reason, count=count)


FULL_EVENT = event(
    1,
    title=STRANGE,
    path=f"/{STRANGE}",
    referrer="https://a.example/?q='",
    referrer_name="A's",
    referrer_type="search",
    revenue=BIGGEST,
    currency="EUR",
    country="DE",
    region="Bayern",
    city="München",
    longitude=11.5,
    latitude=-0.25,
    os="Mac OS",
    os_version="10.15",
    browser="Chrome",
    browser_version="120",
    device="desktop",
    brand="Apple",
    model="Mac",
    sdk_name="web",
    sdk_version="1.0",
    groups=("acme", "o'neill", "[]", STRANGE),
    imported_at=NOON + 123,
    first_view=True,
    properties={"a.b.c": "1", "__query.q": STRANGE, "": "empty key", "quote'\"": "", "json": '{"x": [1]}'},
)
EMPTY_EVENT = Event(id=event_id(2), project_id="", name="", created_at=NOON + 1, revenue=SMALLEST)
FULL_SESSION = session(
    "full",
    is_bounce=False,
    entry_origin="https://shop.example",
    entry_path=f"/{STRANGE}",
    exit_origin="https://shop.example",
    exit_path="/bye",
    screen_view_count=3,
    event_count=BIGGEST,
    revenue=SMALLEST,
    duration=MINUTE,
    referrer="https://a.example",
    referrer_name="A",
    referrer_type="social",
    country="FR",
    region="Île-de-France",
    city="Paris",
    longitude=2.25,
    latitude=48.75,
    os="iOS",
    os_version="17",
    browser="Safari",
    browser_version="17",
    device="mobile",
    brand="Apple",
    model="iPhone",
    utm_source="s",
    utm_medium="m",
    utm_campaign=STRANGE,
    utm_term="t",
    utm_content="c",
    start_title=STRANGE,
    start_sdk_name="web",
    start_sdk_version="1.4.1",
    start_properties={"a.b": STRANGE},
    marks=1,
    groups=("acme", "o'neill"),
    last_view_id="v",
    last_view_at=NOON + 5,
    last_view_origin="https://shop.example",
    last_view_path="/bye",
)
