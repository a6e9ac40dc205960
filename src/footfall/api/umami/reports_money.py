"""The revenue report (umami contract §5.7)."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from footfall.api.umami.dates import instant_text
from footfall.api.umami.reporting import Asked, DateRange, FirstBody, Form, Parameters, Report, UnitName
from footfall.api.umami.reports_counting import plain
from footfall.api.umami.stats_reading import before
from footfall.api.umami.taking import Text, Timezone, one_of
from footfall.query.ranges import TimeRange
from footfall.query.revenue import ChartPoint, Currencies, Earned, Revenue, RevenueAnswer
from footfall.query.revenue_sources import Audience, RevenueSources, Sources
from footfall.query.view_traffic import Unit

SOURCES = ("referrer", "channel")
KINDS = ("country", "region", *SOURCES)
"""By what earnings are told."""

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
    span, currency = asked.span(body, body.zone, since_reset=True), body.currency
    found = await asked.ask(Revenue(span, currency, Unit(body.unit or Unit.DAY), conditions=asked.conditions))
    sources = await asked.ask(RevenueSources(span, currency, asked.conditions))
    total = _averages(found.currencies.get(currency, Earned()), await asked.ask(Audience(span)))
    return {
        "chart": points(found),
        "country": _countries(found),
        "region": _regions(found),
        **_sources(sources),
        "total": total | {"comparison": await earnings(asked, before(span, body.compare), currency)},
    }


async def earnings(asked: Asked, span: TimeRange, currency: str) -> dict[str, Any]:
    """What was earned, and how much that is for each sale and for each visitor."""
    found = await asked.ask(Currencies(span, conditions=asked.conditions))
    return _averages(found.get(currency, Earned()), await asked.ask(Audience(span)))


async def earned_by(asked: Asked, span: TimeRange, currency: str, kind: str) -> list[dict[str, Any]]:
    """What was earned by country, region, referrer or channel; most first."""
    if kind in SOURCES:
        return _sources(await asked.ask(RevenueSources(span, currency, asked.conditions)))[kind]
    found = await asked.ask(Revenue(span, currency, conditions=asked.conditions))
    return _countries(found) if kind == "country" else _regions(found)


def points(found: RevenueAnswer) -> list[dict[str, Any]]:
    """The chart."""
    return [_point(each) | {"count": each.count} for each in found.chart]


def _point(point: ChartPoint) -> dict[str, Any]:
    return {"x": point.name, "t": instant_text(point.start_ms), "y": _money(point.sum)}


def _averages(earned: Earned, visitors: int) -> dict[str, Any]:
    return _total(earned) | {
        "total_sessions": visitors,
        "average": earned.average,
        "arpu": earned.sum / visitors if visitors else 0,
    }


def _total(earned: Earned) -> dict[str, Any]:
    return {"sum": _money(earned.sum), "count": earned.count, "unique_count": earned.visitors}


def _countries(found: RevenueAnswer) -> list[dict[str, Any]]:
    return [{"name": name or None, "value": _money(value)} for name, value in found.countries]


def _regions(found: RevenueAnswer) -> list[dict[str, Any]]:
    return [
        {"country": country or None, "name": region or None, "value": _money(value)}
        for (country, region), value in found.regions
    ]


def _sources(found: Sources) -> dict[str, list[dict[str, Any]]]:
    rankings = dict(zip(SOURCES, (found.referrers, found.channels), strict=True))
    return {
        kind: [{"name": name, "value": _money(value)} for name, value in ranking]
        for kind, ranking in rankings.items()
    }


def _money(value: float) -> int | float:
    return plain(round(value, 4))


REPORTS = (Report(("revenue",), Form(RevenueBody, first_revenue), Form(RevenueParameters, second_revenue)),)
