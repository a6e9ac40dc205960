"""Umami's statistics over a store of either engine, with a clock that stands still.

stats.get("stats", "2024-03-04", "2024-03-05", country="DE")
"""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

from footfall.api.asking import AskingThreads
from footfall.api.limits import WindowLimiter
from footfall.api.umami import app
from footfall.api.umami.errors import Generation
from footfall.api.umami.reading import UmamiContext
from footfall.api.umami.tokens import Tokens
from footfall.catalog import Catalog
from footfall.catalog.projects import ProjectChange
from footfall.model.project import Project
from footfall.store.base import Store
from support.facts import Facts, ms
from support.umami import SECRET, make_people

NOW = "2024-03-15 12:34:56"


class Statistics:
    """Websites that an admin asks about; each test or module makes those it needs."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        folder.mkdir()
        self.key = make_people(folder)["ada"]
        self.catalog = Catalog(folder / "catalog.sqlite3")
        self.now_ms = ms(NOW)
        self._made: dict[Generation, TestClient] = {}
        self._open = ExitStack()

    def website(self, name: str) -> "Website":
        """An empty website."""
        return Website(self, self.catalog.create_project(name, id=name))

    def http(self, generation: Generation) -> TestClient:
        """The routes, answering as that generation."""
        if generation not in self._made:
            context = UmamiContext(
                store=self.store,
                catalog=self.catalog,
                tokens=Tokens(SECRET),
                logins=WindowLimiter(1000, 60, lambda: self.now_ms),
                all_logins=WindowLimiter(1000, 60, lambda: self.now_ms),
                address=lambda _: "",
                source=lambda _: "",
                erase=lambda _: None,
                now_ms=lambda: self.now_ms,
                threads=AskingThreads(4),
                generation=generation,
            )
            client = TestClient(app.build(context), raise_server_exceptions=False)
            self._made[generation] = self._open.enter_context(client)  # one thread for all requests
        return self._made[generation]

    def close(self) -> None:
        """Stop the threads of the routes."""
        self._open.close()


class Website:
    """One website: facts in, statistics out. `generation` is how it answers."""

    def __init__(self, statistics: Statistics, project: Project, generation: Generation = "v3") -> None:
        self.statistics = statistics
        self.project = project
        self.generation = generation

    @property
    def v2(self) -> "Website":
        """The same, answering as generation 2."""
        return Website(self.statistics, self.project, "v2")

    def facts(self) -> Facts:
        """To be told, and then `write`n."""
        return Facts(self.project.id)

    def write(self, facts: Facts) -> "Website":
        """Store them."""
        store = self.statistics.store
        store.write(facts.batch(store.position() + 1))
        return self

    def reset(self, at: str) -> None:
        """Nothing before counts."""
        moment = datetime.fromtimestamp(ms(at) / 1000, UTC)
        self.statistics.catalog.update_project(self.project.id, ProjectChange(reset_at=moment))

    def ask(self, path: str, start: str = "", end: str = "", /, **query: Any) -> Response:
        """One GET; from one instant to another, both inclusive."""
        if start:
            query |= {"startAt": ms(start), "endAt": ms(end)}
        query = {name.rstrip("_"): value for name, value in query.items()}
        return self.send("GET", path, params=query)

    def send(self, method: str, path: str, **more: Any) -> Response:
        """One request; `json` is its body."""
        headers = {"x-umami-api-key": self.statistics.key}
        where = path if path.startswith("/") else f"/websites/{self.project.id}/{path}"
        return self.statistics.http(self.generation).request(method, where, headers=headers, **more)

    def post(self, path: str, body: Any) -> Any:
        """The JSON of a good answer to a POST."""
        return _good(self.send("POST", path, json=body))

    def delete(self, path: str) -> Any:
        """The JSON of a good answer to a DELETE."""
        return _good(self.send("DELETE", path))

    def get(self, path: str, start: str = "", end: str = "", /, **query: Any) -> Any:
        """The JSON of a good answer."""
        return _good(self.ask(path, start, end, **query))

    def refused(self, path: str, start: str = "", end: str = "", /, **query: Any) -> tuple[int, Any]:
        """Status and error of a refusal."""
        answer = self.ask(path, start, end, **query)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["error"]


def _good(answer: Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()
