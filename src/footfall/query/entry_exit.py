"""Entries and exits: the pages on which the sessions of a range began, or ended, most sessions first.

Source: openpanel contract §8.6. A session is in the range in which it *started*; one that saw no page is left
out. The numbers are those of a breakdown (`breakdown.py`) by the entry's or the exit's page:

prefix, name          the page's origin and path
sessions              sessions that began, or ended, on the page; one that is still open ends where it is
bounce_rate           percent of them with fewer than two counted page views, 2 decimals
avg_session_duration  mean over those that have a duration, in seconds; None if none has
pageviews             all page views of these sessions, whatever the page
revenue               all their revenue, in minor units

With a filter on `path`: sessions with any event that passes.
"""

from enum import StrEnum

from msgspec import Struct

from footfall.query.breakdown import Share, sessions_by, top_shares
from footfall.query.filters import in_range, on_sessions
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import both, column, differ, word


class End(StrEnum):
    """Which end of a session."""

    ENTRY = "entry"
    EXIT = "exit"


class EntryExit(Struct, frozen=True):
    """The question: `limit` pages from `offset` on."""

    range: TimeRange
    end: End = End.ENTRY
    filters: Filters = NO_FILTERS
    limit: int = 10
    offset: int = 0

    def answer(self, reader: Reader) -> list[Share]:
        """One aggregation of sessions."""
        path = column(f"{self.end}_path")
        where = both(
            in_range(reader, self.range),
            differ(path, word("")),
            on_sessions(reader, self.filters, self.range),
        )
        rows = sessions_by(column(f"{self.end}_origin"), path.copy(), where)
        return top_shares(reader, rows, self.limit, self.offset)
