"""The Manage API: everything that changes a project from outside (openpanel contract §10.2)."""

from fastapi import APIRouter

from footfall.api.openpanel import manage_clients, manage_dashboards, manage_privacy, manage_projects, manage_saved
from footfall.api.openpanel.managing import ManageContext


def build(context: ManageContext) -> list[APIRouter]:
    """All its routes; root clients only."""
    return [
        manage_projects.build(context),
        manage_clients.build(context),
        manage_saved.build_references(context),
        manage_saved.build_event_meta(context),
        manage_dashboards.build_dashboards(context),
        manage_dashboards.build_reports(context),
        manage_privacy.build(context),
    ]
