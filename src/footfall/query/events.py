"""Events: the stored events themselves, newest first; a page of them.

Source: openpanel contract §9.1, §8.6. Which events: event_selection.py; what is told of each: event_reading.py.

totalCount  how many events are selected; count: how many of them are on the page
"""

from msgspec import Struct

from footfall.query.event_reading import EventText, Spelling, read_page
from footfall.query.event_selection import Selection
from footfall.query.operators import Filters
from footfall.query.reader import Reader
from footfall.query.timeline import Found, Mark


class EventPage(Struct, frozen=True):
    """A part of the list, and how long the whole of it is."""

    events: list[EventText]
    total: int


class Places(Struct, frozen=True):
    """The question where in time the pages of a list are; who finds out more of it adds it to the answer."""

    selection: Selection

    @property
    def filters(self) -> Filters:
        """Those of the selection."""
        return self.selection.filters

    def answer(self, reader: Reader) -> Found:
        """The range's ends, with none and with all of the list."""
        span = self.selection.range
        total = self.selection.number(reader, span.start_ms, span.end_ms)
        return Found((Mark(span.end_ms, 0), Mark(span.start_ms, total)))


class Events(Struct, frozen=True):
    """The question for a page. `spelled` says how a column's name is written as a key."""

    selection: Selection
    limit: int = 50
    offset: int = 0
    spelled: Spelling = str

    @property
    def filters(self) -> Filters:
        """Those of the selection."""
        return self.selection.filters

    def answer(self, reader: Reader) -> EventPage:
        """Count, find the page, and read it."""
        found = reader.ask(Places(self.selection))
        timeline = self.selection.timeline(reader, found.marks)
        total = timeline.whole.rows
        if self.offset >= total:
            return EventPage([], total)
        near = self.selection.around(reader, timeline, self.offset, self.limit)
        found.add(timeline.marks)
        skip = self.offset - near.newest.rows
        return EventPage(read_page(reader, self.selection, near, self.limit, skip, self.spelled), total)
