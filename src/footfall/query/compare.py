"""One filter against one field: the operators' meaning, per kind of field (openpanel contract §7.3)."""

import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from sqlglot import exp

from footfall.model.countries import codes_where, country_code
from footfall.model.errors import BadRequest
from footfall.query.fields import IN_32_BITS, Field, FieldKind
from footfall.query.operators import Filter, Operator, ValueType, bare_pattern
from footfall.query.reader import Reader
from footfall.query.sql import Expr, column, differ, either, equal, integer, negate, one_of, word

NEGATIONS = {Operator.IS_NOT: Operator.IS, Operator.DOES_NOT_CONTAIN: Operator.CONTAINS}
ORDERS: dict[Operator, type[exp.Binary]] = {
    Operator.GREATER: exp.GT,
    Operator.LESS: exp.LT,
    Operator.AT_LEAST: exp.GTE,
    Operator.AT_MOST: exp.LTE,
}
PARTS = {Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH, Operator.REGEX}
NEVER = exp.false()
TRUTHS = ("true", "1", "yes")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST_MS = 4_102_444_800_000  # the year 2100; what a column is compared with is cut to what it can hold


def value_of(reader: Reader, field: Field, table: str | None = None) -> Expr:
    """What the field holds, as SQL."""
    if field.kind is FieldKind.PROPERTY:
        return reader.engine.property(column("properties", table), reader.text(field.name))
    if field.kind is FieldKind.PROPERTIES:
        return reader.engine.matching(column("properties", table), reader.text(field.name))
    if field.kind is FieldKind.HAS_PROFILE:
        is_known = differ(column("profile_id", table), column("device_id", table))
        return reader.engine.case([(is_known, word("true"))], word("false"))
    value = column(field.name, table)
    return reader.engine.decimal(value) if field.name in IN_32_BITS else value


def text_of(reader: Reader, field: Field) -> Expr:
    """The same as a text to be told; of many keys the list of the values, as JSON. '' if there is none."""
    value, engine = value_of(reader, field), reader.engine
    if field.kind is FieldKind.TIME:
        value = engine.iso_text(value)
    elif field.kind is FieldKind.PROPERTIES:
        value = engine.json_text(value)
    elif field.kind in (FieldKind.NUMBER, FieldKind.NUMBER_OR_NONE):
        value = engine.decimal_text(value)
    elif field.kind in (FieldKind.ID, FieldKind.FLAG):
        value = engine.as_text(value)
    return exp.Coalesce(this=value, expressions=[word("")])


def condition(reader: Reader, field: Field, asked: Filter) -> Expr:
    """Whether a row passes the filter. A missing value is ''. Of several values, one must pass."""
    if field.kind is FieldKind.PROPERTIES:
        return _among(reader, value_of(reader, field), asked)
    if field.kind is FieldKind.HAS_PROFILE:
        return _has_profile(asked)
    return condition_of(reader, value_of(reader, field), field, asked)


def condition_of(reader: Reader, value: Expr, field: Field, asked: Filter) -> Expr:
    """Whether this value of the field passes the filter."""
    positive = NEGATIONS.get(asked.operator)
    if positive is not None:
        opposite = Filter(asked.name, positive, asked.values, asked.type)
        return negate(condition_of(reader, value, field, opposite))
    if asked.operator in (Operator.IS_NULL, Operator.IS_NOT_NULL):
        empty = _is_empty(value, field.kind)
        return empty if asked.operator is Operator.IS_NULL else negate(empty)
    if asked.type not in (None, ValueType.STRING) and asked.operator not in PARTS:
        return _typed(reader, value, field, asked)
    return _BY_KIND.get(field.kind, _text)(reader, value, asked)


def _has_profile(asked: Filter) -> Expr:
    """Contract §7.2, §7.3: known people, or with any other value than `true` everyone else."""
    known = differ(column("profile_id"), column("device_id"))
    wanted = asked.operator is not Operator.IS_NULL and (not asked.values or "true" in asked.values)
    return known if wanted != (asked.operator in NEGATIONS) else negate(known)


