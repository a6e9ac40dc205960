"""What the Manage routes share: who may, how a body is read, how an answer is wrapped.

Root clients and admins may everything. Who else has signed in reads what belongs to a project that he may view,
and changes what belongs to one that he may update; clients are for the latter alone.

The order of a request: rate limit, credentials (401), the things of the path (404), body (400), answer.
Source: openpanel contract §1.4, §2.5, §10.2.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Generic, Self, TypeVar

import anyio
import msgspec
from fastapi import APIRouter, Depends, Request
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, ValidationError
from pydantic.alias_generators import to_camel

from footfall.api.body import read_body
from footfall.api.limits import Limiter
from footfall.api.openpanel.reading import ListedErrorBody, ReadContext, described, guarded_route, issues_list
from footfall.api.openpanel.verbatim import verbatim_route
from footfall.catalog.catalog import Catalog
from footfall.ingest.erasing import Erasing
from footfall.model.errors import BadRequest, Forbidden
from footfall.model.project import Principal, Project
from footfall.model.times import iso

MAX_BODY = 1024 * 1024

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)

ERRORS = described(
    ListedErrorBody,
    {
        400: "The body can't be used; `details` says where.",
        401: "The credentials are missing, wrong or not of a root client.",
        403: "Only of a signed-in user: it is not the user's to do.",
        404: "There is no such thing.",
        413: "The body is larger than 1 MiB.",
        429: "More requests than the limit; `retry-after` says when.",
        503: "Nothing was changed; try again after `retry-after` seconds.",
    },
)


class ManageContext(Struct, frozen=True):
    """What the Manage routes need. `limiter` counts this API's requests alone."""

    read: ReadContext
    limiter: Limiter
    erasing: Erasing

    @property
    def catalog(self) -> Catalog:
        """Who exists."""
        return self.read.catalog

    async def root(self, request: Request) -> Principal:
        """Who asks, a root client or a user. Raises Unauthorized."""
        return await self.read.principal(request, "Manage")

    async def project(self, request: Request, project_id: str) -> Project:
        """The project of the path, to be read or changed. Raises Unauthorized, Forbidden, NotFound."""
        principal = await self.root(request)
        found = self.catalog.readable_project(principal, project_id)
        allow(request.method == "GET" or principal.may_change(found.id))
        return found

    def router(self, prefix: str = "", *, is_verbatim: bool = False) -> APIRouter:
        """A router under `/manage`; each of its routes wants a root client or a user, documented or not.

        `is_verbatim`: ids in its paths may hold encoded slashes.
        """
        route_class = verbatim_route if is_verbatim else guarded_route
        return APIRouter(
            prefix=f"/manage{prefix}",
            tags=["Manage"],
            route_class=route_class(self.limiter, issues_list, body_message),
            responses=ERRORS,
            dependencies=[Depends(self.root)],
        )


def allow(allowed: bool) -> None:
    """Raises Forbidden if it is not."""
    if not allowed:
        raise Forbidden("You do not have access to this project")


def body_message(error: BadRequest) -> str:
    """`body/name …`: where and what, as this API says it (contract §1.4)."""
    return f"body/{error.field.replace('.', '/')} {error.message}" if error.field else error.message


class Body(BaseModel):
    """A request's body: types are not converted, unknown keys are passed over."""

    model_config = ConfigDict(strict=True, extra="ignore", alias_generator=to_camel)

    def given(self) -> dict[str, Any]:
        """The fields that were sent, by their names inside."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Answer(BaseModel):
    """What is told of a thing of the catalog; made with `of`, which reads its attributes."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True, alias_generator=to_camel)

    @classmethod
    def of(cls, thing: object) -> Self:
        """The same as the wire has it."""
        return cls.model_validate(thing)


def body_of(context: ManageContext, model: type[Model]) -> Callable[..., Awaitable[Model]]:
    """Reads a body, once the sender is known. Raises BadRequest, TooLarge."""

    async def read(request: Request, _root: Annotated[Principal, Depends(context.root)]) -> Model:
        content = await read_body(request.scope, request.receive, MAX_BODY) or b"null"
        try:
            msgspec.json.decode(content)  # pydantic takes NaN and 1e999 too, which are no JSON
            return model.model_validate_json(content)
        except (msgspec.DecodeError, RecursionError) as error:
            raise BadRequest(f"Invalid JSON: {error}", "", "json_invalid") from None
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            raise BadRequest(str(first["msg"]), field, str(first["type"])) from None

    return read


async def in_thread(work: Callable[..., T], *arguments: Any) -> T:
    """Run what blocks: every change of the catalog is a transaction on disk."""
    return await anyio.to_thread.run_sync(work, *arguments)


class Data(BaseModel, Generic[T]):
    """How every answer is wrapped."""

    data: T


class Success(BaseModel):
    """It is deleted."""

    success: bool = True


Moment = Annotated[
    datetime,
    PlainSerializer(iso, return_type=str),
    Field(description="UTC.", examples=["2024-03-15T12:00:00.000Z"]),
]
"""A time, as the wire has it."""
