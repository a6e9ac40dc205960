"""Is it alive, is it ready, and how is it doing. Source: openpanel contract §1.2."""

import resource
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from footfall import __version__

if TYPE_CHECKING:
    from footfall.server.app import Server

log = structlog.get_logger(__name__)


def health_routes(server: "Server") -> list[Route]:
    """The housekeeping routes."""
    registry = CollectorRegistry()
    registry.register(_Collector(server))

    async def home(_request: Request) -> Response:
        return JSONResponse({"status": "ok", "message": f"Footfall {__version__} is running"})

    async def live(_request: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(_request: Request) -> Response:
        reason = "shutting down" if server.is_stopping else server.runtime.drain.trouble
        if reason:
            return JSONResponse({"ready": False, "reason": reason}, status_code=503)
        return JSONResponse({"ready": True})

    async def check(_request: Request) -> Response:
        works = await _probed(server)
        working = [name for name, answers in works.items() if answers]
        failed = [name for name, answers in works.items() if not answers]
        body = {"ready": not failed, "failedDependencies": failed, "workingDependencies": working, **works}
        return JSONResponse(body, status_code=503 if failed else 200)

    async def metrics(_request: Request) -> Response:
        text = await server.in_thread(generate_latest, registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/", home),
        Route("/healthz/live", live),
        Route("/healthz/ready", ready),
        Route("/healthcheck", check),
        Route("/metrics", metrics),
    ]


async def _probed(server: "Server") -> dict[str, bool]:
    """Whether each thing that the server depends on answers."""
    runtime = server.runtime
    works = {}
    for name, probe in (
        ("store", runtime.store.position),
        ("journal", runtime.journal.last),
        ("catalog", runtime.catalog.check),
    ):
        try:
            await server.in_thread(probe)
        except Exception:
            # Whatever a dependency raises, this page's job is to say which one it is.
            log.exception("healthcheck.failed", dependency=name)
            works[name] = False
        else:
            works[name] = True
    return works


class _Collector:
    """Reads the numbers when asked, so that counting costs the ingest path nothing."""

    def __init__(self, server: "Server") -> None:
        self._server = server

    def collect(self) -> Iterator[Metric]:
        """The metrics, in Prometheus' terms: seconds and bytes."""
        runtime = self._server.runtime
        events = CounterMetricFamily("footfall_events_stored", "Events written to the store by this process.")
        events.add_metric([], runtime.drain.counted["events"])
        yield events
        drops = CounterMetricFamily("footfall_hits_dropped", "Hits not counted, by reason.", labels=["reason"])
        for reason, count in self._server.intake.ledger.totals().items():
            drops.add_metric([reason], count)
        yield drops
        answers = CounterMetricFamily("footfall_answers", "Questions answered, from where.", labels=["source"])
        for source in ("memory", "store"):
            answers.add_metric([source], runtime.store.answers.counted[source])
        yield answers
        size = runtime.store.size()
        for name, text, value in (
            ("journal_backlog_records", "Records on disk, not yet in the store.", self._backlog()),
            (
                "journal_quarantined_records",
                "Records kept aside, as they could not be drained.",
                self._aside(),
            ),
            ("open_sessions", "Sessions that may still grow.", runtime.drain.hands.open_sessions),
            ("drain_helped", "Whether a second process builds batches.", float(runtime.drain.hands.is_helped)),
            ("stored_events", "Events in the store.", size.events),
            ("stored_sessions", "Sessions in the store.", size.sessions),
            ("stored_bytes", "Bytes on disk.", size.bytes),
            ("uptime_seconds", "Seconds since the start.", time.time() - self._server.started_at),
            ("resident_peak_bytes", "The most memory this process has held.", _peak_bytes()),
        ):
            yield GaugeMetricFamily(f"footfall_{name}", text, value=value)

    def _backlog(self) -> int:
        runtime = self._server.runtime
        return runtime.journal.backlog(runtime.drain.position)

    def _aside(self) -> int:
        return self._server.runtime.journal.quarantined()


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
