"""Share links, and the short links and pixels that are projects of their own (umami contract §2.2, §3.4)."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, Table, delete, insert, select, update

from footfall.catalog import projects, rows, tables, validation
from footfall.catalog.projects import NewProject, ProjectChange
from footfall.catalog.secrets import hash_password, verify_password
from footfall.catalog.snapshot import Snapshot
from footfall.catalog.teams import Change, random_text
from footfall.model.access import Link, Share
from footfall.model.errors import BadRequest, NotFound, Unauthorized
from footfall.model.project import Project, ProjectKind

SLUG = re.compile(r"[A-Za-z0-9_-]{1,100}")
SLUG_LENGTH = 16
URL = re.compile(r"https?://[^\s\x00-\x1f]{1,490}", re.IGNORECASE)
TAKEN = "That share ID is already taken."
FIRST_SHARE = "Share"
LOCKED = "This share link needs its password."


class Shares:
    """The share links of a catalog."""

    def __init__(self, change: Change, snapshot: Callable[[], Snapshot]) -> None:
        self._change = change
        self._snapshot = snapshot

    def find(self, slug: str) -> Share:
        """By slug. Raises NotFound."""
        share = self._snapshot().shares.get(slug)
        if share is None:
            raise NotFound("Not found")
        return share

    def get(self, share_id: str) -> Share:
        """By id. Raises NotFound."""
        for share in self._snapshot().shares.values():
            if share.id == share_id.lower():
                return share
        raise NotFound("Not found")

    def of(self, project_id: str) -> list[Share]:
        """Those of a project, oldest first."""
        return [share for share in self._snapshot().shares.values() if share.project_id == project_id]

    def create(
        self,
        project_id: str,
        name: str = FIRST_SHARE,
        parameters: Mapping[str, Any] = {},
        slug: str = "",
        *,
        password: str = "",
        origins: Sequence[str] = (),
    ) -> Share:
        """Make one; without a slug 16 random characters. Raises BadRequest."""
        lock = {"password_hash": _hashed(password), "origins": validation.frame_origins(origins)}
        return self._change(lambda connection: create(connection, project_id, name, parameters, slug, lock))

    def change(
        self,
        share_id: str,
        name: str | None,
        parameters: Mapping[str, Any] | None,
        slug: str | None,
        *,
        password: str | UnsetType | None = UNSET,
        origins: Sequence[str] | None = None,
    ) -> Share:
        """Change what is not None, and a password that is given (None or '' takes it away).

        Raises NotFound, BadRequest.
        """
        lock: dict[str, Any] = {} if origins is None else {"origins": validation.frame_origins(origins)}
        if password is not UNSET:
            lock["password_hash"] = _hashed(password or "")

        def work(connection: Connection) -> Share:
            old = _share(connection, share_id)
            values: dict[str, Any] = {"updated_at": datetime.now(UTC), **lock}
            if name is not None:
                values["name"] = validation.name(name)
            if parameters is not None:
                values["parameters"] = validation.kept(dict(parameters), "parameters")
            if slug is not None and slug != old.slug:
                values["slug"] = _free(connection, tables.shares, slug, "slug")
            connection.execute(update(tables.shares).where(tables.shares.c.id == old.id).values(values))
            return _share(connection, old.id)

        return self._change(work)

    def unlock(self, share: Share, password: str) -> None:
        """Check the password of a share link that has one; takes ~100 ms. Raises Unauthorized."""
        if share.password_hash is not None and not verify_password(password, share.password_hash):
            raise Unauthorized(LOCKED)

    def delete(self, share_id: str) -> None:
        """Delete one; who holds it sees nothing any more. Raises NotFound."""

        def work(connection: Connection) -> None:
            old = _share(connection, share_id)
            connection.execute(delete(tables.shares).where(tables.shares.c.id == old.id))

        self._change(work)


def set_only(connection: Connection, project_id: str, slug: str | None) -> None:
    """Make the project's share link this one (its oldest gets the slug), inside the caller's transaction; None
    deletes them all. Raises BadRequest."""
    table = tables.shares
    if slug is None:
        connection.execute(delete(table).where(table.c.project_id == project_id))
        return
    found = select(table).where(table.c.project_id == project_id).order_by(table.c.created_at)
    first = connection.execute(found).first()
    if first is None:
        create(connection, project_id, FIRST_SHARE, {}, slug)
    elif first.slug != slug:
        _free(connection, table, slug, "shareId")
        connection.execute(update(table).where(table.c.id == first.id).values(slug=slug))


def create(
    connection: Connection,
    project_id: str,
    name: str,
    parameters: Mapping[str, Any],
    slug: str,
    lock: Mapping[str, Any] = {},
) -> Share:
    """Insert a share link, inside the caller's transaction. Raises BadRequest."""
    now = datetime.now(UTC)
    share_id = str(uuid4())
    values = {
        "id": share_id,
        "project_id": project_id,
        "name": validation.name(name),
        "slug": _free(connection, tables.shares, slug or random_text(SLUG_LENGTH), "shareId"),
        "parameters": validation.kept(dict(parameters), "parameters"),
        **lock,
        "created_at": now,
        "updated_at": now,
    }
    connection.execute(insert(tables.shares).values(values))
    return _share(connection, share_id)


