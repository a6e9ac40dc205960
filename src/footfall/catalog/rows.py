"""From table rows to the model's structs, one function per kind."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row

from footfall.model.project import ApiKey, Client, ClientMode, FilterType, Project, ProjectFilter, Role, User


def project(row: Row[Any]) -> Project:
    """A project with its filters sorted into sets."""
    filters = filters_of(row)
    return Project(
        key=row.key,
        id=row.id,
        uuid=UUID(row.uuid),
        name=row.name,
        domain=row.domain,
        timezone=row.timezone,
        cors=tuple(row.cors),
        allow_unsafe_revenue=row.allow_unsafe_revenue,
        blocked_ips=_values(filters, FilterType.IP),
        blocked_profiles=_values(filters, FilterType.PROFILE),
        blocked_events=_values(filters, FilterType.EVENT),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def filters_of(row: Row[Any]) -> tuple[ProjectFilter, ...]:
    """The filters column, in the order they were given."""
    return tuple(ProjectFilter(FilterType(item["type"]), item["value"]) for item in row.filters)


def _values(filters: tuple[ProjectFilter, ...], kind: FilterType) -> frozenset[str]:
    return frozenset(item.value for item in filters if item.type is kind)


def client(row: Row[Any]) -> Client:
    """A client with its secret's hash."""
    return Client(
        id=row.id,
        name=row.name,
        mode=ClientMode(row.mode),
        project_id=row.project_id,
        secret_hash=row.secret_hash,
        ignore_cors_and_secret=row.ignore_cors_and_secret,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def user(row: Row[Any]) -> User:
    """A user with the password's hash."""
    return User(
        id=row.id,
        username=row.username,
        role=Role(row.role),
        password_hash=row.password_hash,
        created_at=row.created_at,
    )


def api_key(row: Row[Any]) -> ApiKey:
    """An API key, without its hash."""
    return ApiKey(
        id=row.id,
        name=row.name,
        user_id=row.user_id,
        prefix=row.prefix,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
