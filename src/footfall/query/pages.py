"""Pages: the pages of a project that were viewed in a range, those of most sessions first.

Source: openpanel contract §8.4. A page is an origin and a path; a view is a `screen_view` with a path, and
belongs to the range by its own time.

title          the last one that is not empty
sessions       distinct sessions that viewed the page in the range
pageviews      views
avg_duration   mean time from a view to the session's next one, whatever that is; a session's last view counts
               as 0; seconds, 2 decimals
bounce_rate    percent bounced of the sessions that started in the range on this page, 2 decimals; 0 of none
entries        those sessions
revenue        of `revenue` events on this page, in minor units

Filters apply to the views. Counting distinct sessions per page is what this question would spend its time
on, so with no filter, or filters on page columns, sessions are counted by `first_view`, which marks a
session's first view of each page. That mark may lie outside the range for a session that began before it or
ended after it: these are counted apart, exactly, and there are few
(docs/decisions/002-dwell-and-first-view.md).
"""

from collections.abc import Iterable

from msgspec import Struct
from sqlglot import exp

from footfall.model.event import REVENUE, SCREEN_VIEW
from footfall.query.fields import PAGE_FIELDS
from footfall.query.filters import in_range, on_events, on_sessions
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.overview import percent, ratio
from footfall.query.ranges import TimeRange
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

DAY_MS = 86_400_000
FEW_VIEWS = 20_000

Key = tuple[str, str]
"""Origin and path."""


class Page(Struct, frozen=True, kw_only=True):
    """One page and its numbers."""

    origin: str
    path: str
    title: str
    sessions: int
    pageviews: int
    avg_duration: float
    bounce_rate: float
    entries: int
    revenue: int


class Pages(Struct, frozen=True):
    """The question: `limit` pages from `offset` on."""

    range: TimeRange
    filters: Filters = NO_FILTERS
    limit: int = 10
    offset: int = 0

    def answer(self, reader: Reader) -> list[Page]:
        """Choose the pages first; read the rest only for these."""
        return described(reader, self, _top(reader, self))


Chosen = list[tuple[str, str, int, int]]
"""Origin, path, sessions, views."""


def seen_pages(reader: Reader, asked: Pages) -> exp.Select:
    """Every page that was seen: rows of origin, path, sessions, seen."""
    return _by_mark(reader, asked) if _of_pages_only(asked.filters) else _by_distinct(reader, asked)


def described(reader: Reader, asked: Pages, chosen: Chosen) -> list[Page]:
    """The rest of what is known of these pages, in their order."""
    if not chosen:
        return []
    keys = _keys(chosen)
    titles = _titles(reader, asked, chosen)
    spent = _dwells(reader, asked, keys)
    begun = {row[:2]: (int(row[2]), int(row[3])) for row in reader.rows(entries(reader, asked, keys))}
    revenue = _revenue(reader, asked, keys)
    return [
        Page(
            origin=key[0],
            path=key[1],
            title=titles.get(key, ""),
            sessions=sessions,
            pageviews=seen,
            avg_duration=ratio(spent.get(key, 0), seen * 1000),
            bounce_rate=percent(*begun.get(key, (0, 0))),
            entries=begun.get(key, (0, 0))[1],
            revenue=revenue.get(key, 0),
        )
        for key, (_, _, sessions, seen) in zip(keys, chosen, strict=True)
    ]


def _keys(chosen: Chosen) -> list[Key]:
    return [(origin, path) for origin, path, _, _ in chosen]


def _of_pages_only(filters: Filters) -> bool:
    return filters.names() <= set(PAGE_FIELDS)


def _is_view(reader: Reader, asked: Pages) -> list[Expr | None]:
    return [
        equal(column("name"), word(SCREEN_VIEW)),
        differ(column("path"), word("")),
        on_events(reader, asked.filters, asked.range),
    ]


def views(reader: Reader, asked: Pages) -> Expr | None:
    """Which events are views of the range that pass."""
    return both(in_range(reader, asked.range), *_is_view(reader, asked))


def _page() -> list[Expr]:
    return [column("origin"), column("path")]


def _by_distinct(reader: Reader, asked: Pages) -> exp.Select:
    here = differ(column("session_id"), word(""))
    sessions = named(distinct(reader.engine.key(column("session_id")), here), "sessions")
    query = read("events", [*_page(), sessions, named(count(), "seen")], views(reader, asked))
    return query.group_by(*positions(2), copy=False)


def _by_mark(reader: Reader, asked: Pages) -> exp.Select:
    near = _near_ends(reader, asked.range)
    where = views(reader, asked)
    if not near:
        firsts = named(count(column("first_view")), "sessions")
        marked = read("events", [*_page(), firsts, named(count(), "seen")], where)
        return marked.group_by(*positions(2), copy=False)
    marked = _counted(_page(), where, marks=count(column("first_view")), views=count())
    crossing = _counted(
        _page(),
        both(either(near), *_is_view(reader, asked), _is_crossing(reader, asked.range)),
        apart=distinct(column("session_id")),
        marks_apart=count(column("first_view")),
    )
    apart = exp.Sub(this=total(column("apart")), expression=total(column("marks_apart")))
    sessions = named(exp.Add(this=total(column("marks")), expression=apart), "sessions")
    rows = source(exp.Union(this=marked, expression=crossing, distinct=False), "r")
    summed = select(*_page(), sessions, named(total(column("views")), "seen")).from_(rows, copy=False)
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
        near.append(_between(reader, span.start_ms, min(until + 1, span.end_ms)))
    if after:
        near.append(_between(reader, max(since, span.start_ms), span.end_ms))
    return near


