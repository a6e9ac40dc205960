"""The report on attribution: which sources brought those who did something (umami contract §5.13).

The fields and the answer are shared by the forms A and B and by the resource of Umami 3.3
(`behaviour_resources.py`).
"""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from footfall.api.umami.reporting import Asked, FirstBody, Form, Parameters, Report
from footfall.api.umami.reports_behaviour import MAX_STEPS, PAGES
from footfall.api.umami.reports_counting import plain
from footfall.api.umami.taking import Taken, Text, problem
from footfall.query.attribution import SOURCES, Attributed, Attribution, Model
from footfall.query.ranges import TimeRange

_FIRST_CLICK = ("firstClick", "first-click")
_ADS = {
    "gclid": "Google Ads",
    "fbclid": "Facebook / Meta",
    "msclkid": "Microsoft Ads",
    "ttclid": "TikTok Ads",
    "li_fat_id": "LinkedIn Ads",
    "twclid": "Twitter Ads (X)",
}


def _model(value: str) -> str:
    if not any(each in value.lower() for each in ("firstclick", "lastclick", "first-click", "last-click")):
        raise problem("Invalid")
    return value


ModelName = Annotated[Text, AfterValidator(_model)]
Currency = Annotated[Text, Field(max_length=100)]


class ConversionStep(Taken):
    """A path, where the type is `url` or `path`, or an event's name; to the letter."""

    type: Text
    value: Text


class AttributionFields(Taken):
    """Only `firstClick` and `first-click`, letter by letter, are the first click (contract §5.13)."""

    model: ModelName
    currency: Currency | None = None


class AttributionBody(FirstBody, AttributionFields):
    """The same; of the steps the first counts."""

    steps: Annotated[list[ConversionStep], Field(min_length=1, max_length=MAX_STEPS)]


class StepFields(AttributionFields):
    """The same with the step as it is told since Umami 3."""

    type: Text
    step: Text


class AttributionParameters(Parameters, StepFields):
    """The same in generation B."""


async def first_attribution(asked: Asked, body: AttributionBody) -> object:
    """Which sources brought the visitors who did the step; money as the revenue report of this form counts it."""
    step = body.steps[0]
    return await attribution(asked, asked.span(body.date_range), body, step.type, step.value, of_data=True)


async def second_attribution(asked: Asked, body: AttributionParameters) -> object:
    """The same; the filters choose among the conversions."""
    return await attribution(asked, asked.span(body, since_reset=True), body, body.type, body.step)


async def attribution(
    asked: Asked, span: TimeRange, wanted: AttributionFields, type: str, step: str, *, of_data: bool = False
) -> dict[str, Any]:
    """A list for each kind of source, and the totals."""
    currency = wanted.currency or ""
    question = Attribution(
        range=span,
        model=Model.FIRST_CLICK if wanted.model in _FIRST_CLICK else Model.LAST_CLICK,
        step=step,
        is_event=type not in PAGES,
        currency=currency if of_data else currency.upper(),
        of_data=of_data,
        conditions=asked.conditions,
    )
    return _attributed(await asked.ask(question))


def _attributed(found: Attributed) -> dict[str, Any]:
    names = {"paid_ads": "paidAds"}
    lists = {
        names.get(kind, kind): [
            {"name": _ADS.get(name, name) if kind == "paid_ads" else name, "value": plain(value)}
            for name, value in found.sources[kind]
        ]
        for kind in SOURCES
    }
    total = {"pageviews": found.pageviews, "visitors": found.visitors, "visits": found.visits}
    return {**lists, "total": total}


REPORTS = (
    Report(
        ("attribution",), Form(AttributionBody, first_attribution), Form(AttributionParameters, second_attribution)
    ),
)
