"""Blocks of event rows to columns: all at once what is plain, row by row with `event_rows` what is not.

Plain are rows that `event_rows` would take as they are. What a row means stands there only.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import compress
from operator import attrgetter
from typing import Any

from footfall.importers.event_mending import country_of, currency
from footfall.importers.event_rows import (
    HAVE_COLUMNS,
    RowReader,
    decode_block,
    flat_properties,
    properties_text,
    take_title,
)
from footfall.importers.identity import are_canonical
from footfall.importers.times import LAST_MS, instant_ms
from footfall.model.devices import device_kind
from footfall.model.errors import BadRequest
from footfall.store.columns import PROPERTIES, TOGETHER, EventColumns, Gathering

_PIECE = 64
"""Rows that are tried together once a block turned out to have an odd one among them."""

_readers = [attrgetter(*names) for names in TOGETHER[:PROPERTIES]]
_id, _name, _revenue = attrgetter("id"), attrgetter("name"), attrgetter("revenue")
_created_at, _imported_at = attrgetter("created_at"), attrgetter("imported_at")
_properties, _country, _currency = attrgetter("properties"), attrgetter("country"), attrgetter("currency")
_device = attrgetter("device")

Refusal = tuple[int, BadRequest]
"""The place of a row among those that were given, from 0, and what is wrong with it."""


class ColumnReader:
    """Reads the rows of one file into columns of one project. `now_ms` is the time of the import."""

    def __init__(self, project_id: str, now_ms: int) -> None:
        self._project_id = project_id
        self._now_ms = now_ms
        self._reader = RowReader(project_id, now_ms)
        self._gathering = Gathering()

    def __len__(self) -> int:
        return len(self._gathering)

    def take(self) -> EventColumns:
        """All rows since the last time."""
        done, self._gathering = self._gathering.done(self._project_id), Gathering()
        return done

    def add(self, raws: Sequence[bytes]) -> Iterator[Refusal]:
        """Read these rows; yields those that are refused."""
        rows = decode_block(raws)
        if rows is not None:
            yield from self._add_shaped(rows, raws)
        elif len(raws) <= _PIECE:
            yield from self._add_one_by_one(raws)
        else:
            for start in range(0, len(raws), _PIECE):
                for place, error in self.add(raws[start : start + _PIECE]):
                    yield start + place, error

    def _add_one_by_one(self, raws: Sequence[bytes]) -> Iterator[Refusal]:
        events = []
        for place, raw in enumerate(raws):
            try:
                events.append(self._reader.read(raw).event)
            except BadRequest as error:
                yield place, error
        texts = [properties_text(event.properties) for event in events]
        self._gather(events, list(map(_created_at, events)), list(map(_imported_at, events)), texts)

    def _add_shaped(self, rows: list[Any], raws: Sequence[bytes]) -> Iterator[Refusal]:
        for row, raw in zip(rows, raws, strict=True):
            if not row.id:
                row.id = self._reader.identify(raw)
        odd = _unlike_others(rows)
        _put_in_words_of_the_store(rows)
        created_at = _instants(list(map(_created_at, rows)), odd)
        imported_at = _instants_or(self._now_ms, list(map(_imported_at, rows)), odd)
        texts = _flat_properties(rows, odd)
        kept = [True] * len(rows)
        for place in sorted(odd):
            try:
                event = self._reader.read_shaped(rows[place], raws[place]).event
            except BadRequest as error:
                kept[place] = False
                yield place, error
                continue
            rows[place], created_at[place], imported_at[place] = event, event.created_at, event.imported_at or 0
            texts[place] = properties_text(event.properties)
        columns = (rows, created_at, imported_at, texts)
        self._gather(*(columns if all(kept) else (list(compress(column, kept)) for column in columns)))

    def _gather(self, rows: list[Any], created_at: list[int], imported_at: list[int], texts: list[str]) -> None:
        to = self._gathering
        to.ids += map(_id, rows)
        to.created_at.fromlist(created_at)
        to.imported_at.fromlist(imported_at)
        to.revenue.fromlist([amount or 0 for amount in map(_revenue, rows)])
        for which, read in enumerate(_readers):
            to.add(which, map(read, rows))
        to.add(PROPERTIES, zip(texts, strict=True))


# -- what is plain; the places of rows that are not go to `odd`


def _unlike_others(rows: Sequence[Any]) -> set[int]:
    """The places of rows whose name, id or currency needs a closer look."""
    names, ids = list(map(_name, rows)), list(map(_id, rows))
    odd = _places(names, lambda name: bool(name) and name == name.strip())
    odd |= _places(list(map(_currency, rows)), lambda code: code == currency(code))
    if not are_canonical(ids):
        odd.update(place for place, id_ in enumerate(ids) if not are_canonical([id_]))
    return odd


def _put_in_words_of_the_store(rows: Sequence[Any]) -> None:
    """Countries and devices, which exports name as they are shown, and anonymous visitors."""
    for row in rows:
        if not row.profile_id:
            row.profile_id = row.device_id
    for name, read, word_of in (("country", _country, country_of), ("device", _device, device_kind)):
        column = list(map(read, rows))
        words = {shown: word_of(shown) for shown in set(column)}
        if any(word != shown for shown, word in words.items()):
            for row, shown in zip(rows, column, strict=True):
                setattr(row, name, words[shown])


def _places(column: Sequence[str], is_plain: Callable[[str], bool]) -> set[int]:
    unfit = {text for text in set(column) if not is_plain(text)}
    return {place for place, text in enumerate(column) if text in unfit} if unfit else set()


def _instants(column: Sequence[Any], odd: set[int]) -> list[int]:
    """In ms, 0 for the odd."""
    if set(map(type, column)) == {datetime} and {moment.tzinfo for moment in column} == {UTC}:
        found = [round(moment.timestamp() * 1000) for moment in column]
        if min(found) >= 0 and max(found) < LAST_MS:
            return found
    instants = list(map(instant_ms, column))
    odd.update(place for place, at in enumerate(instants) if at is None)
    return [at or 0 for at in instants]


def _instants_or(default: int, column: Sequence[Any], odd: set[int]) -> list[int]:
    if set(column) == {None}:
        return [default] * len(column)
    return _instants([default if at is None else at for at in column], odd)


def _flat_properties(rows: Sequence[Any], odd: set[int]) -> list[str]:
    """As flat JSON. Odd are those that fill columns."""
    texts = [properties_text({})] * len(rows)
    for place, properties in enumerate(map(_properties, rows)):
        if not properties:
            continue
        take_title(rows[place])
        flat = flat_properties(rows[place])
        if not HAVE_COLUMNS.isdisjoint(flat) or (rows[place].revenue and not rows[place].currency):
            odd.add(place)
        else:
            texts[place] = properties_text(flat)
    return texts
