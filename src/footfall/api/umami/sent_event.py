"""What a hit of this dialect says of its event and of its device (umami contract §1.5, §1.6)."""

from collections.abc import Mapping
from typing import Any

from footfall.api.umami.payloads import VITALS, Payload
from footfall.ingest.enrich import ua
from footfall.ingest.enrich.event_data import flatten_data, revenue_of
from footfall.ingest.enrich.properties import clean_text, scalar_text
from footfall.ingest.enrich.umami_page import (
    LONGEST_PART,
    Address,
    decode_title,
    origin_at,
    parameters,
    resolve,
)
from footfall.ingest.records import Given

_MAX_LABEL = 200
_FULL_HD = 1_920  # pixels; a desktop's screen of no more is taken for a laptop's
_NO_PAGE = Address("")
_MEASURES = (*VITALS, "engagement")


def given(payload: Payload, *, is_aside: bool) -> Given:
    """What the sender says of the event (§1.5). Addresses were checked with the payload."""
    data = payload.data or {}
    page = (resolve(payload.url) if payload.url is not None else None) or _NO_PAGE
    origin = origin_at(page, payload.hostname or "")
    revenue, currency = (0, "") if is_aside or not data else revenue_of(data)
    return Given(
        path=page.path,
        origin=origin,
        title=decode_title(payload.title) if payload.title else "",
        referrer=_referrer(payload.referrer),
        properties=_properties(payload, page, data, is_aside=is_aside),
        revenue=revenue,
        currency=currency,
    )


def _referrer(text: str | None) -> str:
    """A relative referrer is a page of the site itself, and so none."""
    address = resolve(text) if text else None
    return text if text and address is not None and (address.origin or "://" in text) else ""


def _properties(payload: Payload, page: Address, data: Mapping[str, object], *, is_aside: bool) -> dict[str, str]:
    properties = flatten_data(data) if data else {}
    if page.search:
        properties["__search"] = page.search[:LONGEST_PART]
        for key, value in parameters(page.search).items():
            properties[f"__query.{key}"] = value
    for key, text in (
        ("__hash", page.hash),
        ("__screen", payload.screen),
        ("__language", payload.language),
        ("__tag", payload.tag),
    ):
        if text:
            cleaned = clean_text(text)
            if cleaned:
                properties[key] = cleaned
    for key in _MEASURES if is_aside else ():
        number = getattr(payload, key)
        if number is not None:
            properties[key] = scalar_text(number)
    return properties


def device(payload: Payload, user_agent: str) -> dict[str, Any]:
    """What is known better than by the user agent: what the sender says, and laptops by their screens (§1.6)."""
    told = {"__browser": payload.browser, "__os": payload.os}
    properties: dict[str, Any] = {key: text for key, text in told.items() if text}
    kind = payload.device or ua.parse(user_agent).device
    if not payload.device and kind in ("server", "desktop"):
        kind = "laptop" if 0 < _width(payload.screen) <= _FULL_HD else "desktop"
    properties["__device"] = kind[:_MAX_LABEL]
    return properties


def _width(screen: str | None) -> int:
    """The first number of `1920x1080`, 0 if there is none."""
    width = (screen or "").partition("x")[0]
    return int(width) if width.isascii() and width.isdigit() else 0
