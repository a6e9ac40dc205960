"""Who may see and change what: the rules of roles, ownership, teams and share links, in one place.

Whatever is not allowed here is refused. A project without an owner (made from the shell or by the Manage API)
belongs to every admin. Source: umami contract §3.5.
"""

from enum import StrEnum

from footfall.catalog.snapshot import Snapshot
from footfall.model.access import Caller, Team, TeamRole
from footfall.model.project import ClientMode, Principal, Project, Reach, Role


class Permission(StrEnum):
    """What a role may allow."""

    CREATE_WEBSITE = "website:create"
    UPDATE_WEBSITE = "website:update"
    DELETE_WEBSITE = "website:delete"
    CREATE_TEAM = "team:create"
    UPDATE_TEAM = "team:update"
    DELETE_TEAM = "team:delete"
    TRANSFER_TO_TEAM = "website:transfer-to-team"
    TRANSFER_TO_USER = "website:transfer-to-user"


_WEBSITE = {Permission.CREATE_WEBSITE, Permission.UPDATE_WEBSITE, Permission.DELETE_WEBSITE}
ROLES: dict[Role | TeamRole, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.USER: frozenset({*_WEBSITE, Permission.CREATE_TEAM}),
    Role.VIEW_ONLY: frozenset(),
    TeamRole.OWNER: frozenset(
        {
            *_WEBSITE,
            Permission.UPDATE_TEAM,
            Permission.DELETE_TEAM,
            Permission.TRANSFER_TO_TEAM,
            Permission.TRANSFER_TO_USER,
        }
    ),
    TeamRole.MANAGER: frozenset({*_WEBSITE, Permission.UPDATE_TEAM, Permission.TRANSFER_TO_TEAM}),
    TeamRole.MEMBER: frozenset(_WEBSITE),
    TeamRole.VIEW_ONLY: frozenset(),
}


class Access:
    """What one caller may do, by one snapshot of the catalog."""

    def __init__(self, snapshot: Snapshot, caller: Caller) -> None:
        self._snapshot = snapshot
        self._caller = caller
        self._user = caller.user

    @property
    def is_admin(self) -> bool:
        """Whether the caller is a user who may do everything."""
        return self._user is not None and self._user.role is Role.ADMIN

    def has(self, permission: Permission) -> bool:
        """Whether the caller's own role allows it."""
        return self._user is not None and permission in ROLES[self._user.role]

    # Projects

    def may_view(self, project: Project) -> bool:
        """Admins, owners, members of the owning team in any role, and who holds a share link of this project."""
        share = self._caller.share
        return self.may_view_in_person(project) or (share is not None and share.project_id == project.id)

    def may_view_in_person(self, project: Project) -> bool:
        """The same without share links."""
        return self.is_admin or self.owns(project) or self._team_role(project.team_id) is not None

    def may_update(self, project: Project) -> bool:
        """Admins, the owner whatever the role, and members whose role says so."""
        return self._may_change(project, Permission.UPDATE_WEBSITE)

    def may_delete(self, project: Project) -> bool:
        """As `may_update`."""
        return self._may_change(project, Permission.DELETE_WEBSITE)

    def may_create_in(self, team_id: str | None) -> bool:
        """Whether the caller may make websites, in this team or for himself.

        For a team both roles must allow it: a viewer of the installation makes none anywhere.
        """
        if self.is_admin:
            return True
        own = self.has(Permission.CREATE_WEBSITE)
        return own and (team_id is None or self.has_in(team_id, Permission.CREATE_WEBSITE))

    def may_transfer_to_user(self, project: Project, user_id: str) -> bool:
        """Admins to anybody; others only to themselves: what is theirs, or their team's if their role says so."""
        if self.is_admin:
            return True
        if self._user is None or self._user.id != user_id:
            return False
        return self.owns(project) or self.has_in(project.team_id, Permission.TRANSFER_TO_USER)

    def may_transfer_to_team(self, project: Project, team_id: str) -> bool:
        """Admins; others what is theirs, to a team where their role says so."""
        return self.is_admin or (self.owns(project) and self.has_in(team_id, Permission.TRANSFER_TO_TEAM))

    def owns(self, project: Project) -> bool:
        """Whether it is the caller's own; what is nobody's is every admin's."""
        if self._user is None:
            return False
        if project.user_id is None and project.team_id is None:
            return self.is_admin
        return project.user_id == self._user.id

    def _may_change(self, project: Project, permission: Permission) -> bool:
        return self.is_admin or self.owns(project) or self.has_in(project.team_id, permission)

    def principal(self) -> Principal:
        """The caller for the APIs that ask for one: an admin is as good as a root client."""
        user, share = self._caller.user, self._caller.share
        if user is not None and self.is_admin:
            return Principal(client_id=user.id, mode=ClientMode.ROOT, project_id=None)
        every = (*self._snapshot.projects.values(), *self._snapshot.deleted)
        projects = {project.id: project for project in every}.values()
        viewable = frozenset(project.id for project in projects if self.may_view_in_person(project))
        reach = Reach(
            viewable=viewable,
            changeable=frozenset(project.id for project in projects if self.may_update(project)),
            shared=frozenset() if share is None else frozenset({share.project_id}) - viewable,
            may_create=self.may_create_in(None),
        )
        return Principal(
            client_id="" if user is None else user.id,
            mode=ClientMode.READ,
            project_id=share.project_id if user is None and share is not None else None,
            reach=reach,
            user_id=None if user is None else user.id,
        )

    # Teams

    def may_view_team(self, team: Team) -> bool:
        """Admins and members."""
        return self.is_admin or self._team_role(team.id) is not None

    def has_in(self, team_id: str | None, permission: Permission) -> bool:
        """Whether the caller is an admin, or a member of that team whose role allows it."""
        role = self._team_role(team_id)
        return self.is_admin or (role is not None and permission in ROLES[role])

    def _team_role(self, team_id: str | None) -> TeamRole | None:
        if team_id is None or self._user is None:
            return None
        member = self._snapshot.members.get((team_id, self._user.id))
        return None if member is None else member.role
