"""Volume: how much a project has sent.

events   events of all time that somebody sent: without session_start and session_end, which are made here
"""

from msgspec import Struct

from footfall.model.event import MARKS
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.reader import Reader
from footfall.query.sql import column, count, negate, one_of, read, word


class Volume(Struct, frozen=True):
    """How many events a project has."""

    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> int:
        """One count over one column."""
        made_here = one_of(column("name"), map(word, MARKS))
        return int(reader.rows(read("events", [count()], negate(made_here)))[0][0])
