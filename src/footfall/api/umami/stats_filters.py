"""Filters as Umami's clients spell them, in a query, a saved segment or a cohort (umami contract §4.1).

Generation 2 puts `!`, `~` or `!~` before the value; generation 3 an operator and a dot, `neq.`, and takes several
values between commas. A value without either must be equal: in generation 2 commas and all, in generation 3 to the
whole or to one of what stands between the commas. Names of both generations are known.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from footfall.api.umami.dates import read_date, stored_ms
from footfall.api.umami.errors import Generation, invalid
from footfall.model.text import storable
from footfall.query.conditions import Check, Cohort, Condition, Conditions, Group, Kind, Test
from footfall.query.operators import MAX_FILTERS, MAX_PATTERN_CHARS, MAX_VALUE_CHARS, MAX_VALUES
from footfall.query.ranges import TimeRange
from footfall.query.view_traits import Trait

FIELDS: dict[str, Trait] = {
    **{trait.value: trait for trait in Trait},
    "url": Trait.PATH,
    "host": Trait.HOSTNAME,
    "domain": Trait.REFERRER,
    "eventName": Trait.EVENT,
    "distinctId": Trait.DISTINCT_ID,
    "utmSource": Trait.UTM_SOURCE,
    "utmMedium": Trait.UTM_MEDIUM,
    "utmCampaign": Trait.UTM_CAMPAIGN,
    "utmContent": Trait.UTM_CONTENT,
    "utmTerm": Trait.UTM_TERM,
}
"""Names of filters, and of what lists are of, in every spelling."""

_PATTERNS = (Check.PATTERN, Check.NOT_PATTERN)
_CHECKS = frozenset(Check)
_SEVERAL = (Check.EQ, Check.NEQ)
_OLD_SIGNS = {"!~": Check.WITHOUT, "~": Check.CONTAINS, "!": Check.NEQ}
_COUNTED_NAME = re.compile(r"([A-Za-z_]+?)([0-9]{0,3})")
_RELATIVE = re.compile(r"(-?[0-9]{1,4})(hour|day|week|month|year)")
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def conditions_of(pairs: Iterable[tuple[str, str]], generation: Generation, *, any_of: bool = False) -> Conditions:
    """The conditions among the parameters of a query; a name may be repeated or numbered. Raises Invalid."""
    items = []
    for name, value in pairs:
        found = _COUNTED_NAME.fullmatch(name)
        trait = FIELDS.get(found[1]) if found else None
        if trait is not None and value:
            items.append(_condition(trait, name, *_operator(storable(value), generation)))
    if len(items) > MAX_FILTERS:
        raise invalid("filters", f"there can be {MAX_FILTERS} filters at most")
    return Conditions(tuple(items), any_of)


def segment_conditions(parameters: Mapping[str, Any], field: str) -> tuple[Condition, ...]:
    """Those of `filters`: a list of {name, operator, value}. Raises Invalid."""
    filters = parameters.get("filters", [])
    if not isinstance(filters, list) or len(filters) > MAX_FILTERS:
        raise invalid(field, "Invalid")
    return tuple(_saved(each, field) for each in filters)


def segment_tests(parameters: Mapping[str, Any], field: str) -> tuple[Test, ...]:
    """What a saved segment asks of an event: all filters, or one of them if its `match` is any. Raises Invalid."""
    conditions = segment_conditions(parameters, field)
    return (Group(conditions, any=parameters.get("match") == "any"),) if conditions else ()


def cohort_of(parameters: Mapping[str, Any], now_ms: int) -> Cohort:
    """Who did `action` in `dateRange`, with its `filters`. Raises Invalid."""
    action = parameters.get("action")
    action = action if isinstance(action, dict) else {}
    is_event = action.get("type") == "event"
    tests = segment_tests(parameters, "cohort")
    value = action.get("value")
    if isinstance(value, str) and value:
        trait = Trait.EVENT if is_event else Trait.PATH
        tests += (Condition(trait, Check.EQ, (storable(value),)),)
    return Cohort(_range(parameters.get("dateRange"), now_ms), Kind.EVENTS if is_event else Kind.VIEWS, tests)


def _operator(value: str, generation: Generation) -> tuple[Check, tuple[str, ...]]:
    word, dot, rest = value.partition(".")
    if dot and word in _CHECKS:
        check = Check(word)
        return check, tuple(rest.split(",")) if check in _SEVERAL else (rest,)
    for sign, check in _OLD_SIGNS.items():
        if value.startswith(sign):
            return check, (value.removeprefix(sign),)
    between = value.split(",") if "," in value and generation == "v3" else ()
    return Check.EQ, (value, *between)


def _condition(trait: Trait, field: str, check: Check, values: tuple[str, ...]) -> Condition:
    longest = MAX_PATTERN_CHARS if check in _PATTERNS else MAX_VALUE_CHARS
    if len(values) > MAX_VALUES or any(len(value) > longest for value in values):
        raise invalid(field, f"takes {MAX_VALUES} values of {longest} characters at most")
    return Condition(trait, check, values)


def _saved(raw: object, field: str) -> Condition:
    filter_ = raw if isinstance(raw, dict) else {}
    trait = FIELDS.get(str(filter_.get("name") or filter_.get("column") or filter_.get("type")))
    value = filter_.get("value")
    values: list[Any] = value if isinstance(value, list) else [value]
    operator = str(filter_.get("operator", Check.EQ))
    if trait is None or operator not in _CHECKS or not all(isinstance(each, str) for each in values):
        raise invalid(field, "Invalid")
    if operator in _SEVERAL and not isinstance(value, list):
        values = values[0].split(",")
    return _condition(trait, field, Check(operator), tuple(map(storable, values)))


def _range(raw: object, now_ms: int) -> TimeRange:
    """`startDate` and `endDate`, in ms or as dates, or `value`: so many units until now."""
    given = raw if isinstance(raw, dict) else {}
    start, end = (read_date(given[name]) if given.get(name) else None for name in ("startDate", "endDate"))
    if start is None or end is None:
        found = _RELATIVE.fullmatch(str(given.get("value", "")))
        if found is None:
            raise invalid("cohort", "Invalid dateRange")
        number = abs(int(found[1])) or 1
        length = timedelta(hours=number) if found[2] == "hour" else timedelta(days=number * _DAYS[found[2]])
        start, end = now_ms - length // timedelta(milliseconds=1), now_ms
    return TimeRange(stored_ms(start), stored_ms(max(end, start) + 1), ZoneInfo("UTC"))
