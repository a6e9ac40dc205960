"""Views: a site's page views, devices and custom events in plain numbers (platform-v2 contract).

visitors       distinct devices of the sessions that started in the range
sessions       those sessions; a bounce and a duration are what they are everywhere
views          page views in the range, by their own time
unique         distinct devices of those views
per day        those views by the local day on which they happened; days without any are there
top values     those views by path, browser or country; views without one are left out
top referrers  page views of the sessions that started in the range, by the host that sent them, without
               `www.`; direct ones and those that the site's own pages sent, by its domain or by the host of
               the session's first page, are left out
events         custom events by name: no page views, no beginnings and ends of sessions
active         distinct devices that viewed a page or sent an event in the last five minutes, and on which page
               each of them saw its latest view in that time; what a page measures of itself is neither
is active      whether any event happened since an instant

Lists are ordered by count, equal counts by name.
"""

from datetime import date
from enum import StrEnum

from msgspec import Struct
from sqlglot import exp

from footfall.model.event import SCREEN_VIEW
from footfall.query.buckets import Interval, bucket_key, buckets
from footfall.query.conditions import Kind, is_kind
from footfall.query.filters import in_range
from footfall.query.live import in_window
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.ranges import TimeRange, local
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    ascending,
    at_least,
    both,
    column,
    count,
    descending,
    differ,
    distinct,
    equal,
    integer,
    more,
    named,
    positions,
    read,
    read_sessions,
    select,
    source,
    total,
    word,
)

TOP = 10


class ViewField(StrEnum):
    """What views can be told apart by: a column of the same name."""

    PATH = "path"
    BROWSER = "browser"
    COUNTRY = "country"


class Counted(Struct, frozen=True):
    """A value and how often it is there."""

    name: str
    count: int


class SessionNumbers(Struct, frozen=True):
    """The sessions of a range. `duration_ms` is of the `timed` ones, which have a duration."""

    visitors: int
    sessions: int
    bounces: int
    duration_ms: int
    timed: int


class SiteSessions(Struct, frozen=True):
    """The question for the sessions of a range."""

    range: TimeRange
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> SessionNumbers:
        """One aggregation of sessions."""
        columns = [
            column("is_bounce"),
            column("duration"),
            named(reader.engine.key(column("device_id")), "device"),
            named(differ(column("device_id"), word("")), "is_known"),
        ]
        rows = source(read_sessions(columns, in_range(reader, self.range)), "s")
        measures = (
            distinct(column("device"), column("is_known")),
            count(),
            count(column("is_bounce")),
            total(column("duration")),
            count(more(column("duration"), integer(0))),
        )
        names = SessionNumbers.__struct_fields__
        query = select(*(named(each, f"{name}_") for name, each in zip(names, measures, strict=True)))
        found = reader.rows(query.from_(rows, copy=False))[0]
        return SessionNumbers(*(int(value or 0) for value in found))


class ViewNumbers(Struct, frozen=True):
    """The views of a range: all, their devices, and per local day."""

    views: int
    unique: int
    days: list[tuple[date, int]]


class SiteViews(Struct, frozen=True):
    """The question for the views of a range, of one page if a path is given."""

    range: TimeRange
    path: str | None = None
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> ViewNumbers:
        """Views per day, and the devices of all."""
        slot = named(bucket_key(reader.engine, column("created_at"), self.range, Interval.DAY), "slot")
        per_day = read("events", [slot, named(count(), "views")], self._where(reader))
        found = {int(key): int(views) for key, views in reader.rows(per_day.group_by(integer(1), copy=False))}
        device = distinct(reader.engine.key(column("device_id")), differ(column("device_id"), word("")))
        unique = reader.rows(read("events", [named(device, "devices")], self._where(reader)))[0][0]
        days = [
            (local(slot.start_ms, self.range.zone).date(), found.get(slot.key, 0))
            for slot in buckets(self.range, Interval.DAY)
        ]
        return ViewNumbers(sum(found.values()), int(unique), days)

    def _where(self, reader: Reader) -> Expr | None:
        here = None if self.path is None else equal(column("path"), reader.text(self.path))
        return both(_is_view(reader, self.range), here)


