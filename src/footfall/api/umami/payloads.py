"""What `/api/send` takes, per field (umami contract §1.1). Numbers in ms unless said otherwise.

Each rule stands twice: on `Sent`, which reads the usual hit at once, and on the model that reads whatever else may
do and says in Umami's words what may not.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

import msgspec
from msgspec import Meta, Struct
from pydantic import AfterValidator, Field, model_validator

from footfall.api.umami.taking import Number, Taken, Text, Uuid, WebsiteRef, Whole, one_of, problem, take
from footfall.ingest.enrich.properties import clean_text
from footfall.ingest.enrich.umami_page import resolve
from footfall.model.event import NOT_DONE
from footfall.model.times import DAY_MS

SentType = Literal["event", "identify", "performance", "engagement", "error"]
VITALS = ("lcp", "inp", "cls", "fcp", "ttfb")
_LONGEST_HOST = 100
_LONGEST_LANGUAGE = 35
_LONGEST_SCREEN = 11
_LONGEST_NAME = 50
_LONGEST_MS = 60_000
_LONGEST_SHIFT = 100
_LAST_SECOND = 253_402_300_799  # of the year 9999
_RESERVED = NOT_DONE  # would be stored and count nowhere
_Vital = Annotated[float, Meta(ge=0, le=_LONGEST_MS)]


class Payload(Struct, frozen=True, rename="camel"):
    """What happened, of one website, link or pixel. `timestamp` in seconds."""

    website: str | None = None
    link: str | None = None
    pixel: str | None = None
    data: dict[str, Any] | None = None
    hostname: Annotated[str, Meta(max_length=_LONGEST_HOST)] | None = None
    language: Annotated[str, Meta(max_length=_LONGEST_LANGUAGE)] | None = None
    referrer: str | None = None
    screen: Annotated[str, Meta(max_length=_LONGEST_SCREEN)] | None = None
    title: str | None = None
    url: str | None = None
    name: Annotated[str, Meta(max_length=_LONGEST_NAME)] | None = None
    tag: Annotated[str, Meta(max_length=_LONGEST_NAME)] | None = None
    ip: str | None = None
    user_agent: str | None = None
    timestamp: Annotated[int, Meta(ge=0, le=_LAST_SECOND)] | None = None
    id: str | None = None
    browser: str | None = None
    os: str | None = None
    device: str | None = None
    lcp: _Vital | None = None
    inp: _Vital | None = None
    fcp: _Vital | None = None
    ttfb: _Vital | None = None
    cls: Annotated[float, Meta(ge=0, le=_LONGEST_SHIFT)] | None = None
    engagement: Annotated[int, Meta(ge=1, le=DAY_MS)] | None = None

    def _is_usual(self, knows_website: Callable[[str], bool]) -> bool:
        """Whether a website's hit is all right as it is; if not it may still be once it is looked at closely."""
        if self.website is None or self.link is not None or self.pixel is not None:
            return False
        texts = (self.url, self.referrer, self.title, self.name, self.user_agent, self.hostname, self.ip, self.id)
        return (
            not any(text is not None and "\0" in text for text in texts)
            and self.tag is self.browser is self.os is self.device is None
            and knows_website(self.website)
            and (self.name is None or clean_text(self.name) not in _RESERVED)
            and (self.url is None or resolve(self.url) is not None)
            and (self.referrer is None or resolve(self.referrer) is not None)
        )


class Sent(Struct, frozen=True):
    """A body of `/api/send`."""

    type: SentType
    payload: Payload


def take_sent(body: object, knows_website: Callable[[str], bool]) -> Sent:
    """A body, which was JSON, as what it says. Raises Invalid with every issue."""
    try:
        sent = msgspec.convert(body, Sent)
    except msgspec.ValidationError:
        pass
    else:
        if sent.payload._is_usual(knows_website):
            return sent
    taken = take(_SentBody, body, knows_website)
    fields = {name: getattr(taken.payload, name) for name in Payload.__struct_fields__}
    return Sent(taken.type, Payload(**fields))


def _address(value: str) -> str:
    if resolve(value) is None:
        raise problem("Invalid URL.")
    return value


def _unreserved(value: str) -> str:
    if clean_text(value) in _RESERVED:
        raise problem("Reserved name")
    return value


Address = Annotated[Text, AfterValidator(_address)]
Name = Annotated[Text, Field(max_length=_LONGEST_NAME), AfterValidator(_unreserved)]
Milliseconds = Annotated[Number, Field(ge=0, le=_LONGEST_MS)]


class _PayloadBody(Taken):
    website: WebsiteRef | None = None
    link: Uuid | None = None
    pixel: Uuid | None = None
    data: dict[str, Any] | None = None
    hostname: Annotated[Text, Field(max_length=_LONGEST_HOST)] | None = None
    language: Annotated[Text, Field(max_length=_LONGEST_LANGUAGE)] | None = None
    referrer: Address | None = None
    screen: Annotated[Text, Field(max_length=_LONGEST_SCREEN)] | None = None
    title: Text | None = None
    url: Address | None = None
    name: Name | None = None
    tag: Annotated[Text, Field(max_length=_LONGEST_NAME)] | None = None
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
    engagement: Annotated[Whole, Field(ge=1, le=DAY_MS)] | None = None

    @model_validator(mode="after")
    def _of_one_source(self) -> Self:
        if sum(1 for source in (self.website, self.link, self.pixel) if source is not None) != 1:
            raise problem("Exactly one of website, link, or pixel must be provided")
        return self


class _SentBody(Taken):
    type: Annotated[SentType, one_of("event", "identify", "performance", "engagement", "error")]
    payload: _PayloadBody
