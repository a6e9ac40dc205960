"""Deletions from the shell, beside a running server or without one (`footfall profile delete`, …)."""

from datetime import UTC, datetime

from msgspec import structs

from footfall.catalog import Catalog
from footfall.cli.draining import Draining
from footfall.cli.output import say, say_json, say_table
from footfall.cli.place import find_project
from footfall.ingest.drain import now_ms
from footfall.ingest.erasing import Erasing
from footfall.model.erasure import Erased, Scope
from footfall.model.errors import NotFound
from footfall.server.logs import configure_logs
from footfall.server.runtime import make_data_folder, open_journal
from footfall.server.settings import Settings

_COUNTED = ("events", "sessions", "dwells", "profiles")


def erase(settings: Settings, project_ref: str, scope: Scope, subject: str, *, as_json: bool) -> None:
    """Delete a person or a device and say what went. Raises NotFound if there was nothing."""
    configure_logs(settings.log_format, "warning")
    make_data_folder(settings)
    with Catalog(settings.catalog_url) as catalog:
        project = find_project(catalog, project_ref)
    with Draining(settings) as draining:
        erasing = Erasing(draining.journal, draining.wake, lambda _position, _seconds: False, now_ms)
        record = erasing.begin(project.id, scope, subject)
        draining.wait_until(lambda: _is_done(erasing.report(record.id)))
        erased = erasing.report(record.id)
    if erased is None or not erased.removed:
        raise NotFound(f"There is nothing of the {scope} {subject!r} in {project.name}.")
    if as_json:
        say_json(_told(erased))
        return
    say(f"The {scope} is deleted from {project.name}.", _facts(erased))


def reports(settings: Settings, project_ref: str, *, as_json: bool) -> None:
    """The deletions of a project, newest first. Raises NotFound."""
    make_data_folder(settings)
    with Catalog(settings.catalog_url) as catalog:
        project = find_project(catalog, project_ref)
    journal = open_journal(settings.data_path)
    try:
        found = journal.erasures(project.id)
    finally:
        journal.close()
    if as_json:
        say_json([_told(erased) for erased in found])
        return
    say_table(
        ("TIME", "WHAT", *(name.upper() for name in _COUNTED)),
        [(_time(each), each.scope, *(_facts(each)[name] for name in _COUNTED)) for each in found],
        "Nothing was deleted yet.",
    )


def _is_done(erased: Erased | None) -> bool:
    return erased is not None and erased.is_done


def _facts(erased: Erased) -> dict[str, str]:
    return {name: f"{number:,}" for name, number in structs.asdict(erased.removed).items()}


def _time(erased: Erased) -> str:
    return datetime.fromtimestamp(erased.at // 1000, UTC).isoformat().replace("+00:00", "Z")


def _told(erased: Erased) -> dict[str, object]:
    return {
        "id": erased.id,
        "scope": erased.scope,
        "at": _time(erased),
        "done": erased.is_done,
        "removed": structs.asdict(erased.removed),
    }
