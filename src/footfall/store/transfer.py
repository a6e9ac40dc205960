"""From DuckDB to ClickHouse: all rows of a store into an empty one, and a look whether they are all there."""

from collections.abc import Callable, Mapping

from footfall.model.errors import SetupError
from footfall.store.clickhouse_filling import Filling
from footfall.store.duckdb import DuckDBStore
from footfall.store.duckdb_pieces import pieces, row_count, sums
from footfall.store.schema import DROPS, OPEN_SESSIONS, TABLES, Table

Tell = Callable[[float, str], None]
"""Says which share of the rows is copied (0 to 1), and what is going on."""


def transfer(source: DuckDBStore, target: Filling, node: int, tell: Tell) -> dict[str, int]:
    """Copy everything; rows by table, as they arrived. `node` is the number of the journal that filled `source`.

    Raises SetupError; then `target` is of no use before another try.
    """
    with source.whole() as cursor:
        total, done = row_count(cursor) or 1, 0
        for table in TABLES:
            constants = {"node": node} if table is OPEN_SESSIONS else {}
            for piece in pieces(cursor, table, **constants):
                target.insert(table, piece)
                done += piece.num_rows
                tell(done / total, f"copying {table.name.replace('_', ' ')}")
        arrived = {}
        for table in TABLES:
            tell(done / total, f"comparing {table.name.replace('_', ' ')}")
            arrived[table.name] = _compare(table, sums(cursor, table), target.sums(table))
    target.finish(node, source.position())
    return arrived


def _compare(table: Table, sent: Mapping[str, int], found: Mapping[str, int]) -> int:
    """How many rows there are, if they are the same. Raises SetupError."""
    # Of the ledger ClickHouse makes one row where several say the same.
    compared = ("count",) if table is DROPS else ("rows", *table.names)
    for name in compared:
        if sent[name] != found[name]:
            what = f"{table.name}, {name}: {sent[name]:,} were sent and {found[name]:,} are found"
            raise SetupError(f"ClickHouse has not taken all as it was sent ({what}); try again")
    return found["rows"]
