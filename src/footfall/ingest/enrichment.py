"""From an accepted hit to an event: a list of steps, each with one concern. Source: contract §3.4, §4.

The session step is not here: it needs to know the visitor's past (sessions.py, history.py).
"""

from collections.abc import Callable, Container
from typing import Any

from footfall.ingest.enrich import ua
from footfall.ingest.enrich.properties import clean_text, flatten
from footfall.ingest.enrich.referrer import SOURCE_KEYS, classify
from footfall.ingest.enrich.ua import SERVER, UserAgent
from footfall.ingest.enrich.url import Page, host_of, parse_page
from footfall.ingest.records import Hit
from footfall.model.devices import device_kind
from footfall.model.event import REVENUE, Event
from footfall.model.money import MAX_MINOR_UNITS

Step = Callable[[Event, Hit], None]

# What becomes a column or decides something is not stored a second time as a property (§3.4, §3.5).
CONSUMED = frozenset(
    {"__path", "__referrer", "__timestamp", "__revenue", "__title", "__ip", "__deviceId", "__identify"}
)

_OVERRIDES = {
    "__os": "os",
    "__osVersion": "os_version",
    "__browser": "browser",
    "__browserVersion": "browser_version",
    "__device": "device",
    "__brand": "brand",
    "__model": "model",
}
_MAX_URL = 2_000


def enrich(hit: Hit, event_id: str) -> Event:
    """Turn one accepted hit into one event, not yet in a session."""
    event = Event(
        id=hit.id or event_id,
        project_id=hit.project_id,
        name=hit.name,
        created_at=hit.at,
        device_id=hit.device_id,
        profile_id=hit.profile_id or hit.device_id,
        session_id=hit.session_id,
        groups=hit.groups,
        sdk_name=hit.sdk_name,
        sdk_version=hit.sdk_version,
        imported_at=hit.imported_at,
    )
    for step in STEPS if hit.given is None else GIVEN_STEPS:
        step(event, hit)
    return event


def read_properties(event: Event, hit: Hit) -> None:
    """Flatten what the caller sent (§6.4)."""
    properties = hit.properties
    event.properties = flatten({key: value for key, value in properties.items() if key not in CONSUMED})
    title = properties.get("__title")
    if isinstance(title, str):
        event.title = clean_text(title)[:_MAX_URL]


def read_page(event: Event, hit: Hit) -> None:
    """Take the page's address apart (§4.5); its parameters and fragment become properties."""
    page = _page(hit)
    event.path, event.origin = page.path, page.origin
    if page.hash:
        event.properties["__hash"] = page.hash
    if page.query:
        for key, value in flatten(page.query).items():
            event.properties[f"__query.{key}"] = value


def _page(hit: Hit) -> Page:
    address = hit.properties.get("__path")
    if address is None:
        # Very old SDKs named it so (§3.4).
        address = hit.properties.get("path")
    return parse_page(_address(address))


def read_referrer(event: Event, hit: Hit) -> None:
    """Name the source of the visit (§4.4)."""
    referrer = hit.properties.get("__referrer")
    if referrer is None:
        referrer = hit.properties.get("referrer")
    _name_source(event, _address(referrer), _page(hit).query)


def _address(value: object) -> str:
    return clean_text(value[:_MAX_URL]) if isinstance(value, str) else ""


def _name_source(event: Event, text: str, in_address: Container[str] = ()) -> None:
    """`in_address`: the parameters of the page's address, of which empty ones are no properties."""
    properties = event.properties
    query = {
        name: properties.get(f"__query.{name}", "")
        for name in SOURCE_KEYS
        if name in in_address or f"__query.{name}" in properties
    }
    if not text and not query:
        return
    found = classify(text, host_of(event.origin), query)
    event.referrer, event.referrer_name, event.referrer_type = found.url, found.name, found.type


def read_user_agent(event: Event, hit: Hit) -> None:
    """Name the device (§4.3); what an app says of itself wins over its user agent (§3.5)."""
    agent = ua.parse(hit.user_agent) if not hit.is_server else SERVER
    _describe(event, agent)
    if hit.is_server:
        return
    for key in hit.properties.keys() & _OVERRIDES.keys():
        value = hit.properties[key]
        if isinstance(value, str) and value:
            text = clean_text(value)[:200]
            setattr(event, _OVERRIDES[key], device_kind(text) if key == "__device" else text)


def _describe(target: Any, agent: UserAgent) -> None:
    target.os, target.os_version = agent.os, agent.os_version
    target.browser, target.browser_version = agent.browser, agent.browser_version
    target.device, target.brand, target.model = agent.device, agent.brand, agent.model


def read_place(event: Event, hit: Hit) -> None:
    """Where the visitor is (§4.6)."""
    place = hit.place
    event.country, event.region, event.city = place.country, place.region, place.city
    event.longitude, event.latitude = place.longitude, place.latitude


def read_revenue(event: Event, hit: Hit) -> None:
    """Money counts on the event `revenue` only (§3.4); minor units, in `currency` if it names one."""
    if event.name != REVENUE:
        return
    event.revenue = minor_units(hit.properties.get("__revenue")) or 0
    currency = hit.properties.get("currency")
    if isinstance(currency, str) and len(currency) == 3 and currency.isalpha():
        event.currency = currency.upper()


def minor_units(amount: object) -> int | None:
    """Money as JSON has it, where 1999.0 is the integer 1999; None if it is none (§3.3)."""
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount <= MAX_MINOR_UNITS:
        return None
    return int(amount) if amount == int(amount) else None


def take_given(event: Event, hit: Hit) -> None:
    """Take what the dialect has read (umami contract §1.5)."""
    given = hit.given
    assert given is not None
    event.path, event.origin, event.title = given.path, given.origin, given.title
    event.revenue, event.currency = given.revenue, given.currency
    event.properties = dict(given.properties)
    _name_source(event, _address(given.referrer))


STEPS: tuple[Step, ...] = (read_properties, read_page, read_referrer, read_user_agent, read_place, read_revenue)
GIVEN_STEPS: tuple[Step, ...] = (take_given, read_user_agent, read_place)
