"""The Insights endpoints on groups, and those of Google Search Console, which are refused (contract §8.6)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, WithJsonSchema

from footfall.api.openpanel.dependencies import Paging, paged, readable
from footfall.api.openpanel.parameters import plain_text, whole_number
from footfall.api.openpanel.reading import ERRORS, ErrorBody, ReadContext, Responses, described
from footfall.api.openpanel.routers import insights_router
from footfall.api.openpanel.rows import GroupRow, ProfileRow, row
from footfall.api.openpanel.verbatim import meant_by
from footfall.model.errors import Unsupported
from footfall.model.project import Project
from footfall.query.groups import GroupList, GroupTypes, OneGroup
from footfall.store.schema import GROUPS, PROFILES

DEFAULT_ROWS = 20
MAX_ROWS = 100
DEFAULT_MEMBERS = 10
SEARCH_CONSOLE = (
    "overview",
    "pages",
    "pages/details",
    "queries",
    "queries/details",
    "queries/opportunities",
    "cannibalization",
)
NO_SEARCH_CONSOLE = (
    "Footfall is not connected to Google Search Console; visits that came from a search are in traffic/referrers"
)

Paged = Annotated[Paging, Depends(paged(DEFAULT_ROWS, MAX_ROWS))]
Type = Annotated[str, Query(alias="type", description="Groups of this type alone.")]
Search = Annotated[str, Query(description="A part of the name or id, in any case.")]
MemberLimit = Annotated[
    str,
    Query(alias="memberLimit", description=f"How many members; over {MAX_ROWS} it is {MAX_ROWS}."),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_ROWS, "default": DEFAULT_MEMBERS}),
]


class GroupTypesBody(BaseModel):
    """The types of the project's groups."""

    types: list[str]


class GroupBody(BaseModel):
    """One group and those who belong to it."""

    group: GroupRow  # type: ignore[valid-type]
    member_count: int
    members: list[ProfileRow]  # type: ignore[valid-type]


class NoGroupBody(ErrorBody):
    """There is no group of that id."""

    groupId: str  # noqa: N815


ABOUT_ONE: Responses = {
    **ERRORS,
    404: {"model": NoGroupBody | ErrorBody, "description": "There is no such project or group."},
}
REFUSED = ERRORS | described(ErrorBody, {501: "Footfall has no connection to Google Search Console."})


def build(context: ReadContext) -> list[APIRouter]:
    """The routes: types and list, one group, whose id may hold any characters, and Search Console."""
    return [_many(context), _one(context), _search_console(context)]


def _many(context: ReadContext) -> APIRouter:
    router = insights_router(context, "/groups")
    Readable = Annotated[Project, Depends(readable(context))]  # noqa: N806

    @router.get("/types")
    async def types(project: Readable) -> GroupTypesBody:
        """The types of the project's groups."""
        return GroupTypesBody(types=await context.ask(project, GroupTypes()))

    @router.get("", response_model=list[GroupRow])  # type: ignore[valid-type]
    async def groups(project: Readable, paging: Paged, type_: Type = "", search: Search = "") -> Any:
        """The groups, newest first."""
        question = GroupList(plain_text(type_), plain_text(search), limit=paging.limit, offset=paging.offset)
        return [row(GROUPS, each) for each in await context.ask(project, question)]

    return router


def _one(context: ReadContext) -> APIRouter:
    router = insights_router(context, "/groups", ABOUT_ONE, is_verbatim=True)
    Readable = Annotated[Project, Depends(readable(context))]  # noqa: N806

    @router.get("/{group_id:path}", response_model=GroupBody)
    async def group(project: Readable, group_id: str, member_limit: MemberLimit = "") -> Any:
        """A group, and the members seen last."""
        limit = whole_number(member_limit, "memberLimit", DEFAULT_MEMBERS, MAX_ROWS)
        found = await context.ask(project, OneGroup(meant_by(group_id), limit))
        if found is None:
            message = "Group not found"
            body = {"status": 404, "error": message, "message": message, "groupId": group_id}
            return JSONResponse(body, status_code=404)
        members = [row(PROFILES, each) for each in found.members]
        return {"group": row(GROUPS, found.group), "member_count": found.member_count, "members": members}

    return router


def _search_console(context: ReadContext) -> APIRouter:
    router = insights_router(context, "/gsc", REFUSED, dependencies=[Depends(readable(context))])

    async def refuse() -> None:
        """Search Console's numbers, which Footfall does not have: always 501."""
        raise Unsupported(NO_SEARCH_CONSOLE)

    for name in SEARCH_CONSOLE:
        router.add_api_route(f"/{name}", refuse, status_code=501, name=f"gsc_{name.replace('/', '_')}")
    return router
