"""What the Export API's events look like (openpanel contract §9.1); the text itself is made in `exporters`."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class ExportedProfile(_Body):
    """Who an event is of; of an anonymous visitor the id and otherwise nothing."""

    id: str
    email: str
    avatar: str
    first_name: str
    last_name: str
    created_at: str
    last_seen_at: str
    is_external: bool = Field(description="Whether somebody has identified as it.")
    project_id: str
    properties: dict[str, Any]
    groups: list[str]


class ExportedMeta(_Body):
    """What the project says of events of that name."""

    id: str
    name: str
    description: str
    conversion: bool
    color: str
    icon: str
    project_id: str
    created_at: str
    updated_at: str


class StoredEvent(BaseModel):
    """One event, keys as the columns are called. Texts are empty where nothing is known."""

    id: str
    name: str
    device_id: str
    profile_id: str = Field(description="The device's id while nobody has identified.")
    project_id: str
    session_id: str
    properties: dict[str, str] = Field(description="Flat, dotted keys; `__title` is the page's title.")
    created_at: str = Field(description="ISO 8601, UTC, milliseconds.")
    country: str = Field(description="Its English name.")
    city: str
    region: str
    longitude: float | None
    latitude: float | None
    os: str
    os_version: str
    browser: str
    browser_version: str
    device: str
    brand: str
    model: str
    duration: int = Field(description="Milliseconds until the next view; of `session_end` the session's.")
    path: str
    origin: str
    referrer: str
    referrer_name: str
    referrer_type: str
    imported_at: str | None
    sdk_name: str
    sdk_version: str
    revenue: int = Field(description="In minor units of `currency`.")
    currency: str
    groups: list[str]


class ExportedEvent(StoredEvent, _Body):
    """One event."""

    profile: ExportedProfile | None = Field(None, description="With `includes=profile`.")
    meta: ExportedMeta | None = Field(None, description="With `includes=meta`, where the project says anything.")


class PageOfEvents(_Body):
    """Where in the list a page is."""

    count: int = Field(description="Events on this page.")
    total_count: int = Field(description="Events that the parameters select.")
    pages: int
    current: int


class EventsBody(BaseModel):
    """A page of events, newest first."""

    meta: PageOfEvents
    data: list[ExportedEvent]
