"""Breakdown: the sessions of a range by one of their properties, most sessions first.

Source: openpanel contract §8.5. A session is in the range in which it *started*.

name                  the value; '' if the sessions have none
prefix                what the value belongs to: a region's or city's country, a version's browser or system
sessions              sessions with this value
bounce_rate           percent of them with fewer than two counted page views, 2 decimals
avg_session_duration  mean over those that have a duration, in seconds; None if none has
pageviews             their page views
revenue               their revenue, in minor units

Referrers are grouped by host. With a filter on `path`: sessions with any event that passes. Equal counts are
ordered by prefix and name, so pages of the list never overlap.
"""

from enum import StrEnum

from msgspec import Struct
from sqlglot import exp

from footfall.query.filters import in_range, on_sessions
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.overview import percent, seconds
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    ascending,
    both,
    column,
    count,
    descending,
    integer,
    more,
    named,
    positions,
    read_sessions,
    select,
    source,
    total,
    word,
)
from footfall.store.base import Row


class Dimension(StrEnum):
    """What sessions can be told apart by: a column of the same name."""

    REFERRER = "referrer"
    REFERRER_NAME = "referrer_name"
    REFERRER_TYPE = "referrer_type"
    UTM_SOURCE = "utm_source"
    UTM_MEDIUM = "utm_medium"
    UTM_CAMPAIGN = "utm_campaign"
    UTM_TERM = "utm_term"
    UTM_CONTENT = "utm_content"
    COUNTRY = "country"
    REGION = "region"
    CITY = "city"
    DEVICE = "device"
    BROWSER = "browser"
    BROWSER_VERSION = "browser_version"
    OS = "os"
    OS_VERSION = "os_version"
    BRAND = "brand"
    MODEL = "model"


PREFIXES = {
    Dimension.REGION: "country",
    Dimension.CITY: "country",
    Dimension.BROWSER_VERSION: "browser",
    Dimension.OS_VERSION: "os",
}


class Share(Struct, frozen=True, kw_only=True):
    """One value and its sessions."""

    prefix: str
    name: str
    sessions: int
    bounce_rate: float
    avg_session_duration: float | None
    pageviews: int
    revenue: int


class Breakdown(Struct, frozen=True):
    """The question: `limit` values from `offset` on."""

    range: TimeRange
    dimension: Dimension
    filters: Filters = NO_FILTERS
    limit: int = 10
    offset: int = 0

    def answer(self, reader: Reader) -> list[Share]:
        """One aggregation of sessions."""
        where = both(in_range(reader, self.range), on_sessions(reader, self.filters, self.range))
        above = PREFIXES.get(self.dimension)
        rows = sessions_by(column(above) if above else word(""), column(self.dimension), where)
        if self.dimension is Dimension.REFERRER:
            rows = _by_host(reader, rows)
        return top_shares(reader, rows, self.limit, self.offset)


def sessions_by(prefix: Expr, label: Expr, where: Expr | None) -> exp.Select:
    """The sessions that pass, grouped by what these are of each; rows for `top_shares`."""
    read_columns = ["is_bounce", "duration", "screen_view_count", "revenue"]
    rows = read_sessions([named(prefix, "prefix"), named(label, "label"), *map(column, read_columns)], where)
    return _grouped(
        source(rows, "s"),
        count(),
        count(column("is_bounce")),
        total(column("duration")),
        count(more(column("duration"), integer(0))),
        total(column("screen_view_count")),
        total(column("revenue")),
    )


def top_shares(reader: Reader, rows: exp.Select, limit: int, offset: int) -> list[Share]:
    """Those of most sessions."""
    order = (descending(column("sessions")), ascending(column("prefix")), ascending(column("label")))
    rows.order_by(*order, copy=False).limit(limit, copy=False).offset(offset, copy=False)
    return [_share(row) for row in reader.rows(rows)]


_MEASURES = ("sessions", "bounces", "milliseconds", "timed", "views", "money")


def _by_host(reader: Reader, rows: exp.Select) -> exp.Select:
    """URLs first, then their hosts: there are far fewer URLs than sessions."""
    hosts = select(
        column("prefix"),
        named(reader.engine.host(column("label")), "host"),
        *(column(name) for name in _MEASURES),
    ).from_(source(rows, "u"), copy=False)
    renamed = select(column("prefix"), named(column("host"), "label"), *(column(name) for name in _MEASURES))
    return _grouped(
        source(renamed.from_(source(hosts, "h"), copy=False), "v"),
        *(total(column(name)) for name in _MEASURES),
    )


def _grouped(rows: exp.Subquery, *measures: Expr) -> exp.Select:
    labelled = [named(measure, name) for measure, name in zip(measures, _MEASURES, strict=True)]
    query = select(column("prefix"), column("label"), *labelled).from_(rows, copy=False)
    return query.group_by(*positions(2), copy=False)


def _share(row: Row) -> Share:
    prefix, label, sessions, bounces, milliseconds, timed, views, money = row
    return Share(
        prefix=prefix,
        name=label,
        sessions=int(sessions),
        bounce_rate=percent(int(bounces), int(sessions)),
        avg_session_duration=seconds(int(milliseconds), int(timed)) if timed else None,
        pageviews=int(views),
        revenue=int(money),
    )
