"""What goes into and comes out of the dashboard's own routes: camelCase outside."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from footfall.model.access import Share
from footfall.model.project import Principal, Project, Role, User

Name = Annotated[str, Meta(max_length=255)]
Password = Annotated[str, Meta(max_length=1024)]
NewPassword = Annotated[str, Meta(min_length=8, max_length=1024)]


class LoginBody(Struct, frozen=True):
    """Who signs in."""

    username: Name
    password: Password


class SetupBody(Struct, frozen=True):
    """What the first admin shall be called, with the token of the set-up link."""

    token: Annotated[str, Meta(max_length=255)]
    username: Annotated[str, Meta(min_length=1, max_length=255)]
    password: NewPassword


class UnlockBody(Struct, frozen=True):
    """The password of a share link that has one."""

    password: Password = ""


class UserBody(Struct, frozen=True):
    """Who has signed in."""

    id: str
    username: str
    role: Role


class ProjectBody(Struct, frozen=True, rename="camel"):
    """A website that the asker may see."""

    id: str
    uuid: UUID
    name: str
    domain: str
    timezone: str
    types: tuple[str, ...]
    may_change: bool

    @classmethod
    def of(cls, project: Project, may_change: bool) -> "ProjectBody":
        """From the project."""
        known = (project.id, project.uuid, project.name, project.domain, project.timezone, project.types)
        return cls(*known, may_change)


class ShareBody(Struct, frozen=True):
    """What a share link shows."""

    slug: str
    name: str
    parameters: dict[str, Any]
    project: ProjectBody

    @classmethod
    def of(cls, share: Share, project: Project) -> "ShareBody":
        """From the link and its project."""
        return cls(share.slug, share.name, share.parameters, ProjectBody.of(project, may_change=False))


class OpenedBody(ShareBody, frozen=True, kw_only=True):
    """The same to who has just opened it, with the token for pages that get no cookies (frames of other sites)."""

    token: str


class SessionBody(Struct, frozen=True, rename="camel"):
    """Who asks and what he may see. `setup`: the set-up link that the first start printed is still open."""

    user: UserBody | None
    setup: bool
    version: str
    projects: list[ProjectBody]
    may_create: bool
    share: ShareBody | None


def user_body(user: User) -> UserBody:
    """From the user."""
    return UserBody(user.id, user.username, user.role)


def project_bodies(projects: list[Project], principal: Principal) -> list[ProjectBody]:
    """Those of them that the principal may see in full."""
    return [
        ProjectBody.of(each, principal.may_change(each.id))
        for each in projects
        if principal.reaches_people(each.id)
    ]
