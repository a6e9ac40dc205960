"""Clients in the tables: make, rename, delete. Each function works inside the caller's transaction."""

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update

from footfall.catalog import rows, tables, validation
from footfall.model.errors import BadRequest, NotFound
from footfall.model.project import Client, ClientMode


def new(
    project_id: str | None,
    mode: ClientMode,
    name: str,
    secret_hash: str | None,
    id: str | None = None,
    ignore_cors_and_secret: bool = False,
) -> Client:
    """A client that is in no table yet; without `id` it gets a random one."""
    return Client(
        id=str(uuid4()) if id is None else id.lower(),
        name=name,
        mode=mode,
        project_id=project_id,
        secret_hash=secret_hash,
        ignore_cors_and_secret=ignore_cors_and_secret,
    )


def create(connection: Connection, client: Client) -> Client:
    """Insert a client as it is given; its times are set here. Raises BadRequest when the id is taken."""
    now = datetime.now(UTC)
    if connection.execute(select(tables.clients.c.id).where(tables.clients.c.id == client.id)).first():
        raise BadRequest(f"A client with the id '{client.id}' exists already.", "id", "taken")
    connection.execute(
        insert(tables.clients).values(
            id=validation.uuid_text(client.id),
            name=validation.name(client.name),
            mode=client.mode.value,
            project_id=client.project_id,
            secret_hash=client.secret_hash,
            ignore_cors_and_secret=client.ignore_cors_and_secret,
            created_at=now,
            updated_at=now,
        )
    )
    return get(connection, client.id)


def get(connection: Connection, client_id: str) -> Client:
    """By id. Raises NotFound."""
    table = tables.clients
    row = connection.execute(select(table).where(table.c.id == client_id.lower())).one_or_none()
    if row is None:
        raise NotFound("Client not found")
    return rows.client(row)


def rename(connection: Connection, client_id: str, name: str) -> Client:
    """Change the name, all that may change. Raises NotFound."""
    old = get(connection, client_id)
    values = {"name": validation.name(name), "updated_at": datetime.now(UTC)}
    connection.execute(update(tables.clients).where(tables.clients.c.id == old.id).values(values))
    return get(connection, old.id)


def remove(connection: Connection, client_id: str) -> None:
    """Delete a client; its secret stops working. Raises NotFound."""
    old = get(connection, client_id)
    connection.execute(delete(tables.clients).where(tables.clients.c.id == old.id))
