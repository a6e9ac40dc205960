"""The Insights API over a store and a catalog, with a clock that stands still."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from footfall.api.limits import WindowLimiter
from footfall.api.openpanel import insights
from footfall.api.openpanel.reading import ReadContext
from footfall.catalog.authentication import Authenticator
from footfall.catalog.catalog import Catalog
from footfall.catalog.secrets import hash_secret
from footfall.model.project import ClientMode
from footfall.store.base import Store
from support.facts import Facts, ms
from support.footfall import SECRET

Build = Callable[[ReadContext], Iterable[APIRouter]]

NOW = "2024-03-15 12:34:56"


class Insights:
    """A server with the projects `shop` and `other`, asked by a read client of `shop`."""

    def __init__(self, store: Store, catalog: Catalog, builds: Iterable[Build] = ()) -> None:
        self.store = store
        self.catalog = catalog
        self.now_ms = ms(NOW)
        catalog.create_project("Shop", id="shop")
        catalog.create_project("Other", id="other")
        self.clients = {
            name: self._client(project, mode)
            for name, project, mode in (
                ("read", "shop", ClientMode.READ),
                ("write", "shop", ClientMode.WRITE),
                ("root", None, ClientMode.ROOT),
            )
        }
        self.context = context = ReadContext(
            store=store,
            catalog=catalog,
            authenticator=Authenticator(catalog),
            limiter=WindowLimiter(100, 10, lambda: self.now_ms),
            now_ms=lambda: self.now_ms,
        )
        self.app = FastAPI()
        self.app.include_router(insights.build(context))
        for build in builds:
            for router in build(context):
                self.app.include_router(router)
        self.http = TestClient(self.app)

    def _client(self, project: str | None, mode: ClientMode) -> dict[str, str]:
        with patch("footfall.catalog.catalog.hash_secret", _hashed):
            client, secret = self.catalog.create_client(project, mode, mode, secret=SECRET)
        return {"openpanel-client-id": client.id, "openpanel-client-secret": secret}

    def write(self, facts: Facts) -> None:
        """Store them."""
        self.store.write(facts.batch(self.store.position() + 1))

    def respond(
        self, path: str, client: str = "read", headers: Mapping[str, str] | None = None, **query: Any
    ) -> Response:
        """The response to `GET /insights/<path>`."""
        query = {name.rstrip("_"): value for name, value in query.items()}
        self.now_ms += 100  # a hundred in ten seconds are fine
        return self.http.get(
            f"/insights/{path}",
            params=query,
            headers=self.clients[client] if headers is None else dict(headers),
        )

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a good answer about `shop`."""
        response = self.respond(f"shop/{path}", **query)
        assert response.status_code == 200, response.text
        return response.json()


@cache
def _hashed(secret: str) -> str:
    """Hashing takes long, so all clients here have one secret and one hash."""
    return hash_secret(secret)


@contextmanager
def serve_insights(store: Store, folder: Path, *builds: Build) -> Iterator[Insights]:
    """Open a catalog and serve the seed's routes, and those that `builds` make."""
    with Catalog(folder / "catalog.sqlite3") as catalog:
        insights = Insights(store, catalog, builds)
        with insights.http:  # one thread for all requests
            yield insights
