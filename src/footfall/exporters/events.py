"""All events of a selection as NDJSON or CSV, newest first, piece by piece.

Memory holds three slices, whatever the range: two are read, each by a thread of its own, while the one before them
is sent. Where they begin and end is found out first.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from itertools import islice
from threading import current_thread

from msgspec import Struct

from footfall.exporters import event_csv
from footfall.exporters.event_lines import Extras, camel, lines
from footfall.query.ask import ask
from footfall.query.event_reading import EventText
from footfall.query.event_selection import Selection
from footfall.query.event_slices import SLICE, Extent, NextSlices, Reading, Slice, Slices
from footfall.query.timeline import Stretch
from footfall.store.base import Store

_AHEAD = 2
"""So many slices are read at once: each keeps one core busy."""
_READER = "export"


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
    whole = ask(store, project_id, Extent(selection))
    as_text = form is TextFormat.NDJSON and extras is None
    write = _csv(extras) if form is TextFormat.CSV else _ndjson(extras)

    def cut(left: Stretch) -> Slices:
        with store.answers.turns.beside():
            return ask(store, project_id, NextSlices(selection, left, SLICE))

    def read(each: Slice) -> Piece:
        with store.answers.turns.beside():
            found = ask(store, project_id, Reading(selection, each, SLICE, camel, as_text))
        return Piece(found.text or write(found.events).encode(), found.number)

    return Export(whole.rows if whole else 0, _pieces(Piece(write([]).encode(), 0), _slices(whole, cut), read))


Write = Callable[[list[EventText]], str]


def _slices(left: Stretch | None, cut: Callable[[Stretch], Slices]) -> Iterator[Slice]:
    while left is not None:
        found = cut(left)
        yield from found.slices
        left = found.left


def _pieces(head: Piece, slices: Iterator[Slice], read: Callable[[Slice], Piece]) -> Generator[Piece]:
    """In order, though the next ones are read meanwhile."""
    yield head
    readers = ThreadPoolExecutor(_AHEAD, thread_name_prefix=_READER)
    try:
        coming = deque(readers.submit(read, each) for each in islice(slices, _AHEAD))
        while coming:
            piece = coming.popleft().result()
            coming.extend(readers.submit(read, each) for each in islice(slices, 1))
            if piece.events:
                yield piece
    finally:
        # What nobody reads any more may be swept up by one of the readers, which can't wait for itself.
        readers.shutdown(wait=not current_thread().name.startswith(_READER), cancel_futures=True)


def _ndjson(extras: Extras | None) -> Write:
    return lambda events: "\n".join([*lines(events, extras), ""])


def _csv(extras: Extras | None) -> Write:
    """Asked for no events, which is first, it gives the header."""
    names = extras.names if extras else ()

    def write(events: list[EventText]) -> str:
        return event_csv.rows(lines(events, extras), names) if events else event_csv.header(names)

    return write
