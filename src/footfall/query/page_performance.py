"""Page performance: the pages of a range in any order, and what a search engine's visitor would make of them.

Source: openpanel contract §8.6. The numbers of a page are those of `pages.py`, whatever they are sorted by.

shown              how many pages are in the answer
total_pages        pages that were viewed in the range and are found by the search
high_bounce        more than 70 percent of the sessions that began on the page bounced
low_engagement     half a minute or less per view
good_landing_page  sessions began on it, fewer than 40 percent of them bounced, and a view lasts longer than
                   half a minute

A search finds pages with the text in their address or in a title that they had in the range, in any case.
"""

from enum import StrEnum

from msgspec import Struct
from sqlglot import exp

from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.page_views import PageViews, entries, seen_pages, time_spent, views
from footfall.query.pages import Page, described
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    ascending,
    both,
    column,
    count,
    descending,
    either,
    equal,
    integer,
    named,
    read,
    select,
    source,
    within,
)

HIGH_BOUNCE = 70  # percent
LOW_BOUNCE = 40
LITTLE_TIME = 30  # seconds


class PageSort(StrEnum):
    """What pages are sorted by."""

    SESSIONS = "sessions"
    PAGEVIEWS = "pageviews"
    BOUNCE_RATE = "bounce_rate"
    AVG_DURATION = "avg_duration"


class Signals(Struct, frozen=True):
    """What stands out."""

    high_bounce: bool
    low_engagement: bool
    good_landing_page: bool


class PerformanceAnswer(Struct, frozen=True):
    """How many pages there are, and the first of them."""

    total_pages: int
    pages: list[tuple[Page, Signals]]


class PagePerformance(Struct, frozen=True):
    """The question."""

    range: TimeRange
    search: str = ""
    sort: PageSort = PageSort.SESSIONS
    is_ascending: bool = False
    filters: Filters = NO_FILTERS
    limit: int = 50

    def answer(self, reader: Reader) -> PerformanceAnswer:
        """Choose the pages first; read the rest only for these."""
        asked = PageViews(self.range, self.filters)
        rows = reader.rows(_sorted(reader, self, asked))
        chosen = {(row[0], row[1]): (int(row[2]), int(row[3])) for row in rows}
        found = [(page, _signals(page)) for page in described(reader, asked, chosen)]
        return PerformanceAnswer(int(rows[0][-1]) if rows else 0, found)


def _signals(page: Page) -> Signals:
    is_brief = page.avg_duration <= LITTLE_TIME
    return Signals(
        high_bounce=page.bounce_rate > HIGH_BOUNCE,
        low_engagement=is_brief,
        good_landing_page=page.entries > 0 and page.bounce_rate < LOW_BOUNCE and not is_brief,
    )


def _sorted(reader: Reader, asked: PagePerformance, pages: PageViews) -> exp.Select:
    """Rows of origin, path, sessions, views and, in each, the number of all pages."""
    query = select(
        *(column(name, "p") for name in ("origin", "path", "sessions", "seen")),
        named(exp.Window(this=count()), "pages"),
    ).from_(source(seen_pages(reader, pages), "p"), copy=False)
    value: Expr = column({PageSort.PAGEVIEWS: "seen"}.get(asked.sort, "sessions"), "p")
    if asked.sort is PageSort.BOUNCE_RATE:
        _beside(query, entries(reader, pages))
        value = _quotient(column("bounces", "r"), column("begun", "r"))
    elif asked.sort is PageSort.AVG_DURATION:
        _beside(query, time_spent(reader, pages))
        value = _quotient(column("milliseconds", "r"), column("seen", "p"))
    if asked.search:
        query.where(_is_found(reader, asked.search, pages), copy=False)
    first = ascending(value) if asked.is_ascending else descending(value)
    ties = [descending(column("sessions", "p")), ascending(column("origin", "p")), ascending(column("path", "p"))]
    return query.order_by(first, *ties, copy=False).limit(asked.limit, copy=False)


def _beside(query: exp.Select, rows: exp.Select) -> None:
    """Join what some pages have."""
    same = both(*(equal(column(name, "p"), column(name, "r")) for name in ("origin", "path")))
    query.join(source(rows, "r"), on=same, join_type="left", copy=False)


def _quotient(part: Expr, whole: Expr) -> Expr:
    """To sort by; 0 where there is nothing to divide."""
    quotient = exp.Div(this=part, expression=exp.Nullif(this=whole, expression=integer(0)))
    return exp.Coalesce(this=quotient, expressions=[integer(0)])


def _is_found(reader: Reader, search: str, pages: PageViews) -> Expr:
    engine, text = reader.engine, reader.engine.lower(reader.text(search))
    address = exp.DPipe(this=column("origin", "p"), expression=column("path", "p"))
    page = exp.Tuple(expressions=[column("origin", "p"), column("path", "p")])
    has_title = engine.contains(engine.lower(column("title")), text.copy())
    titled = read("events", [column("origin"), column("path")], both(views(reader, pages), has_title))
    return either([engine.contains(engine.lower(address), text), within(page, titled)])
