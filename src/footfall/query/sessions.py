"""Sessions: the stored sessions themselves, newest first; open ones among them (openpanel contract §8.6).

sessions   those that *started* in the range and pass the filters; equal times by id
person     the profile's own sessions, and the anonymous ones of the devices of these
"""

from msgspec import Struct

from footfall.model.event import Session
from footfall.query.filters import in_range, on_sessions
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.profile import find, sessions_of
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.records import session_records
from footfall.query.sql import ascending, both, column, descending
from footfall.store.schema import SESSIONS


class Sessions(Struct, frozen=True):
    """The question. `profile_id` '': of everybody."""

    range: TimeRange
    filters: Filters = NO_FILTERS
    profile_id: str = ""
    limit: int = 20
    offset: int = 0

    def answer(self, reader: Reader) -> list[Session]:
        """One scan of sessions."""
        is_own = None
        if self.profile_id:
            person = find(reader, [self.profile_id])
            is_own = sessions_of(reader, person.ids if person else [self.profile_id])
        where = both(in_range(reader, self.range), is_own, on_sessions(reader, self.filters, self.range))
        order = [descending(column("created_at_")), ascending(column("id_"))]
        return session_records(reader, SESSIONS, Session, where, order=order, limit=self.limit, offset=self.offset)
