"""Who may see and change what: teams and their members, share links, and whoever asks.

Roles and what they allow: umami contract §3.5.
"""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from msgspec import Struct

from footfall.model.project import EPOCH, User


class TeamRole(StrEnum):
    """What a member of a team may do (umami contract §3.5)."""

    OWNER = "team-owner"
    MANAGER = "team-manager"
    MEMBER = "team-member"
    VIEW_ONLY = "team-view-only"


class Team(Struct, frozen=True, kw_only=True):
    """People who share websites. Who knows the access code may join."""

    id: str
    name: str
    access_code: str
    logo_url: str | None = None
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH


class TeamMember(Struct, frozen=True, kw_only=True):
    """A user in a team."""

    id: str
    team_id: str
    user_id: str
    role: TeamRole
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH


class Share(Struct, frozen=True, kw_only=True):
    """A public link to one project's numbers. Who knows the slug may look; deleting it ends that.

    With a `password_hash` (argon2id) one needs that password too. `origins` are the sites that may show it in
    a frame: `https://site.example`, or `*` for all.
    """

    id: str
    project_id: str
    name: str
    slug: str
    parameters: dict[str, Any]
    password_hash: str | None = None
    origins: tuple[str, ...] = ()
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH

    @property
    def lock(self) -> str:
        """What differs from password to password; '' without one. It says nothing about the password."""
        return "" if self.password_hash is None else sha256(self.password_hash.encode()).hexdigest()[:16]


class Link(Struct, frozen=True, kw_only=True):
    """What a project of kind link or pixel answers to: `/q/<slug>` goes to `url`, a pixel has none."""

    project_id: str
    slug: str
    url: str | None


class Caller(Struct, frozen=True, kw_only=True):
    """Who asks: a user, whoever holds a share link, or both. A share link only ever reads its project."""

    user: User | None = None
    share: Share | None = None
