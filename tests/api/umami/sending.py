"""Browsers and programs that send to `/api/send`, for tests.

page = Page(footfall)
page.sends(url="/pricing")["visitId"]
"""

import json
from typing import Any

from httpx import Response

from support.footfall import CHROME, PROJECT, Footfall


class Page:
    """One sender: an address, a user agent, and the cache token of its last good answer."""

    def __init__(
        self, footfall: Footfall, *, ip: str = "203.0.113.5", ua: str = CHROME, website: str = ""
    ) -> None:
        self.footfall = footfall
        self.website = website or str(footfall.runtime.catalog.get_project(PROJECT).uuid)
        self.headers = {"x-forwarded-for": ip, "user-agent": ua}
        self.cache = ""

    def posts(self, body: Any, path: str = "/api/send", **headers: str) -> Response:
        """Any body; text and bytes as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.footfall.request("POST", path, content=content, headers={**self.headers, **given})

    def payload(self, **fields: Any) -> dict[str, Any]:
        """What its script sends."""
        return {"website": self.website, "hostname": "shop.example", **fields}

    def asks(self, kind: str = "event", /, **fields: Any) -> Response:
        """One hit without a token."""
        return self.posts({"type": kind, "payload": self.payload(**fields)})

    def sends(self, kind: str = "event", /, **fields: Any) -> dict[str, str]:
        """One hit with the token of the last one; the answer."""
        headers = {"x_umami_cache": self.cache} if self.cache else {}
        answer = self.posts({"type": kind, "payload": self.payload(**fields)}, **headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, str] = answer.json()
        self.cache = found.get("cache", "")
        return found
