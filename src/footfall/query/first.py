"""First: when a project's first event happened, where `all_time` begins.

first_event   its time, ms UTC; None of an empty project
"""

from msgspec import Struct

from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.reader import Reader
from footfall.query.sql import column, count, named, read, smallest


class FirstEvent(Struct, frozen=True):
    """The question."""

    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> int | None:
        """Milliseconds since 1970, None without an event."""
        first = named(reader.engine.epoch_ms(smallest(column("created_at"))), "first_ms")
        number, first_ms = reader.rows(read("events", [named(count(), "number"), first]))[0]
        return int(first_ms) if number else None
