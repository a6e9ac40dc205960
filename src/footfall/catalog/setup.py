"""The set-up link of a new installation: whoever has it makes the first admin his own, once.

Nobody can claim an installation without it, and only the server's output shows it. It is void once the first
admin's password was changed in any way. Kept is its SHA-256, and whose it is.
"""

import hashlib
import hmac
import secrets

from sqlalchemy import Connection, delete, select

from footfall.catalog import people, tables, validation
from footfall.catalog.database import Database, put_once
from footfall.catalog.secrets import hash_password
from footfall.catalog.teams import Change
from footfall.model.errors import NotFound, Unauthorized
from footfall.model.project import User

_KEY = "setup"
VOID = "This set-up link was used already, or is none"


class Setup:
    """The set-up link of a catalog."""

    def __init__(self, database: Database, change: Change) -> None:
        self._database = database
        self._change = change

    def begin(self, admin: User) -> str:
        """The token of a link for the first admin. It can't be had again."""
        token = secrets.token_urlsafe(24)
        self._change(lambda connection: put_once(connection, _KEY, f"{_digest(token)} {admin.id}"))
        return token

    def is_open(self) -> bool:
        """Whether the link still opens something."""
        with self._database.read() as connection:
            return _waiting(connection) is not None

    def finish(self, token: str, username: str, password: str) -> User:
        """Give the first admin this name and password. Takes ~100 ms. Raises Unauthorized, BadRequest."""
        self._check(token)  # before the work of hashing, and again when nobody else can come in between
        hashed = hash_password(validation.password(password))

        def work(connection: Connection) -> User:
            admin = _admin_of(connection, token)
            connection.execute(delete(tables.meta).where(tables.meta.c.key == _KEY))
            return people.change_user(connection, admin.id, username, None, hashed)

        return self._change(work)

    def _check(self, token: str) -> None:
        with self._database.read() as connection:
            _admin_of(connection, token)


def _admin_of(connection: Connection, token: str) -> User:
    found = _waiting(connection)
    if found is None or not hmac.compare_digest(found[0], _digest(token)):
        raise Unauthorized(VOID)
    return found[1]


def _waiting(connection: Connection) -> tuple[str, User] | None:
    """The token's digest and the admin whom it is for, who never changed his password."""
    stored = connection.execute(select(tables.meta.c.value).where(tables.meta.c.key == _KEY)).scalar()
    if stored is None:
        return None
    digest, _, user_id = stored.partition(" ")
    try:
        admin = people.get_user(connection, user_id)
    except NotFound:
        return None
    return (digest, admin) if admin.password_at is None else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
