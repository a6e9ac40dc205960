"""Umami's ingest routes, made of a server's parts."""

from typing import TYPE_CHECKING

from starlette.routing import Route
from starlette.types import ASGIApp

from footfall.api.umami.cache_token import CacheTokens
from footfall.api.umami.collect import Collecting, CollectRoute, SlugRoute, send_batch, send_one
from footfall.api.umami.collecting import Collector
from footfall.api.umami.cors import PATHS, preflight
from footfall.ingest.enrich.client_ip import TrustedProxies
from footfall.ingest.enrich.umami_ids import Identities, key_text
from footfall.model.project import ProjectKind
from footfall.server.scripts import COLLECT

if TYPE_CHECKING:
    from footfall.server.app import Server

_SLUG_KINDS = {"q": ProjectKind.LINK, "p": ProjectKind.PIXEL}


def preflights() -> dict[str, ASGIApp]:
    """Who answers an OPTIONS under `/api/`, by the first words of their paths there."""
    return dict.fromkeys(PATHS, preflight)


def collecting(server: "Server") -> Collecting:
    """What the ingest routes need."""
    settings, key = server.runtime.settings, key_text(server.secret)
    collector = Collector(
        intake=server.intake,
        catalog=server.runtime.catalog,
        identities=Identities(key),
        tokens=CacheTokens(key),
        trusted=server.door.trusted,
        ip_headers=server.door.ip_headers,
        ignored=TrustedProxies.parse(",".join(settings.ignore_ip)),
        counts_bots=settings.disable_bot_check,
    )
    return Collecting(collector, settings.max_body_bytes, settings.umami_stats)


def collect_routes(server: "Server") -> dict[str, ASGIApp]:
    """The ingest routes by path."""
    needs = collecting(server)
    send = CollectRoute(needs, send_one)
    further = server.runtime.settings.collect_api_endpoint
    return {further: send, COLLECT: send, "/api/batch": CollectRoute(needs, send_batch)}


def slug_routes(server: "Server") -> list[Route]:
    """Where short links and pixels are."""
    needs = collecting(server)
    return [Route(f"/{letter}/{{slug}}", SlugRoute(needs, kind)) for letter, kind in _SLUG_KINDS.items()]
