"""Which rows are of a moment: of all that visitors did, by row and time, what was at one time of each of them."""

from sqlglot import exp

from footfall.query.sql import column, equal, select


def rows_at(done: str, moments: str, whose: str, at: str) -> exp.Select:
    """The `row_` of what CTE `done` has (`who`, `done_at`) at the time `at` that CTE `moments` has of `whose`."""
    same = exp.and_(
        equal(column("who", "d"), column(whose, "m")),
        equal(column("done_at", "d"), column(at, "m")),
        copy=False,
    )
    query = select(column("row_", "d")).from_(exp.to_table(done, alias="d"), copy=False)
    return query.join(exp.to_table(moments, alias="m"), on=same, copy=False)
