"""The pages, by hand."""

import pytest

from footfall.query.pages import Page, Pages
from support.facts import ORIGIN, did, paid, viewed
from support.stores import Site, only

DAY = {"start": "2024-03-04", "end": "2024-03-04"}


def pages(site: Site, filters: object = None, **span: str) -> list[Page]:
    asked = Pages(site.span(**(span or DAY)))
    return site.ask(Pages(asked.range, filters) if filters else asked)  # type: ignore[arg-type]


def counts(found: list[Page]) -> dict[str, tuple[int, int]]:
    return {page.path: (page.sessions, page.pageviews) for page in found}


@pytest.fixture
def shop(site: Site) -> Site:
    facts = site.facts()
    facts.visit(
        "ann", "2024-03-04 10:00", viewed("/", "Old"), 20, "/a", 30, "/", 10, "/", country="DE", marks=True
    )
    facts.visit("bob", "2024-03-04 11:00", viewed("/", "New"), country="US", marks=True)
    facts.visit(
        "cid", "2024-03-04 12:00", viewed("/a", "A"), 40, did("signup"), paid(700), country="DE", is_open=True
    )
    facts.visit("dan", "2024-03-04 12:00", "/", origin="https://blog.example")
    site.write(facts)
    return site


def test_a_page_is_an_origin_and_a_path(shop: Site) -> None:
    assert pages(shop) == [
        Page(
            origin=ORIGIN,
            path="/",
            title="New",
            sessions=2,
            pageviews=4,
            avg_duration=7.5,  # 20 and 10 s over four views
            bounce_rate=50.0,
            entries=2,
            revenue=0,
        ),
        Page(
            origin=ORIGIN,
            path="/a",
            title="A",
            sessions=2,
            pageviews=2,
            avg_duration=15.0,
            bounce_rate=100.0,
            entries=1,
            revenue=700,
        ),
        Page(
            origin="https://blog.example",
            path="/",
            title="",
            sessions=1,
            pageviews=1,
            avg_duration=0,
            bounce_rate=100.0,
            entries=1,
            revenue=0,
        ),
    ]


def test_filters_on_pages(shop: Site) -> None:
    assert counts(pages(shop, only("path", "is", "/a"))) == {"/a": (2, 2)}
    assert [page.origin for page in pages(shop, only("origin", "contains", "blog"))] == ["https://blog.example"]


def test_filters_on_other_columns_count_the_views_that_pass(shop: Site) -> None:
    found = pages(shop, only("country", "is", "DE"))
    assert counts(found) == {"/": (1, 3), "/a": (2, 2)}
    assert [page.avg_duration for page in found] == [15.0, 10.0]
    assert {page.path: page.bounce_rate for page in found} == {"/a": 100.0, "/": 0}
    assert {page.path: page.title for page in found} == {"/a": "A", "/": "Old"}
    assert pages(shop, only("entry_path", "is", "/a"))[0].pageviews == 1
    assert pages(shop, only("title", "is", "New"))[0].sessions == 1


def test_a_session_over_the_start_counts_for_the_pages_it_still_viewed(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-03 23:59:30", "/", 20, "/gone", 20, "/", 10, "/new", 10, "/new")
    facts.visit("bob", "2024-03-04 10:00", "/", 10, "/")
    site.write(facts)
    assert counts(pages(site)) == {"/": (2, 3), "/new": (1, 2)}


def test_a_session_over_the_end_counts_for_the_pages_it_viewed_before(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 23:59:30", "/", 20, "/a", 20, "/", 10, "/later")
    facts.visit("bob", "2024-03-04 10:00", "/a", is_open=True)
    site.write(facts)
    assert counts(pages(site)) == {"/a": (2, 2), "/": (1, 1)}


def test_a_mark_that_a_late_view_left_behind_the_end_is_corrected(site: Site) -> None:
    facts = site.facts().visit("ann", "2024-03-04 23:59:30", "/", 20, "/", 20, "/")
    facts.events[0].first_view, facts.events[2].first_view = False, True
    site.write(facts)
    assert counts(pages(site)) == {"/": (1, 2)}


def test_a_session_over_both_ends(site: Site) -> None:
    facts = site.facts().visit("ann", "2024-03-03 23:50", "/", 1200, "/", *([1700, "/"] * 52), "/a")
    site.write(facts)
    found = pages(site)
    assert [(page.path, page.sessions) for page in found] == [("/", 1)]


@pytest.mark.parametrize("few", [0, 20_000], ids=["last day first", "at once"])
def test_the_title_may_be_older_than_the_last_day(site: Site, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr("footfall.query.pages.FEW_VIEWS", few)
    facts = site.facts()
    facts.visit("ann", "2024-03-01 10:00", viewed("/", "First"))
    facts.visit("ann", "2024-03-02 10:00", viewed("/", "Second"))
    facts.visit("ann", "2024-03-06 10:00", "/")
    # Another site's page of that path, which the look for the older title finds too.
    facts.visit("bob", "2024-03-01 10:00", viewed("/", "Old blog"), origin="https://blog.example")
    facts.visit("bob", "2024-03-06 10:00", viewed("/", "Blog"), origin="https://blog.example")
    site.write(facts)
    found = pages(site, start="2024-03-01", end="2024-03-06")
    assert {(page.origin, page.title) for page in found} == {(ORIGIN, "Second"), ("https://blog.example", "Blog")}


def test_views_without_a_path_or_a_session(site: Site) -> None:
    facts = site.facts().visit("ann", "2024-03-04 10:00", did("screen_view"), "/")
    facts.event("screen_view", "2024-03-04 11:00", path="/", origin=ORIGIN)
    site.write(facts)
    assert counts(pages(site)) == {"/": (1, 2)}
    assert counts(pages(site, only("country", "isNull"))) == {"/": (1, 2)}


def test_an_empty_project_has_no_pages(site: Site) -> None:
    assert pages(site) == []


def test_equal_pages_keep_their_order_from_page_to_page(site: Site) -> None:
    facts = site.facts()
    for name in "hgfedcba":
        facts.visit(name, "2024-03-04 10:00", f"/{name}")
    site.write(facts)
    span = site.span(**DAY)
    paged = [page.path for offset in (0, 3, 6) for page in site.ask(Pages(span, limit=3, offset=offset))]
    assert paged == ["/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h"]
