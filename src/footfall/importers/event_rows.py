"""One row of events, as JSON, to one record: what is checked, mended and refused.

Refused with BadRequest, which names the field: no name, no time, an id or number that can't be one.
Mended: numbers for text and text for numbers, null for nothing, text over its cap (cut), names of
countries, addresses in `__path`, the profile of an anonymous visitor, which is the device. Keys that nobody
knows are left alone. Contract: openpanel.md §6.1, §10.1.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any

import msgspec

from footfall.importers.event_mending import INSTANT, country_of, currency, mended, minor_units
from footfall.importers.event_shapes import COLUMN_OF, MAX_ROW_BYTES, TEXTS, Camel, Plain
from footfall.importers.identity import Identities, canonical_uuid
from footfall.importers.times import instant_ms
from footfall.ingest.enrich.properties import clean_text, flatten
from footfall.ingest.enrich.referrer import classify
from footfall.ingest.enrich.url import host_of, parse_page
from footfall.ingest.records import Row
from footfall.model.devices import device_kind
from footfall.model.errors import BadRequest
from footfall.model.event import Event
from footfall.model.event_data import STRINGS, UMAMI, list_of
from footfall.model.text import strict_json

# §3.4: these have columns, so they are not stored as properties too.
HAVE_COLUMNS = frozenset({"__path", "__referrer", "__timestamp", "__revenue", "__title"})

_SHAPES = (msgspec.json.Decoder[Any](Plain), msgspec.json.Decoder[Any](Camel))
_UNFIT = (msgspec.MsgspecError, UnicodeError, RecursionError)
# Escapes of the control characters that text must not hold; such rows are read with care.
_UNWANTED = re.compile(rb"\\(?:[bf]|u00[01]|u007f)", re.IGNORECASE)

_encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="sorted").encode


class RowReader:
    """Reads the rows of one file or request into one project, whatever project they name.

    `now_ms` is the time of the import.
    """

    def __init__(self, project_id: str, now_ms: int) -> None:
        self._project_id = project_id
        self._now_ms = now_ms
        self._identities = Identities(project_id)

    def read_all(self, raws: Sequence[bytes]) -> Iterator[Row | BadRequest]:
        """What `read` makes of each of these rows, in order; faster when all are of one shape."""
        shaped = decode_block(raws)
        for raw, shape in zip(raws, shaped or repeat(None), strict=False):
            try:
                row = self.read(raw) if shape is None else self.read_shaped(shape, raw)
            except BadRequest as error:
                yield error
            else:
                yield row

    def read(self, raw: bytes) -> Row:
        """The record of one JSON object. Raises BadRequest; its `field` is '' if this is no object."""
        return self.read_shaped(_decode(raw), raw)

    def identify(self, raw: bytes) -> str:
        """The id of a row that brings none."""
        return self._identities.of(_content(raw))

    def read_shaped(self, row: Any, raw: bytes) -> Row:
        """A record of a decoded row of either shape."""
        created_at = instant_ms(row.created_at)
        if created_at is None:
            raise BadRequest(f"created_at must be {INSTANT}.", "created_at")
        name = row.name.strip()
        if not name:
            raise BadRequest("name must not be empty.", "name")
        take_title(row)
        event = Event(
            id=canonical_uuid(row.id) or self.identify(raw),
            project_id=self._project_id,
            name=name,
            created_at=created_at,
            device_id=row.device_id,
            profile_id=row.profile_id or row.device_id,
            session_id=row.session_id,
            path=row.path,
            origin=row.origin,
            title=row.title,
            referrer=row.referrer,
            referrer_name=row.referrer_name,
            referrer_type=row.referrer_type,
            revenue=row.revenue or 0,
            currency=currency(row.currency) if row.currency else "",
            country=country_of(row.country),
            region=row.region,
            city=row.city,
            longitude=row.longitude,
            latitude=row.latitude,
            os=row.os,
            os_version=row.os_version,
            browser=row.browser,
            browser_version=row.browser_version,
            device=device_kind(row.device),
            brand=row.brand,
            model=row.model,
            sdk_name=row.sdk_name,
            sdk_version=row.sdk_version,
            groups=row.groups,
            imported_at=self._now_ms if row.imported_at is None else self._imported_at(row.imported_at),
        )
        if row.properties:
            event.properties = flat_properties(row)
            if not HAVE_COLUMNS.isdisjoint(event.properties):
                _take_special(event)
            if event.revenue and not event.currency:
                event.currency = currency(event.properties.get("currency", ""))
        return Row(event)

    def _imported_at(self, value: object) -> int:
        at = instant_ms(value)
        if at is None:
            raise BadRequest(f"imported_at must be {INSTANT}.", "imported_at")
        return at


def take_title(row: Any) -> None:
    """Move a title from the properties, where our exports have it, to its column; it is text whatever it says."""
    title = row.properties.get("__title")
    if isinstance(title, str):
        del row.properties["__title"]
        row.title = row.title or clean_text(title)[: TEXTS["title"]]


def flat_properties(row: Any) -> dict[str, str]:
    """A row's properties as flat text; Umami's event data stays as it was stored, lists and types with it."""
    if row.sdk_name != UMAMI:
        return flatten(row.properties)
    flat = flatten(row.properties, reads_json=False)
    if STRINGS in flat:
        flat[STRINGS] = list_of(flat[STRINGS].split("\n"))
    return flat


def properties_text(flat: dict[str, str]) -> str:
    """Flat properties as JSON, as columns keep them."""
    return _encode(flat).decode() if flat else "{}"


def _take_special(event: Event) -> None:
    """Move the properties that have columns (§3.5) there, where the row has not filled them itself."""
    properties = event.properties
    taken = {key: properties.pop(key) for key in HAVE_COLUMNS if key in properties}
    if not event.title:
        event.title = taken.get("__title", "")[: TEXTS["title"]]
    if not event.revenue and "__revenue" in taken:
        event.revenue = minor_units(taken["__revenue"], "properties.__revenue")
    query: Mapping[str, str] = {}
    if not event.path and "__path" in taken:
        page = parse_page(taken["__path"])
        event.path = page.path[: TEXTS["path"]]
        event.origin = (event.origin or page.origin)[: TEXTS["origin"]]
        query = page.query
        extra = {"__query": query, "__hash": page.hash}
        event.properties = {**flatten(extra), **properties}
    if not event.referrer and "__referrer" in taken:
        found = classify(taken["__referrer"], host_of(event.origin), query)
        event.referrer = found.url[: TEXTS["referrer"]]
        event.referrer_name = event.referrer_name or found.name[: TEXTS["referrer_name"]]
        event.referrer_type = event.referrer_type or found.type


def decode_block(raws: Sequence[bytes]) -> list[Any] | None:
    """These rows in one of the shapes, None if one of them fits it not."""
    if max(map(len, raws), default=0) > MAX_ROW_BYTES:
        return None
    block = b"\n".join(raws)
    if b"\\" in block and _UNWANTED.search(block):
        return None
    for shape in _SHAPES:
        try:
            rows = shape.decode_lines(block)
        except _UNFIT:
            continue
        if len(rows) == len(raws):
            return rows
    return None


def _decode(raw: bytes) -> Any:
    """One row in the plain shape."""
    row = _known(_object(raw))
    if b"\\" not in raw or _UNWANTED.search(raw) is None:
        try:
            return msgspec.convert(row, Plain)
        except _UNFIT:
            pass
    return mended(row)


def _object(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_ROW_BYTES:
        raise BadRequest(f"A row must be smaller than {MAX_ROW_BYTES >> 20} MB.")
    try:
        row = msgspec.json.decode(raw)
    except _UNFIT:
        try:  # takes halves of surrogate pairs too, which some programs write
            row = json.loads(strict_json(raw).decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise BadRequest("This is not a JSON object.") from None
    if not isinstance(row, dict):
        raise BadRequest("A row must be a JSON object.")
    return row


def _known(row: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that we know and that say something, in the store's spelling."""
    return {COLUMN_OF[key]: value for key, value in row.items() if value is not None and key in COLUMN_OF}


def _content(raw: bytes) -> bytes:
    """The row in one spelling, whatever the order of its keys and the space between them."""
    try:
        return _encode_sorted(msgspec.json.decode(raw))
    except _UNFIT:
        return raw
