"""Overview: the headline numbers of a project over a range, and the same per time bucket.

A session belongs to the bucket in which it *started*. Source: openpanel contract §8.2.

unique_visitors       distinct profiles of those sessions; an anonymous visitor's profile is the device
total_sessions        sessions
bounce_rate           percent of sessions with fewer than two counted page views, 2 decimals
avg_session_duration  mean over the sessions that have a duration, in seconds; 0 if none has
total_screen_views    page views of those sessions
views_per_session     page views by sessions, 2 decimals
total_revenue         what events in the range earned, by their own time, in minor units: OpenPanel's `revenue`
                      events and those of Umami that name an amount; with filters only those of sessions that pass

With a filter on `path` the numbers are about page views with such a path, by the view's own time:

unique_visitors       distinct profiles of those views
total_sessions        distinct sessions of those views
bounce_rate           of the sessions that started on such a page
avg_session_duration  mean time on the page over the views that were followed by another, whatever its path;
                      in total the mean of the buckets that have any
total_screen_views    those views
views_per_session     in total the mean of the buckets that have any

Totals are distinct over the whole range, not sums of buckets. Buckets without a row are there, with zeros.
"""

from collections.abc import Callable, Iterable
from statistics import fmean

from msgspec import Struct
from msgspec.structs import replace

from footfall.model.event import SCREEN_VIEW
from footfall.query.buckets import Bucket, Interval, automatic, bucket_key, buckets
from footfall.query.fields import PAGE_FIELDS
from footfall.query.filters import in_range, in_sessions, on_events, on_sessions
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.rollup import rolled_up
from footfall.query.session_sums import SessionSums, Sums
from footfall.query.sql import (
    Expr,
    both,
    column,
    count,
    differ,
    distinct,
    equal,
    integer,
    more,
    named,
    read,
    read_sessions,
    select,
    source,
    total,
    within,
    word,
)
from footfall.store.base import Row


class Numbers(Struct, frozen=True, kw_only=True):
    """The headline numbers, of a bucket or of all."""

    bounce_rate: float = 0
    unique_visitors: int = 0
    total_sessions: int = 0
    avg_session_duration: float = 0
    total_screen_views: int = 0
    views_per_session: float = 0
    total_revenue: int = 0


class OverviewAnswer(Struct, frozen=True):
    """The totals, and one row of numbers per bucket."""

    totals: Numbers
    series: list[tuple[Bucket, Numbers]]
    interval: Interval


class Overview(Struct, frozen=True):
    """The question. Without an `interval` it is the one that fits the range."""

    range: TimeRange
    filters: Filters = NO_FILTERS
    interval: Interval | None = None

    def answer(self, reader: Reader) -> OverviewAnswer:
        """Read sessions, or page views if a filter is on `path`."""
        interval = self.interval or automatic(self.range)
        slots = buckets(self.range, interval)
        earned = _revenue(reader, self, interval)
        if "path" in self.filters.names():
            totals, found = _of_views(reader, self, interval)
        else:
            totals, found = _of_sessions(reader, self, interval)
        revenue = earned()
        series = [
            (slot, replace(found.get(slot.key, Numbers()), total_revenue=revenue.get(slot.key, 0)))
            for slot in slots
        ]
        return OverviewAnswer(replace(totals, total_revenue=sum(revenue.values())), series, interval)


def percent(part: int, whole: int) -> float:
    """A share in percent, 2 decimals; 0 of nothing."""
    return round(100 * part / whole, 2) if whole else 0


def seconds(total_ms: int, number: int) -> float:
    """A mean of milliseconds, rounded to 2 decimals of one, in seconds; 0 of nothing."""
    return round(round(total_ms / number, 2) / 1000, 5) if number else 0


def ratio(part: int, whole: int) -> float:
    """A quotient, 2 decimals; 0 of nothing."""
    return round(part / whole, 2) if whole else 0


def _of_sessions(reader: Reader, asked: Overview, interval: Interval) -> tuple[Numbers, dict[int, Numbers]]:
    found = reader.ask(SessionSums(asked.range, interval, asked.filters))
    return _numbers(found.whole), {key: _numbers(sums) for key, sums in found.buckets.items()}


def _numbers(sums: Sums) -> Numbers:
    return Numbers(
        bounce_rate=percent(sums.bounces, sums.sessions),
        unique_visitors=sums.visitors,
        total_sessions=sums.sessions,
        avg_session_duration=seconds(sums.milliseconds, sums.timed),
        total_screen_views=sums.views,
        views_per_session=ratio(sums.views, sums.sessions),
    )


