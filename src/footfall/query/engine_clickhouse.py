"""The words of ClickHouse."""

from collections.abc import Iterable

from sqlglot import exp

from footfall.query.engine import Engine, of_item
from footfall.query.sql import Expr, call, integer, more, word


class ClickHouseEngine(Engine):
    """How ClickHouse is spoken to."""

    def instant(self, ms: Expr) -> Expr:
        return call("fromUnixTimestamp64Milli", ms, word("UTC"))

    def epoch_ms(self, time: Expr) -> Expr:
        return call("toUnixTimestamp64Milli", time)

    def whole(self, value: Expr, divisor: int) -> Expr:
        return call("intDiv", value, integer(divisor))

    def month(self, ms: Expr) -> Expr:
        time = call("fromUnixTimestamp64Milli", ms, word("UTC"))
        years = exp.Mul(this=call("toYear", time), expression=integer(12))
        return exp.Add(this=years, expression=exp.Sub(this=call("toMonth", time.copy()), expression=integer(1)))

    def property(self, properties: Expr, key: Expr) -> Expr:
        return call("arrayElement", properties, key)

    def opened(self, properties: Expr) -> Expr:
        return properties

    def looked_up(self, opened: Expr, key: str) -> Expr:
        return self.property(opened, word(key))

    def row(self) -> Expr:
        return exp.column("id")

    def lower(self, value: Expr) -> Expr:
        return call("lowerUTF8", value)

    def contains(self, value: Expr, part: Expr) -> Expr:
        return more(call("position", value, part), integer(0))

    def starts_with(self, value: Expr, part: Expr) -> Expr:
        return call("startsWith", value, part)

    def ends_with(self, value: Expr, part: Expr) -> Expr:
        return call("endsWith", value, part)

    def matches(self, value: Expr, pattern: Expr) -> Expr:
        return call("match", value, pattern)

    def number_or_null(self, value: Expr) -> Expr:
        return call("toFloat64OrNull", value)

    def decimal(self, value: Expr) -> Expr:
        return call("toFloat64", self.as_text(value))

    def decimal_text(self, value: Expr) -> Expr:
        return self.as_text(value)

    def time_ms(self, text: Expr) -> Expr:
        return call(
            "toUnixTimestamp64Milli", call("parseDateTime64BestEffortOrNull", text, integer(3), word("UTC"))
        )

    def as_text(self, value: Expr) -> Expr:
        return call("toString", value)

    def as_id(self, text: Expr) -> Expr:
        return call("toUUID", text)

    def order_of_id(self, value: Expr) -> Expr:
        return self.as_text(value)

    def part(self, value: Expr, separator: str, number: int) -> Expr:
        return call("arrayElement", call("splitByChar", word(separator), value), integer(number))

    def rest(self, value: Expr, position: int) -> Expr:
        return call("substring", value, integer(position))

    def latest(self, value: Expr, by: Expr) -> Expr:
        return call("argMax", value, by)

    def earliest(self, value: Expr, by: Expr) -> Expr:
        return call("argMin", value, by)

    def has(self, values: Expr, value: Expr) -> Expr:
        return call("has", values, value)

    def iso_text(self, time: Expr) -> Expr:
        text = call("replaceOne", call("toString", time), word(" "), word("T"))
        return call("concat", text, word("Z"))

    def json_of(self, properties: Expr) -> Expr:
        return call("toJSONString", properties)

    def keys_of(self, properties: Expr) -> Expr:
        return call("mapKeys", properties)

    def entries(self, properties: Expr) -> Expr:
        return call("arrayZip", call("mapKeys", properties), call("mapValues", properties.copy()))

    def json_object(self, values: Iterable[tuple[str, Expr]]) -> Expr:
        pieces: list[Expr] = []
        for key, value in values:
            pieces += [
                word(f'{"," if pieces else "{"}"{key}":'),
                exp.Coalesce(this=call("toJSONString", value), expressions=[word("null")]),
            ]
        return call("concat", *pieces, word("}"))

    def json_text(self, text: Expr) -> Expr:
        return call("toJSONString", text)

    def without_last(self, text: Expr) -> Expr:
        length = exp.Sub(this=call("length", text.copy()), expression=integer(1))
        return call("substring", text, integer(1), length)

    def capitalized(self, text: Expr) -> Expr:
        first = call("upperUTF8", call("leftUTF8", text, integer(1)))
        return call("concat", first, call("substringUTF8", text.copy(), integer(2)))

    def lines(self, text: Expr) -> Expr:
        return call("splitByChar", call("char", integer(10)), text)

    def renamed(self, value: Expr, old: Expr, new: Expr, otherwise: Expr) -> Expr:
        return call("transform", value, self.lines(old), self.lines(new), otherwise)

    def joined(self, text: Expr, *order: Expr) -> Expr:
        return call("arrayStringConcat", self.sequence(text, *order))

    def matching(self, properties: Expr, pattern: Expr) -> Expr:
        keys = call("mapKeys", properties)
        found = exp.ArrayFilter(this=keys, expression=of_item(self.matches(exp.column("item"), pattern)))
        by_length = self.tuple_of([call("length", exp.column("item")), exp.column("item")])
        value = self.property(properties.copy(), exp.column("item"))
        return call("arrayMap", of_item(value), call("arraySort", of_item(by_length), found))

    def some(self, values: Expr, test: Expr) -> Expr:
        return call("arrayExists", of_item(test), values)

    def size(self, values: Expr) -> Expr:
        return call("length", values)

    def each(self, values: Expr) -> Expr:
        return call("arrayJoin", values)

    def gathered(self, value: Expr) -> Expr:
        return call("groupArray", value)

    def overlaps(self, values: Expr, rows: exp.Query) -> Expr:
        texts = exp.select(call("groupArray", exp.column("id"))).from_(exp.Subquery(this=rows))
        return call("hasAny", values, exp.Subquery(this=texts))

    def tuple_of(self, values: Iterable[Expr]) -> Expr:
        return call("tuple", *values)

    def member(self, values: Expr, number: int) -> Expr:
        return call("tupleElement", values, integer(number))

    def sequence(self, value: Expr, *order: Expr) -> Expr:
        rows = call("arraySort", self.gathered(self.tuple_of([*order, value])))
        return self._members(rows, len(order) + 1)

    def firsts(self, value: Expr, number: int, *order: Expr) -> Expr:
        rows = exp.ParameterizedAgg(
            this="groupArraySorted", expressions=[integer(number)], params=[self.tuple_of([*order, value])]
        )
        return self._members(rows, len(order) + 1)

    def _members(self, rows: Expr, place: int) -> Expr:
        return call("arrayMap", of_item(self.member(exp.column("item"), place)), rows)

    def collapsed(self, values: Expr) -> Expr:
        return call("arrayCompact", values)

    def backwards(self, values: Expr) -> Expr:
        return call("arrayReverse", values)

    def slice(self, values: Expr, since: Expr, number: Expr | None = None) -> Expr:
        return call("arraySlice", values, since, *([] if number is None else [number]))

    def item(self, values: Expr, place: int) -> Expr:
        return call("arrayElement", values, integer(place))

    def place(self, values: Expr, value: Expr) -> Expr:
        return call("indexOf", values, value)

    def percentile(self, value: Expr, share: float) -> Expr:
        return exp.ParameterizedAgg(
            this="quantileExactInclusive", expressions=[exp.Literal.number(share)], params=[value]
        )
