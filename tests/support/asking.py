"""Questions in SQL, asked of a store as the product's own are."""

from sqlglot import exp, parse_one

from footfall.store.base import Row, Store


def asked(store: Store, sql: str, dialect: str = "duckdb", **params: object) -> list[Row]:
    """The rows of a query; `$name` is a parameter in DuckDB's SQL, which both engines are given alike."""
    question = parse_one(sql, dialect=dialect)
    assert isinstance(question, exp.Query)
    return store.query(question, params)
