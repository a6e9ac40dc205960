"""Groups: companies, teams and the like that events and people belong to (§3.3, §6.5)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from footfall.ingest.enrich.properties import flatten
from footfall.ingest.records import UpsertGroup
from footfall.model.event import Group

Created = Callable[[str, Iterable[str]], Mapping[str, int]]
"""When the stored ones among a project's groups were created, ms, by id."""


class Groups:
    """The groups that a batch tells of. The newest word on a group counts; it was created with the first one."""

    def __init__(self, created: Created) -> None:
        self._created = created
        self._told: dict[str, dict[str, Group]] = defaultdict(dict)

    def upsert(self, record: UpsertGroup) -> None:
        """Take what is told of a group."""
        told = self._told[record.project_id]
        before = told.get(record.id)
        told[record.id] = Group(
            id=record.id,
            project_id=record.project_id,
            type=record.type,
            name=record.name,
            properties=flatten(record.properties),
            created_at=min(record.at, before.created_at) if before else record.at,
        )

    def changed(self) -> list[Group]:
        """What the batch must write."""
        for project_id, told in self._told.items():
            for id_, created_at in self._created(project_id, told).items():
                told[id_].created_at = min(told[id_].created_at, created_at)
        return [group for told in self._told.values() for group in told.values()]
