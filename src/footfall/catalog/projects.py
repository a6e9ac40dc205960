"""Projects in the tables: make, change, delete. Each function works inside the caller's transaction."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from msgspec import UNSET, Struct, UnsetType
from sqlalchemy import Connection, delete, insert, or_, select, update

from footfall.catalog import rows, tables, validation
from footfall.model.errors import BadRequest, NotFound
from footfall.model.project import Project, ProjectFilter, ProjectKind

GRACE = timedelta(hours=24)
"""How long a deleted project can be brought back (openpanel contract §10.2)."""


class ProjectChange(Struct, frozen=True, kw_only=True):
    """What to change of a project; what is unset stays."""

    name: str | UnsetType = UNSET
    domain: str | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    cors: Sequence[str] | UnsetType = UNSET
    allow_unsafe_revenue: bool | UnsetType = UNSET
    filters: Sequence[ProjectFilter] | UnsetType = UNSET
    types: Sequence[str] | UnsetType = UNSET
    cross_domain: bool | UnsetType = UNSET
    retention_days: int | UnsetType | None = UNSET
    user_id: str | UnsetType | None = UNSET
    team_id: str | UnsetType | None = UNSET
    reset_at: datetime | UnsetType = UNSET


class NewProject(Struct, frozen=True, kw_only=True):
    """A project to be made. `cors` None: its domain, or every origin when it has no domain."""

    name: str
    id: str | None = None
    uuid: UUID | str | None = None
    domain: str = ""
    timezone: str = "UTC"
    cors: Sequence[str] | None = None
    allow_unsafe_revenue: bool = False
    filters: Sequence[ProjectFilter] = ()
    types: Sequence[str] = ()
    cross_domain: bool = False
    retention_days: int | None = None
    kind: ProjectKind = ProjectKind.WEBSITE
    user_id: str | None = None
    team_id: str | None = None
    created_by: str | None = None


def create(connection: Connection, new: NewProject) -> Project:
    """Insert a project. Raises BadRequest (code `taken` when id or UUID exist already)."""
    domain = validation.domain(new.domain)
    cors = validation.origins_of(domain) if new.cors is None else validation.cors(tuple(new.cors))
    name = validation.name(new.name)
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "id": _free_slug(connection, name) if new.id is None else _taken(connection, validation.slug(new.id)),
        "uuid": str(uuid4()) if new.uuid is None else validation.uuid_text(new.uuid, "uuid"),
        "name": name,
        "domain": domain,
        "timezone": validation.timezone(new.timezone),
        "cors": list(cors),
        "allow_unsafe_revenue": new.allow_unsafe_revenue,
        "filters": _filters(new.filters),
        "types": validation.project_types(new.types),
        "cross_domain": new.cross_domain,
        "kind": new.kind.value,
        "user_id": new.user_id,
        "team_id": new.team_id,
        "created_by": new.created_by,
        "retention_days": validation.retention_days(new.retention_days),
        "created_at": now,
        "updated_at": now,
    }
    if new.uuid is not None:
        _taken(connection, values["uuid"], "uuid")
    connection.execute(insert(tables.projects).values(values))
    return get(connection, values["id"])


def get(connection: Connection, ref: str, *, is_deleted: bool = False) -> Project:
    """By slug or UUID; one that is to be deleted if asked so, else one that is not. Raises NotFound."""
    table = tables.projects
    row = connection.execute(
        select(table).where(or_(table.c.id == ref, table.c.uuid == ref.lower()))
    ).one_or_none()
    if row is None or (row.delete_at is not None) != is_deleted:
        raise NotFound("Project not found")
    return rows.project(row)


def change(connection: Connection, ref: str, wanted: ProjectChange) -> Project:
    """Change what is set. A `cors` list that followed the old domain follows the new one."""
    old = get(connection, ref)
    values: dict[str, Any] = {"updated_at": datetime.now(UTC)}
    if wanted.name is not UNSET:
        values["name"] = validation.name(wanted.name)
    if wanted.domain is not UNSET:
        values["domain"] = validation.domain(wanted.domain)
        if old.cors == validation.origins_of(old.domain):
            values["cors"] = list(validation.origins_of(values["domain"]))
    if wanted.timezone is not UNSET:
        values["timezone"] = validation.timezone(wanted.timezone)
    if wanted.cors is not UNSET:
        values["cors"] = list(validation.cors(tuple(wanted.cors)))
    if wanted.allow_unsafe_revenue is not UNSET:
        values["allow_unsafe_revenue"] = wanted.allow_unsafe_revenue
    if wanted.filters is not UNSET:
        values["filters"] = _filters(wanted.filters)
    if wanted.types is not UNSET:
        values["types"] = validation.project_types(wanted.types)
    if wanted.cross_domain is not UNSET:
        values["cross_domain"] = wanted.cross_domain
    if wanted.retention_days is not UNSET:
        values["retention_days"] = validation.retention_days(wanted.retention_days)
    for field in ("user_id", "team_id", "reset_at"):
        if getattr(wanted, field) is not UNSET:
            values[field] = getattr(wanted, field)
    connection.execute(update(tables.projects).where(tables.projects.c.key == old.key).values(values))
    return get(connection, old.id)


def schedule_removal(connection: Connection, ref: str, at: datetime) -> Project:
    """Nobody reaches the project from now on, and at that time it goes. Raises NotFound."""
    return _set_delete_at(connection, get(connection, ref), at)


def restore(connection: Connection, ref: str, now: datetime) -> Project:
    """Take that back while there is time. Raises NotFound."""
    project = get(connection, ref, is_deleted=True)
    if project.delete_at is not None and project.delete_at <= now:
        raise NotFound("Project not found")
    return _set_delete_at(connection, project, None)


def _set_delete_at(connection: Connection, project: Project, at: datetime | None) -> Project:
    values = {"delete_at": at, "updated_at": datetime.now(UTC)}
    connection.execute(update(tables.projects).where(tables.projects.c.key == project.key).values(values))
    return get(connection, project.id, is_deleted=at is not None)


def remove(connection: Connection, ref: str, *, is_deleted: bool = False) -> Project:
    """Delete a project with all that the catalog has of it; returns what it was. Raises NotFound."""
    project = get(connection, ref, is_deleted=is_deleted)
    connection.execute(delete(tables.projects).where(tables.projects.c.key == project.key))
    return project


def _filters(filters: Sequence[ProjectFilter]) -> list[dict[str, str]]:
    wanted = (ProjectFilter(item.type, validation.filtered(item)) for item in filters)
    return [{"type": item.type.value, "value": item.value} for item in dict.fromkeys(wanted)]


def _exists(connection: Connection, value: str, column: str) -> bool:
    found = select(tables.projects.c.key).where(tables.projects.c[column] == value)
    return connection.execute(found).first() is not None


def _taken(connection: Connection, value: str, column: str = "id") -> str:
    if _exists(connection, value, column):
        raise BadRequest(f"A project with the {column} '{value}' exists already.", column, "taken")
    return value


def _free_slug(connection: Connection, name: str) -> str:
    """The name's slug, with `-NNNN` when another project has it (openpanel contract §10.2)."""
    slug = validation.slug_of(name)
    candidate = slug
    while _exists(connection, candidate, "id") or validation.UUID_TEXT.fullmatch(candidate):
        candidate = f"{slug}-{secrets.randbelow(9000) + 1000}"
    return candidate
