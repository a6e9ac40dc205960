"""Who exists: projects, the clients that speak for them, users and their keys."""

from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ClientMode(StrEnum):
    """What a client may do (openpanel contract §2.1)."""

    WRITE = "write"
    READ = "read"
    ROOT = "root"


class Role(StrEnum):
    """What a user may do (umami contract, users)."""

    ADMIN = "admin"
    USER = "user"
    VIEW_ONLY = "view-only"


class ProjectKind(StrEnum):
    """What a project counts: a site or product, the clicks on a short link, or the loads of a pixel."""

    WEBSITE = "website"
    LINK = "link"
    PIXEL = "pixel"


class FilterType(StrEnum):
    """What a project filter looks at (openpanel contract §2.3, steps 5 and 6)."""

    IP = "ip"
    PROFILE = "profile_id"
    EVENT = "event"


class ProjectFilter(Struct, frozen=True):
    """What a project does not want to count: an address, a profile id or an event name, matched exactly."""

    type: FilterType
    value: str


class Project(Struct, frozen=True, kw_only=True):
    """A site or product. `id` is its slug, `uuid` the same thing for dialects that speak UUIDs.

    `cors` lists the origins that may send events without a secret; `timezone` is an IANA name.
    `key` is the catalog's small integer for it. Times are UTC. `types` are of website, app, backend.
    With `delete_at` set nobody can send to it or read it, and at that time its data goes.
    Data older than `retention_days` goes every night; None keeps it.
    It belongs to a user or to a team, or with neither to every admin. What happened before `reset_at`
    is not counted (umami contract §4.1).
    """

    key: int
    id: str
    uuid: UUID
    name: str
    domain: str = ""
    timezone: str = "UTC"
    cors: tuple[str, ...] = ()
    allow_unsafe_revenue: bool = False
    blocked_ips: frozenset[str] = frozenset()
    blocked_profiles: frozenset[str] = frozenset()
    blocked_events: frozenset[str] = frozenset()
    types: tuple[str, ...] = ()
    cross_domain: bool = False
    delete_at: datetime | None = None
    retention_days: int | None = None
    kind: ProjectKind = ProjectKind.WEBSITE
    user_id: str | None = None
    team_id: str | None = None
    created_by: str | None = None
    reset_at: datetime | None = None
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH

    @property
    def filters(self) -> tuple[ProjectFilter, ...]:
        """What it does not want to count, in a stable order."""
        blocked = (
            (FilterType.IP, self.blocked_ips),
            (FilterType.PROFILE, self.blocked_profiles),
            (FilterType.EVENT, self.blocked_events),
        )
        return tuple(ProjectFilter(kind, value) for kind, values in blocked for value in sorted(values))

    @property
    def zone(self) -> ZoneInfo:
        """The project's time zone; days and weeks are its days and weeks."""
        return ZoneInfo(self.timezone)

    @property
    def host(self) -> str:
        """The domain without scheme and port: `https://shop.example:8080` is `shop.example`."""
        return self.domain.rpartition("://")[2].partition("/")[0].partition(":")[0]


class Client(Struct, frozen=True, kw_only=True):
    """A credential of a project. `secret_hash` is `<salt hex>.<key hex>` (openpanel contract §2.2) or None.

    A root client reaches every project; its `project_id` is only where its own events go.
    """

    id: str
    name: str
    mode: ClientMode
    project_id: str | None
    secret_hash: str | None
    ignore_cors_and_secret: bool = False
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH


class User(Struct, frozen=True, kw_only=True):
    """A person who signs in. `password_hash` is argon2id or None; older tokens than `password_at` are void."""

    id: str
    username: str
    role: Role
    password_hash: str | None = None
    password_at: datetime | None = None
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH


class ApiKey(Struct, frozen=True, kw_only=True):
    """A bearer key of a user; only its SHA-256 is kept. `prefix` is the part that lists may show.

    From `expires_at` on it opens nothing; None never expires.
    """

    id: str
    name: str
    user_id: str
    prefix: str
    created_at: datetime = EPOCH
    last_used_at: datetime | None = None
    expires_at: datetime | None = None


class Reach(Struct, frozen=True, kw_only=True):
    """The projects (slugs) that somebody reaches who is no client: a user, or who follows a share link.

    Of those in `shared` alone, numbers and no rows about one person.
    """

    viewable: frozenset[str] = frozenset()
    changeable: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    may_create: bool = False


class Principal(Struct, frozen=True, kw_only=True):
    """Who asks. Every catalog and query call that reads a tenant's data takes one.

    A client (or an admin, as root): `project_id` None with mode root reaches every project; otherwise only
    that one. Anybody else has a `reach`. `user_id` is whose a project will be that this principal makes;
    None makes it every admin's.
    """

    client_id: str
    mode: ClientMode
    project_id: str | None
    reach: Reach | None = None
    user_id: str | None = None

    @property
    def may_read(self) -> bool:
        """Read and root clients read; write clients only send (openpanel contract §2.4)."""
        return self.mode in (ClientMode.READ, ClientMode.ROOT)

    @property
    def is_root(self) -> bool:
        """Whether every project is this principal's to see and to change."""
        return self.mode is ClientMode.ROOT and self.reach is None

    @property
    def may_create(self) -> bool:
        """Whether this principal may make projects."""
        return self.is_root if self.reach is None else self.reach.may_create

    def may_change(self, project_id: str) -> bool:
        """Whether this principal may change that project and what belongs to it."""
        return self.is_root if self.reach is None else project_id in self.reach.changeable

    def reaches_people(self, project_id: str) -> bool:
        """Whether this principal may see the rows about one person of that project too."""
        return self.reaches(project_id) if self.reach is None else project_id in self.reach.viewable

    def reaches(self, project_id: str) -> bool:
        """Whether this principal may see that project at all."""
        if self.reach is not None:
            return project_id in self.reach.viewable or project_id in self.reach.shared
        if self.project_id is None:
            return self.mode is ClientMode.ROOT
        return self.mode is ClientMode.ROOT or self.project_id == project_id
