"""Event data: what events carry under keys that are not Footfall's own."""

from typing import Any

from footfall.query.data_values import DataCount, DataSummary, DataTotals, DataValues, Part
from support.facts import did, viewed
from support.stores import Site


def carrying(name: str, **data: str) -> Any:
    """An event that carries this data."""
    return did(name, properties=data)


def test_keys_are_counted_by_event_whatever_stands_beside_them(site: Site) -> None:
    facts = site.facts()
    facts.visit(
        "ann",
        "2024-03-04 10:00",
        viewed("/", properties={"__search": "q=1", "author": "eve"}),
        carrying("buy", item="pen", colour="red"),
        carrying("buy", item="ink", __language="en"),
        carrying("buy", __language="en"),
        did("buy"),
    )
    facts.visit("bob", "2024-03-05 10:00", carrying("rate", item="pen"))
    facts.visit("cid", "2024-03-07 10:00", carrying("rate", stars="5"))  # after the range
    site.write(facts)
    span = site.span(start="2024-03-04", end="2024-03-06")
    assert site.ask(DataTotals(span)) == DataSummary(events=4, properties=3, records=5)
    assert site.ask(DataValues(range=span, parts=(Part.NAME, Part.KEY))) == [
        DataCount(name="buy", key="item", number=2),
        DataCount(name="buy", key="colour", number=1),
        DataCount(name="rate", key="item", number=1),
        DataCount(name="screen_view", key="author", number=1),
    ]
    assert site.ask(DataValues(range=span, parts=(Part.KEY,), key="item")) == [DataCount(key="item", number=3)]
    nothing = site.span(start="2024-02-01", end="2024-02-02")
    assert site.ask(DataTotals(nothing)) == DataSummary(events=0, properties=0, records=0)