def _hashed(password: str) -> str | None:
    return hash_password(validation.password(password)) if password else None


def _share(connection: Connection, share_id: str) -> Share:
    row = connection.execute(select(tables.shares).where(tables.shares.c.id == share_id.lower())).one_or_none()
    if row is None:
        raise NotFound("Not found")
    return rows.share(row)


def _free(connection: Connection, table: Table, slug: str, field: str) -> str:
    if not SLUG.fullmatch(slug):
        raise BadRequest(f"The {field} must be 1 to 100 letters, digits, '-' or '_'.", field)
    if connection.execute(select(table.c.slug).where(table.c.slug == slug)).first():
        raise BadRequest(TAKEN, field, "taken")
    return slug


class Links:
    """The short links and pixels of a catalog; each is a project that counts its clicks or loads."""

    def __init__(self, change: Change, snapshot: Callable[[], Snapshot]) -> None:
        self._change = change
        self._snapshot = snapshot

    def find(self, slug: str, kind: ProjectKind) -> tuple[Link, Project]:
        """By slug. Hot: two dict lookups. Raises NotFound."""
        found = self._snapshot()
        link = found.links.get(slug)
        project = None if link is None else found.projects.get(link.project_id)
        if link is None or project is None or project.kind is not kind:
            raise NotFound("Not found")
        return link, project

    def all(self, kind: ProjectKind) -> list[tuple[Link, Project]]:
        """Every link, or every pixel, oldest first."""
        found = self._snapshot()
        pairs = [
            (link, found.projects[link.project_id])
            for link in found.links.values()
            if link.project_id in found.projects
        ]
        return sorted((pair for pair in pairs if pair[1].kind is kind), key=lambda pair: pair[1].key)

    def create(self, new: NewProject, slug: str, url: str | None) -> tuple[Link, Project]:
        """Make the project and what it answers to; without a slug a random one. Raises BadRequest."""
        _check_url(url)

        def work(connection: Connection) -> tuple[Link, Project]:
            project = projects.create(connection, new)
            free = _free(connection, tables.links, slug or random_text(SLUG_LENGTH), "slug")
            connection.execute(insert(tables.links).values(project_id=project.id, slug=free, url=url))
            return Link(project_id=project.id, slug=free, url=url), project

        return self._change(work)

    def change(self, project_id: str, name: str | None, slug: str | None, url: str | None) -> tuple[Link, Project]:
        """Change what is not None. Raises NotFound, BadRequest."""
        _check_url(url)

        def work(connection: Connection) -> tuple[Link, Project]:
            table = tables.links
            old = rows.link(connection.execute(select(table).where(table.c.project_id == project_id)).one())
            wanted = Link(
                project_id=project_id, slug=old.slug if slug is None else slug, url=old.url if url is None else url
            )
            if wanted.slug != old.slug:
                _free(connection, table, wanted.slug, "slug")
            values = {"slug": wanted.slug, "url": wanted.url}
            connection.execute(update(table).where(table.c.project_id == project_id).values(values))
            change = ProjectChange(name=UNSET if name is None else name)
            return wanted, projects.change(connection, project_id, change)

        return self._change(work)


def _check_url(url: str | None) -> None:
    # Anything else in a redirect could run in the browser of whoever follows the link.
    if url is not None and not URL.fullmatch(url):
        raise BadRequest("The url must be an http or https address of at most 500 characters.", "url")
