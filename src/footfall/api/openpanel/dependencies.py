"""What the routes of this dialect depend on: a project that the client may read, and the range asked about."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, NamedTuple

from fastapi import Depends, Query, Request
from pydantic import WithJsonSchema

from footfall.api.openpanel.parameters import (
    RANGE,
    EndDate,
    FiltersParameter,
    StartDate,
    one_word,
    read_filters,
    whole_number,
)
from footfall.api.openpanel.reading import ReadContext
from footfall.api.spans import span_of
from footfall.model.errors import Forbidden
from footfall.model.project import Principal, Project
from footfall.query.fields import is_about_all
from footfall.query.operators import Filters
from footfall.query.ranges import RANGE_NAMES, RangeName, TimeRange

MAX_CURSOR = 10**9

ProjectOf = Callable[[Request, str], Awaitable[Project]]


class Paging(NamedTuple):
    """A page of a list."""

    limit: int
    offset: int


def readable(context: ReadContext, *, shared: bool = False) -> ProjectOf:
    """The project of the path, `project_id`; `shared`: for who only follows a share link to it as well.

    Raises Unauthorized, then Forbidden or NotFound.
    """

    async def project(request: Request, project_id: str) -> Project:
        principal = await context.principal(request)
        found = context.catalog.readable_project(principal, project_id, shared=shared)
        note_reach(request, principal, found)
        return found

    return project


def note_reach(request: Request, principal: Principal, project: Project) -> None:
    """Remember of a request whether it may ask about one person (see `allow_fields`)."""
    request.state.is_about_all = not principal.reaches_people(project.id)


def allow_fields(request: Request, names: Iterable[str]) -> None:
    """Refuse fields, by canonical name, that could tell who holds a share link about one person.

    Comes after the project, as all parameters do. Raises Forbidden.
    """
    if getattr(request.state, "is_about_all", False) and not all(map(is_about_all, names)):
        raise Forbidden("A share link shows numbers of all visitors, not of one")


def ranged(context: ReadContext, project: ProjectOf, default: RangeName) -> Callable[..., Awaitable[TimeRange]]:
    """The range of `range`, `startDate` and `endDate`; without any, `default`. Raises BadRequest."""
    Readable = Annotated[Project, Depends(project)]  # noqa: N806
    Range = Annotated[str, RANGE, WithJsonSchema(one_word(RANGE_NAMES, default))]  # noqa: N806

    async def span(project: Readable, start: StartDate = "", end: EndDate = "", range_: Range = "") -> TimeRange:
        return await span_of(context, project, range_, start, end, default)

    return span


def filtered(request: Request, filters: FiltersParameter = []) -> Filters:  # noqa: ARG001, B006
    """Which rows count. Raises BadRequest, Forbidden."""
    found = read_filters(request.query_params.multi_items())
    allow_fields(request, found.names())
    return found


def paged(default: int, most: int) -> Callable[..., Paging]:
    """The page of `cursor` and `limit`. Raises BadRequest."""
    Cursor = Annotated[  # noqa: N806
        str,
        Query(description="Which page of the list, from 1."),
        WithJsonSchema({"type": "integer", "minimum": 1, "default": 1}),
    ]
    Limit = Annotated[  # noqa: N806
        str,
        Query(description=f"How many rows; over {most} it is {most}."),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": most, "default": default}),
    ]

    def paging(cursor: Cursor = "", limit: Limit = "") -> Paging:
        rows = whole_number(limit, "limit", default, most)
        return Paging(rows, (whole_number(cursor, "cursor", 1, MAX_CURSOR) - 1) * rows)

    return paging
