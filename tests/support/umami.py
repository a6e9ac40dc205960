"""A server as Umami's clients see it: people who sign in, and one request a line.

umami.ada.post("websites", name="Shop", domain="shop.example")["id"]
umami.bob.refused("get", "websites/shop") == (401, "Unauthorized")
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from argon2 import PasswordHasher
from httpx import Response

from footfall.catalog import Catalog
from footfall.model.project import Role, User
from support.footfall import Footfall

PASSWORD = "correct horse"
SECRET = "test-secret"
NOBODY = "00000000-0000-4000-8000-000000000000"


class Person(NamedTuple):
    """Who asks; without a user, whoever has these headers."""

    footfall: Footfall
    user: User | None
    headers: dict[str, str]

    @property
    def id(self) -> str:
        """The user's id."""
        assert self.user is not None
        return self.user.id

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Response:
        """One request under /api; a body is sent as JSON, text as it is."""
        more: dict[str, Any] = {"content": body} if isinstance(body, str) else {"json": body}
        query = {name.rstrip("_"): value for name, value in query.items()}
        return self.footfall.request(
            method, f"/api/{path}", params=query, headers=self.headers, **(more if body is not None else {})
        )

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a good answer."""
        return _good(self.ask("GET", path, **query))

    def post(self, path: str, body: Any = None, **fields: Any) -> Any:
        """The JSON of a good answer to a body, which may be given as fields."""
        return _good(self.ask("POST", path, fields if body is None else body))

    def delete(self, path: str) -> Any:
        """The JSON of a good answer."""
        return _good(self.ask("DELETE", path))

    def refused(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        """Status and error of a refusal."""
        answer = self.ask(method.upper(), path, body, **query)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["error"]


def _good(answer: Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def make_people(folder: Path) -> dict[str, str]:
    """Make the admin `ada`, the users `bob` and `cleo` and the viewer `vic` in a data folder; keys by name."""
    with Catalog(folder / "catalog.sqlite3") as catalog:
        roles = {"ada": Role.ADMIN, "bob": Role.USER, "cleo": Role.USER, "vic": Role.VIEW_ONLY}
        return {name: _make(catalog, name, role)[1] for name, role in roles.items()}


def _make(catalog: Catalog, name: str, role: Role) -> tuple[User, str]:
    with patch("footfall.catalog.accounts.hash_password", lambda _: _hashed()):
        user = catalog.create_user(name, PASSWORD, role)
    return user, catalog.create_key(user.id, "test")[1]


@cache
def _hashed() -> str:
    """Everybody here has one password, and one hash that is as quick to check as argon2 can be."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


class Umami:
    """A server with the people of `make_people`; they sign in by API keys, which take no hashing."""

    def __init__(self, footfall: Footfall, keys: Mapping[str, str]) -> None:
        self.footfall = footfall
        self.catalog = footfall.runtime.catalog
        self.nobody = Person(footfall, None, {})
        users = self.catalog.snapshot().users_by_name
        self.ada, self.bob, self.cleo, self.vic = (self._person(users[name], key) for name, key in keys.items())

    def _person(self, user: User, key: str) -> Person:
        return Person(self.footfall, user, {"x-umami-api-key": key})

    def joins(self, name: str, role: Role = Role.USER) -> Person:
        """A new user."""
        return self._person(*_make(self.catalog, name, role))

    def with_token(self, token: str, word: str = "Bearer") -> Person:
        """Who bears that token."""
        return Person(self.footfall, None, {"authorization": f"{word} {token}"})

    def login(self, name: str, password: str = PASSWORD) -> Any:
        """The answer to a sign-in."""
        return self.nobody.post("auth/login", username=name, password=password)

    def shared(self, slug: str) -> Person:
        """Whoever follows that share link."""
        return Person(self.footfall, None, {"x-umami-share-token": self.nobody.get(f"share/{slug}")["token"]})
