"""A browser at the dashboard: it keeps cookies, and says what browsers say of our own pages.

ada = Browser(footfall).signs_in("ada")
ada.get("/insights/shop/metrics")
"""

from typing import Any, Self

from httpx import Response

from support.footfall import Footfall
from support.umami import PASSWORD

OWN = {"x-footfall": "1", "sec-fetch-site": "same-origin"}


class Browser:
    """One browser. `cookies` are by name; `headers` are what its next requests say."""

    def __init__(self, footfall: Footfall, **headers: str) -> None:
        self.footfall = footfall
        self.cookies: dict[str, str] = {}
        self.headers = {**OWN, **{name.replace("_", "-"): value for name, value in headers.items()}}

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Response:
        """One request; `headers` instead of those of our own pages."""
        said = dict(self.headers if headers is None else headers)
        if self.cookies:
            said["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        more = {} if body is None else {"content": body} if isinstance(body, bytes) else {"json": body}
        response = self.footfall.request(method, path, headers=said, **more)
        for line in response.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
            if "Max-Age=0;" in line:
                del self.cookies[name]
        return response

    def get(self, path: str) -> Any:
        """The JSON of a good answer."""
        return self.good("GET", path)

    def good(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a good answer."""
        response = self.ask(method, path, body)
        assert response.status_code == 200, response.text
        return response.json()

    def status(self, method: str, path: str, body: Any = None) -> int:
        """The status of an answer."""
        return self.ask(method, path, body).status_code

    def signs_in(self, name: str, password: str = PASSWORD) -> Self:
        """Signs in, and is this browser."""
        self.good("POST", "/dashboard/session", {"username": name, "password": password})
        return self
