"""From table rows to the model's structs, one function per kind."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row

from footfall.model.access import Link, Share, Team, TeamMember, TeamRole
from footfall.model.project import (
    ApiKey,
    Client,
    ClientMode,
    FilterType,
    Project,
    ProjectFilter,
    ProjectKind,
    Role,
    User,
)


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
        types=tuple(row.types),
        cross_domain=row.cross_domain,
        delete_at=row.delete_at,
        retention_days=row.retention_days,
        kind=ProjectKind(row.kind),
        user_id=row.user_id,
        team_id=row.team_id,
        created_by=row.created_by,
        reset_at=row.reset_at,
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
        password_at=row.password_at,
        created_at=row.created_at,
        updated_at=row.updated_at or row.created_at,
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
        expires_at=row.expires_at,
    )


def team(row: Row[Any]) -> Team:
    """A team, without its members."""
    return Team(**row._mapping)


def team_member(row: Row[Any]) -> TeamMember:
    """A user's place in a team."""
    return TeamMember(**{**row._mapping, "role": TeamRole(row.role)})


def share(row: Row[Any]) -> Share:
    """A share link, with its password's hash."""
    return Share(**{**row._mapping, "origins": tuple(row.origins)})


def link(row: Row[Any]) -> Link:
    """What a link or pixel answers to."""
    return Link(**row._mapping)
