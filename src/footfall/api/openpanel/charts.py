"""Charts as this dialect asks for them: of a query string or of a saved report (openpanel contract §9.2).

asked = chart_of({"events": [{"name": "screen_view"}], "breakdowns": [{"name": "country"}]}, span)
body = chart_body(asked, await context.ask(project, asked.question))
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct

from footfall.api.openpanel.nested import objects, text_of
from footfall.model.errors import BadRequest
from footfall.query.buckets import Interval, daily
from footfall.query.fields import canonical
from footfall.query.formula import LETTERS, Formula, parse_formula
from footfall.query.operators import NO_FILTERS, Filters, parse_filters
from footfall.query.ranges import TimeRange
from footfall.query.series import MAX_BREAKDOWNS, MAX_SERIES, Chart, EventSeries, Metric
from footfall.query.tallies import Segment

MAX_NAME_CHARS = 1000
MAX_LIMIT = 1000
MAX_OFFSET = 1_000_000

Word = TypeVar("Word", bound=StrEnum)


class Asked(Struct, frozen=True):
    """One series as it was asked for: its id, its event's name or formula, and what to call it."""

    id: str
    name: str
    display_name: str = ""

    @property
    def shown(self) -> str:
        """What it is called."""
        return self.display_name or self.name


class AskedChart(Struct, frozen=True):
    """A chart: the question, its series and breakdowns in the words of whoever asks, and which lines to show."""

    question: Chart
    series: tuple[Asked, ...]
    breakdowns: tuple[str, ...]
    shown: slice


def chart_of(fields: Mapping[str, object], span: TimeRange) -> AskedChart:
    """The chart that these parameters ask for; lists and objects decoded or as JSON text.

    Takes events or series, breakdowns, filters (for all series), formula, interval, previous, metric, limit,
    offset. What a chart looks like, its `chartType`, changes no number. Raises BadRequest.
    """
    field = "series" if fields.get("series") is not None else "events"
    if fields.get(field) is None:
        raise BadRequest("Required", "events", "invalid_type")
    everywhere = parse_filters(objects(fields.get("filters"), "filters")) if fields.get("filters") else NO_FILTERS
    series, asked = _series(objects(fields[field], field), field, everywhere)
    formula = text_of(fields.get("formula"), "formula").strip()
    hidden: frozenset[int] = frozenset()
    if formula and series:
        hidden = frozenset(range(len(series)))
        series.append(_formula(formula, len(series), "formula"))
        asked.append(Asked("formula", formula))
    breakdowns = _breakdowns(objects(fields.get("breakdowns"), "breakdowns"))
    limit = _whole(fields.get("limit"), "limit", 1)
    offset = min(_whole(fields.get("offset"), "offset", 0) or 0, MAX_OFFSET)
    chart = Chart(
        range=span,
        series=tuple(series),
        interval=_word(Interval, fields.get("interval"), "interval", daily(span)),
        breakdowns=tuple(map(canonical, breakdowns)),
        previous=_truth(fields.get("previous"), "previous"),
        metric=_word(Metric, fields.get("metric"), "metric", Metric.SUM),
        hidden=hidden,
    )
    shown = slice(offset, None if limit is None else offset + min(limit, MAX_LIMIT))
    return AskedChart(chart, tuple(asked), tuple(breakdowns), shown)


def _series(
    items: list[object], field: str, everywhere: Filters
) -> tuple[list[EventSeries | Formula], list[Asked]]:
    if len(items) > MAX_SERIES:
        raise BadRequest(f"there can be {MAX_SERIES} {field} at most", field, "too_big")
    series: list[EventSeries | Formula] = []
    asked = []
    for number, raw in enumerate(items):
        where = f"{field}.{number}"
        item = {"name": raw} if isinstance(raw, str) else raw
        if not isinstance(item, dict):
            raise BadRequest("Expected object", where, "invalid_type")
        id = text_of(item.get("id"), f"{where}.id") or LETTERS[number]
        display_name = text_of(item.get("displayName"), f"{where}.displayName")
        if item.get("type") == "formula":
            text = _required(item, "formula", where)
            series.append(_formula(text, number, f"{where}.formula"))
            asked.append(Asked(id, text.strip(), display_name))
        else:
            event = _event(item, where, everywhere)
            series.append(event)
            asked.append(Asked(id, event.name, display_name))
    return series, asked


def _event(item: Mapping[str, object], where: str, everywhere: Filters) -> EventSeries:
    filters = NO_FILTERS
    if item.get("filters"):
        filters = parse_filters(objects(item["filters"], f"{where}.filters"), f"{where}.filters")
    property = text_of(item.get("property"), f"{where}.property").strip()
    if len(property) > MAX_NAME_CHARS:
        raise BadRequest(f"a property has {MAX_NAME_CHARS} characters at most", f"{where}.property", "too_big")
    return EventSeries(
        name=_required(item, "name", where),
        segment=_word(Segment, item.get("segment"), f"{where}.segment", Segment.EVENT),
        property=canonical(property) if property else "",
        filters=Filters((*filters.items, *everywhere.items)),
    )


def _formula(text: str, number: int, where: str) -> Formula:
    formula = parse_formula(text, where)
    unknown = sorted(formula.letters - set(LETTERS[:number]))
    if unknown:
        raise BadRequest(
            f"the formula names {unknown[0]}, and no series before it is that", where, "invalid_string"
        )
    return formula


def _breakdowns(items: list[object]) -> list[str]:
    if len(items) > MAX_BREAKDOWNS:
        raise BadRequest(f"there can be {MAX_BREAKDOWNS} breakdowns at most", "breakdowns", "too_big")
    found = []
    for number, item in enumerate(items):
        where = f"breakdowns.{number}"
        if not isinstance(item, str | dict):
            raise BadRequest("Expected object", where, "invalid_type")
        name = (item if isinstance(item, str) else _required(item, "name", where)).replace("\0", "").strip()
        if not name or len(name) > MAX_NAME_CHARS:
            raise BadRequest(
                f"a breakdown's name has 1 to {MAX_NAME_CHARS} characters", f"{where}.name", "too_big"
            )
        if name == "cohort" or name.startswith("cohort:"):
            raise BadRequest("there are no cohorts here to break down by", f"{where}.name", "unsupported")
        found.append(name)
    return found


def _required(item: Mapping[str, object], key: str, where: str) -> str:
    if item.get(key) is None:
        raise BadRequest("Required", f"{where}.{key}", "invalid_type")
    text = text_of(item[key], f"{where}.{key}")
    if len(text) > MAX_NAME_CHARS:
        raise BadRequest(f"{key} has {MAX_NAME_CHARS} characters at most", f"{where}.{key}", "too_big")
    return text


def _word(words: type[Word], raw: object, field: str, default: Word) -> Word:
    text = text_of(raw, field).strip()
    try:
        return words(text) if text else default
    except ValueError:
        message = f"Invalid enum value, expected {' | '.join(words)}"
        raise BadRequest(message, field, "invalid_enum_value") from None


def _truth(raw: object, field: str) -> bool:
    if isinstance(raw, bool):
        return raw
    text = text_of(raw, field).strip().lower()
    if text not in ("", "true", "false", "1", "0"):
        raise BadRequest(f"{field} is true or false", field, "invalid_type")
    return text in ("true", "1")


def _whole(raw: object, field: str, least: int) -> int | None:
    """A whole number, None if it is missing."""
    text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else text_of(raw, field).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and int(text) >= least):
        raise BadRequest(f"{field} is a whole number from {least} on", field, "invalid_number")
    return int(text)
