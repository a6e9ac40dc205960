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
revenue        what events on this page earned, in minor units

Filters apply to the views.
"""

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct
from sqlglot import exp

from footfall.model.times import DAY_MS
from footfall.query.filters import between
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.overview import percent, ratio
from footfall.query.page_sums import PageSum, filled, together
from footfall.query.page_views import (
    Key,
    PageViews,
    is_view,
    on_paths,
    page_columns,
    seen_pages,
)
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    ascending,
    both,
    column,
    descending,
    differ,
    integer,
    named,
    positions,
    read,
    word,
)
from footfall.store.base import Row

FEW_VIEWS = 20_000


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

    @property
    def views(self) -> PageViews:
        """Which views count."""
        return PageViews(self.range, self.filters)

    def answer(self, reader: Reader) -> list[Page]:
        """Choose the pages first; read the rest only for these.

        Where that was slow and later events undid it, the days before are kept apart (page_sums.py).
        """
        parts = None if self.filters.items else self.range.parted(reader.undone_ms)
        sums = together(reader, *parts) if parts else None
        if sums is None:
            return described(reader, self.views, _top(reader, self))
        order = sorted(sums, key=lambda key: (-sums[key].sessions, -sums[key].seen, key))
        seen = [key for key in order if sums[key].seen]
        chosen = {key: sums[key] for key in seen[self.offset : self.offset + self.limit]}
        titles = _titles(reader, self.views, {key: each.seen for key, each in chosen.items()})
        return _pages(chosen, titles())


Seen = dict[Key, tuple[int, int]]
"""Sessions and views by page, in the order that was asked for."""


def described(reader: Reader, asked: PageViews, chosen: Seen) -> list[Page]:
    """The rest of what is known of these pages, in their order."""
    if not chosen:
        return []
    titles = _titles(reader, asked, {key: seen for key, (_, seen) in chosen.items()})
    return _pages(filled(reader, asked, chosen, only=True), titles())


def _pages(chosen: Mapping[Key, PageSum], titles: Mapping[Key, str]) -> list[Page]:
    return [
        Page(
            origin=key[0],
            path=key[1],
            title=titles.get(key, ""),
            sessions=sums.sessions,
            pageviews=sums.seen,
            avg_duration=ratio(sums.milliseconds, sums.seen * 1000),
            bounce_rate=percent(sums.bounces, sums.begun),
            entries=sums.begun,
            revenue=sums.money,
        )
        for key, sums in chosen.items()
    ]


def _top(reader: Reader, asked: Pages) -> Seen:
    query = seen_pages(reader, asked.views)
    order = [descending(integer(3)), descending(integer(4)), ascending(integer(1)), ascending(integer(2))]
    query.order_by(*order, copy=False).limit(asked.limit, copy=False).offset(asked.offset, copy=False)
    return {(row[0], row[1]): (int(row[2]), int(row[3])) for row in reader.rows(query)}


def _titles(reader: Reader, asked: PageViews, seen: Mapping[Key, int]) -> Callable[[], dict[Key, str]]:
    """The last title of each page, of which the views are given; looked for meanwhile.

    That of a page with many views is nearly always of the last day.
    """
    if not seen:
        return dict
    start_ms, end_ms = asked.range.start_ms, asked.range.end_ms
    recent_ms = max(start_ms, end_ms - DAY_MS) if sum(seen.values()) > FEW_VIEWS else start_ms
    recent = reader.beside(_last_titles(reader, asked, list(seen), recent_ms, end_ms))

    def wait() -> dict[Key, str]:
        titles = _by_page(recent())
        missing = [key for key in seen if key not in titles]
        if missing and start_ms < recent_ms:
            older = reader.rows(_last_titles(reader, asked, missing, start_ms, recent_ms))
            titles = _by_page(older) | titles
        return titles

    return wait


def _last_titles(reader: Reader, asked: PageViews, pages: list[Key], since_ms: int, until_ms: int) -> exp.Query:
    """Also of other pages with these paths."""
    mine = [*is_view(reader, asked), on_paths(reader, pages), differ(column("title"), word(""))]
    title = named(reader.engine.latest(column("title"), reader.engine.moment()), "last_title")
    where = both(between(reader, since_ms, until_ms), *mine)
    return read("events", [*page_columns(), title], where).group_by(*positions(2), copy=False)


def _by_page(rows: Iterable[Row]) -> dict[Key, str]:
    return {(origin, path): title for origin, path, title in rows}