class TopValues(Struct, frozen=True):
    """The question for the values that most views have."""

    range: TimeRange
    field: ViewField
    limit: int = TOP
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> list[Counted]:
        """One aggregation of views."""
        where = both(_is_view(reader, self.range), differ(column(self.field), word("")))
        return _top(reader, read("events", [named(column(self.field), "label")], where), count(), self.limit)


class TopReferrers(Struct, frozen=True):
    """The question for the hosts that sent most views; `own_host` is the site's."""

    range: TimeRange
    own_host: str = ""
    limit: int = TOP
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> list[Counted]:
        """Referrers first, then their hosts: there are far fewer referrers than sessions."""
        where = both(in_range(reader, self.range), differ(column("referrer"), word("")))
        pages = [column("referrer"), column("entry_origin"), column("screen_view_count")]
        rows = source(read_sessions(pages, where), "s")
        urls = select(
            *map(column, ("referrer", "entry_origin")), named(total(column("screen_view_count")), "views")
        )
        urls.from_(rows, copy=False).group_by(*positions(2), copy=False)
        host, page = (reader.engine.host(column(name)) for name in ("referrer", "entry_origin"))
        hosts = select(named(host, "label"), named(page, "page_host"), column("views"))
        hosts.from_(source(urls, "u"), copy=False)
        own = reader.text(self.own_host.removeprefix("www."))
        kept = both(*(differ(column("label"), each) for each in (word(""), own, column("page_host"))))
        query = select(column("label"), column("views")).from_(source(hosts, "h"), copy=False)
        return _top(reader, query.where(kept, copy=False), total(column("views")), self.limit)


class TopEvents(Struct, frozen=True):
    """The question for the custom events that happened most."""

    range: TimeRange
    limit: int = TOP
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> list[Counted]:
        """One aggregation of events."""
        where = both(in_range(reader, self.range), is_kind(Kind.EVENTS))
        rows = read("events", [named(column("name"), "label")], where)
        return _top(reader, rows, count(), self.limit)


class ActiveNow(Struct, frozen=True):
    """How many devices are here, and on which pages."""

    visitors: int
    pages: list[Counted]


class ActivePages(Struct, frozen=True):
    """The question for who is here, at an instant."""

    now_ms: int
    limit: int = TOP
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> ActiveNow:
        """Two short looks at the last five minutes."""
        anybody = read("events", [named(distinct(column("device_id")), "devices")], self._now(reader))
        visitors = int(reader.rows(anybody)[0][0])
        latest = reader.engine.latest(column("path"), reader.engine.moment())
        is_view = equal(column("name"), word(SCREEN_VIEW))
        views = read("events", [column("device_id"), named(latest, "page")], both(self._now(reader), is_view))
        views.group_by(integer(1), copy=False)
        pages = select(named(column("page"), "label")).from_(source(views, "v"), copy=False)
        return ActiveNow(visitors, _top(reader, pages, count(), self.limit))

    def _now(self, reader: Reader) -> Expr | None:
        return both(in_window(reader, self.now_ms), differ(column("device_id"), word("")))


class SeenSince(Struct, frozen=True):
    """The question whether anything happened since an instant."""

    since_ms: int
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> bool:
        """Stops at the first event."""
        where = at_least(column("created_at"), reader.instant(self.since_ms))
        return bool(reader.rows(read("events", [named(integer(1), "one")], where).limit(1, copy=False)))


def _is_view(reader: Reader, span: TimeRange) -> Expr | None:
    return both(in_range(reader, span), equal(column("name"), word(SCREEN_VIEW)))


def _top(reader: Reader, rows: exp.Select, measure: Expr, limit: int) -> list[Counted]:
    """The labels of these rows with the largest measure."""
    query = select(column("label"), named(measure, "number")).from_(source(rows, "r"), copy=False)
    query.group_by(*positions(1), copy=False)
    query.order_by(descending(column("number")), ascending(column("label")), copy=False)
    return [Counted(name, int(number)) for name, number in reader.rows(query.limit(limit, copy=False))]
