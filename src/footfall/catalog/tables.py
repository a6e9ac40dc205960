"""The catalog's tables. A change here needs a migration in `migrations/versions`; a test compares the two."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.engine import Dialect

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite forgets the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Store UTC whatever zone the value came in."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> datetime | None:
        """Give back an aware datetime in UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


projects = Table(
    "projects",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("cors", JSON, nullable=False),
    Column("allow_unsafe_revenue", Boolean, nullable=False),
    Column("filters", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("types", JSON, nullable=False, server_default="[]"),
    Column("cross_domain", Boolean, nullable=False, server_default=false()),
    # From the moment it is set nobody can send to or read the project; at that time its rows are deleted.
    Column("delete_at", UtcDateTime),
    Column("retention_days", Integer),
    Column("kind", String(16), nullable=False, server_default="website"),
    # Whose it is. No foreign keys: SQLite would have to make the table anew, and its clients would go with it.
    Column("user_id", String(36)),
    Column("team_id", String(36)),
    Column("created_by", String(36)),
    Column("reset_at", UtcDateTime),
    # A deleted project's key must never come back: the event store files events under it.
    sqlite_autoincrement=True,
)

clients = Table(
    "clients",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", Text, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("project_id", String(64), ForeignKey("projects.id", ondelete="CASCADE"), index=True),
    Column("secret_hash", Text),
    Column("ignore_cors_and_secret", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("username", String(255), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("password_at", UtcDateTime),
    Column("updated_at", UtcDateTime),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", Text, nullable=False),
    Column("user_id", String(36), ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("prefix", String(16), nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("expires_at", UtcDateTime),
)

salts = Table(
    "salts",
    metadata,
    Column("salt", String(32), primary_key=True),
    # Midnight UTC of the day the salt is for; unique, so that two processes can't make two for one day.
    Column("created_at", UtcDateTime, nullable=False, unique=True),
)

meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)


def _owned(name: str, *columns: Column[Any]) -> Table:
    """A table of things that belong to a project and go with it."""
    project = ForeignKey("projects.id", ondelete="CASCADE")
    return Table(
        name,
        metadata,
        Column("id", String(36), primary_key=True),
        Column("project_id", String(64), project, nullable=False, index=True),
        *columns,
        Column("created_at", UtcDateTime, nullable=False),
        Column("updated_at", UtcDateTime, nullable=False),
    )


event_meta = _owned(
    "event_meta",
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("conversion", Boolean, nullable=False),
    Column("color", Text, nullable=False),
    Column("icon", Text, nullable=False),
)
event_meta.append_constraint(UniqueConstraint("project_id", "name", name="uq_event_meta_project_id_name"))

references = _owned(
    "project_references",
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("date", UtcDateTime, nullable=False),
)

dashboards = _owned("dashboards", Column("name", Text, nullable=False))

reports = _owned(
    "reports",
    Column(
        "dashboard_id",
        String(36),
        ForeignKey("dashboards.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("name", Text, nullable=False),
    Column("chart_type", String(32), nullable=False),
    Column("interval", String(16), nullable=False),
    Column("range", String(32), nullable=False),
    Column("start_date", String(40)),
    Column("end_date", String(40)),
    Column("metric", String(16), nullable=False),
    Column("previous", Boolean, nullable=False),
    Column("formula", Text, nullable=False),
    Column("series", JSON, nullable=False),
    Column("breakdowns", JSON, nullable=False),
    Column("filters", JSON, nullable=False),
    Column("options", JSON, nullable=False),
)

segments = _owned(
    "segments",
    Column("type", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("parameters", JSON, nullable=False),
)

umami_reports = _owned(
    "umami_reports",
    Column("user_id", String(36), ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("type", String(32), nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("parameters", JSON, nullable=False),
)

shares = _owned(
    "shares",
    Column("name", Text, nullable=False),
    Column("slug", String(100), nullable=False, unique=True),
    Column("parameters", JSON, nullable=False),
    Column("password_hash", Text),
    Column("origins", JSON, nullable=False, server_default="[]"),
)

links = Table(
    "links",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("slug", String(100), nullable=False, unique=True),
    Column("url", Text),
)

teams = Table(
    "teams",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", Text, nullable=False),
    Column("access_code", String(50), nullable=False, unique=True),
    Column("logo_url", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

team_users = Table(
    "team_users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("team_id", String(36), ForeignKey("teams.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", String(36), ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("role", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("team_id", "user_id", name="uq_team_users_team_id_user_id"),
)
