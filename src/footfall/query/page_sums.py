"""Page sums: what the numbers of a range's pages (pages.py) are made of, so that parts of a range can be added.

sessions      distinct sessions that viewed the page
seen          its views
milliseconds  from its views to the sessions' next ones
bounces       of the sessions that began on it, those that bounced
begun         sessions that began on it
money         what events on it earned, in minor units

Of two parts that follow each other all are added but the sessions that viewed the page in both.
"""

from msgspec import Struct
from msgspec.structs import astuple, replace
from sqlglot import exp

from footfall.query.filters import between, in_range, on_events
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.page_views import (
    Key,
    PageViews,
    by_page,
    crosses,
    entries,
    is_view,
    page_columns,
    seen_pages,
    time_spent,
)
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    at_least,
    both,
    column,
    count,
    differ,
    integer,
    largest,
    less,
    named,
    positions,
    read,
    read_sessions,
    select,
    smallest,
    source,
    total,
    within,
)

MANY_PAGES = 5_000
_ENDS = ((smallest, "created_at"), (largest, "ended_at"))


class PageSum(Struct, frozen=True):
    """Of one page."""

    sessions: int = 0
    seen: int = 0
    milliseconds: int = 0
    bounces: int = 0
    begun: int = 0
    money: int = 0


Sums = dict[Key, PageSum]


class PageSums(Struct, frozen=True):
    """The question for all pages of a range; also those that were not seen in it, but began a session or sold."""

    range: TimeRange
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> Sums | None:
        """None if there are too many to keep in mind."""
        asked = PageViews(self.range, self.filters)
        rows = reader.rows(seen_pages(reader, asked).limit(MANY_PAGES + 1, copy=False))
        if len(rows) > MANY_PAGES:
            return None
        seen = {(row[0], row[1]): (int(row[2]), int(row[3])) for row in rows}
        return filled(reader, asked, seen)


def filled(reader: Reader, asked: PageViews, seen: dict[Key, tuple[int, int]], *, only: bool = False) -> Sums:
    """With the rest of what is known of these pages, of which sessions and views are given; `only` of these."""
    keys = list(seen) if only else None
    asked_for = time_spent(reader, asked, keys), entries(reader, asked, keys), _revenue(reader, asked, keys)
    spent_rows, begun_rows, money_rows = reader.rows_of_each(*asked_for)
    spent = {(row[0], row[1]): int(row[2]) for row in spent_rows}
    begun = {(row[0], row[1]): (int(row[2]), int(row[3])) for row in begun_rows}
    money = {(row[0], row[1]): int(row[2]) for row in money_rows}
    return {
        key: PageSum(*seen.get(key, (0, 0)), spent.get(key, 0), *begun.get(key, (0, 0)), money.get(key, 0))
        for key in (seen if only else seen.keys() | spent.keys() | begun.keys() | money.keys())
    }


def together(reader: Reader, over: TimeRange, latest: TimeRange) -> Sums | None:
    """Of two ranges of which one follows the other: what is over is kept, the latest is asked about each time."""
    before, now = reader.ask(PageSums(over)), PageSums(latest).answer(reader)
    if before is None or now is None:
        return None
    twice = _on_both_sides(reader, over, latest)
    found = dict(before)
    for key, latest_sum in now.items():
        pairs = zip(astuple(before.get(key, PageSum())), astuple(latest_sum), strict=True)
        summed = PageSum(*(one + other for one, other in pairs))
        found[key] = replace(summed, sessions=summed.sessions - twice.get(key, 0))
    return found


def _on_both_sides(reader: Reader, over: TimeRange, latest: TimeRange) -> dict[Key, int]:
    """The sessions that saw a page before and after the instant at which two ranges meet, per page."""
    edge = reader.instant(latest.start_ms)
    crossing = crosses(reader, latest.start_ms)
    since, until = (reader.engine.epoch_ms(each(column(name))) for each, name in _ENDS)
    ends = source(read_sessions([column("created_at"), column("ended_at")], crossing.copy()), "s")
    bounds = select(named(count(), "number"), named(since, "since_ms"), named(until, "until_ms"))
    number, since_ms, until_ms = reader.rows(bounds.from_(ends, copy=False))[0]
    if not number:
        return {}
    views = read(
        "events",
        [*page_columns(), column("session_id")],
        both(
            between(reader, max(since_ms, over.start_ms), min(until_ms + 1, latest.end_ms)),
            *is_view(reader, PageViews(latest)),
            within(column("session_id"), read_sessions([column("id")], crossing)),
        ),
    )
    before, after = (each(column("created_at")) for each in (smallest, largest))
    is_twice = both(less(before, edge), at_least(after, edge.copy()))
    views.group_by(*positions(3), copy=False).having(is_twice, copy=False)
    pages = select(*page_columns(), named(count(), "sessions")).from_(source(views, "v"), copy=False)
    rows = reader.rows(pages.group_by(*positions(2), copy=False))
    return {(row[0], row[1]): int(row[2]) for row in rows}


def _revenue(reader: Reader, asked: PageViews, keys: list[Key] | None) -> exp.Query:
    is_paid = differ(column("revenue"), integer(0))
    where = both(in_range(reader, asked.range), is_paid, on_events(reader, asked.filters, asked.range))
    rows = read("events", [*page_columns(), column("revenue")], where)
    return by_page(reader, rows, keys, named(total(column("revenue")), "money"))
