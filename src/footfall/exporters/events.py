"""All events of a selection as NDJSON or CSV, newest first, piece by piece.

Memory holds two slices, whatever the range: one is read while the one before is written down.
"""

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum

from msgspec import Struct

from footfall.exporters import event_csv
from footfall.exporters.event_lines import Extras, camel, lines
from footfall.query.ask import ask
from footfall.query.event_reading import EventText
from footfall.query.event_selection import Selection
from footfall.query.event_slices import EventSlice, Extent, NextSlice, Place
from footfall.store.base import Store


class TextFormat(StrEnum):
    """How events are written as text; the value is the media type."""

    NDJSON = "application/x-ndjson"
    CSV = "text/csv"


class Piece(Struct, frozen=True):
    """Some of the text, and how many events are in it."""

    text: bytes
    events: int


class Export(Struct, frozen=True):
    """How many events there are, and their text, which can be read once. What is not read out is to be closed."""

    total: int
    pieces: Generator[Piece]

    def close(self) -> None:
        """End the reading."""
        self.pieces.close()


def export(
    store: Store, project_id: str, selection: Selection, form: TextFormat, extras: Extras | None = None
) -> Export:
    """The selection as text. Blocks here and at each piece. Raises BadRequest, Overloaded."""
    place = ask(store, project_id, Extent(selection))
    as_text = form is TextFormat.NDJSON and extras is None
    write = _csv(extras) if form is TextFormat.CSV else _ndjson(extras)
    total = place.left.rows if place else 0

    def read(place: Place) -> EventSlice:
        return ask(store, project_id, NextSlice(selection, place, camel, as_text))

    return Export(total, _pieces(place, read, write))


Write = Callable[[list[EventText]], str]


def _pieces(place: Place | None, read: Callable[[Place], EventSlice], write: Write) -> Generator[Piece]:
    yield Piece(write([]).encode(), 0)
    if place is None:
        return
    with ThreadPoolExecutor(1, thread_name_prefix="export") as ahead:
        coming = ahead.submit(read, place)
        while True:
            found = coming.result()
            if found.next is not None:
                coming = ahead.submit(read, found.next)
            if found.number:
                yield Piece(found.text or write(found.events).encode(), found.number)
            if found.next is None:
                return


def _ndjson(extras: Extras | None) -> Write:
    return lambda events: "\n".join([*lines(events, extras), ""])


def _csv(extras: Extras | None) -> Write:
    """Asked for no events, which is first, it gives the header."""
    names = extras.names if extras else ()

    def write(events: list[EventText]) -> str:
        return event_csv.rows(lines(events, extras), names) if events else event_csv.header(names)

    return write
