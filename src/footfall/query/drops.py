"""Drops: the hits that were not counted, by reason and UTC day (the drop ledger, docs/ingest.md).

count   hits that were refused, marked or filtered for a reason; `bot`: programs and crawlers, `blocked_ip`,
        `blocked_profile` and `blocked_event`: the project's filters, `duplicate`: sent twice, `invalid`: could not
        be read, `refused_origin`: neither from an allowed origin nor with a secret, `replay`: session recordings,
        `unsafe_revenue`: revenue without a secret
"""

from msgspec import Struct

from footfall.model.times import utc
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import at_least, both, column, more, named, negate, positions, read, total


class DropRow(Struct, frozen=True):
    """How many hits of a UTC day (ISO 8601) were not counted for one reason."""

    day: str
    reason: str
    count: int


class Drops(Struct, frozen=True):
    """The question: every UTC day that the range touches."""

    range: TimeRange
    filters: Filters = NO_FILTERS

    @property
    def days(self) -> tuple[str, str]:
        """The first and the last day."""
        return _day(self.range.start_ms), _day(self.range.end_ms - 1)

    def answer(self, reader: Reader) -> list[DropRow]:
        """By day, then by reason."""
        first, last = self.days
        day = column("day")
        where = both(at_least(day, reader.text(first)), negate(more(day.copy(), reader.text(last))))
        values = [column("day"), column("reason"), named(total(column("count")), "hits")]
        query = read("drops", values, where).group_by(*positions(2), copy=False)
        rows = reader.rows(query.order_by(*positions(2), copy=False))
        return [DropRow(str(day), str(reason), int(hits)) for day, reason, hits in rows]


def _day(ms: int) -> str:
    return utc(ms).date().isoformat()
