"""The npm client `@umami/node` (0.4.0), as published: it sends to `/api/send` in a backend's name."""

import json
import subprocess

from footfall.model.event_data import data_type
from sdk.conftest import HERE, Node, Shop


def test_a_backend_tracks_and_identifies(shop: Shop, node: Node, clients_of_npm: None) -> None:
    told = {"url": shop.footfall.url, "website": shop.client.project}
    done = subprocess.run(
        [node.node, "drive-send.mjs"],
        cwd=HERE,
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert [status for status, _ in said] == [200] * 5
    assert len({body["sessionId"] for _, body in said}) == 1
    stored = shop.stored()
    assert sorted(stored.names) == ["bought", "screen_view", "signup"]
    view = stored.one("screen_view")
    assert (view["path"], view["origin"], view["title"]) == ("/pricing", "https://shop.example", "Pricing")
    assert (view["device_id"], view["session_id"]) == (said[0][1]["sessionId"], said[0][1]["visitId"])
    signup = stored.one("signup")["properties"]
    assert signup == {"plan": "pro", "seats": "5", "when": "2025-05-20T13:45:12.000Z"}
    assert [data_type(key, signup).name for key in ("plan", "seats", "when")] == ["STRING", "NUMBER", "DATE"]
    bought = stored.one("bought")
    assert (bought["revenue"], bought["currency"]) == (1999, "EUR")
    visitor = stored.profiles[said[0][1]["sessionId"]]
    assert (visitor["properties"]["company"], visitor["properties"]["seats"]) == ("Acme", "5")
    assert sum(session["screen_view_count"] + session["event_count"] for session in stored.sessions) == 3
