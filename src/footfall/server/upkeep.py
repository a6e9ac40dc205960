"""What the server does by itself: old data goes every night, deleted projects after their time.

Each round only asks for deletions (ingest/erasing.py); the drain makes them. A round can be run any number of
times: what is gone already is not found again.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import structlog
from msgspec import Struct, field

from footfall.catalog import Catalog
from footfall.ingest.erasing import Erasing
from footfall.model.erasure import Scope
from footfall.model.project import Project
from footfall.model.times import utc

log = structlog.get_logger(__name__)


class Upkeep(Struct):
    """Call `run` now and then. `now_ms` is the wall clock."""

    catalog: Catalog
    erasing: Erasing
    now_ms: Callable[[], int]
    cut: dict[str, date] = field(default_factory=dict)  # up to which day each project was cut by this process
    purging: set[str] = field(default_factory=set)  # the deletions that this process asked for

    def run(self) -> None:
        """One round. Raises Overloaded when the catalog or the journal can't be written; run it again then."""
        now = utc(self.now_ms())
        for project in self.catalog.list_projects():
            if project.retention_days is not None:
                self._cut(project, project.retention_days, now)
        for project in self.catalog.list_deleted_projects():
            if project.delete_at is not None and project.delete_at <= now:
                self._purge(project, project.delete_at)

    def _cut(self, project: Project, days: int, now: datetime) -> None:
        """Delete what is older than so many whole days of the project, once a day."""
        first_kept = now.astimezone(project.zone).date() - timedelta(days=days)
        if self.cut.get(project.id) == first_kept:
            return
        midnight = datetime.combine(first_kept, time(), project.zone)
        self.erasing.begin(project.id, Scope.AGE, before_ms=round(midnight.timestamp() * 1000))
        self.cut[project.id] = first_kept

    def _purge(self, project: Project, delete_at: datetime) -> None:
        """Delete a project's rows, and in a later round, when they are gone, the project."""
        id_ = f"{project.uuid}-{round(delete_at.timestamp() * 1000)}"
        report = self.erasing.report(id_)
        if report is not None and report.is_done:
            self.catalog.delete_project(project.id, is_deleted=True)
            log.info("upkeep.project_deleted", project=project.id)
        elif id_ not in self.purging:
            self.erasing.begin(project.id, Scope.PROJECT, id=id_)
            self.purging.add(id_)
