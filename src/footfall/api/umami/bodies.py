"""What the routes about people and websites answer, with the keys of every generation (umami contract §3, §4)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel

from footfall.catalog.catalog import Catalog
from footfall.model.access import Share, Team, TeamMember, TeamRole
from footfall.model.project import ApiKey, Project, Role, User
from footfall.model.times import iso

Moment = Annotated[datetime, PlainSerializer(iso, when_used="json-unless-none")]


class Body(BaseModel):
    """Base of answers: camelCase outside; what was not set is left out."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True)


class UserRef(Body):
    """Who owns or made something."""

    id: str
    username: str

    @classmethod
    def of(cls, user: User | None) -> Self | None:
        """From the user; None for none."""
        return None if user is None else cls(id=user.id, username=user.username)


class TeamRef(Body):
    """A team, as the signed-in user lists them."""

    id: str
    name: str
    logo_url: str | None


class UserBody(Body):
    """A user."""

    id: str
    username: str
    role: str
    created_at: Moment | None = None
    updated_at: Moment | None = None
    deleted_at: Moment | None = None
    display_name: str | None = None
    logo_url: str | None = None
    is_admin: bool = False
    teams: list[TeamRef] = []
    count: dict[str, int] = Field(default={}, alias="_count")

    @classmethod
    def of(cls, user: User, **more: Any) -> Self:
        """What an admin, and the user, may know."""
        return cls(id=user.id, username=user.username, role=user.role.value, created_at=user.created_at, **more)

    @classmethod
    def signed_in(cls, catalog: Catalog, user: User) -> Self:
        """The user who asks, with teams."""
        teams = [
            TeamRef(id=team.id, name=team.name, logo_url=team.logo_url) for team in catalog.teams.of_user(user.id)
        ]
        return cls.of(user, is_admin=user.role is Role.ADMIN, teams=teams)


class WebsiteBody(Body):
    """A website: a project, as this dialect sees it."""

    id: str
    name: str
    domain: str
    share_id: str | None
    reset_at: Moment | None
    user_id: str | None
    team_id: str | None
    created_by: str | None
    created_at: Moment
    updated_at: Moment
    deleted_at: Moment | None
    recorder_enabled: bool
    replay_enabled: bool
    replay_config: dict[str, Any] | None
    user: UserRef | None = None
    create_user: UserRef | None = None
    team: TeamRef | None = None

    @classmethod
    def of(cls, catalog: Catalog, project: Project, **more: Any) -> Self:
        """From the project; its `shareId` is its oldest share link's."""
        shares = catalog.shares.of(project.id)
        return cls(
            id=str(project.uuid),
            name=project.name,
            domain=project.domain,
            share_id=shares[0].slug if shares else None,
            reset_at=project.reset_at,
            user_id=project.user_id,
            team_id=project.team_id,
            created_by=project.created_by,
            created_at=project.created_at,
            updated_at=project.updated_at,
            deleted_at=None,
            recorder_enabled=False,
            replay_enabled=False,
            replay_config=None,
            **more,
        )


class ShareBody(Body):
    """A share link of a website."""

    id: str
    entity_id: str
    share_type: int
    name: str
    slug: str
    parameters: dict[str, Any]
    has_password: bool
    embed_origins: list[str]
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, share: Share, project: Project, share_type: int) -> Self:
        """From the link and what it shows."""
        return cls(
            id=share.id,
            entity_id=str(project.uuid),
            share_type=share_type,
            name=share.name,
            slug=share.slug,
            parameters=share.parameters,
            has_password=share.password_hash is not None,
            embed_origins=list(share.origins),
            created_at=share.created_at,
            updated_at=share.updated_at,
        )


class MemberBody(Body):
    """A user's place in a team."""

    id: str
    team_id: str
    user_id: str
    role: str
    created_at: Moment
    updated_at: Moment
    user: UserRef | None = None

    @classmethod
    def of(cls, member: TeamMember, **more: Any) -> Self:
        """From the membership."""
        return cls(
            id=member.id,
            team_id=member.team_id,
            user_id=member.user_id,
            role=member.role.value,
            created_at=member.created_at,
            updated_at=member.updated_at,
            **more,
        )


class TeamBody(Body):
    """A team. Only who may change its members sees the access code."""

    id: str
    name: str
    access_code: str | None
    logo_url: str | None
    created_at: Moment
    updated_at: Moment
    deleted_at: Moment | None
    two_factor_required: bool
    team_user: list[MemberBody] = []
    members: list[MemberBody] = []
    count: dict[str, int] = Field(default={}, alias="_count")

    @classmethod
    def of(cls, team: Team, *, show_code: bool, **more: Any) -> Self:
        """From the team."""
        return cls(
            id=team.id,
            name=team.name,
            access_code=team.access_code if show_code else None,
            logo_url=team.logo_url,
            created_at=team.created_at,
            updated_at=team.updated_at,
            deleted_at=None,
            two_factor_required=False,
            **more,
        )

    @classmethod
    def listed(cls, catalog: Catalog, team: Team, *, show_code: bool) -> Self:
        """With its members, under both generations' names, and counts."""
        members = catalog.teams.members(team.id)
        every = [MemberBody.of(member, user=UserRef.of(user)) for member, user in members]
        websites = sum(project.team_id == team.id for project in catalog.list_projects())
        count = {"website": websites, "websites": websites, "teamUser": len(every), "members": len(every)}
        return cls.of(team, show_code=show_code, team_user=every, members=every, count=count)


class KeyBody(Body):
    """An API key; the key itself only in the answer to its making."""

    id: str
    name: str
    key_prefix: str
    created_at: Moment
    last_used_at: Moment | None
    expires_at: Moment | None
    key: str = ""

    @classmethod
    def of(cls, made: ApiKey, **more: Any) -> Self:
        """From what is known of the key."""
        return cls(
            id=made.id,
            name=made.name,
            key_prefix=made.prefix,
            created_at=made.created_at,
            last_used_at=made.last_used_at,
            expires_at=made.expires_at,
            **more,
        )


class Ok(Body):
    """It is done."""

    ok: bool = True


TEAM_ROLES = tuple(role.value for role in TeamRole if role is not TeamRole.OWNER)
"""The roles that may be given (contract §4.5)."""


def dump(items: Iterable[BaseModel]) -> list[dict[str, Any]]:
    """Bodies as JSON values, for a page of a list."""
    return [item.model_dump(mode="json", by_alias=True, exclude_unset=True) for item in items]
