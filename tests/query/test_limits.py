"""What one question may ask, of either engine: much, and not without an end."""


import pytest

from footfall.query.operators import MAX_VALUES
from footfall.query.series import Chart, EventSeries
from support.facts import viewed
from support.stores import Site, only

SPAN = {"start": "2024-03-01", "end": "2024-03-10"}


def chart(site: Site, *series: EventSeries) -> Chart:
    return Chart(range=site.span(**SPAN), series=series)


@pytest.mark.parametrize(
    ("name", "operator", "found"),
    [("path", "contains", 1), ("path", "doesNotContain", 0), ("n", "gt", 1), ("entry_path", "endsWith", 1)],
)
def test_a_filter_takes_many_values(site: Site, name: str, operator: str, found: int) -> None:
    """As many as it may: what reads them must not go as deep as there are."""
    site.write(site.facts().visit("ann", "2024-03-04 10:00", viewed("/499", properties={"n": "499"})))
    many = EventSeries(name="screen_view", filters=only(name, operator, *range(MAX_VALUES)))
    assert len(site.ask(chart(site, many)).lines) == found
