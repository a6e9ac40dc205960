"""What each column takes in a DuckDB file, from where its segments begin in the blocks.

DuckDB doesn't say how long a segment is: it ends where the next in its block begins, or with the block's
last used byte, which nobody knows; so the last segment of a shared block is counted as long as its like.
"""

from collections import defaultdict
from pathlib import Path

import duckdb
from msgspec import Struct

_BLOCK = 262_144


class Sizes(Struct, frozen=True):
    """Bytes by (table, column), and what the whole file has: used blocks and free ones."""

    columns: dict[tuple[str, str], int]
    compression: dict[tuple[str, str], str]
    used: int
    free: int

    def of(self, table: str) -> int:
        """All columns of a table."""
        return sum(size for (name, _), size in self.columns.items() if name == table)


def sizes(path: Path) -> Sizes:
    """Read a store that nobody has open."""
    with duckdb.connect(str(path), read_only=True) as store:
        names = [row[0] for row in store.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        starts: dict[int, list[tuple[int, tuple[str, str]]]] = defaultdict(list)
        found: dict[tuple[str, str], int] = defaultdict(int)
        kinds: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for name in names:
            rows = store.execute(
                "SELECT column_name, block_id, block_offset, len(additional_block_ids), compression, count "
                "FROM pragma_storage_info(?) WHERE persistent",
                [name],
            ).fetchall()
            for column, block, offset, more, compression, count in rows:
                key = (name, column)
                kinds[key][compression] += count
                if block is not None and block >= 0:
                    starts[block].append((offset, key))
                    found[key] += (more or 0) * _BLOCK
        for segments in starts.values():
            segments.sort()
            ends = [offset for offset, _ in segments[1:]] + [_BLOCK]
            for (offset, key), end in zip(segments, ends, strict=True):
                found[key] += end - offset
        size = store.execute("SELECT used_blocks, free_blocks FROM pragma_database_size()").fetchone()
        assert size is not None
    main = {key: max(of_key, key=lambda kind: of_key[kind]) for key, of_key in kinds.items()}
    return Sizes(dict(found), main, size[0] * _BLOCK, size[1] * _BLOCK)
