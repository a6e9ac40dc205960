"""Events: the stored events themselves, newest first; a page of them.

Source: openpanel contract §9.1, §8.6. Which events: event_selection.py; what is told of each: event_reading.py.

totalCount  how many events are selected; count: how many of them are on the page
"""

from msgspec import Struct

from footfall.query.event_reading import EventText, Spelling, read_page
from footfall.query.event_selection import Selection
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.reader import Reader
from footfall.query.timeline import Found, Mark, Marks, Stretch

AHEAD, MOST = 500, 2_500
"""So many events are read at once where page after page is asked for, which takes little longer than one page; and
no more than so many: where an instant has thousands, page by page."""


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
        return Found(Marks.of([Mark(span.end_ms, 0), Mark(span.start_ms, total)]))


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
        """Count, find the page, and read it; with some that follow, if one beside it was asked for before."""
        found = reader.ask(Places(self.selection))
        total = found.marks.rows[-1]
        if self.offset >= total:
            return EventPage([], total)
        known = found.with_rows(self.offset, min(self.offset + self.limit, total))
        goes_on = (known or found.with_rows(self.offset - 1, self.offset)) is not None
        span = known or self._look(reader, found, max(self.limit, AHEAD) if goes_on else self.limit)
        skip = self.offset - span.newest.rows
        if goes_on and span.rows <= MOST:
            walk = reader.ask(Walk(self.selection, span.newest.ms, span.oldest.ms, self.spelled))
            return self._page(walk[skip:], total)
        return self._page(read_page(reader, self.selection, span, self.limit, skip, self.spelled), total)

    def _page(self, events: list[EventText], total: int) -> EventPage:
        """What came in between the count and the reading may be on the page, and counts then."""
        events = events[: self.limit]
        return EventPage(events, max(total, self.offset + len(events)))

    def _look(self, reader: Reader, found: Found, limit: int) -> Stretch:
        """Where so many events from the page's first on are."""
        timeline = self.selection.timeline(reader, found.marks)
        span = self.selection.around(reader, timeline, self.offset, limit)
        found.add(timeline.marks, span)
        return span


class Walk(Struct, frozen=True):
    """The question for all events of a short stretch, so that the pages of it are read at once."""

    selection: Selection
    until_ms: int
    since_ms: int
    spelled: Spelling = str
    filters: Filters = NO_FILTERS  # those of the selection were checked for the page

    def answer(self, reader: Reader) -> list[EventText]:
        """In order."""
        span = Stretch(Mark(self.until_ms, 0), Mark(self.since_ms, 0))
        return read_page(reader, self.selection, span, 0, 0, self.spelled)
