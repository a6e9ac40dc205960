"""Page views, devices and custom events in plain numbers (platform-v2 contract)."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from footfall.query.views import (
    ActiveNow,
    ActivePages,
    Counted,
    SeenSince,
    SessionNumbers,
    SiteSessions,
    SiteViews,
    TopEvents,
    TopReferrers,
    TopValues,
    ViewField,
    ViewNumbers,
)
from support.facts import did, ms
from support.stores import Site

GOOGLE = "https://www.google.com/search"


@pytest.fixture
def shop(site: Site) -> Site:
    """Three devices of two people, four sessions, seven views."""
    facts = site.facts()
    facts.visit(
        "ann",
        "2024-03-04 10:00",
        "/",
        60,
        "/a",
        30,
        did("signup"),
        country="DE",
        browser="Firefox",
        referrer=GOOGLE,
    )
    facts.visit("ann", "2024-03-05 10:00", "/", country="DE", browser="Firefox", referrer="https://shop.example/")
    facts.visit(
        "bob", "2024-03-05 11:00", "/a", 20, "/a", user="robert", browser="Chrome", referrer="https://google.com/"
    )
    facts.visit("tab", "2024-03-06 23:30", "/", 10, "/b", user="robert", country="FR", is_open=True)
    facts.visit("eve", "2024-03-01 10:00", "/before", country="DE", browser="Firefox", referrer=GOOGLE)
    facts.event("paid", "2024-03-05 12:00")
    facts.event("paid", "2024-03-05 12:01")
    facts.event("session_start", "2024-03-05 12:01")
    site.write(facts)
    return site


def week(site: Site) -> object:
    return site.span(start="2024-03-04", end="2024-03-06")


def test_sessions_by_device(shop: Site) -> None:
    # ann's lasted 90 s and 0 s, bob's 20 s, the tablet's 10 s
    assert shop.ask(SiteSessions(week(shop))) == SessionNumbers(3, 4, 1, 120_000, 3)


def test_views_per_day_and_in_all(shop: Site) -> None:
    days = [(date(2024, 3, 4), 2), (date(2024, 3, 5), 3), (date(2024, 3, 6), 2)]
    assert shop.ask(SiteViews(week(shop))) == ViewNumbers(7, 3, days)


def test_views_of_one_page(shop: Site) -> None:
    days = [(date(2024, 3, 4), 1), (date(2024, 3, 5), 2), (date(2024, 3, 6), 0)]
    assert shop.ask(SiteViews(week(shop), "/a")) == ViewNumbers(3, 2, days)
    assert shop.ask(SiteViews(week(shop), "/A")).views == 0, "the very path"
    assert shop.ask(SiteViews(week(shop), "' OR 1=1 --")).views == 0


def test_days_are_the_site_s_own(shop: Site) -> None:
    shop.zone = ZoneInfo("Europe/Berlin")
    span = shop.span(start="2024-03-06", end="2024-03-07")
    assert shop.ask(SiteViews(span)).days == [(date(2024, 3, 6), 0), (date(2024, 3, 7), 2)]


def test_top_values_leave_out_what_is_not_known(shop: Site) -> None:
    assert shop.ask(TopValues(week(shop), ViewField.PATH)) == [Counted("/", 3), Counted("/a", 3), Counted("/b", 1)]
    assert shop.ask(TopValues(week(shop), ViewField.BROWSER)) == [Counted("Firefox", 3), Counted("Chrome", 2)]
    assert shop.ask(TopValues(week(shop), ViewField.COUNTRY)) == [Counted("DE", 3), Counted("FR", 2)]
    assert shop.ask(TopValues(week(shop), ViewField.PATH, limit=1)) == [Counted("/", 3)], "by name where equal"


def test_top_referrers_are_foreign_hosts(shop: Site) -> None:
    assert shop.ask(TopReferrers(week(shop), "shop.example")) == [Counted("google.com", 4)]
    assert shop.ask(TopReferrers(week(shop), "www.shop.example")) == [Counted("google.com", 4)]
    assert shop.ask(TopReferrers(week(shop))) == [Counted("google.com", 4)], "a session's pages tell its site"
    assert shop.ask(TopReferrers(week(shop), "google.com")) == []


def test_top_events_are_custom_ones(shop: Site) -> None:
    assert shop.ask(TopEvents(week(shop))) == [Counted("paid", 2), Counted("signup", 1)]


def test_who_is_here_is_on_the_last_page_seen(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 11:56", "/", 60, "/a")
    facts.visit("bob", "2024-03-04 11:58", "/a", 30, did("click"))
    facts.visit("cid", "2024-03-04 11:59", did("ping"))
    facts.visit("dan", "2024-03-04 11:54", "/gone", 60, "/b")
    facts.event("paid", "2024-03-04 11:59")
    site.write(facts)
    assert site.ask(ActivePages(ms("2024-03-04 12:00"))) == ActiveNow(3, [Counted("/a", 2)])


def test_what_a_page_measures_of_itself_makes_nobody_active(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 11:58", "/a")
    for name in ("__performance", "__engagement", "__error"):
        facts.event(name, "2024-03-04 11:59", device_id="bob", path="/long-open")
    site.write(facts)
    assert site.ask(ActivePages(ms("2024-03-04 12:00"))) == ActiveNow(1, [Counted("/a", 1)])


def test_whether_anything_happened(shop: Site) -> None:
    assert shop.ask(SeenSince(ms("2024-03-06 23:30:10"))) is True
    assert shop.ask(SeenSince(ms("2024-03-06 23:30:11"))) is False


def test_an_empty_site(site: Site) -> None:
    assert site.ask(SiteSessions(week(site))) == SessionNumbers(0, 0, 0, 0, 0)
    assert site.ask(SiteViews(week(site))).views == 0
    assert site.ask(TopReferrers(week(site))) == []
    assert site.ask(ActivePages(ms("2024-03-04 12:00"))) == ActiveNow(0, [])
