"""Users and their API keys in the tables. Each function works inside the caller's transaction."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update

from footfall.catalog import rows, tables, teams, validation
from footfall.catalog.secrets import KEY_PREFIX_LENGTH, hash_api_key
from footfall.model.errors import BadRequest, NotFound
from footfall.model.project import ApiKey, Role, User


def create_user(
    connection: Connection, username: str, role: Role | None, password_hash: str, user_id: str | None
) -> User:
    """Insert a user. Without a role the first one is admin, later ones `user`. Raises BadRequest if taken."""
    table = tables.users
    name = validation.name(username, "username")
    _free_username(connection, name)
    if role is None:
        role = Role.ADMIN if is_empty(connection) else Role.USER
    values = {
        "id": str(uuid4()) if user_id is None else validation.uuid_text(user_id),
        "username": name,
        "role": role.value,
        "password_hash": password_hash,
        "created_at": datetime.now(UTC),
    }
    if connection.execute(select(table.c.id).where(table.c.id == values["id"])).first():
        raise BadRequest(f"A user with the id '{values['id']}' exists already.", "id", "taken")
    connection.execute(insert(table).values(values))
    return get_user(connection, name)


def get_user(connection: Connection, ref: str) -> User:
    """By username or id. Raises NotFound."""
    table = tables.users
    found = connection.execute(select(table).where((table.c.username == ref) | (table.c.id == ref))).all()
    # One user's name may be another one's id; the name is what a person types.
    for row in sorted(found, key=lambda row: bool(row.username != ref)):
        return rows.user(row)
    raise NotFound(f"There is no user '{ref}'.")


def change_user(
    connection: Connection, user_id: str, username: str | None, role: Role | None, password_hash: str | None
) -> User:
    """Change what is not None. Raises NotFound, BadRequest."""
    old = get_user(connection, user_id)
    values: dict[str, Any] = {}
    if username is not None and username != old.username:
        values["username"] = validation.name(username, "username")
        _free_username(connection, values["username"])
    if role is not None:
        values["role"] = role.value
    if password_hash is not None:
        values |= {"password_hash": password_hash, "password_at": datetime.now(UTC)}
    if values:
        values["updated_at"] = datetime.now(UTC)
        connection.execute(update(tables.users).where(tables.users.c.id == old.id).values(values))
    return get_user(connection, old.id)


def remove_user(connection: Connection, user_id: str) -> None:
    """Delete a user with keys, saved reports, websites and the teams that only this user owns.

    Nobody reaches the websites from now on; their events go when the server comes to it. Raises NotFound.
    """
    old = get_user(connection, user_id)
    teams.remove_owned(connection, old.id)
    websites = tables.projects
    owned = update(websites).where(websites.c.user_id == old.id, websites.c.delete_at.is_(None))
    connection.execute(owned.values(delete_at=datetime.now(UTC)))
    connection.execute(delete(tables.users).where(tables.users.c.id == old.id))


def is_empty(connection: Connection) -> bool:
    """Whether there is no user at all."""
    return connection.execute(select(tables.users.c.id).limit(1)).first() is None


def create_key(
    connection: Connection, user_ref: str, name: str, key: str, expires_at: datetime | None = None
) -> ApiKey:
    """Insert the SHA-256 of a key for that user. Raises NotFound."""
    key_id = str(uuid4())
    connection.execute(
        insert(tables.api_keys).values(
            id=key_id,
            name=validation.name(name),
            user_id=get_user(connection, user_ref).id,
            prefix=key[:KEY_PREFIX_LENGTH],
            sha256=hash_api_key(key),
            created_at=datetime.now(UTC),
            expires_at=expires_at,
        )
    )
    found = select(tables.api_keys).where(tables.api_keys.c.id == key_id)
    return rows.api_key(connection.execute(found).one())


def list_keys(connection: Connection, user_id: str) -> list[ApiKey]:
    """A user's keys, oldest first, with the time of their last use."""
    table = tables.api_keys
    found = select(table).where(table.c.user_id == user_id).order_by(table.c.created_at, table.c.id)
    return [rows.api_key(row) for row in connection.execute(found)]


def touch_key(connection: Connection, key_id: str, now: datetime) -> None:
    """Remember when a key was used."""
    table = tables.api_keys
    connection.execute(update(table).where(table.c.id == key_id).values(last_used_at=now))


def remove_key(connection: Connection, key_id: str) -> None:
    """Delete a key; it stops working. Raises NotFound."""
    table = tables.api_keys
    if connection.execute(delete(table).where(table.c.id == key_id)).rowcount == 0:
        raise NotFound("API key not found")


def _free_username(connection: Connection, username: str) -> None:
    if connection.execute(select(tables.users.c.id).where(tables.users.c.username == username)).first():
        raise BadRequest(f"A user named '{username}' exists already.", "username", "taken")