def _among(reader: Reader, values: Expr, asked: Filter) -> Expr:
    """Whether any value of a list passes, also what asks for another value (contract §7.3)."""
    if asked.operator in (Operator.IS_NULL, Operator.IS_NOT_NULL):
        is_empty = equal(reader.engine.size(values), integer(0))
        return is_empty if asked.operator is Operator.IS_NULL else negate(is_empty)
    one = Field(FieldKind.PROPERTY, asked.name)
    return reader.engine.some(values, condition_of(reader, column("item"), one, asked))


def _is_empty(value: Expr, kind: FieldKind) -> Expr:
    if kind in (FieldKind.NUMBER_OR_NONE, FieldKind.TIME):
        return exp.Is(this=value, expression=exp.Null())
    if kind in (FieldKind.NUMBER, FieldKind.FLAG, FieldKind.ID):
        return NEVER.copy()
    return equal(value, word(""))


def _text(reader: Reader, value: Expr, asked: Filter) -> Expr:
    engine, operator = reader.engine, asked.operator
    if operator is Operator.IS:
        bound = [reader.text(text) for text in asked.values]
        return equal(value, bound[0]) if len(bound) == 1 else one_of(value, bound)
    if operator in ORDERS:
        return _any(ORDERS[operator](this=value.copy(), expression=reader.text(text)) for text in asked.values)
    finders: dict[Operator, Callable[[Expr, Expr], Expr]] = {
        Operator.CONTAINS: engine.contains,
        Operator.STARTS_WITH: engine.starts_with,
        Operator.ENDS_WITH: engine.ends_with,
        Operator.REGEX: engine.matches,
    }
    find = finders[operator]
    return _any(find(value.copy(), reader.text(text)) for text in asked.values)


def _column_text(reader: Reader, value: Expr, asked: Filter) -> Expr:
    """A column's pattern may stand between slashes."""
    if asked.operator is Operator.REGEX:
        stripped = tuple(map(bare_pattern, asked.values))
        asked = Filter(asked.name, asked.operator, stripped)
    return _text(reader, value, asked)


def _property(reader: Reader, value: Expr, asked: Filter) -> Expr:
    if asked.operator not in ORDERS:
        return _text(reader, value, asked)
    number = reader.engine.finite_or_null(reader.engine.number_or_null(value))
    return _ordered(reader, exp.Coalesce(this=number, expressions=[integer(0)]), asked)


def _ordered(reader: Reader, number: Expr, asked: Filter) -> Expr:
    compare = ORDERS[asked.operator]
    return _any(compare(this=number.copy(), expression=reader.number(_number(text))) for text in asked.values)


def _numeric(reader: Reader, value: Expr, asked: Filter) -> Expr:
    if asked.operator in PARTS:
        return _present(_text(reader, reader.engine.decimal_text(value), asked))
    if asked.operator in ORDERS:
        return _present(_ordered(reader, value, asked))
    return _present(_any(equal(value.copy(), reader.number(_number(text))) for text in asked.values))


def _time(reader: Reader, value: Expr, asked: Filter) -> Expr:
    if asked.operator in PARTS:
        raise BadRequest(
            f"{asked.name} is a time; it takes is, isNot, gt, lt, gte and lte", "filters", "invalid_type"
        )
    compare = ORDERS.get(asked.operator, exp.EQ)
    instants = [min(max(_time_ms(text), 0), LATEST_MS) for text in asked.values]
    return _present(_any(compare(this=value.copy(), expression=reader.instant(ms)) for ms in instants))


def _flag(_: Reader, value: Expr, asked: Filter) -> Expr:
    if asked.operator is not Operator.IS:
        raise BadRequest(f"{asked.name} is true or false; it takes is and isNot", "filters", "invalid_type")
    wanted = {text.casefold() in TRUTHS for text in asked.values}
    return _any(equal(value.copy(), exp.true() if each else exp.false()) for each in sorted(wanted))


def _device(reader: Reader, value: Expr, asked: Filter) -> Expr:
    """In any case (D9), but a pattern has a case of its own."""
    if asked.operator is Operator.REGEX:
        return _column_text(reader, value, asked)
    folded = Filter(asked.name, asked.operator, tuple(text.lower() for text in asked.values))
    return _text(reader, reader.engine.lower(value), folded)


def _country(reader: Reader, value: Expr, asked: Filter) -> Expr:
    """By code or by English name, in any case (D8); a pattern is matched against the code."""
    if asked.operator is Operator.REGEX or asked.operator in ORDERS:
        return _column_text(reader, value, asked)
    codes = sorted({code for text in asked.values for code in _codes(asked.operator, text.casefold())})
    return one_of(value, [reader.text(code) for code in codes]) if codes else NEVER.copy()


