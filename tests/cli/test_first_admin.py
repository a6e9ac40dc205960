"""The first start of a server makes an admin and shows the password, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.process import Footfall


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Footfall]:
    with Footfall(tmp_path / "data", anew=True) as footfall:
        yield footfall


def test_the_server_says_the_password_on_its_first_start_only(server: Footfall) -> None:
    server.start()
    said = server.said_until("This is shown once")
    password = said.split("  password")[1].split()[0]
    body = {"username": "admin", "password": password}
    with server.http() as http:
        assert http.post("/api/auth/login", json=body).json()["user"]["isAdmin"] is True
    assert password not in server.log.read_text()
    server.stop()
    server.start()
    with server.http() as http:
        assert http.post("/api/auth/login", json=body).status_code == 200
