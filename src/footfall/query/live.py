"""Live: who is on the site now (openpanel contract §8.3).

visitors   distinct profiles, anonymous ones included, with an event in the last five minutes. An event
           exactly five minutes old is gone; `session_start` and `session_end` are not a visitor's doing
           and don't count.
"""

from msgspec import Struct

from footfall.model.event import SESSION_END, SESSION_START
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.reader import Reader
from footfall.query.sql import both, column, differ, distinct, less, more, named, read, word

WINDOW_MS = 5 * 60 * 1000


class Live(Struct, frozen=True):
    """The question, at an instant."""

    now_ms: int
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> int:
        """How many visitors."""
        where = both(
            more(column("created_at"), reader.instant(self.now_ms - WINDOW_MS)),
            less(column("created_at"), reader.instant(self.now_ms + 1)),
            differ(column("name"), word(SESSION_START)),
            differ(column("name"), word(SESSION_END)),
            differ(column("profile_id"), word("")),
        )
        return int(reader.rows(read("events", [named(distinct(column("profile_id")), "visitors")], where))[0][0])
