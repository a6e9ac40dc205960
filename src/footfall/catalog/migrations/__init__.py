"""The catalog's schema, version by version, and how an open catalog gets to the newest.

Several processes may open one catalog at once, the first time too: the upgrade runs inside one write
transaction (SQLite) or under an advisory lock (PostgreSQL), so one makes the tables and the others wait.
"""

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, insert, inspect, text
from sqlalchemy.schema import CreateTable

from footfall.catalog.tables import meta, metadata
from footfall.model.errors import SetupError

HEAD = "0004"  # the newest version; a test compares it with the files

# Where Alembic keeps the version; its own name and form.
_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def revision(connection: Connection) -> str | None:
    """The schema version that is there, None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(connection: Connection) -> None:
    """Bring the schema to `HEAD` inside the caller's transaction.

    Raises SetupError when a newer Footfall made the catalog.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7049171)"))
    found = revision(connection)
    if found is None:
        create(connection)
    elif found != HEAD:
        migrate(connection)


def create(connection: Connection) -> None:
    """Make the tables of `HEAD` in an empty database, without Alembic."""
    metadata.create_all(connection, checkfirst=False)
    connection.execute(insert(meta).values(key="generation", value="1"))
    connection.execute(CreateTable(_version))
    connection.execute(insert(_version).values(version_num=HEAD))


def migrate(connection: Connection) -> None:
    """Take one version after the other. Raises SetupError as `upgrade` says."""
    # Alembic costs a quarter of a second to import, and 8 MB: only those who need it pay.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise SetupError(
            "The catalog was made by a newer Footfall than this one; install that version or newer."
        ) from error
