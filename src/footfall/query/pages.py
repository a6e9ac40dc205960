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

from collections.abc import Mapping

from msgspec import Struct

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

DAY_MS = 86_400_000
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
        return _pages(reader, self.views, chosen)


Seen = dict[Key, tuple[int, int]]
"""Sessions and views by page, in the order that was asked for."""


def described(reader: Reader, asked: PageViews, chosen: Seen) -> list[Page]:
    """The rest of what is known of these pages, in their order."""
    return _pages(reader, asked, filled(reader, asked, chosen, only=True)) if chosen else []


def _pages(reader: Reader, asked: PageViews, chosen: Mapping[Key, PageSum]) -> list[Page]:
    titles = _titles(reader, asked, chosen)
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


def _titles(reader: Reader, asked: PageViews, chosen: Mapping[Key, PageSum]) -> dict[Key, str]:
    """The last title of each page. That of a page with many views is nearly always of the last day."""
    titles: dict[Key, str] = {}
    many = sum(each.seen for each in chosen.values()) > FEW_VIEWS
    recent_ms = max(asked.range.start_ms, asked.range.end_ms - DAY_MS) if many else asked.range.end_ms
    for since_ms, until_ms in ((recent_ms, asked.range.end_ms), (asked.range.start_ms, recent_ms)):
        wanted = [key for key in chosen if key not in titles]
        if not wanted or since_ms >= until_ms:
            continue
        has_title = differ(column("title"), word(""))
        mine = [*is_view(reader, asked), on_paths(reader, wanted), has_title]
        where = both(between(reader, since_ms, until_ms), *mine)
        title = named(reader.engine.latest(column("title"), column("created_at")), "last_title")
        rows = reader.rows(read("events", [*page_columns(), title], where).group_by(*positions(2), copy=False))
        titles.update({(origin, path): title for origin, path, title in rows if (origin, path) in wanted})
    return titles
