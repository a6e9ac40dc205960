"""What `/api/send` takes, per field (umami contract §1.1). Numbers in ms unless said otherwise."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from footfall.api.umami.taking import Number, Taken, Text, Uuid, WebsiteRef, Whole, one_of, problem
from footfall.ingest.enrich.umami_page import resolve
from footfall.model.event import SESSION_END, SESSION_START

SentType = Literal["event", "identify", "performance", "engagement", "error"]
VITALS = ("lcp", "inp", "cls", "fcp", "ttfb")
_LONGEST_MS = 60_000
_LONGEST_SHIFT = 100
_DAY_MS = 86_400_000
_LAST_SECOND = 253_402_300_799  # of the year 9999


def _address(value: str) -> str:
    if resolve(value) is None:
        raise problem("Invalid URL.")
    return value


def _unreserved(value: str) -> str:
    if value in (SESSION_START, SESSION_END):
        raise problem("Reserved name")
    return value


Address = Annotated[Text, AfterValidator(_address)]
Name = Annotated[Text, Field(max_length=50), AfterValidator(_unreserved)]
Milliseconds = Annotated[Number, Field(ge=0, le=_LONGEST_MS)]


class Payload(Taken):
    """What happened. `timestamp` in seconds."""

    website: WebsiteRef | None = None
    link: Uuid | None = None
    pixel: Uuid | None = None
    data: dict[str, Any] | None = None
    hostname: Annotated[Text, Field(max_length=100)] | None = None
    language: Annotated[Text, Field(max_length=35)] | None = None
    referrer: Address | None = None
    screen: Annotated[Text, Field(max_length=11)] | None = None
    title: Text | None = None
    url: Address | None = None
    name: Name | None = None
    tag: Annotated[Text, Field(max_length=50)] | None = None
    ip: Text | None = None
    user_agent: Text | None = None
    timestamp: Annotated[Whole, Field(ge=0, le=_LAST_SECOND)] | None = None
    id: Text | None = None
    browser: Text | None = None
    os: Text | None = None
    device: Text | None = None
    lcp: Milliseconds | None = None
    inp: Milliseconds | None = None
    fcp: Milliseconds | None = None
    ttfb: Milliseconds | None = None
    cls: Annotated[Number, Field(ge=0, le=_LONGEST_SHIFT)] | None = None
    engagement: Annotated[Whole, Field(ge=1, le=_DAY_MS)] | None = None

    @model_validator(mode="after")
    def _of_one_source(self) -> Self:
        if sum(1 for source in (self.website, self.link, self.pixel) if source is not None) != 1:
            raise problem("Exactly one of website, link, or pixel must be provided")
        return self


class Sent(Taken):
    """A body of `/api/send`."""

    type: Annotated[SentType, one_of("event", "identify", "performance", "engagement", "error")]
    payload: Payload
