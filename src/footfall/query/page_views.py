"""Page views: which views of a range count for its pages, and which sessions saw and began on each.

What the numbers mean is said in `pages.py`. Counting distinct sessions per page is what that question would spend
its time on, so with no filter, or filters on page columns, sessions are counted by `first_view`, which marks a
session's first view of each page. That mark may lie outside the range for a session that began before it or
ended after it: these are counted apart, exactly, and there are few
(docs/decisions/002-dwell-and-first-view.md).
"""

from collections.abc import Collection, Iterable

from msgspec import Struct
from sqlglot import exp

from footfall.model.event import SCREEN_VIEW
from footfall.query.fields import PAGE_FIELDS
from footfall.query.filters import between, in_range, on_events, on_sessions
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    at_least,
    both,
    column,
    count,
    differ,
    distinct,
    either,
    equal,
    integer,
    largest,
    less,
    named,
    one_of,
    positions,
    read,
    read_sessions,
    select,
    smallest,
    source,
    total,
    within,
    word,
)

Key = tuple[str, str]
"""Origin and path."""


class PageViews(Struct, frozen=True):
    """The views of a range that pass the filters."""

    range: TimeRange
    filters: Filters = NO_FILTERS


def seen_pages(reader: Reader, asked: PageViews) -> exp.Select:
    """Every page that was seen: rows of origin, path, sessions, seen."""
    return _by_mark(reader, asked) if _of_pages_only(asked.filters) else _by_distinct(reader, asked)


def _of_pages_only(filters: Filters) -> bool:
    return filters.names() <= set(PAGE_FIELDS)


def is_view(reader: Reader, asked: PageViews) -> list[Expr | None]:
    """Which events are such views, at whatever time."""
    return [
        equal(column("name"), word(SCREEN_VIEW)),
        differ(column("path"), word("")),
        on_events(reader, asked.filters, asked.range),
    ]


def views(reader: Reader, asked: PageViews) -> Expr | None:
    """Which events are views of the range that pass."""
    return both(in_range(reader, asked.range), *is_view(reader, asked))


def page_columns() -> list[Expr]:
    """What makes a page."""
    return [column("origin"), column("path")]


def _by_distinct(reader: Reader, asked: PageViews) -> exp.Select:
    here = differ(column("session_id"), word(""))
    sessions = named(distinct(reader.engine.key(column("session_id")), here), "sessions")
    query = read("events", [*page_columns(), sessions, named(count(), "seen")], views(reader, asked))
    return query.group_by(*positions(2), copy=False)


def _by_mark(reader: Reader, asked: PageViews) -> exp.Select:
    near = _near_ends(reader, asked.range)
    where = views(reader, asked)
    if not near:
        firsts = named(count(column("first_view")), "sessions")
        marked = read("events", [*page_columns(), firsts, named(count(), "seen")], where)
        return marked.group_by(*positions(2), copy=False)
    marked = _counted(page_columns(), where, marks=count(column("first_view")), views=count())
    crossing = _counted(
        page_columns(),
        both(either(near), *is_view(reader, asked), _is_crossing(reader, asked.range)),
        apart=distinct(column("session_id")),
        marks_apart=count(column("first_view")),
    )
    apart = exp.Sub(this=total(column("apart")), expression=total(column("marks_apart")))
    sessions = named(exp.Add(this=total(column("marks")), expression=apart), "sessions")
    rows = source(exp.Union(this=marked, expression=crossing, distinct=False), "r")
    summed = select(*page_columns(), sessions, named(total(column("views")), "seen")).from_(rows, copy=False)
    return summed.group_by(*positions(2), copy=False)


def _counted(page: list[Expr], where: Expr | None, **measures: Expr) -> exp.Select:
    """One arm of the union: its measures, and 0 for the other's."""
    columns = [named(measures.get(name, integer(0)), name) for name in ("marks", "apart", "marks_apart", "views")]
    return read("events", [*page, *columns], where).group_by(*positions(2), copy=False)


