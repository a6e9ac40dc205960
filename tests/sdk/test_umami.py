"""The npm client `@umami/api-client` (0.80.0, which mints its own token, and 0.81.0), as published."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sdk.conftest import HERE, Node
from support.process import Footfall

SECRET = "kept-by-the-operator"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Footfall]:
    """A server with a secret of the operator's; `ada` is its admin."""
    with Footfall(tmp_path / "data", {"secret": SECRET}) as footfall:
        yield footfall


def drive(node: Node, server: Footfall, version: str) -> Any:
    """What the client of that version was told."""
    made = json.loads(server.run("user", "create", "ada", "--json").output)
    server.start()
    told = {
        "url": server.url,
        "secret": SECRET,
        "password": made["password"],
        "userId": made["id"],
    }
    done = subprocess.run(
        [node.node, "drive-umami.mjs", version],
        cwd=HERE,
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    said["userId"] = told["userId"]
    return said


def check_what_both_say(said: Any) -> None:
    ada = said["login"]["user"]
    assert (ada["id"], ada["username"], ada["role"], ada["isAdmin"]) == (said["userId"], "ada", "admin", True)
    assert said["verify"]["id"] == said["me"]["user"]["id"] == ada["id"]
    made = said["made"]
    assert (made["name"], made["domain"], made["userId"]) == ("Shop", "shop.example", ada["id"])
    assert said["read"] == made
    assert said["changed"]["name"] == "Store"
    assert said["share"]["websiteId"] == made["id"]
    listed = said["list"]
    assert (listed["count"], listed["page"], listed["pageSize"]) == (1, 1, 5)
    assert (listed["data"][0]["id"], listed["data"][0]["user"]["username"]) == (made["id"], "ada")
    assert said["owner"]["role"] == "team-owner"
    assert said["team"]["id"] == said["owner"]["teamId"]
    assert [member["user"]["username"] for member in said["members"]["data"]] == ["ada"]
    assert [team["name"] for team in said["myTeams"]["data"]] == ["Us"]
    assert said["user"]["username"] == "eve"
    assert said["deleted"] == said["deletedTeam"] == {"ok": True}


def test_the_client_that_mints_its_token(node: Node, clients_of_npm: None, server: Footfall) -> None:
    said = drive(node, server, "0.80.0")
    check_what_both_say(said)
    assert (said["refused"]["ok"], said["refused"]["status"]) == (False, 401)
    assert (said["userAgain"]["ok"], said["userAgain"]["status"]) == (False, 400)
    assert said["changed"]["shareId"] == "store123"
    assert said["reset"] == said["heartbeat"] == {"ok": True}
    assert said["gone"]["status"] == 404


def test_the_client_that_signs_in(node: Node, clients_of_npm: None, server: Footfall) -> None:
    said = drive(node, server, "0.81.0")
    check_what_both_say(said)
    assert said["transferred"]["teamId"] == said["team"]["id"]
    assert (said["byKey"]["user"]["id"], said["byKey"]["authType"]) == (said["userId"], "api-key")
    assert [key["name"] for key in said["keys"]] == ["ci"]
    assert (said["segment"]["name"], said["link"]["slug"]) == ("All", "ad-1")
    assert [link["id"] for link in said["links"]["data"]] == [said["link"]["id"]]
    assert said["refused"] == {"status": 401, "code": "unauthorized"}
    assert said["invalid"] == {"status": 400, "code": "bad-request", "message": "Bad request"}
    assert said["logout"] == {"ok": True}
