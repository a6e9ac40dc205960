"""Present: who is on the site now, and since when it has been counted (umami contract §4.3).

active   distinct visitors (devices) who viewed a page or sent an event in the last five minutes; an event exactly
         five minutes old is gone
extent   when the first and the last of these events were
"""

from msgspec import Struct

from footfall.query.conditions import Kind, is_kind
from footfall.query.live import in_window
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.reader import Reader
from footfall.query.sql import (
    at_least,
    both,
    column,
    count,
    differ,
    distinct,
    largest,
    named,
    read,
    smallest,
    word,
)


class ActiveVisitors(Struct, frozen=True):
    """The question, at an instant."""

    now_ms: int
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> int:
        """How many visitors."""
        where = both(in_window(reader, self.now_ms), differ(column("device_id"), word("")))
        return int(reader.rows(read("events", [named(distinct(column("device_id")), "visitors")], where))[0][0])


class Extent(Struct, frozen=True):
    """The question; what was before `since_ms` does not count."""

    since_ms: int = 0
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> tuple[int, int] | None:
        """Both times, UTC ms; None without an event."""
        time = reader.engine.epoch_ms
        values = [
            named(count(), "number"),
            named(time(smallest(column("created_at"))), "first_ms"),
            named(time(largest(column("created_at"))), "last_ms"),
        ]
        since = at_least(column("created_at"), reader.instant(self.since_ms))
        number, first_ms, last_ms = reader.rows(read("events", values, both(since, is_kind(Kind.ALL))))[0]
        return (int(first_ms), int(last_ms)) if number else None
