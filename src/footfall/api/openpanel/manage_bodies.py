"""What goes into and comes out of the Manage API: projects and clients (openpanel contract §10.2, §2.1).

A client's secret is told once, when it is made; its hash never.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from footfall.api.openpanel.managing import Answer, Body, Moment
from footfall.model.project import ClientMode, FilterType

ORGANIZATION = "default"
"""An installation is one organization; the key is there for clients that expect it."""

Name = Annotated[str, Field(min_length=1, max_length=255)]
Origins = Annotated[
    list[str],
    Field(description="The origins whose pages may send without a secret.", examples=[["https://shop.example"]]),
]
ProjectType = Literal["website", "app", "backend"]
Domain = Annotated[str | None, Field(description="A URL or host, empty or null for none.")]
Zone = Annotated[str, Field(description="The IANA time zone of its days.")]
Retention = Annotated[
    int | None, Field(description="Older data is deleted every night; null keeps it.", ge=1, le=36_500)
]


class ProjectFilterBody(Body):
    """What a project does not want to count: an address, a profile id or an event name."""

    type: Literal["ip", "profile_id", "event"]
    value: Annotated[str, Field(min_length=1, max_length=1024)]


class NewProjectBody(Body):
    """A project to be made. Without origins only a secret lets anyone send."""

    name: Name
    domain: Domain = None
    cors: Origins = Field(default_factory=list)
    cross_domain: bool = False
    types: list[ProjectType] = Field(default_factory=list)
    allow_unsafe_revenue_tracking: bool = False
    timezone: Zone = "UTC"
    retention_days: Retention = None


class ProjectChangeBody(Body):
    """What to change of a project; what is missing stays."""

    name: Name = ""
    domain: Domain = None
    cors: Origins = Field(default_factory=list)
    cross_domain: bool = False
    types: list[ProjectType] = Field(default_factory=list)
    allow_unsafe_revenue_tracking: bool = False
    timezone: Zone = "UTC"
    retention_days: Retention = None
    filters: list[ProjectFilterBody] = Field(default_factory=list)


class NewClientBody(Body):
    """A client to be made. `projectId` may be missing for a root client only."""

    name: Name
    project_id: str | None = None
    type: Literal["write", "read", "root"] = "write"


class ClientChangeBody(Body):
    """A client's new name."""

    name: Name


class FilterAnswer(Answer):
    """What a project does not want to count."""

    type: FilterType
    value: str


class ProjectAnswer(Answer):
    """A project. `eventsCount`: what was sent to it in all."""

    id: str
    uuid: UUID
    name: str
    organization_id: str = ORGANIZATION
    domain: Annotated[str | None, BeforeValidator(lambda value: value or None)]
    cors: list[str]
    cross_domain: bool
    allow_unsafe_revenue_tracking: bool = Field(
        validation_alias="allow_unsafe_revenue", serialization_alias="allowUnsafeRevenueTracking"
    )
    filters: list[FilterAnswer]
    types: list[ProjectType]
    timezone: str
    retention_days: int | None
    events_count: int = 0
    created_at: Moment
    updated_at: Moment
    delete_at: Moment | None


class FirstClient(Answer):
    """The client that comes with a project; its secret is told this once."""

    id: str
    secret: str


class NewProjectAnswer(ProjectAnswer):
    """A project that was just made."""

    client: FirstClient | None = None


class ClientAnswer(Answer):
    """A client, without its secret."""

    id: str
    name: str
    type: ClientMode = Field(validation_alias="mode", serialization_alias="type")
    project_id: str | None
    organization_id: str = ORGANIZATION
    ignore_cors_and_secret: bool
    created_at: Moment
    updated_at: Moment


class NewClientAnswer(ClientAnswer):
    """A client that was just made; its secret is told this once."""

    secret: str = ""
