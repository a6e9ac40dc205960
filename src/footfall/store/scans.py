"""What a select scans, and what its conditions say of the rows before any is read."""

from collections.abc import Mapping

from sqlglot import exp

from footfall.model.event import MARKS

_MARKS = frozenset(MARKS)
_EARNS = exp.NEQ(this=exp.column("revenue"), expression=exp.Literal.number(0))


def only_table(select: exp.Select) -> exp.Table | None:
    """The one table or view that it reads; none if it reads several, or another select."""
    from_ = select.args.get("from_")
    if from_ is None or select.args.get("joins"):
        return None
    return from_.this if isinstance(from_.this, exp.Table) else None


def takes_all_columns(select: exp.Select) -> bool:
    """Whether it is a `SELECT *`, of one table or all."""
    return any(each.is_star for each in select.expressions)


def tested(condition: exp.Expr) -> tuple[str, list[exp.Expr]]:
    """The column that must have one of some values, and these; none if they are not known before the rows are."""
    if not isinstance(condition, exp.EQ | exp.In) or not isinstance(condition.this, exp.Column):
        return "", []
    values = condition.expressions if isinstance(condition, exp.In) else [condition.expression]
    is_known = all(isinstance(each, exp.Placeholder | exp.Literal) for each in values)
    return condition.this.name, values if is_known else []


def shuts_out_marks(condition: exp.Expr, params: Mapping[str, object]) -> bool:
    """Whether no mark can have a name that it lets through, or what it asks for is money."""
    condition = condition.unnest()
    if condition == _EARNS:
        return True
    if isinstance(condition, exp.And | exp.Or):
        parts = (shuts_out_marks(each, params) for each in (condition.this, condition.expression))
        return any(parts) if isinstance(condition, exp.And) else all(parts)
    is_not = isinstance(condition, exp.Not)
    column, values = tested(condition.this.unnest() if is_not else condition)
    if column != "name" or not values:
        return False
    names = {params.get(each.name) if isinstance(each, exp.Placeholder) else each.name for each in values}
    return names >= _MARKS if is_not else not names & _MARKS
