"""Users and their API keys: the half of the catalog that signs people in."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from footfall.catalog import people
from footfall.catalog.opened import OpenCatalog
from footfall.catalog.secrets import hash_api_key, hash_password, new_api_key, new_password, verify_password
from footfall.catalog.snapshot import Snapshot
from footfall.catalog.validation import password as valid_password
from footfall.model.errors import NotFound, Overloaded, Unauthorized
from footfall.model.project import EPOCH, ApiKey, Role, User

KEY_TOUCH = timedelta(minutes=5)
FIRST_USER = "admin"


class Accounts(OpenCatalog):
    """The open catalog, and who may sign in."""

    def __init__(self, url_or_path: str | Path) -> None:
        super().__init__(url_or_path)
        self._touched: dict[str, datetime] = {}  # when each API key's last use was noted

    def create_user(
        self, username: str, password: str, role: Role | None = None, *, id: str | None = None
    ) -> User:
        """Make a user. Without a role the first user is admin, later ones are `user`. Raises BadRequest."""
        hashed = hash_password(valid_password(password))
        return self._change(lambda connection: people.create_user(connection, username, role, hashed, id))

    def get_user(self, user_id: str) -> User:
        """By id. Raises NotFound."""
        user = self.find(lambda known: known.users.get(user_id))
        if user is None:
            raise NotFound("User not found")
        return user

    def list_users(self) -> list[User]:
        """All users, oldest first."""
        return sorted(self.snapshot().users.values(), key=lambda user: (user.created_at, user.id))

    def update_user(
        self,
        user_id: str,
        *,
        username: str | None = None,
        role: Role | None = None,
        password: str | None = None,
    ) -> User:
        """Change what is given. Raises NotFound, BadRequest."""
        hashed = None if password is None else hash_password(valid_password(password))
        return self._change(lambda connection: people.change_user(connection, user_id, username, role, hashed))

    def delete_user(self, user_id: str) -> None:
        """Delete a user with keys, websites and the teams that only this user owns. Raises NotFound."""
        self._change(lambda connection: people.remove_user(connection, user_id))

    def sign_in(self, username: str, password: str) -> User:
        """The user with that name and newest password. Raises Unauthorized, after the same ~100 ms."""
        user = self.look_again().users_by_name.get(username)
        stored = user.password_hash if user is not None else None
        if not verify_password(password, stored) or user is None:
            raise Unauthorized("Incorrect username or password")
        return user

    def create_first_admin(self) -> tuple[User, str] | None:
        """In a catalog without users, make the user `admin`; the text is a random password. None if there are."""
        if self.look_again().users:
            return None
        password = new_password()
        hashed = hash_password(password)

        def work(connection: Connection) -> User | None:
            if people.is_empty(connection):
                return people.create_user(connection, FIRST_USER, Role.ADMIN, hashed, None)
            return None

        admin = self._change(work)
        return None if admin is None else (admin, password)

    def create_key(self, user: str, name: str, expires_at: datetime | None = None) -> tuple[ApiKey, str]:
        """Make an API key for a user (username or id); returns it and the key, which can't be had again."""
        key = new_api_key()
        return self._change(lambda connection: people.create_key(connection, user, name, key, expires_at)), key

    def list_keys(self, user_id: str) -> list[ApiKey]:
        """A user's keys, oldest first, with the time of their last use."""
        with self._database.read() as connection:
            return people.list_keys(connection, user_id)

    def user_of_key(self, key: str) -> tuple[User, ApiKey]:
        """Whose key it is; its last use is noted every five minutes. Raises Unauthorized."""
        hashed = hash_api_key(key)

        def look(known: Snapshot) -> tuple[User, ApiKey] | None:
            found = known.keys.get(hashed)
            return None if found is None else (known.users[found.user_id], found)

        held = self.find(look)
        if held is None:
            raise Unauthorized("Unauthorized — provide a valid API key")
        user, found = held
        now = datetime.now(UTC)
        if found.expires_at is not None and found.expires_at <= now:
            raise Unauthorized("Unauthorized — the API key has expired")
        if now - self._touched.get(found.id, EPOCH) > KEY_TOUCH:
            self._touched[found.id] = now
            # A note that can't be made (disk full) is no reason to refuse a reader.
            with suppress(Overloaded), self._database.write(announce=False) as connection:
                people.touch_key(connection, found.id, now)
        return user, found

    def delete_key(self, key_id: str) -> None:
        """Delete an API key. Raises NotFound."""
        self._change(lambda connection: people.remove_key(connection, key_id))
