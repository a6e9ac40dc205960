"""Reach: which rows of a project are read (query_reach.py), or changed (changes.py). Where they don't meet, an
answer stands.

It may say too much and never too little.
"""

from math import inf

from msgspec import Struct

from footfall.store.schema import DROPS, GROUPS, PROFILES


class Reach(Struct, frozen=True):
    """Rows between two times, ms UTC, and tables whose rows have no time. The default is nothing at all."""

    since_ms: float = inf
    until_ms: float = -inf
    tables: frozenset[str] = frozenset()

    def meets(self, other: "Reach") -> bool:
        """Whether some row may be in both."""
        is_near = self.since_ms <= other.until_ms and other.since_ms <= self.until_ms
        return is_near or bool(self.tables & other.tables)

    def joined(self, other: "Reach") -> "Reach":
        """What is in either, and between them."""
        since, until = min(self.since_ms, other.since_ms), max(self.until_ms, other.until_ms)
        return Reach(since, until, self.tables | other.tables)


ALL = Reach(-inf, inf, frozenset((PROFILES.name, GROUPS.name, DROPS.name)))
"""Every row."""