def _of_views(reader: Reader, asked: Overview, interval: Interval) -> tuple[Numbers, dict[int, Numbers]]:
    all_views, views = _views(reader, asked, interval)
    dwells = _dwells(reader, asked, interval)
    all_entries, entries = _entries(reader, asked, interval)
    found = {}
    for key in views.keys() | entries.keys():
        seen, sessions, visitors = views.get(key, (0, 0, 0))
        started, bounced = entries.get(key, (0, 0))
        found[key] = Numbers(
            bounce_rate=percent(bounced, started),
            unique_visitors=visitors,
            total_sessions=sessions,
            avg_session_duration=seconds(*dwells.get(key, (0, 0))),
            total_screen_views=seen,
            views_per_session=ratio(seen, sessions),
        )
    seen, sessions, visitors = all_views or (0, 0, 0)
    started, bounced = all_entries or (0, 0)
    totals = Numbers(
        bounce_rate=percent(bounced, started),
        unique_visitors=visitors,
        total_sessions=sessions,
        avg_session_duration=_mean((row.avg_session_duration for row in found.values()), 5),
        total_screen_views=seen,
        views_per_session=_mean((row.views_per_session for row in found.values()), 2),
    )
    return totals, found


def _views(reader: Reader, asked: Overview, interval: Interval) -> tuple[Row, dict[int, Row]]:
    """In all and per bucket: page views, their sessions, their visitors."""
    session = named(reader.engine.key(column("session_id")), "session_")
    visitor = named(reader.engine.key(column("profile_id")), "visitor")
    here = differ(column("session_id"), word(""))
    somebody = differ(column("profile_id"), word(""))
    columns = [
        _slot(reader, asked, interval),
        session,
        visitor,
        named(here, "here"),
        named(somebody, "somebody"),
    ]
    return rolled_up(
        reader,
        read("events", columns, _is_asked_view(reader, asked)),
        named(count(), "views"),
        named(distinct(column("session_"), column("here")), "sessions"),
        named(distinct(column("visitor"), column("somebody")), "visitors"),
    )


def _is_asked_view(reader: Reader, asked: Overview) -> Expr | None:
    is_view = equal(column("name"), word(SCREEN_VIEW))
    return both(in_range(reader, asked.range), is_view, on_events(reader, asked.filters, asked.range))


def _dwells(reader: Reader, asked: Overview, interval: Interval) -> dict[int, Row]:
    """Per bucket the milliseconds and the number of the views whose end is known."""
    where = both(
        in_range(reader, asked.range, "viewed_at"),
        more(column("duration"), integer(0)),
        _dwelt(reader, asked),
    )
    rows = read("dwells", [_slot(reader, asked, interval, "viewed_at"), column("duration")], where)
    return rolled_up(reader, rows, named(total(column("duration")), "milliseconds"), named(count(), "number"))[1]


def _dwelt(reader: Reader, asked: Overview) -> Expr | None:
    """A dwell knows its page; any other filter needs the view itself."""
    if asked.filters.names() <= set(PAGE_FIELDS):
        return on_events(reader, asked.filters, asked.range)
    return within(column("view_id"), read("events", [column("id")], _is_asked_view(reader, asked)))


def _entries(reader: Reader, asked: Overview, interval: Interval) -> tuple[Row, dict[int, Row]]:
    """In all and per bucket the sessions that started on such a page, and those of them that bounced."""
    where = both(in_range(reader, asked.range), on_sessions(reader, asked.filters, asked.range, by_entry=True))
    rows = read_sessions([_slot(reader, asked, interval), column("is_bounce")], where)
    return rolled_up(reader, rows, named(count(), "sessions"), named(count(column("is_bounce")), "bounces"))


def _revenue(reader: Reader, asked: Overview, interval: Interval) -> Callable[[], dict[int, int]]:
    """Per bucket; asked for meanwhile."""
    where = both(
        in_range(reader, asked.range),
        differ(column("revenue"), integer(0)),
        in_sessions(reader, asked.filters, asked.range),
    )
    if asked.filters.items and not _has_revenue(reader, asked):
        return dict
    rows = read("events", [_slot(reader, asked, interval), column("revenue")], where)
    query = select(column("slot"), named(total(column("revenue")), "money")).from_(source(rows, "r"), copy=False)
    found = reader.beside(query.group_by(column("slot"), copy=False))
    return lambda: {int(slot): int(money) for slot, money in found()}


def _has_revenue(reader: Reader, asked: Overview) -> bool:
    """Most projects have none, and this is far quicker than to ask whose it is."""
    where = both(in_range(reader, asked.range), differ(column("revenue"), integer(0)))
    return bool(reader.rows(read("events", [named(count(), "number")], where))[0][0])


def _slot(reader: Reader, asked: Overview, interval: Interval, time: str = "created_at") -> Expr:
    return named(bucket_key(reader.engine, column(time), asked.range, interval), "slot")


def _mean(values: Iterable[float], decimals: int) -> float:
    """Of those that are not zero."""
    present = [value for value in values if value]
    return round(fmean(present), decimals) if present else 0
