"""Live: who is on the site now (openpanel contract §8.3).

visitors   distinct people with an event in the last five minutes: known profiles, and devices that are
           anonymous all that time. A device that signs in is the person it then is, and counts once. An event
           exactly five minutes old is gone; `session_start`, `session_end` and what a page measures of itself
           are not a visitor's doing and don't count.
"""

from msgspec import Struct

from footfall.query.conditions import Kind, is_kind
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    both,
    column,
    differ,
    distinct,
    equal,
    less,
    more,
    named,
    negate,
    read,
    within,
    word,
)

_WINDOW_MS = 5 * 60 * 1000


class Live(Struct, frozen=True):
    """The question, at an instant."""

    now_ms: int
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> int:
        """How many visitors."""
        signed_in = both(in_window(reader, self.now_ms), differ(column("profile_id"), column("device_id")))
        is_anonymous = both(
            equal(column("profile_id"), column("device_id")),
            within(column("device_id"), read("events", [column("device_id")], signed_in)),
        )
        assert is_anonymous is not None
        where = both(in_window(reader, self.now_ms), differ(column("profile_id"), word("")), negate(is_anonymous))
        return int(reader.rows(read("events", [named(distinct(column("profile_id")), "visitors")], where))[0][0])


def in_window(reader: Reader, now_ms: int) -> Expr | None:
    """What visitors did in the last five minutes."""
    return both(
        more(column("created_at"), reader.instant(now_ms - _WINDOW_MS)),
        less(column("created_at"), reader.instant(now_ms + 1)),
        is_kind(Kind.ALL),
    )
