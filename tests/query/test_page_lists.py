"""Entries, exits and the performance of pages, by hand."""

from collections.abc import Iterator

import pytest

from footfall.query.entry_exit import End, EntryExit
from footfall.query.page_performance import PagePerformance, PageSort, PerformanceAnswer, Signals
from footfall.query.pages import Pages
from footfall.store.base import Store
from support.facts import ORIGIN, did, paid, viewed
from support.stores import Site, only

DAY = {"start": "2024-03-04", "end": "2024-03-04"}


@pytest.fixture(scope="module")
def shop(store: Store) -> Iterator[Site]:
    """Three visits that begin on `/`, one on `/Docs`, one that saw nothing."""
    site = Site(store)
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", viewed("/", "Home"), 50, "/buy", 30, paid(900), country="DE")
    facts.visit("bob", "2024-03-04 11:00", "/")
    facts.visit("cid", "2024-03-04 12:00", "/", 10, viewed("/Docs", "Über uns"), is_open=True)
    facts.visit("dan", "2024-03-04 13:00", "/Docs", 70, "/Docs")
    facts.visit("eve", "2024-03-04 14:00", did("ping"))
    facts.visit("fay", "2024-03-03 14:00", "/old")
    site.write(facts)
    return site


def ends(site: Site, end: End, **more: object) -> list[tuple[object, ...]]:
    found = site.ask(EntryExit(site.span(**DAY), end, **more))  # type: ignore[arg-type]
    assert {share.prefix for share in found} <= {ORIGIN}
    return [(share.name, share.sessions, share.pageviews, share.revenue, share.bounce_rate) for share in found]


def test_the_pages_where_sessions_began(shop: Site) -> None:
    assert ends(shop, End.ENTRY) == [("/", 3, 5, 900, 33.33), ("/Docs", 1, 2, 0, 0)]


def test_the_pages_where_sessions_ended(shop: Site) -> None:
    assert ends(shop, End.EXIT) == [("/Docs", 2, 4, 0, 0), ("/", 1, 1, 0, 100.0), ("/buy", 1, 2, 900, 0)]
    assert [row[0] for row in ends(shop, End.EXIT, limit=1, offset=2)] == ["/buy"]


def test_filters_choose_sessions(shop: Site) -> None:
    assert ends(shop, End.EXIT, filters=only("country", "is", "DE")) == [("/buy", 1, 2, 900, 0)]
    assert [row[:2] for row in ends(shop, End.ENTRY, filters=only("path", "is", "/Docs"))] == [
        ("/", 1),
        ("/Docs", 1),
    ]


def performance(site: Site, **asked: object) -> PerformanceAnswer:
    return site.ask(PagePerformance(site.span(**DAY), **asked))  # type: ignore[arg-type]


def paths(answer: PerformanceAnswer) -> list[str]:
    return [page.path for page, _ in answer.pages]


@pytest.mark.parametrize(
    ("sort", "descending", "ascending"),
    [
        (PageSort.SESSIONS, ["/", "/Docs", "/buy"], ["/buy", "/Docs", "/"]),  # 3, 2, 1
        (PageSort.PAGEVIEWS, ["/", "/Docs", "/buy"], ["/buy", "/", "/Docs"]),  # 3, 3, 1; more sessions first
        (PageSort.BOUNCE_RATE, ["/", "/Docs", "/buy"], ["/Docs", "/buy", "/"]),  # a third, 0, none began there
        (PageSort.AVG_DURATION, ["/Docs", "/", "/buy"], ["/buy", "/", "/Docs"]),  # 70 s by 3, 60 s by 3, 0
    ],
)
def test_pages_in_any_order(shop: Site, sort: PageSort, descending: list[str], ascending: list[str]) -> None:
    assert paths(performance(shop, sort=sort)) == descending
    assert paths(performance(shop, sort=sort, is_ascending=True)) == ascending


def test_the_numbers_are_those_of_the_pages(shop: Site) -> None:
    pages = shop.ask(Pages(shop.span(**DAY)))
    answer = performance(shop)
    assert [page for page, _ in answer.pages] == pages
    assert answer.total_pages == 3


def test_the_limit_leaves_the_total(shop: Site) -> None:
    answer = performance(shop, limit=1)
    assert (answer.total_pages, paths(answer)) == (3, ["/"])
    assert performance(shop, limit=1, filters=only("path", "is", "/x")) == PerformanceAnswer(0, [])


def test_a_search_finds_addresses_and_titles_in_any_case(shop: Site) -> None:
    def found(text: str) -> tuple[int, list[str]]:
        answer = performance(shop, search=text)
        return answer.total_pages, paths(answer)

    assert found("dOCs") == (1, ["/Docs"])
    assert found("über") == (1, ["/Docs"])
    assert found("SHOP.example/b") == (1, ["/buy"])
    assert found("%") == (0, [])
    assert performance(shop, search="docs").pages[0][0].pageviews == 3  # those without the title too


def test_signals(shop: Site) -> None:
    facts = shop.facts()
    facts.visit("gil", "2024-04-01 10:00", "/good", 31, "/end")
    facts.visit("hal", "2024-04-01 11:00", "/bad")
    facts.visit("ida", "2024-04-01 12:00", "/brief", 30, "/end", 40, "/end")
    shop.write(facts)
    answer = shop.ask(PagePerformance(shop.span(start="2024-04-01", end="2024-04-01")))
    assert {page.path: signals for page, signals in answer.pages} == {
        "/good": Signals(high_bounce=False, low_engagement=False, good_landing_page=True),
        "/bad": Signals(high_bounce=True, low_engagement=True, good_landing_page=False),
        "/brief": Signals(high_bounce=False, low_engagement=True, good_landing_page=False),
        "/end": Signals(high_bounce=False, low_engagement=True, good_landing_page=False),  # nobody began there
    }


@pytest.mark.parametrize("sort", PageSort)
def test_filters_of_other_columns(shop: Site, sort: PageSort) -> None:
    answer = performance(shop, sort=sort, filters=only("country", "is", "DE"))
    assert sorted(paths(answer)) == ["/", "/buy"]


@pytest.mark.parametrize("sort", PageSort)
def test_an_empty_project(store: Store, sort: PageSort) -> None:
    assert performance(Site(store), sort=sort, search="x") == PerformanceAnswer(0, [])
    assert ends(Site(store), End.ENTRY) == []
