"""The catalog: one object through which everything asks who exists, and changes it.

Lookups (`get_*`, `list_*`, `salts`) come from an in-process snapshot that follows changes by other processes
within a second; changes go to the database and are on disk when the call returns.
"""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TypeVar
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from footfall.catalog import clients, people, projects, sharing
from footfall.catalog.database import Database, generation, put_once
from footfall.catalog.projects import NewProject, ProjectChange
from footfall.catalog.salts import Salts, rotate
from footfall.catalog.saved import Saved
from footfall.catalog.secrets import (
    hash_api_key,
    hash_password,
    hash_secret,
    new_api_key,
    new_client_secret,
    new_password,
    verify_password,
)
from footfall.catalog.setup import Setup
from footfall.catalog.sharing import Links, Shares
from footfall.catalog.snapshot import Snapshot, SnapshotCache, named
from footfall.catalog.teams import Teams
from footfall.catalog.validation import password as valid_password
from footfall.model.errors import Forbidden, NotFound, Overloaded, Unauthorized
from footfall.model.project import (
    EPOCH,
    ApiKey,
    Client,
    ClientMode,
    Principal,
    Project,
    ProjectKind,
    Role,
    User,
)

T = TypeVar("T")

KEY_TOUCH = timedelta(minutes=5)
FIRST_CLIENT = "First client"  # openpanel contract §10.2
FIRST_USER = "admin"


