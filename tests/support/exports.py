"""The Export API over a store and a catalog, asked by a read client of `shop`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from httpx import Response

from footfall.api.openpanel import export_events
from footfall.store.base import Store
from support.insights import Insights, serve_insights

Query = list[tuple[str, str]] | dict[str, Any] | str


class Exports:
    """`GET /export/events`."""

    def __init__(self, insights: Insights, store: Store) -> None:
        self.insights = insights
        self.store = store
        self.catalog = insights.catalog
        self.write = insights.write

    def respond(self, query: Query = "", client: str = "read", accept: str = "*/*") -> Response:
        """The response; a text is a query string as it is."""
        self.insights.now_ms += 100
        path = f"/export/events?{query}" if isinstance(query, str) else "/export/events"
        return self.insights.http.get(
            path,
            params=None if isinstance(query, str) else query,
            headers={**self.insights.clients[client], "accept": accept},
        )

    def get(self, query: Query = "") -> Any:
        """The body of a good answer."""
        response = self.respond(query)
        assert response.status_code == 200, response.text
        return response.json()

    def paths(self, query: Query = "") -> list[str]:
        """The path of every event of a good answer."""
        return [event["path"] for event in self.get(query)["data"]]

    def stream(self, accept: str, query: Query = "") -> str:
        """The text of a good stream."""
        response = self.respond(query, accept=accept)
        assert response.status_code == 200, response.text
        return response.text


@contextmanager
def serve_exports(store: Store, folder: Path) -> Iterator[Exports]:
    """Open a catalog and serve."""
    with serve_insights(store, folder, lambda context: [export_events.build(context)]) as insights:
        yield Exports(insights, store)
