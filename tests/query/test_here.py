"""Who is here and on which page, what was just done, and what was not counted."""

from footfall.model.event import DropCount
from footfall.query.drops import DropRow, Drops
from footfall.query.here import CountryHere, EventsHere, Here, PageHere
from support.facts import did, ms, viewed
from support.stores import Site

NOON = ms("2024-03-04 12:00")


def test_a_visitor_is_on_the_page_that_was_viewed_last(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 11:58", viewed("/", "Home"), 5, viewed("/a", "A"), 5, did("ping"), country="DE")
    facts.visit("bob", "2024-03-04 11:59", viewed("/a", "A"), is_open=True, country="FR")
    facts.visit("cid", "2024-03-04 11:59", "/", country="DE")
    facts.visit("dan", "2024-03-04 11:55", "/", country="IT")
    facts.visit("eve", "2024-03-04 11:59", did("ping"))
    site.write(facts)
    here = site.ask(Here(NOON))
    assert here.pages == [PageHere("/a", "A", 2), PageHere("/", "", 1)]
    assert here.countries == [CountryHere("DE", 2), CountryHere("", 1), CountryHere("FR", 1)]
    assert site.ask(Here(NOON, limit=1)).pages == [PageHere("/a", "A", 2)]


def test_what_was_just_done_is_told_newest_first(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 11:54:59", "/old", 60, "/", 60, did("buy"))
    facts.visit("bob", "2024-03-04 12:00:01", "/later")
    site.write(facts)
    assert [event.name for event in site.ask(EventsHere(NOON, 10))] == ["buy", "screen_view"]
    assert [event.name for event in site.ask(EventsHere(NOON, 1))] == ["buy"]


def test_an_empty_project_has_nobody(site: Site) -> None:
    assert (site.ask(Here(NOON)).pages, site.ask(Here(NOON)).countries, site.ask(EventsHere(NOON, 5))) == (
        [],
        [],
        [],
    )


def test_the_ledger_counts_by_utc_day_and_reason(site: Site) -> None:
    facts = site.facts()
    counts = (
        ("2024-03-03", "bot", 7),
        ("2024-03-04", "bot", 1),
        ("2024-03-05", "invalid", 2),
        ("2024-03-06", "bot", 9),
    )
    for more in (1, 2):  # the ledger is written piece by piece
        batch = facts.batch(site.store.position() + 1)
        batch.drops = [
            DropCount(project_id=project, day=day, reason=reason, count=count * more)
            for project in (site.project, "other")
            for day, reason, count in counts
        ]
        site.store.write(batch)
    answer = site.ask(Drops(site.span(start="2024-03-04", end="2024-03-05")))
    assert answer == [DropRow("2024-03-04", "bot", 3), DropRow("2024-03-05", "invalid", 6)]
