"""Groups: the companies, teams and the like that people belong to, newest first.

Source: openpanel contract §6.5, §8.6.

types         the different types of the project's groups, in alphabetical order
search        a part of the group's name or id, in any case
member_count  profiles that belong to the group, devices that were given it included
members       these profiles, those seen last first (`profiles.py`)
"""

from msgspec import Struct

from footfall.model.event import Group, Profile
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.profiles import MemberCount, ProfileList
from footfall.query.reader import Reader
from footfall.query.records import records
from footfall.query.sql import (
    Expr,
    ascending,
    both,
    column,
    descending,
    either,
    equal,
    positions,
    read,
)
from footfall.store.schema import GROUPS


class GroupTypes(Struct, frozen=True):
    """The question for the types."""

    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> list[str]:
        """One aggregation."""
        query = read("groups", [column("type")]).group_by(*positions(1), copy=False)
        return [row[0] for row in reader.rows(query.order_by(ascending(column("type")), copy=False))]


class GroupList(Struct, frozen=True):
    """The question: `limit` groups from `offset` on. Empty text asks for nothing."""

    type: str = ""
    search: str = ""
    filters: Filters = NO_FILTERS
    limit: int = 20
    offset: int = 0

    def answer(self, reader: Reader) -> list[Group]:
        """Read the groups alone."""
        where = both(
            equal(column("type"), reader.text(self.type)) if self.type else None, _is_found(reader, self.search)
        )
        order = [descending(column("created_at")), ascending(column("id"))]
        return records(reader, GROUPS, Group, where, order=order, limit=self.limit, offset=self.offset)


class GroupAnswer(Struct, frozen=True):
    """A group, how many belong to it, and the first of them."""

    group: Group
    member_count: int
    members: list[Profile]


class OneGroup(Struct, frozen=True):
    """The question: the group with the first of these ids that there is."""

    ids: tuple[str, ...]
    member_limit: int = 10
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> GroupAnswer | None:
        """None if there is no such group."""
        for id in self.ids:
            where = equal(column("id"), reader.text(id))
            found = records(reader, GROUPS, Group, where, order=[ascending(column("id"))], limit=1)
            if found:
                members = ProfileList(now_ms=0, group=id, limit=self.member_limit).answer(reader)
                return GroupAnswer(found[0], MemberCount(id).answer(reader), members)
        return None


def _is_found(reader: Reader, search: str) -> Expr | None:
    if not search:
        return None
    engine, text = reader.engine, reader.engine.lower(reader.text(search))
    return either(engine.contains(engine.lower(column(name)), text.copy()) for name in ("name", "id"))
