"""A range of a website as a ZIP of CSV files: `/api/websites/{id}/export` (umami contract §4.3)."""

import base64
import csv
import io
import zipfile

from fastapi import APIRouter, Request

from footfall.api.taken import takes
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.stats import kind_of
from footfall.api.umami.stats_reading import Asked, StatsQuery, asked_of
from footfall.exporters.event_csv import guarded
from footfall.query.trait_values import TraitValue, TraitValues
from footfall.query.view_traits import Trait

FILES = {
    "events.csv": Trait.EVENT,
    "pages.csv": Trait.PATH,
    "referrers.csv": Trait.REFERRER,
    "browsers.csv": Trait.BROWSER,
    "os.csv": Trait.OS,
    "devices.csv": Trait.DEVICE,
    "countries.csv": Trait.COUNTRY,
}
MAX_ROWS = 10_000


def build(context: UmamiContext) -> APIRouter:
    """The route."""
    router = APIRouter(
        prefix="/websites/{website_id}", tags=["Statistics"], route_class=umami_route(context), responses=ERRORS
    )

    @router.get("/export", openapi_extra=takes(query=StatsQuery))
    async def export(request: Request, website_id: str) -> dict[str, str]:
        """`zip`: the files in base64; each has a row `x` (a value) and `y` (its visitors; of events how many)."""
        asked = await asked_of(context, request, website_id, context.query(request, StatsQuery))
        files = {name: await _rows(context, asked, trait) for name, trait in FILES.items()}
        return {"zip": await context.run(_zipped, files)}

    return router


async def _rows(context: UmamiContext, asked: Asked, trait: Trait) -> list[tuple[str, int]]:
    is_event = trait is Trait.EVENT
    question = TraitValues(
        range=asked.span,
        told=trait,
        conditions=asked.conditions,
        by_views=is_event,
        kind=kind_of(trait),
        limit=MAX_ROWS,
    )
    found: list[TraitValue] = await context.ask(asked.project, question)
    return [(each.name, each.views if is_event else each.visitors) for each in found]


def _zipped(files: dict[str, list[tuple[str, int]]]) -> str:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in files.items():
            text = io.StringIO()
            writer = csv.writer(text)
            writer.writerow(("x", "y"))
            writer.writerows((guarded(value), number) for value, number in rows)
            archive.writestr(name, text.getvalue())
    return base64.b64encode(raw.getvalue()).decode()
