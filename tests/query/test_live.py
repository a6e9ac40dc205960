"""Who is there now, and when it all began."""

from footfall.query.first import FirstEvent
from footfall.query.live import Live
from support.facts import did, ms
from support.stores import Site

NOON = ms("2024-03-04 12:00")


def test_five_minutes_and_not_a_moment_more(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 11:55:00", "/")
    facts.visit("bob", "2024-03-04 11:55:01", "/", is_open=True)
    facts.visit("cid", "2024-03-04 12:00:00", did("ping"), "/")
    facts.visit("dan", "2024-03-04 12:00:01", "/")
    site.write(facts)
    assert site.ask(Live(NOON)) == 2


def test_a_visitor_is_counted_once_and_a_session_that_ends_is_none(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 11:58", "/", 5, "/a")
    facts.visit("ann", "2024-03-04 11:59", "/")
    facts.event("session_end", "2024-03-04 11:59", profile_id="bob", device_id="bob")
    facts.event("session_start", "2024-03-04 11:59", profile_id="cid", device_id="cid")
    facts.event("screen_view", "2024-03-04 11:59")
    site.write(facts)
    assert site.ask(Live(NOON)) == 1


def test_the_first_event(site: Site) -> None:
    assert site.ask(FirstEvent()) is None
    site.write(site.facts().visit("ann", "2024-03-04 11:58", "/").visit("bob", "2023-01-01", "/"))
    assert site.ask(FirstEvent()) == ms("2023-01-01")
