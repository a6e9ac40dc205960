"""Teams and their members. Looks come from the snapshot; changes are on disk when the call returns."""

import secrets
import string
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from sqlalchemy import Connection, Table, delete, insert, select, update

from footfall.catalog import rows, tables, validation
from footfall.catalog.snapshot import Snapshot
from footfall.model.access import Team, TeamMember, TeamRole
from footfall.model.errors import BadRequest, NotFound
from footfall.model.project import User

T = TypeVar("T")
_ALPHABET = string.ascii_letters + string.digits


class Change(Protocol):
    """Runs work in one transaction and makes the next look read again."""

    def __call__(self, work: Callable[[Connection], T]) -> T:
        """The work's result, once it is on disk. Raises Overloaded."""


def random_text(length: int) -> str:
    """Letters and digits, at random: 16 of them are 95 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


class Teams:
    """The teams of a catalog."""

    def __init__(self, change: Change, snapshot: Callable[[], Snapshot]) -> None:
        self._change = change
        self._snapshot = snapshot

    def get(self, team_id: str) -> Team:
        """By id. Raises NotFound."""
        team = self._snapshot().teams.get(team_id.lower())
        if team is None:
            raise NotFound("Team not found.")
        return team

    def all(self) -> list[Team]:
        """All teams, oldest first."""
        return list(self._snapshot().teams.values())

    def of_user(self, user_id: str) -> list[Team]:
        """The teams that a user is in."""
        found = self._snapshot()
        return [team for team in found.teams.values() if (team.id, user_id) in found.members]

    def members(self, team_id: str) -> list[tuple[TeamMember, User]]:
        """Who is in a team, oldest member first."""
        found = self._snapshot()
        return [
            (member, found.users[member.user_id])
            for member in found.members.values()
            if member.team_id == team_id and member.user_id in found.users
        ]

    def member(self, team_id: str, user_id: str) -> TeamMember | None:
        """That user's place in that team, if there is one."""
        return self._snapshot().members.get((team_id.lower(), user_id.lower()))

    def create(self, name: str, owner_id: str) -> tuple[Team, TeamMember]:
        """Make a team and its owner. Raises BadRequest."""
        now = datetime.now(UTC)
        team_id = str(uuid4())
        values = {
            "id": team_id,
            "name": validation.name(name),
            "access_code": f"team_{random_text(16)}",
            "created_at": now,
            "updated_at": now,
        }

        def work(connection: Connection) -> tuple[Team, TeamMember]:
            connection.execute(insert(tables.teams).values(values))
            team = rows.team(_one(connection, tables.teams, team_id))
            return team, _add(connection, team.id, owner_id, TeamRole.OWNER)

        return self._change(work)

    def join(self, access_code: str, user_id: str) -> TeamMember:
        """Make the user a member of the team with that code. Raises NotFound, BadRequest for a member."""

        def work(connection: Connection) -> TeamMember:
            found = select(tables.teams).where(tables.teams.c.access_code == access_code)
            row = connection.execute(found).one_or_none()
            if row is None:
                raise NotFound("Team not found.")
            return _add(connection, row.id, user_id, TeamRole.MEMBER)

        return self._change(work)

    def update(self, team_id: str, name: str | None, access_code: str | None) -> Team:
        """Change what is not None. Raises NotFound, BadRequest when the code is another team's."""
        values: dict[str, Any] = {"updated_at": datetime.now(UTC)}
        if name is not None:
            values["name"] = validation.name(name)
        if access_code is not None:
            values["access_code"] = validation.name(access_code, "accessCode")

        def work(connection: Connection) -> Team:
            table = tables.teams
            same = select(table.c.id).where(table.c.access_code == access_code, table.c.id != team_id)
            if access_code is not None and connection.execute(same).first():
                raise BadRequest("Another team has that access code.", "accessCode", "taken")
            connection.execute(update(table).where(table.c.id == team_id).values(values))
            return rows.team(_one(connection, table, team_id))

        return self._change(work)

    def delete(self, team_id: str) -> None:
        """Delete a team. Its websites go to who made them, or to the admins."""

        def work(connection: Connection) -> None:
            _one(connection, tables.teams, team_id)
            _release(connection, team_id)

        self._change(work)

    def add(self, team_id: str, user_id: str, role: TeamRole) -> TeamMember:
        """Make a user a member. Raises NotFound, BadRequest for a member."""
        return self._change(lambda connection: _add(connection, team_id, user_id, role))

    def set_role(self, team_id: str, user_id: str, role: TeamRole) -> TeamMember:
        """Change a member's role. Raises NotFound."""

        def work(connection: Connection) -> TeamMember:
            old = _member(connection, team_id, user_id)
            values = {"role": role.value, "updated_at": datetime.now(UTC)}
            connection.execute(update(tables.team_users).where(tables.team_users.c.id == old.id).values(values))
            return _member(connection, team_id, user_id)

        return self._change(work)

    def remove(self, team_id: str, user_id: str) -> None:
        """Take a member out. Raises NotFound."""

        def work(connection: Connection) -> None:
            old = _member(connection, team_id, user_id)
            connection.execute(delete(tables.team_users).where(tables.team_users.c.id == old.id))

        self._change(work)


def remove_owned(connection: Connection, user_id: str) -> None:
    """Delete the teams whose owner this user is, as far as nobody else owns them too."""
    table = tables.team_users
    owned = select(table.c.team_id).where(table.c.user_id == user_id, table.c.role == TeamRole.OWNER.value)
    for team_id in connection.execute(owned).scalars().all():
        others = select(table.c.id).where(
            table.c.team_id == team_id, table.c.user_id != user_id, table.c.role == TeamRole.OWNER.value
        )
        if connection.execute(others).first() is None:
            _release(connection, team_id)


def _release(connection: Connection, team_id: str) -> None:
    projects, users = tables.projects, tables.users
    maker = select(users.c.id).where(users.c.id == projects.c.created_by).scalar_subquery()
    change = update(projects).where(projects.c.team_id == team_id)
    connection.execute(change.values(team_id=None, user_id=maker))
    connection.execute(delete(tables.teams).where(tables.teams.c.id == team_id))


def _add(connection: Connection, team_id: str, user_id: str, role: TeamRole) -> TeamMember:
    table = tables.team_users
    _one(connection, tables.teams, team_id)
    if connection.execute(select(tables.users.c.id).where(tables.users.c.id == user_id)).first() is None:
        raise NotFound("User not found.")
    same = select(table.c.id).where(table.c.team_id == team_id, table.c.user_id == user_id)
    if connection.execute(same).first():
        raise BadRequest("User is already a member of the Team.", code="taken")
    now = datetime.now(UTC)
    values = {"id": str(uuid4()), "team_id": team_id, "user_id": user_id, "role": role.value}
    connection.execute(insert(table).values(**values, created_at=now, updated_at=now))
    return _member(connection, team_id, user_id)


def _member(connection: Connection, team_id: str, user_id: str) -> TeamMember:
    table = tables.team_users
    found = select(table).where(table.c.team_id == team_id, table.c.user_id == user_id)
    row = connection.execute(found).one_or_none()
    if row is None:
        raise NotFound("User is not a member of this team.")
    return rows.team_member(row)


def _one(connection: Connection, table: Table, id_: str) -> Any:
    row = connection.execute(select(table).where(table.c.id == id_)).one_or_none()
    if row is None:
        raise NotFound("Team not found.")
    return row
