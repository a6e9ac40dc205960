"""Reports on behaviour: journey, retention, funnel (umami contract §5.8, §5.9, §5.12).

The fields and answers are shared by the forms A and B of a report and by the resources of Umami 3.3
(`behaviour_resources.py`).
"""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from pydantic import Field

from footfall.api.umami.dates import instant_text
from footfall.api.umami.reporting import Asked, FirstBody, Form, Parameters, Report
from footfall.api.umami.reports_counting import plain
from footfall.api.umami.taking import Number, Taken, Text, Timezone, Whole, one_of
from footfall.model.times import DAY_MS
from footfall.query.conditions import Check, Kind
from footfall.query.first import FirstEvent
from footfall.query.funnel import Funnel, Grouping, PropertyTest, Reached, Step, Window, event_step, page_step
from footfall.query.journey import Journey, Journeys
from footfall.query.ranges import TimeRange
from footfall.query.retention import DailyCohorts, DayCohort

MAX_STEPS = 20
MAX_PROPERTY_FILTERS = 20
_SLOTS = 7
_LAST_DAY = 31
_LONG_MS = 10 * 366 * DAY_MS
_LONGEST_WINDOW = 100 * 365 * 24 * 60  # minutes; nothing is kept for so long
_KINDS = {1: Kind.VIEWS, 2: Kind.EVENTS}
PAGES = ("url", "path")
"""Types of steps that are paths; all others are names of events."""

# journey


class JourneyFields(Taken):
    """How many steps, and where they begin and end; empty text is absent."""

    steps: Annotated[Whole, Field(ge=2, le=_SLOTS)]
    start_step: Text | None = None
    end_step: Text | None = None


class JourneyBody(FirstBody, JourneyFields):
    """The same of generation A, which has at least three steps."""

    steps: Annotated[Whole, Field(ge=3, le=_SLOTS)]


class JourneyParameters(Parameters, JourneyFields):
    """The same; `eventType`: only page views (1) or only events (2)."""

    event_type: Annotated[Whole, Field(ge=1, le=2)] | None = None


async def first_journey(asked: Asked, body: JourneyBody) -> object:
    """The hundred most frequent ways through the site."""
    return await journeys(asked, asked.span(body.date_range), body)


async def second_journey(asked: Asked, body: JourneyParameters) -> object:
    """The same of events that pass the filters; not cut to the reset (contract §5.8)."""
    kind = asked.conditions.kind if body.event_type is None else _KINDS[body.event_type]
    asked = replace(asked, conditions=replace(asked.conditions, kind=kind))
    return await journeys(asked, asked.span(body), body)


async def journeys(asked: Asked, span: TimeRange, wanted: JourneyFields) -> list[dict[str, Any]]:
    """The most frequent ways, each `{items, count}`."""
    question = Journeys(span, wanted.steps, wanted.start_step or "", wanted.end_step or "", asked.conditions)
    return [{"items": _items(found, wanted.steps), "count": found.count} for found in await asked.ask(question)]


def _items(journey: Journey, steps: int) -> list[str | None]:
    """Equal neighbours once; a null for a visit that ended, and one for the columns that were not asked for."""
    slots = [*journey.items, *[None] * (steps - len(journey.items))]
    shown = [item for place, item in enumerate(slots) if place == 0 or item != slots[place - 1]]
    return [*shown, None] if steps < _SLOTS else shown


# retention


class RetentionBody(FirstBody):
    """Whose days count."""

    timezone: Timezone


async def first_retention(asked: Asked, body: RetentionBody) -> object:
    """Visitors by the day they first came on, and how many were there on each day after it."""
    return await retention(asked, asked.span(body.date_range, ZoneInfo(body.timezone)))


async def second_retention(asked: Asked, body: Parameters) -> object:
    """The same by events that pass the filters."""
    return await retention(asked, asked.span(body, body.zone, since_reset=True))


async def retention(asked: Asked, span: TimeRange) -> list[dict[str, Any]]:
    """Rows of a cohort's day and the days since, up to the 31st; days on which nobody was back are left out."""
    span = await _shortened(asked, span)
    cohorts = await asked.ask(DailyCohorts(span, _LAST_DAY + 1, asked.conditions))
    return [row for cohort in cohorts for row in _days(cohort)]