def _is_crossing(reader: Reader, span: TimeRange) -> Expr:
    return within(column("session_id"), read_sessions([column("id")], _crosses_an_end(reader, span)))


def _near_ends(reader: Reader, span: TimeRange) -> list[Expr]:
    """The parts of the range where the events of sessions over its start or end can be."""
    times = [column("created_at"), column("ended_at")]
    early = less(column("created_at"), reader.instant(span.start_ms))
    late = at_least(column("ended_at"), reader.instant(span.end_ms))
    measures = [
        named(count(early), "before_"),
        named(reader.engine.epoch_ms(largest(column("ended_at"), early.copy())), "until"),
        named(count(late), "after_"),
        named(reader.engine.epoch_ms(smallest(column("created_at"), late.copy())), "since"),
    ]
    rows = source(read_sessions(times, _crosses_an_end(reader, span)), "s")
    before, until, after, since = reader.rows(select(*measures).from_(rows, copy=False))[0]
    near = []
    if before:
        near.append(between(reader, span.start_ms, min(until + 1, span.end_ms)))
    if after:
        near.append(between(reader, max(since, span.start_ms), span.end_ms))
    return near


def _crosses_an_end(reader: Reader, span: TimeRange) -> Expr:
    return either([crosses(reader, span.start_ms), crosses(reader, span.end_ms)])


def crosses(reader: Reader, ms: int) -> Expr:
    """Which sessions began before an instant and went on at it or after."""
    going = at_least(column("ended_at"), reader.instant(ms))
    return exp.and_(less(column("created_at"), reader.instant(ms)), going, copy=False)


def on_paths(reader: Reader, keys: Iterable[Key]) -> Expr:
    """Rows of one of these paths; their origin is looked at when the answer is put together."""
    return one_of(column("path"), [reader.text(each) for each in sorted({key[1] for key in keys})])


def time_spent(reader: Reader, asked: PageViews, keys: Collection[Key] | None = None) -> exp.Select:
    """Per page, of these or of all, the time to the sessions' next views: rows of origin, path, milliseconds."""
    is_of_view = None
    if not _of_pages_only(asked.filters):
        is_of_view = within(column("view_id"), read("events", [column("id")], views(reader, asked)))
    where = both(in_range(reader, asked.range, "viewed_at"), is_of_view)
    rows = read("dwells", [*page_columns(), column("duration")], where)
    return by_page(reader, rows, keys, named(total(column("duration")), "milliseconds"))


def entries(reader: Reader, asked: PageViews, keys: Collection[Key] | None = None) -> exp.Select:
    """Per page, of these or of all, the sessions that began on it: rows of origin, path, bounces, begun."""
    where = both(in_range(reader, asked.range), on_sessions(reader, asked.filters, asked.range, by_entry=True))
    page = [named(column(f"entry_{name}"), name) for name in ("origin", "path")]
    rows = read_sessions([*page, column("is_bounce")], where)
    return by_page(reader, rows, keys, named(count(column("is_bounce")), "bounces"), named(count(), "begun"))


def by_page(reader: Reader, rows: exp.Query, keys: Collection[Key] | None, *measures: Expr) -> exp.Select:
    """Measures of rows with an origin and a path: per page of all, or of those with these paths and origins."""
    origin, path = page_columns()
    page = positions(2)
    here = None
    if keys:
        origins = [reader.text(each) for each in sorted({key[0] for key in keys})]
        here = one_of(column("origin"), origins)
        if len(origins) == 1:
            # By one column DuckDB counts in half the time: it does so by its dictionary.
            origin, page = named(origins[0].copy(), "page_origin"), page[1:]
    query = select(origin, path, *measures).from_(source(rows, "r"), copy=False)
    query.where(here, copy=False).group_by(*page, copy=False)
    if keys:
        # There is no group of none, but now DuckDB can't look at each row's path first, which takes longer.
        query.having(either([on_paths(reader, keys), equal(count(), integer(0))]), copy=False)
    return query
