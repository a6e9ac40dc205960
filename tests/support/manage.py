"""The Manage API of a whole Footfall, asked by a root client that is never too fast."""

from typing import Any

import httpx

from support.footfall import HOMELESS, SECRET, Footfall

ROOT_HEADERS = {"openpanel-client-id": HOMELESS, "openpanel-client-secret": SECRET}


class Manage:
    """`manage.get("/projects")` is the `data` of a good answer; `manage.ask(…)` the response."""

    def __init__(self, footfall: Footfall) -> None:
        self.footfall = footfall

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Any response."""
        self.footfall.advance(seconds=1)  # twenty in ten seconds are fine
        content = {} if body is None else {"content": body} if isinstance(body, bytes) else {"json": body}
        chosen = ROOT_HEADERS if headers is None else headers
        return self.footfall.request(method, f"/manage{path}", headers=chosen, **content)

    def data(self, method: str, path: str, body: Any = None) -> Any:
        """The data of a good answer."""
        response = self.ask(method, path, body)
        assert response.status_code == 200, response.text
        answer = response.json()
        assert set(answer) == {"data"}
        return answer["data"]

    def get(self, path: str) -> Any:
        """The data of a GET."""
        return self.data("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        """The data of a POST."""
        return self.data("POST", path, body or {})

    def patch(self, path: str, body: Any) -> Any:
        """The data of a PATCH."""
        return self.data("PATCH", path, body)

    def delete(self, path: str) -> Any:
        """The whole answer of a good DELETE."""
        response = self.ask("DELETE", path)
        assert response.status_code == 200, response.text
        return response.json()
