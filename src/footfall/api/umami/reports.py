"""Reports: `POST /api/reports/<type>` (umami contract §5).

The body says which generation asks: one with `dateRange` is of form A and answered as Umami 2.18 did, one with
`parameters` of form B and answered as 3.1 does, errors included.

To add a report: write what each form takes (`FirstBody`, `Parameters` of reporting.py) and a function
`async (asked, taken) -> JSON` for each, which asks a question of query/ and shapes the answer; put both into a
`Report` and that into the tuple `REPORTS` of your module; name the module in `_MODULES` here. Route, order of
checks (body 400, credentials 401, website 404, permission 401), error shapes and the OpenAPI page come of that.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from footfall.api.taken import takes
from footfall.api.umami import reports_attribution, reports_behaviour, reports_counting, reports_money
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.reporting import Asked, Form, Report, SecondBody
from footfall.api.umami.stats_reading import with_saved

_MODULES = (reports_counting, reports_money, reports_behaviour, reports_attribution)
REPORTS: tuple[Report, ...] = tuple(report for module in _MODULES for report in module.REPORTS)


def build(context: UmamiContext) -> APIRouter:
    """One route for each path of each report."""
    router = APIRouter(prefix="/reports", tags=["Reports"], route_class=umami_route(context), responses=ERRORS)
    for report in REPORTS:
        for name in report.names:
            _add(router, context, report, name)
    return router


def _add(router: APIRouter, context: UmamiContext, report: Report, name: str) -> None:
    shown = report.first.takes if report.first else _body_of(report.second)

    async def answer(request: Request) -> Response:
        request.state.generation = "v2"
        value = await context.json(request)
        form = _form(report, value)
        if form is not report.first:
            request.state.generation = "v3"
        if form is report.first:
            body = context.taken(form.takes, value)
            project = await context.readable_website(request, body.website_id)
            found = await form.answer(Asked(context, project), body)
        else:
            body = context.taken(_body_of(form), value)
            conditions = body.filters.conditions
            project = await context.readable_website(request, body.website_id)
            conditions = await with_saved(context, project, conditions, body.filters)
            found = await form.answer(Asked(context, project, conditions), body.parameters)
        return Response(msgspec.json.encode(found), media_type="application/json")

    answer.__doc__ = f"The report `{name}`, by the form of the body for Umami 2 or 3."
    answer.__name__ = name
    router.add_api_route(f"/{name}", answer, methods=["POST"], openapi_extra=takes(shown), response_model=None)


def _form(report: Report, value: object) -> Form:
    """The form that the body has; without a sign of either the first."""
    is_second = isinstance(value, Mapping) and "parameters" in value and "dateRange" not in value
    form = report.second if is_second or report.first is None else report.first
    found = form or report.first
    assert found is not None, "a report has a form"
    return found


def _body_of(form: Form | None) -> type[SecondBody[Any]]:
    assert form is not None, "a report has a form"
    return SecondBody[form.takes]  # type: ignore[name-defined]
