"""The catalog: one object through which everything asks who exists, and changes it.

Lookups (`get_*`, `list_*`, `salts`) and changes are as opened.py says.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from footfall.catalog import clients, projects, sharing
from footfall.catalog.accounts import Accounts
from footfall.catalog.projects import NewProject, ProjectChange
from footfall.catalog.saved import Saved
from footfall.catalog.secrets import hash_secret, new_client_secret
from footfall.catalog.setup import Setup
from footfall.catalog.sharing import Links, Shares
from footfall.catalog.snapshot import named
from footfall.catalog.teams import Teams
from footfall.model.errors import Forbidden, NotFound
from footfall.model.project import Client, ClientMode, Principal, Project, ProjectKind

FIRST_CLIENT = "First client"  # openpanel contract §10.2


class Catalog(Accounts):
    """An open catalog. Safe to use from many threads; many processes may have it open.

    `url_or_path` is a path to a SQLite file or a `postgresql://` URL. Raises SetupError when it can't be
    opened; any change may raise Overloaded when the database is locked, full or away.
    """

    def __init__(self, url_or_path: str | Path) -> None:
        super().__init__(url_or_path)
        self.saved = Saved(self._database)
        self.teams = Teams(self._change, self.snapshot)
        self.shares = Shares(self._change, self.snapshot)
        self.links = Links(self._change, self.snapshot)
        self.setup = Setup(self._database, self._change)

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
