"""`GET /export/charts` (openpanel contract §9.2)."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from footfall.api.openpanel.chart_bodies import ChartBody, chart_body
from footfall.api.openpanel.charts import MAX_LIMIT, AskedChart, chart_of
from footfall.api.openpanel.dependencies import allow_fields, ranged
from footfall.api.openpanel.exporting import exported
from footfall.api.openpanel.nested import nested
from footfall.api.openpanel.reading import ReadContext
from footfall.api.openpanel.routers import export_router
from footfall.model.project import Project
from footfall.query.buckets import Interval
from footfall.query.ranges import RangeName, TimeRange
from footfall.query.series import Metric
from footfall.query.tallies import Segment

_TEXT = {"type": "string"}


def _parameter(name: str, description: str, schema: dict[str, Any] = _TEXT, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


_JSON = {"type": "string", "contentMediaType": "application/json"}
_EVENTS = (
    'JSON: `[{"name", "segment", "property", "filters", "id", "displayName"}]`, of which only the name is '
    'required, `*` for any event; or `{"type": "formula", "formula": "A/B"}`. Segments: '
    + ", ".join(f"`{segment}`" for segment in Segment)
    + ". Also as `events[0][name]=…`."
)
_PARAMETERS = [
    _parameter("events", _EVENTS, _JSON, example='[{"name":"screen_view","segment":"user"}]'),
    _parameter("series", "The same as `events`, and before it.", _JSON),
    _parameter("breakdowns", 'JSON: `[{"name"}]`.', _JSON, example='[{"name":"country"}]'),
    _parameter("filters", "Filters for all events, as in `events`.", _JSON),
    _parameter("formula", "Answer this formula over the events, `A` being the first, instead of them."),
    _parameter("interval", "How long a bucket is.", {"type": "string", "enum": [*Interval], "default": "day"}),
    _parameter(
        "previous",
        "Compare with the period before.",
        {"type": "string", "enum": ["true", "false"], "default": "false"},
    ),
    _parameter("chartType", "What it will look like; changes no number."),
    _parameter("metric", "What series are ordered by.", {"type": "string", "enum": [*Metric], "default": "sum"}),
    _parameter("limit", "How many series.", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}),
    _parameter("offset", "How many series to leave out first.", {"type": "integer", "minimum": 0, "default": 0}),
]


def build(context: ReadContext) -> APIRouter:
    """The route. Credentials first, then the project, then the parameters."""
    router = export_router(context)
    project_of = exported(context, shared=True)
    Readable = Annotated[Project, Depends(project_of)]  # noqa: N806
    Ranged = Annotated[TimeRange, Depends(ranged(context, project_of, RangeName.DAYS_30))]  # noqa: N806

    async def read_chart(request: Request, span: Ranged) -> AskedChart:
        asked = chart_of(nested(request.query_params.multi_items()), span)
        allow_fields(request, asked.question.fields())
        return asked

    @router.get("/charts", response_model=ChartBody, openapi_extra={"parameters": _PARAMETERS})
    async def charts(project: Readable, asked: Annotated[AskedChart, Depends(read_chart)]) -> Response:
        """Events per time bucket, by breakdowns, with metrics and the period before."""
        body = chart_body(asked, await context.ask(project, asked.question))
        return Response(msgspec.json.encode(body), media_type="application/json")

    return router