class Catalog:
    """An open catalog. Safe to use from many threads; many processes may have it open.

    `url_or_path` is a path to a SQLite file or a `postgresql://` URL. Raises SetupError when it can't be
    opened; any change may raise Overloaded when the database is locked, full or away.
    """

    def __init__(self, url_or_path: str | Path) -> None:
        self._database = Database(url_or_path)
        self._cache = SnapshotCache(self._database)
        self.saved = Saved(self._database)
        self.teams = Teams(self._change, self.snapshot)
        self.shares = Shares(self._change, self.snapshot)
        self.links = Links(self._change, self.snapshot)
        self.setup = Setup(self._database, self._change)
        self._touched: dict[str, datetime] = {}  # when each API key's last use was noted

    def __enter__(self) -> "Catalog":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop watching and close the connections."""
        self._cache.close()
        self._database.close()

    def watch(self) -> None:
        """For a server: follow other processes' changes and turn the salts in a background thread."""
        self._cache.watch(lambda: self.salts(datetime.now(UTC)))

    def check(self) -> None:
        """Ask the database itself. Raises Overloaded if it does not answer; lookups go on without it."""
        with self._database.read() as connection:
            generation(connection)

    def snapshot(self) -> Snapshot:
        """Everything at once, as dicts; don't change them."""
        return self._cache.current()

    def look_again(self) -> Snapshot:
        """The same, but read anew: what another process made a moment ago is there already."""
        return self._cache.look_again()

    def find(self, look: Callable[[Snapshot], T | None]) -> T | None:
        """What is looked up, or None; where it is missed another process may just have made it."""
        seen = self._cache.current()
        found = look(seen)
        return look(self._cache.look_again(seen)) if found is None else found

    def _change(self, work: Callable[[Connection], T]) -> T:
        with self._database.write() as connection:
            result = work(connection)
        self._cache.invalidate()
        return result

    # Projects

    def create_project(
        self,
        name: str,
        *,
        id: str | None = None,
        uuid: UUID | str | None = None,
        domain: str = "",
        timezone: str = "UTC",
        cors: Sequence[str] | None = None,
        allow_unsafe_revenue: bool = False,
    ) -> Project:
        """Make a project. Without `id` the name's slug; without `cors` its domain, or every origin if none.

        Raises BadRequest with the field, code `taken` when id or uuid exist already (openpanel §10.2).
        """
        new = NewProject(
            name=name,
            id=id,
            uuid=uuid,
            domain=domain,
            timezone=timezone,
            cors=cors,
            allow_unsafe_revenue=allow_unsafe_revenue,
        )
        return self._change(lambda connection: projects.create(connection, new))

    def create_project_with_client(self, new: NewProject) -> tuple[Project, Client, str]:
        """Make a project and its first write client, both or neither; the text is the client's secret."""
        secret = new_client_secret()
        secret_hash = hash_secret(secret)

        def work(connection: Connection) -> tuple[Project, Client]:
            project = projects.create(connection, new)
            client = clients.new(project.id, ClientMode.WRITE, FIRST_CLIENT, secret_hash)
            return project, clients.create(connection, client)

        project, client = self._change(work)
        return project, client, secret

    def list_projects(self) -> list[Project]:
        """All projects but links and pixels, oldest first. For the operator; a tenant's: `readable_projects`."""
        every = self.snapshot().projects.items()
        return [project for ref, project in every if ref == project.id and project.kind is ProjectKind.WEBSITE]

    def readable_projects(self, principal: Principal) -> list[Project]:
        """The projects that this principal may read, oldest first."""
        if not principal.may_read:
            return []
        return [project for project in self.list_projects() if principal.reaches(project.id)]

    def get_project(self, ref: str) -> Project:
        """By slug or UUID, in any case. Raises NotFound. Hot: a dict lookup."""
        project = self.find(lambda known: named(known.projects, ref))
        if project is None:
            raise NotFound("Project not found")
        return project

    def readable_project(
        self, principal: Principal, ref: str, *, hide: bool = False, shared: bool = False
    ) -> Project:
        """The project, by slug or UUID, if the principal may read it (openpanel contract §2.6, §16.5).

        Raises Forbidden for a project that is not the principal's, NotFound when there is none. With
        `hide`, one that does not exist is Forbidden too unless the principal is root (export does so).
        Whoever only follows a share link to it reads what is `shared`: numbers, not rows about one person.
        """
        project = self.find(lambda known: named(known.projects, ref))
        if project is not None and principal.may_read and principal.reaches(project.id):
            if not (shared or principal.reaches_people(project.id)):
                raise Forbidden("A share link does not show this")
            return project
        if project is None and (not hide or principal.mode is ClientMode.ROOT):
            raise NotFound("Project not found")
        raise Forbidden("You do not have access to this project")

    def update_project(self, ref: str, change: ProjectChange) -> Project:
        """Change what is set in `change`. Raises NotFound, BadRequest."""
        return self._change(lambda connection: projects.change(connection, ref, change))

    def schedule_deletion(self, ref: str, at: datetime) -> Project:
        """From now on nobody can send to the project or read it; it goes at that time. Raises NotFound."""
        return self._change(lambda connection: projects.schedule_removal(connection, ref, at))

    def restore_project(self, ref: str, now: datetime) -> Project:
        """Take a scheduled deletion back while its time has not come. Raises NotFound."""
        return self._change(lambda connection: projects.restore(connection, ref, now))

    def list_deleted_projects(self) -> list[Project]:
        """The projects whose deletion is scheduled, oldest first."""
        return list(self.snapshot().deleted)

    def delete_project(self, ref: str, *, is_deleted: bool = False) -> Project:
        """Delete a project with its clients, `is_deleted`: one that was scheduled. Raises NotFound.

        Its events are the store's to delete (ingest/erasing.py), before this.
        """
        return self._change(lambda connection: projects.remove(connection, ref, is_deleted=is_deleted))

    def create_owned_project(self, new: NewProject, share_slug: str = "") -> Project:
        """Make a project as it is given, with a share link of that slug, or neither. Raises BadRequest."""

        def work(connection: Connection) -> Project:
            project = projects.create(connection, new)
            if share_slug:
                sharing.create(connection, project.id, sharing.FIRST_SHARE, {}, share_slug)
            return project

        return self._change(work)

    def update_owned_project(self, ref: str, change: ProjectChange, share_slug: str | UnsetType | None) -> Project:
        """Change a project and, if it is given, its share link (None: delete all), or neither.

        Raises NotFound, BadRequest.
        """

        def work(connection: Connection) -> Project:
            project = projects.change(connection, ref, change)
            if share_slug is not UNSET:
                sharing.set_only(connection, project.id, share_slug)
            return project

        return self._change(work)

    # Clients

    def create_client(
        self,
        project_id: str | None,
        mode: ClientMode,
        name: str,
        *,
        id: str | None = None,
        secret: str | None = None,
        ignore_cors_and_secret: bool = False,
    ) -> tuple[Client, str]:
        """Make a client; returns it and its plain secret, which can't be had again.

        `project_id` (slug or UUID) may be None for a root client only. `id` and `secret` are for a site that
        moves here with the credentials that its pages already carry. Raises NotFound, BadRequest.
        """
        if project_id is None and mode is not ClientMode.ROOT:
            raise NotFound("Project not found")
        plain = new_client_secret() if secret is None else secret
        home = None if project_id is None else self.get_project(project_id).id
        client = clients.new(home, mode, name, hash_secret(plain), id, ignore_cors_and_secret)
        return self._change(lambda connection: clients.create(connection, client)), plain

    def get_client(self, client_id: str) -> Client:
        """By id, in any case. Raises NotFound. Hot: a dict lookup."""
        client = self.find(lambda known: named(known.clients, client_id))
        if client is None:
            raise NotFound("Client not found")
        return client

    def list_clients(self, project_id: str | None = None) -> list[Client]:
        """All clients, or those of one project (slug or UUID), oldest first. Raises NotFound."""
        found = self.snapshot()
        every = [
            client
            for client in found.clients.values()
            if client.project_id is None or client.project_id in found.projects
        ]
        if project_id is None:
            return every
        home = self.get_project(project_id).id
        return [client for client in every if client.project_id == home]

    def update_client(self, client_id: str, name: str) -> Client:
        """Rename a client. Raises NotFound, BadRequest."""
        return self._change(lambda connection: clients.rename(connection, client_id, name))

    def delete_client(self, client_id: str) -> None:
        """Delete a client; its secret stops working within a second everywhere. Raises NotFound."""
        self._change(lambda connection: clients.remove(connection, client_id))

    # Users and keys

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

    # Salts and the installation's secret

    def salts(self, now: datetime) -> Salts:
        """Today's and yesterday's salt (openpanel contract §4.1). Hot: two comparisons.

        Whoever asks first after 00:00 UTC turns them. Raises Overloaded when that can't be stored.
        """
        known = self._cache.current().salts
        if known is None or not known.serve(now):
            self._cache.patiently(lambda: self._turn_salts(now))
            known = self._cache.current().salts
            if known is None or not known.serve(now):
                raise Overloaded("The catalog does not answer, and today's salt is not made yet.")
        return known.salts

    def _turn_salts(self, now: datetime) -> None:
        self._change(lambda connection: rotate(connection, now))
        self._database.forget()

    def installation_secret(self) -> str:
        """The random secret of this installation, made on first use; tokens are signed with it."""
        with self._database.write(announce=False) as connection:
            return put_once(connection, "secret", secrets.token_hex(32))
