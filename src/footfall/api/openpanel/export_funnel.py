"""`GET /export/funnel`: how many sessions, or profiles, got how far (openpanel contract §9.3)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import WithJsonSchema

from footfall.api.openpanel.behaviour_bodies import ExportFunnelBody
from footfall.api.openpanel.dependencies import ranged
from footfall.api.openpanel.exporting import exported
from footfall.api.openpanel.insights_behaviour import GROUPINGS, WINDOW_HOURS
from footfall.api.openpanel.nested import listed
from footfall.api.openpanel.parameters import choose, one_word
from footfall.api.openpanel.reading import ReadContext
from footfall.api.openpanel.routers import export_router
from footfall.api.openpanel.steps import hours_ms, steps_of
from footfall.model.project import Project
from footfall.query.funnel import Funnel, Grouping
from footfall.query.ranges import RangeName, TimeRange

MAX_WINDOW_HOURS = 24 * 366

Events = Annotated[
    list[str],
    Query(
        description="The events in their order: a JSON array of `{name, filters?, displayName?}`. Required.",
        examples=[['[{"name":"sign_up"},{"name":"purchase"}]']],
    ),
]
Window = Annotated[
    str,
    Query(alias="funnelWindow", description="Hours from the first step to the last."),
    WithJsonSchema(
        {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_WINDOW_HOURS, "default": WINDOW_HOURS}
    ),
]
Group = Annotated[
    str,
    Query(alias="funnelGroup", description="Whose events make one way through the funnel."),
    WithJsonSchema(one_word(GROUPINGS, Grouping.SESSION)),
]


def build(context: ReadContext) -> APIRouter:
    """The route. Credentials first, then the project, then the parameters."""
    router = export_router(context)
    project_of = exported(context)
    Readable = Annotated[Project, Depends(project_of)]  # noqa: N806
    Ranged = Annotated[TimeRange, Depends(ranged(context, project_of, RangeName.DAYS_30))]  # noqa: N806

    @router.get("/funnel")
    async def funnel(
        request: Request,
        project: Readable,
        span: Ranged,
        events: Events = [],  # noqa: ARG001, B006
        window: Window = "",
        group: Group = "",
    ) -> ExportFunnelBody:
        """How many sessions, or profiles, did these events one after the other."""
        asked = steps_of(listed(request.query_params.multi_items(), "events"), "events", 0)
        window_ms = hours_ms(window, "funnelWindow", WINDOW_HOURS, MAX_WINDOW_HOURS)
        by = choose(GROUPINGS, group, "funnelGroup", Grouping.SESSION)
        if not asked:
            return ExportFunnelBody.of([], [])
        question = Funnel(span, tuple(each.step for each in asked), window_ms, by)
        return ExportFunnelBody.of(asked, await context.ask(project, question))

    return router
