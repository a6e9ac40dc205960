"""`GET /export/events`: the events themselves, a page of them or all at once (openpanel contract §9.1)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Depends, Query, Request, Response
from msgspec import Struct
from pydantic import WithJsonSchema
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from footfall.api.methods import is_head
from footfall.api.openpanel.dependencies import ProjectOf
from footfall.api.openpanel.export_bodies import EventsBody
from footfall.api.openpanel.exporting import exported
from footfall.api.openpanel.parameters import (
    RANGE,
    EndDate,
    FiltersParameter,
    StartDate,
    plain_text,
    read_filters,
    whole_number,
)
from footfall.api.openpanel.reading import ReadContext
from footfall.api.openpanel.routers import export_router
from footfall.api.openpanel.texts import preferred, read_list
from footfall.exporters.event_lines import Extras, camel, lines
from footfall.exporters.events import Export, Piece, TextFormat, export
from footfall.model.errors import BadRequest
from footfall.model.project import Project
from footfall.query.event_selection import PersonOf, Selection
from footfall.query.events import EventPage, Events
from footfall.query.ranges import ALL_TIME_NAMES, RANGE_NAMES, TimeRange, between, resolve

DEFAULT_LIMIT = 50
MAX_LIMIT = 1000
MAX_PAGE = 10**9
ANY_EVENT = "*"
TOTAL = "x-total-count"
"""The header of a stream that says how many events come."""

Names = Annotated[
    list[str],
    Query(
        alias="event",
        description="Event names: repeated, with commas, or a JSON array. `*` is any.",
        examples=["screen_view", '["screen_view","sign_up"]'],
    ),
]
ProfileId = Annotated[
    str,
    Query(
        alias="profileId",
        description="Events of this profile, and the anonymous ones of the devices that it was seen on.",
    ),
]
Start = Annotated[str, Query(description="First day, `YYYY-MM-DD`, or an ISO 8601 time; alone: until now.")]
End = Annotated[str, Query(description="Last day or time, inclusive; alone: from the beginning.")]
Range = Annotated[str, RANGE, WithJsonSchema({"type": "string", "enum": list(RANGE_NAMES)})]
Page = Annotated[
    str,
    Query(description="Which page, from 1."),
    WithJsonSchema({"type": "integer", "minimum": 1, "default": 1}),
]
Limit = Annotated[
    str,
    Query(description=f"Events on a page; over {MAX_LIMIT} it is {MAX_LIMIT}."),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}),
]
Includes = Annotated[
    list[str],
    Query(
        description="`profile`, `meta`: repeated, with commas, or a JSON array. The rest is there anyway.",
        examples=["profile,meta"],
    ),
]
STREAMS = {
    TextFormat.NDJSON.value: {"schema": {"type": "string", "description": "All of them, one a line."}},
    TextFormat.CSV.value: {"schema": {"type": "string", "description": "All of them, one a row."}},
}


class PageAsked(Struct, frozen=True):
    """Which part of the list."""

    limit: int
    number: int


def read_page(page: Page = "", limit: Limit = "") -> PageAsked:
    """Which page. Raises BadRequest."""
    return PageAsked(
        whole_number(limit, "limit", DEFAULT_LIMIT, MAX_LIMIT), whole_number(page, "page", 1, MAX_PAGE)
    )


def read_includes(includes: Includes = []) -> frozenset[str]:  # noqa: B006
    """What else is wanted; names of the fields that are there anyway, and unknown ones, say nothing."""
    return frozenset(read_list(includes, "includes"))


def read_names(texts: list[str], field: str) -> tuple[str, ...]:
    """The event names of a list; none where any will do. Raises BadRequest."""
    names = tuple(read_list(texts, field))
    return () if ANY_EVENT in names else names


def build(context: ReadContext) -> APIRouter:
    """The routes. Credentials first, then the project, then the parameters (contract §16.5)."""
    router = export_router(context)

    project_of = exported(context)
    Readable = Annotated[Project, Depends(project_of)]  # noqa: N806

    async def selected(
        request: Request,
        project: Readable,
        span: Annotated[TimeRange, Depends(ranged(context, project_of))],
        filters: FiltersParameter = [],  # noqa: ARG001, B006
        event: Names = [],  # noqa: B006
        profile_id: ProfileId = "",
    ) -> Selection:
        names = read_names(event, "event")
        chosen = read_filters(request.query_params.multi_items())
        who = plain_text(profile_id)
        person = await context.ask(project, PersonOf(who)) if who else ()
        return Selection(span, chosen, names, person)

    async def extras(project: Project, wanted: frozenset[str]) -> Extras | None:
        if wanted.isdisjoint(("profile", "meta")):
            return None
        store, event_meta = context.store, context.catalog.saved.event_meta
        meta = (
            await anyio.to_thread.run_sync(lambda: event_meta.all({"project_id": project.id}))
            if "meta" in wanted
            else None
        )
        return Extras(
            project.id,
            context.now_ms(),
            (lambda ids: store.profiles(project.id, ids)) if "profile" in wanted else None,
            {one.name: one for one in meta} if meta is not None else None,
        )

    @router.get("/events", response_model=EventsBody, responses={200: {"content": STREAMS}})
    async def events(
        request: Request,
        project: Readable,
        selection: Annotated[Selection, Depends(selected)],
        page: Annotated[PageAsked, Depends(read_page)],
        includes: Annotated[frozenset[str], Depends(read_includes)],
    ) -> Response:
        """Events, newest first.

        With `Accept: application/x-ndjson` or `text/csv` all of them come in one answer, and `page` and `limit`
        say nothing.
        """
        more = await extras(project, includes)
        form = preferred(request.headers.get("accept", ""), [str(each) for each in TextFormat])
        if form:
            return await _stream(context, project, selection, TextFormat(form), more, is_read=not is_head(request))
        question = Events(selection, page.limit, (page.number - 1) * page.limit, camel)
        found = await context.ask(project, question)
        return await anyio.to_thread.run_sync(_page, found, page, more)

    return router


def ranged(context: ReadContext, project: ProjectOf) -> Callable[..., Awaitable[TimeRange]]:
    """The range of `start` and `end`, also called `startDate` and `endDate`, or of a name. Raises BadRequest."""

    Readable = Annotated[Project, Depends(project)]  # noqa: N806

    async def span(
        project: Readable,
        start: Start = "",
        end: End = "",
        start_date: StartDate = "",
        end_date: EndDate = "",
        range_: Range = "",
    ) -> TimeRange:
        first, last = start or start_date, end or end_date
        if not range_ or range_ in ALL_TIME_NAMES:
            try:
                return between(project.zone, first, last)
            except BadRequest as error:
                said = {"start": start or not start_date, "end": end or not end_date}
                field = error.field if said[error.field] else f"{error.field}Date"
                raise BadRequest(error.message, field, error.code) from None
        return resolve(project.zone, context.now_ms(), name=range_, start=first, end=last)

    return span


def _page(found: EventPage, page: PageAsked, extras: Extras | None) -> Response:
    pages = -(-found.total // page.limit)
    meta = f'"count":{len(found.events)},"totalCount":{found.total},"pages":{pages},"current":{page.number}'
    body = f'{{"meta":{{{meta}}},"data":[{",".join(lines(found.events, extras))}]}}'
    return Response(body.encode(), media_type="application/json")


async def _stream(
    context: ReadContext,
    project: Project,
    selection: Selection,
    form: TextFormat,
    extras: Extras | None,
    *,
    is_read: bool,
) -> Response:
    """What goes wrong before the first events are there is an error like any other; later it ends the answer.

    Unless it `is_read`, the events are counted and not read.
    """

    def begin() -> tuple[Export, list[Piece]]:
        found = export(context.store, project.id, selection, form, extras)
        if not is_read:
            found.close()
            return found, []
        head = next(found.pieces)
        return found, [head, *([first] if (first := next(found.pieces, None)) else [])]

    found, first = await anyio.to_thread.run_sync(begin, limiter=context.exports)
    name = f"{project.id}-events.{'csv' if form is TextFormat.CSV else 'ndjson'}"
    headers = {TOTAL: str(found.total), "content-disposition": f'attachment; filename="{name}"'}
    content_type = f"{form}; charset=utf-8" if form is TextFormat.CSV else str(form)
    return _Streamed(context, found, first, media_type=content_type, headers=headers)


class _Streamed(StreamingResponse):
    """Piece by piece, each read in a thread; a client that went away ends it, were it before the first."""

    def __init__(self, context: ReadContext, found: Export, first: list[Piece], **options: Any) -> None:
        super().__init__(self._pieces(context, found, first), **options)
        self._found = found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):  # what is being read now ends before it lets go
                await anyio.to_thread.run_sync(self._found.close)

    async def _pieces(self, context: ReadContext, found: Export, first: list[Piece]) -> AsyncIterator[bytes]:
        for piece in first:
            yield piece.text
        while True:
            following = await anyio.to_thread.run_sync(next, found.pieces, None, limiter=context.exports)
            if following is None:
                return
            yield following.text