def _codes(operator: Operator, text: str) -> list[str]:
    if operator is Operator.IS:
        # A code that no list knows may still be stored, by an importer.
        return [country_code(text) or text.upper()]
    fits = {
        Operator.CONTAINS: str.__contains__,
        Operator.STARTS_WITH: str.startswith,
        Operator.ENDS_WITH: str.endswith,
    }[operator]
    return codes_where(lambda name: bool(fits(name, text)))


def _referrer(reader: Reader, value: Expr, asked: Filter) -> Expr:
    """`is` takes the URL, or the host as the breakdown shows it (D10)."""
    hosts = [text.lower() for text in asked.values if text and "/" not in text]
    if asked.operator is not Operator.IS or not hosts:
        return _column_text(reader, value, asked)
    by_host = one_of(reader.engine.host(value.copy()), [reader.text(host.removeprefix("www.")) for host in hosts])
    return either([_text(reader, value, asked), by_host])


def _typed(reader: Reader, value: Expr, field: Field, asked: Filter) -> Expr:
    """Both sides as the type that the filter names; what can't be read as one never matches."""
    text = value if field.kind is FieldKind.PROPERTY else reader.engine.as_text(value)
    compare = ORDERS.get(asked.operator, exp.EQ)
    if asked.type is ValueType.BOOLEAN:
        if asked.operator is not Operator.IS:
            raise BadRequest("a boolean filter takes is and isNot", "filters", "invalid_type")
        truth = one_of(reader.engine.lower(text), [word(each) for each in TRUTHS])
        return _any(truth.copy() if each.casefold() in TRUTHS else negate(truth.copy()) for each in asked.values)
    if asked.type is ValueType.NUMBER:
        number = reader.engine.finite_or_null(reader.engine.number_or_null(text))
        bounds = [reader.number(_number(each)) for each in asked.values]
    elif field.kind is FieldKind.TIME:
        number = reader.engine.epoch_ms(value)
        bounds = [reader.integer(_time_ms(each)) for each in asked.values]
    else:
        number = reader.engine.time_ms_or_null(text)
        bounds = [reader.integer(_time_ms(each)) for each in asked.values]
    if asked.type is ValueType.DATE:
        number, bounds = _day(number), [_day(bound) for bound in bounds]
    return _present(_any(compare(this=number.copy(), expression=bound) for bound in bounds))


def _day(ms: Expr) -> Expr:
    """Where its day begins in UTC, also before 1970."""
    day = integer(timedelta(days=1) // timedelta(milliseconds=1))
    rest = exp.Mod(this=exp.paren(ms.copy()), expression=day)
    positive = exp.Mod(this=exp.paren(exp.Add(this=exp.paren(rest), expression=day.copy())), expression=day.copy())
    return exp.Sub(this=ms, expression=exp.paren(positive))


def _any(conditions: Iterable[Expr]) -> Expr:
    return either(list(conditions))


def _present(test: Expr) -> Expr:
    """NULL is no match, so that its negation is one."""
    return exp.Coalesce(this=test, expressions=[exp.false()])


def _number(text: str) -> float:
    """As the engines read one: Python takes more, `1_000` and other digits than ours."""
    try:
        number = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadRequest(f"{text[:40]!r} is not a number", "filters", "invalid_type")
    return number


def _time_ms(text: str) -> int:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{text[:40]!r} is not an ISO 8601 date or time", "filters", "invalid_date") from None
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(milliseconds=1)


_BY_KIND: dict[FieldKind, Callable[[Reader, Expr, Filter], Expr]] = {
    FieldKind.TEXT: _column_text,
    FieldKind.NUMBER: _numeric,
    FieldKind.NUMBER_OR_NONE: _numeric,
    FieldKind.TIME: _time,
    FieldKind.FLAG: _flag,
    FieldKind.COUNTRY: _country,
    FieldKind.DEVICE: _device,
    FieldKind.REFERRER: _referrer,
    FieldKind.PROPERTY: _property,
    FieldKind.ID: lambda reader, value, asked: _text(reader, reader.engine.as_text(value), asked),
}