async def _shortened(asked: Asked, span: TimeRange) -> TimeRange:
    """A long range begins with the first event and ends tomorrow: what takes time are the changes of its clock."""
    if span.end_ms - span.start_ms <= _LONG_MS:
        return span
    now_ms = asked.context.now_ms()
    first_ms = await asked.ask(FirstEvent())
    start_ms = min(max(span.start_ms, now_ms if first_ms is None else first_ms), span.end_ms - 1)
    return TimeRange(start_ms, max(start_ms + 1, min(span.end_ms, now_ms + DAY_MS)), span.zone)


def _days(cohort: DayCohort) -> list[dict[str, Any]]:
    return [
        {
            "date": instant_text(cohort.start_ms),
            "day": day,
            "visitors": cohort.sum,
            "returnVisitors": back,
            "percentage": plain(back * 100 / cohort.sum),
        }
        for day, back in cohort.back.items()
    ]


# funnel


class PropertyFilter(Taken):
    """A test of an event's property."""

    key: Annotated[Text, Field(alias="property", min_length=1, max_length=500)]
    operator: Annotated[str, one_of("eq", "neq", "c", "dnc")]
    value: Text

    @property
    def test(self) -> PropertyTest:
        """What is asked."""
        check = Check.EQ if self.operator in ("eq", "neq") else Check.CONTAINS
        return PropertyTest(self.key, check, (self.value,), self.operator in ("neq", "dnc"))


class FunnelStep(Taken):
    """A path, where the type is `url` or `path`, or an event's name; `*` at its ends stands for anything."""

    type: Text
    value: Text
    filters: Annotated[list[PropertyFilter], Field(max_length=MAX_PROPERTY_FILTERS)] | None = None

    @property
    def step(self) -> Step:
        """What is looked for; filters are of events' properties."""
        if self.type in PAGES:
            return page_step(self.value)
        return replace(event_step(self.value), properties=tuple(each.test for each in self.filters or ()))


Steps = Annotated[list[FunnelStep], Field(min_length=2, max_length=MAX_STEPS)]


class FunnelFields(Taken):
    """The steps, and how many minutes may be between two of them."""

    window: Annotated[Number, Field(gt=0)]
    steps: Steps


class FunnelBody(FirstBody, FunnelFields):
    """The same in generation A."""


class FunnelParameters(Parameters, FunnelFields):
    """The same in generation B."""


async def first_funnel(asked: Asked, body: FunnelBody) -> object:
    """How many visitors got how far."""
    return await funnel(asked, asked.span(body.date_range), body)


async def second_funnel(asked: Asked, body: FunnelParameters) -> object:
    """The same of those whose first step passes the filters."""
    return await funnel(asked, asked.span(body, since_reset=True), body)


async def funnel(asked: Asked, span: TimeRange, wanted: FunnelFields) -> list[dict[str, Any]]:
    """Each step as it came, with its numbers."""
    first, *others = (each.step for each in wanted.steps)
    steps = (replace(first, conditions=asked.conditions), *others)
    window_ms = round(min(wanted.window, _LONGEST_WINDOW) * 60_000)
    question = Funnel(span, steps, window_ms, Grouping.VISITOR, Window.OF_PREVIOUS)
    found = await asked.ask(question)
    return [_reached(place, *each) for place, each in enumerate(zip(wanted.steps, found, strict=True))]


def _reached(place: int, step: FunnelStep, reached: Reached) -> dict[str, Any]:
    previous = reached.previous if place else 0
    return {
        **step.model_dump(by_alias=True, exclude_unset=True),
        "visitors": reached.count,
        "previous": previous,
        "dropped": previous - reached.count if previous else 0,
        "dropoff": plain(1 - reached.count / previous) if previous else None,
        "remaining": plain(reached.count / reached.total) if reached.total else None,
    }


REPORTS = (
    Report(("journey",), Form(JourneyBody, first_journey), Form(JourneyParameters, second_journey)),
    Report(("retention",), Form(RetentionBody, first_retention), Form(Parameters, second_retention)),
    Report(("funnel",), Form(FunnelBody, first_funnel), Form(FunnelParameters, second_funnel)),
)