def _crosses_an_end(reader: Reader, span: TimeRange) -> Expr:
    def crosses(ms: int) -> Expr:
        begun, going = (
            less(column("created_at"), reader.instant(ms)),
            at_least(column("ended_at"), reader.instant(ms)),
        )
        return exp.and_(begun, going, copy=False)

    return either([crosses(span.start_ms), crosses(span.end_ms)])


def _between(reader: Reader, since_ms: int, until_ms: int) -> Expr:
    return exp.and_(
        at_least(column("created_at"), reader.instant(since_ms)),
        less(column("created_at"), reader.instant(until_ms)),
        copy=False,
    )


def _top(reader: Reader, asked: Pages) -> Chosen:
    query = seen_pages(reader, asked)
    order = [descending(integer(3)), descending(integer(4)), ascending(integer(1)), ascending(integer(2))]
    query.order_by(*order, copy=False).limit(asked.limit, copy=False).offset(asked.offset, copy=False)
    return [(origin, path, int(sessions), int(seen)) for origin, path, sessions, seen in reader.rows(query)]


def _on(reader: Reader, keys: Iterable[Key], path: str = "path") -> Expr:
    """Rows of one of these paths; their origin is looked at when the answer is put together."""
    return one_of(column(path), [reader.text(each) for each in sorted({key[1] for key in keys})])


def _titles(reader: Reader, asked: Pages, chosen: Chosen) -> dict[Key, str]:
    """The last title of each page. That of a page with many views is nearly always of the last day."""
    titles: dict[Key, str] = {}
    many = sum(seen for _, _, _, seen in chosen) > FEW_VIEWS
    recent_ms = max(asked.range.start_ms, asked.range.end_ms - DAY_MS) if many else asked.range.end_ms
    for since_ms, until_ms in ((recent_ms, asked.range.end_ms), (asked.range.start_ms, recent_ms)):
        wanted = [key for key in _keys(chosen) if key not in titles]
        if not wanted or since_ms >= until_ms:
            continue
        has_title = differ(column("title"), word(""))
        where = both(
            _between(reader, since_ms, until_ms), *_is_view(reader, asked), _on(reader, wanted), has_title
        )
        title = named(reader.engine.latest(column("title"), column("created_at")), "last_title")
        rows = reader.rows(read("events", [*_page(), title], where).group_by(*positions(2), copy=False))
        titles.update({(origin, path): title for origin, path, title in rows if (origin, path) in wanted})
    return titles


def _dwells(reader: Reader, asked: Pages, keys: list[Key]) -> dict[Key, int]:
    """The milliseconds spent on each page; by path alone, which is faster, if all are of one origin."""
    origins = sorted({origin for origin, _ in keys})
    here = one_of(column("origin"), [reader.text(origin) for origin in origins])
    where = both(in_range(reader, asked.range, "viewed_at"), here, dwelt(reader, asked))
    page = _page()[len(origins) == 1 :]
    query = read("dwells", [*page, named(total(column("duration")), "milliseconds")], where)
    query.group_by(*positions(len(page)), copy=False).having(_on(reader, keys), copy=False)
    return {(row[0] if len(row) == 3 else origins[0], row[-2]): int(row[-1]) for row in reader.rows(query)}


def dwelt(reader: Reader, asked: Pages) -> Expr | None:
    """Which dwells are of views that pass. None: all."""
    if _of_pages_only(asked.filters):
        return None
    return within(column("view_id"), read("events", [column("id")], views(reader, asked)))


def entries(reader: Reader, asked: Pages, keys: list[Key] | None = None) -> exp.Select:
    """Per page, of these or of all, the sessions that began on it: rows of origin, path, bounces, begun."""
    where = both(in_range(reader, asked.range), on_sessions(reader, asked.filters, asked.range, by_entry=True))
    page = [column("entry_origin"), column("entry_path")]
    rows = source(read_sessions([*page, column("is_bounce")], where), "s")
    query = select(
        *[each.copy() for each in page],
        named(count(column("is_bounce")), "bounces"),
        named(count(), "begun"),
    ).from_(rows, copy=False)
    query.group_by(*positions(2), copy=False)
    return query.having(_on(reader, keys, "entry_path"), copy=False) if keys else query


def _revenue(reader: Reader, asked: Pages, keys: list[Key]) -> dict[Key, int]:
    where = both(
        in_range(reader, asked.range),
        equal(column("name"), word(REVENUE)),
        differ(column("revenue"), integer(0)),
        _on(reader, keys),
        on_events(reader, asked.filters, asked.range),
    )
    query = read("events", [*_page(), named(total(column("revenue")), "money")], where)
    return {(row[0], row[1]): int(row[2]) for row in reader.rows(query.group_by(*positions(2), copy=False))}
