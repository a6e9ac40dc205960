"""The revenue report (umami contract §5.7)."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from footfall.api.umami.dates import instant_text
from footfall.api.umami.reporting import Asked, DateRange, FirstBody, Form, Parameters, Report, UnitName
from footfall.api.umami.reports_counting import plain
from footfall.api.umami.stats_reading import a_year_before, minutes_before
from footfall.api.umami.taking import Text, Timezone, one_of
from footfall.query.ranges import TimeRange
from footfall.query.revenue import ChartPoint, Currencies, Earned, Revenue, RevenueAnswer
from footfall.query.revenue_sources import RevenueSources, Sources
from footfall.query.view_traffic import Unit

Currency = Annotated[Text, Field(max_length=100)]


class MoneyRange(DateRange):
    """A range with the length of a chart's buckets, a day if it is not said."""

    unit: UnitName | None = None


class RevenueBody(FirstBody):
    """What was earned in a currency."""

    date_range: MoneyRange
    timezone: Timezone
    currency: Currency


class RevenueParameters(Parameters):
    """What was earned in a currency, compared with the period before or the same a year ago."""

    unit: UnitName | None = None
    currency: Currency
    compare: Annotated[str, one_of("prev", "yoy")] = "prev"


async def first_revenue(asked: Asked, body: RevenueBody) -> object:
    """As Umami 2.18 counted it; the table is of all currencies."""
    unit = Unit(body.date_range.unit or Unit.DAY)
    span = asked.span(body.date_range, ZoneInfo(body.timezone))
    found = await asked.ask(Revenue(span, body.currency, unit, of_data=True))
    return {
        "chart": [
            {"x": each.name, "t": instant_text(each.start_ms), "y": _money(each.sum)} for each in found.chart
        ],
        "country": _countries(found),
        "total": _total(found.currencies.get(body.currency, Earned())),
        "table": [{"currency": code, **_total(earned)} for code, earned in found.currencies.items()],
    }


async def second_revenue(asked: Asked, body: RevenueParameters) -> object:
    """As Umami 3.1 counts it."""
    span = asked.span(body, body.zone, since_reset=True)
    found = await asked.ask(Revenue(span, body.currency, Unit(body.unit or Unit.DAY), conditions=asked.conditions))
    sources = await asked.ask(RevenueSources(span, body.currency, asked.conditions))
    before = a_year_before(span) if body.compare == "yoy" else minutes_before(span)
    earned = found.currencies.get(body.currency, Earned())
    return {
        "chart": [_point(each) | {"count": each.count} for each in found.chart],
        "country": _countries(found),
        "region": [
            {"country": country or None, "name": region or None, "value": _money(value)}
            for (country, region), value in found.regions
        ],
        "referrer": _listed(sources.referrers),
        "channel": _listed(sources.channels),
        "total": _averages(earned, sources) | {"comparison": await _compared(asked, body.currency, before)},
    }


async def _compared(asked: Asked, currency: str, span: TimeRange) -> dict[str, Any]:
    found = await asked.ask(Currencies(span, conditions=asked.conditions))
    sources = await asked.ask(RevenueSources(span, currency, asked.conditions))
    return _averages(found.get(currency, Earned()), sources)


def _point(point: ChartPoint) -> dict[str, Any]:
    return {"x": point.name, "t": instant_text(point.start_ms), "y": _money(point.sum)}


def _averages(earned: Earned, sources: Sources) -> dict[str, Any]:
    visitors = sources.visitors
    return _total(earned) | {
        "total_sessions": visitors,
        "average": earned.average,
        "arpu": earned.sum / visitors if visitors else 0,
    }


def _total(earned: Earned) -> dict[str, Any]:
    return {"sum": _money(earned.sum), "count": earned.count, "unique_count": earned.visitors}


def _countries(found: RevenueAnswer) -> list[dict[str, Any]]:
    return [{"name": name or None, "value": _money(value)} for name, value in found.countries]


def _listed(values: list[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"name": name, "value": _money(value)} for name, value in values]


def _money(value: float) -> int | float:
    return plain(round(value, 4))


REPORTS = (Report(("revenue",), Form(RevenueBody, first_revenue), Form(RevenueParameters, second_revenue)),)
