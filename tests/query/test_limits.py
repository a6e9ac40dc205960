"""What one question may ask, of either engine: much, and not without an end."""

import time
from unittest.mock import patch

import pytest

from footfall.model.errors import BadRequest, Overloaded
from footfall.query.conditions import Check, Condition, Conditions, Group
from footfall.query.funnel import Funnel, PropertyTest, Step
from footfall.query.operators import MAX_VALUES, Filters, parse_filters
from footfall.query.series import Chart, EventSeries
from footfall.query.view_traffic import Traffic
from footfall.query.view_traits import Trait
from support.facts import viewed
from support.stores import Site, only

SPAN = {"start": "2024-03-01", "end": "2024-03-10"}


def filters(number: int, values: int = 1) -> Filters:
    """So many."""
    return parse_filters(
        [{"name": "path", "value": [f"/{n}/{value}" for value in range(values)]} for n in range(number)]
    )


def chart(site: Site, *series: EventSeries) -> Chart:
    return Chart(range=site.span(**SPAN), series=series)


def test_filters_and_their_values_are_counted_over_all_series(site: Site) -> None:
    one_more = EventSeries(name="*", filters=only("path", "is", "/"))
    for few, times in ((filters(50), 4), (filters(1, 500), 10)):
        series = (EventSeries(name="*", filters=few),) * times
        assert site.ask(chart(site, *series)).lines == []
        with pytest.raises(BadRequest, match="in all series and steps") as refused:
            site.ask(chart(site, *series, one_more))
        assert (refused.value.field, refused.value.code) == ("filters", "too_big")


def test_steps_groups_and_properties_have_filters_too(site: Site) -> None:
    step = Step("buy", properties=tuple(PropertyTest(f"p{n}", Check.EQ, ("x",)) for n in range(20)))
    path = Condition(Trait.PATH, Check.EQ, ("/",))
    with pytest.raises(BadRequest):
        site.ask(Funnel(site.span(**SPAN), (step,) * 11, 1000))
    with pytest.raises(BadRequest):
        site.ask(Traffic(site.span(**SPAN), Conditions((Group((path,) * 150), Group((path,) * 51)))))


@pytest.mark.parametrize(
    ("name", "operator", "found"),
    [("path", "contains", 1), ("path", "doesNotContain", 0), ("n", "gt", 1), ("entry_path", "endsWith", 1)],
)
def test_a_filter_takes_many_values(site: Site, name: str, operator: str, found: int) -> None:
    """As many as it may: what reads them must not go as deep as there are."""
    site.write(site.facts().visit("ann", "2024-03-04 10:00", viewed("/499", properties={"n": "499"})))
    many = EventSeries(name="screen_view", filters=only(name, operator, *range(MAX_VALUES)))
    assert len(site.ask(chart(site, many)).lines) == found


def test_the_time_limit_is_of_all_that_a_question_asks(site: Site) -> None:
    site.write(site.facts().visit("ann", "2024-03-04 10:00", "/"))
    series = [EventSeries(name="*", filters=only("path", "isNot", str(number))) for number in range(20)]
    query = site.store.query
    with patch.object(site.store, "query_seconds", 0.2), patch.object(site.store, "query") as slow:
        slow.side_effect = lambda *asked, **how: time.sleep(0.05) or query(*asked, **how)  # type: ignore[func-returns-value]
        with pytest.raises(Overloaded, match="ask for less"):
            site.ask(chart(site, *series))
        assert slow.call_count < len(series)
        assert len(site.ask(chart(site, series[0])).lines) == 1
