"""What people keep about projects: event meta, references, dashboards, reports and segments.

Read from the database each time, because nothing of it is asked for with every event. Who may see a project is
the caller's to check; every call names the project, or the thing itself, by id.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import uuid4

from sqlalchemy import Connection, Table, delete, insert, select, update

from footfall.catalog import tables
from footfall.catalog.database import Database
from footfall.catalog.validation import UUID_TEXT, kept
from footfall.model.errors import BadRequest, NotFound
from footfall.model.saved import Dashboard, EventMeta, Reference, Report, SavedReport, Segment

Owner = Mapping[str, str]
"""Columns and the values they must have: whose a thing is."""

NOBODY: Owner = {}

Thing = TypeVar("Thing", bound=EventMeta | Reference | Dashboard | Report | Segment | SavedReport)


class Shelf(Generic[Thing]):
    """All things of one kind; `what` is what an error calls one.

    Fields are columns of the table, already validated but for JSON, which is kept as it is. Changes raise
    Overloaded when nothing could be stored, and BadRequest for more JSON than can be kept.
    """

    def __init__(self, database: Database, table: Table, kind: type[Thing], what: str, key: str = "") -> None:
        self._database = database
        self._table = table
        self._kind = kind
        self._what = what
        self._key = key

    def all(self, owner: Owner = NOBODY) -> list[Thing]:
        """Those of an owner, or of all projects that are not to be deleted; oldest first."""
        with self._database.read() as connection:
            return self._select(connection, owner)

    def get(self, id_: str, owner: Owner = NOBODY) -> Thing:
        """By id; with an owner only if it is the owner's. Raises NotFound."""
        with self._database.read() as connection:
            return self._get(connection, id_, owner)

    def create(self, project_id: str, fields: Mapping[str, Any]) -> Thing:
        """Make one. Raises BadRequest, code `taken`, when the project has one of that name."""
        _check_json(fields)
        now = datetime.now(UTC)
        values = {**fields, "id": str(uuid4()), "project_id": project_id, "created_at": now, "updated_at": now}
        with self._database.write() as connection:
            self._check_key(connection, project_id, fields)
            connection.execute(insert(self._table).values(values))
            return self._get(connection, values["id"])

    def change(self, id_: str, fields: Mapping[str, Any], owner: Owner = NOBODY) -> Thing:
        """Change these fields; what is unique is not among them. Raises NotFound."""
        _check_json(fields)
        with self._database.write() as connection:
            old = self._get(connection, id_, owner)
            values = {**fields, "updated_at": datetime.now(UTC)}
            connection.execute(update(self._table).where(self._table.c.id == old.id).values(values))
            return self._get(connection, old.id)

    def delete(self, id_: str, owner: Owner = NOBODY) -> None:
        """Delete one and what belongs to it. Raises NotFound."""
        with self._database.write() as connection:
            old = self._get(connection, id_, owner)
            connection.execute(delete(self._table).where(self._table.c.id == old.id))

    def _get(self, connection: Connection, id_: str, owner: Owner = NOBODY) -> Thing:
        known = UUID_TEXT.fullmatch(id_.lower())
        found = self._select(connection, {**owner, "id": id_.lower()}) if known else []
        if not found:
            raise NotFound(f"{self._what} not found")
        return found[0]

    def _select(self, connection: Connection, wanted: Owner) -> list[Thing]:
        table, projects = self._table, tables.projects
        lives = table.c.project_id.in_(select(projects.c.id).where(projects.c.delete_at.is_(None)))
        conditions = [table.c[name] == value for name, value in wanted.items()]
        query = select(table).where(lives, *conditions).order_by(table.c.created_at, table.c.id)
        return [self._kind(**row._mapping) for row in connection.execute(query)]

    def _check_key(self, connection: Connection, project_id: str, fields: Mapping[str, Any]) -> None:
        if not self._key:
            return
        same = (self._table.c.project_id == project_id, self._table.c[self._key] == fields[self._key])
        if connection.execute(select(self._table.c.id).where(*same)).first():
            raise BadRequest(f"{self._what} '{fields[self._key]}' exists already.", self._key, "taken")


def _check_json(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if isinstance(value, dict | list):
            kept(value, name)


class Saved:
    """The shelves of a catalog. `umami_reports` are those of Umami's API, `reports` those of dashboards."""

    def __init__(self, database: Database) -> None:
        self.event_meta: Shelf[EventMeta] = Shelf(database, tables.event_meta, EventMeta, "Event meta", "name")
        self.references: Shelf[Reference] = Shelf(database, tables.references, Reference, "Reference")
        self.dashboards: Shelf[Dashboard] = Shelf(database, tables.dashboards, Dashboard, "Dashboard")
        self.reports: Shelf[Report] = Shelf(database, tables.reports, Report, "Report")
        self.segments: Shelf[Segment] = Shelf(database, tables.segments, Segment, "Segment")
        self.umami_reports: Shelf[SavedReport] = Shelf(database, tables.umami_reports, SavedReport, "Report")

    def conversions(self, project_id: str) -> frozenset[str]:
        """The names of the events that the project calls conversions."""
        return frozenset(meta.name for meta in self.event_meta.all({"project_id": project_id}) if meta.conversion)
