"""Rows of statistics about one event or one visitor, with the keys of all generations (umami contract §4.3)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from footfall.model.event import SCREEN_VIEW, Event
from footfall.model.event_data import OWN, DataType, data_type
from footfall.model.project import Project, ProjectKind
from footfall.model.times import iso_ms
from footfall.query.visitors import SHOWN, Visitor

CUSTOM = 2
VIEWS = {ProjectKind.WEBSITE: 1, ProjectKind.LINK: 3, ProjectKind.PIXEL: 4}
"""Event types (contract §1.5): of a custom event, and of a view of what is counted."""
LONGEST_TEXT = 500


def event_row(event: Event, project: Project) -> dict[str, Any]:
    """One event of a list."""
    referrer = _address(event.referrer)
    properties = event.properties
    return {
        "id": event.id,
        "websiteId": str(project.uuid),
        "sessionId": event.device_id,
        "visitId": event.session_id or None,
        "createdAt": iso_ms(event.created_at),
        "hostname": _address(event.origin)["domain"] or None,
        "urlPath": event.path,
        "urlQuery": properties.get("__search", ""),
        "referrerPath": referrer["path"],
        "referrerQuery": referrer["query"],
        "referrerDomain": (referrer["domain"] or "").removeprefix("www.") or None,
        "country": event.country or None,
        "city": event.city or None,
        "device": event.device or None,
        "os": event.os or None,
        "browser": event.browser or None,
        "pageTitle": event.title or None,
        "eventType": VIEWS[project.kind] if event.name == SCREEN_VIEW else CUSTOM,
        "eventName": custom_name(event.name),
        "tag": properties.get("__tag"),
        "hasData": any(not key.startswith(OWN) for key in properties),
    }


def custom_name(name: str) -> str | None:
    """The name of a custom event; a page view has none."""
    return None if name == SCREEN_VIEW else name


def visitor_row(visitor: Visitor, website_id: str) -> dict[str, Any]:
    """One visitor of a list, or alone."""
    traits = {_camel(name): value or None for name, value in zip(SHOWN, visitor.traits, strict=True)}
    return {
        "id": visitor.id,
        "websiteId": website_id,
        **traits,
        "firstAt": iso_ms(visitor.first_ms),
        "lastAt": iso_ms(visitor.last_ms),
        "visits": visitor.visits,
        "views": visitor.views,
        "events": visitor.events,
        "totaltime": visitor.totaltime,
        "createdAt": iso_ms(visitor.last_ms),
    }


def data_rows(properties: Mapping[str, str]) -> list[dict[str, Any]]:
    """What is known as data, key by key: `dataType`, the text (its first 500 characters, contract §1.5), and the
    number or the time that it is.
    """
    rows = []
    for key in sorted(properties):
        if key.startswith(OWN):
            continue
        kind, text = data_type(key, properties), properties[key]
        rows.append(
            {
                "dataKey": key,
                "dataType": int(kind),
                "stringValue": text[:LONGEST_TEXT],
                "numberValue": float(text) if kind is DataType.NUMBER else None,
                "dateValue": text if kind is DataType.DATE else None,
            }
        )
    return rows


def _address(url: str) -> dict[str, str | None]:
    try:
        found = urlsplit(url)
        domain = found.hostname
    except ValueError:
        return {"domain": None, "path": None, "query": None}
    if not domain:
        return {"domain": None, "path": None, "query": None}
    return {"domain": domain, "path": found.path or "/", "query": found.query}


def _camel(name: str) -> str:
    return "distinctId" if name == "distinct_id" else name
