"""The catalog's schema, version by version, and how an open catalog gets to the newest.

Several processes may open one catalog at once, the first time too: the upgrade runs inside one write
transaction (SQLite) or under an advisory lock (PostgreSQL), so one makes the tables and the others wait.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from footfall.model.errors import SetupError

HEAD = "0004"  # the newest version; a test compares it with the files


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
    if revision(connection) == HEAD:
        return
    # Alembic costs a quarter of a second to import: only those who need it pay.
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
