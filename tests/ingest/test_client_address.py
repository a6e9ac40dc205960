"""Whose address counts: it makes the device id and the place. Contract §3.2."""

from collections.abc import Callable

from support.footfall import CHROME, SECRET, WRITER, Footfall

ALICE, BOB = "198.51.100.1", "198.51.100.2"


def device(footfall: Footfall, peer: str, **headers: str) -> str:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    visitor = footfall.visitor(ip="", peer=peer, headers=names)
    return str(visitor.does("assign_group", groupIds=[]).json()["deviceId"])


def test_a_trusted_proxy_names_the_visitor(house: Footfall) -> None:
    direct = device(house, ALICE)
    assert device(house, "127.0.0.1", x_forwarded_for=ALICE) == direct
    assert device(house, "10.1.2.3", x_forwarded_for=f"{ALICE}, 10.0.0.1") == direct
    assert device(house, "::1", cf_connecting_ip=ALICE) == direct
    assert device(house, "192.168.0.1", forwarded=f'for="{ALICE}:4711";proto=https') == direct
    assert device(house, "127.0.0.1", openpanel_client_ip=ALICE) == direct


def test_a_stranger_names_nobody(house: Footfall) -> None:
    direct = device(house, ALICE)
    for header in ("x_forwarded_for", "openpanel_client_ip", "cf_connecting_ip", "x_real_ip", "true_client_ip"):
        assert device(house, ALICE, **{header: BOB}) == direct


def test_a_stranger_with_a_valid_secret_may(house: Footfall) -> None:
    bob = device(house, BOB)
    assert device(house, ALICE, openpanel_client_ip=BOB, openpanel_client_secret=SECRET) == bob
    assert device(house, ALICE, openpanel_client_ip=BOB, openpanel_client_secret="wrong") == device(house, ALICE)
    assert device(house, ALICE, x_forwarded_for=BOB, openpanel_client_secret=SECRET) == device(house, ALICE)


def test_the_headers_have_an_order(house: Footfall) -> None:
    alice = device(house, ALICE)
    assert device(house, "127.0.0.1", cf_connecting_ip=ALICE, x_forwarded_for=BOB, x_real_ip=BOB) == alice
    assert device(house, "127.0.0.1", openpanel_client_ip=ALICE, cf_connecting_ip=BOB) == alice


def test_of_a_header_that_proxies_repeat_the_first_counts(house: Footfall) -> None:
    """One proxy behind the other: HAProxy adds a line of its own, below the one that names the visitor."""
    headers = {
        "openpanel-client-id": WRITER,
        "openpanel-client-secret": SECRET,
        "user-agent": CHROME,
        "content-type": "application/json",
    }
    lines = [*headers.items(), ("x-forwarded-for", ALICE), ("x-forwarded-for", BOB)]
    body = {"type": "assign_group", "payload": {"groupIds": []}}
    answer = house.request("POST", "/track", json=body, headers=lines)
    assert answer.json()["deviceId"] == device(house, ALICE)


def test_an_address_in_ipv6_spelling_is_the_same_visitor(house: Footfall) -> None:
    alice = device(house, ALICE)
    assert device(house, f"::ffff:{ALICE}") == alice
    assert device(house, "127.0.0.1", x_forwarded_for=f"::ffff:{ALICE}") == alice


def test_private_and_broken_addresses_are_skipped(house: Footfall) -> None:
    alice = device(house, ALICE)
    assert (
        device(house, "127.0.0.1", true_client_ip="10.0.0.9", x_client_ip="rubbish", x_forwarded_for=ALICE)
        == alice
    )
    assert device(house, "127.0.0.1", cf_connecting_ip="::ffff:192.168.1.1", x_real_ip=ALICE) == alice


def test_who_is_trusted_is_a_setting(make_footfall: Callable[..., Footfall]) -> None:
    footfall = make_footfall(trusted_proxies=(f"{ALICE}/32",), ip_header_order=("x-visitor",))
    bob = device(footfall, BOB)
    assert device(footfall, ALICE, x_visitor=BOB) == bob
    assert device(footfall, ALICE, x_forwarded_for=BOB) != bob
    assert device(footfall, "127.0.0.1", x_visitor=BOB) != bob


def test_an_event_may_name_its_address(footfall: Footfall) -> None:
    bob = footfall.visitor(ip=BOB).tracks("x").json()["deviceId"]
    assert footfall.visitor(ip=ALICE).tracks("y", __ip=BOB).json()["deviceId"] == bob
    assert "__ip" not in footfall.event("y").properties
    assert footfall.visitor(ip=ALICE).tracks("z", __ip=None).json()["deviceId"] != bob


def test_no_address_is_stored_anywhere(footfall: Footfall) -> None:
    visitor = footfall.visitor(ip="198.51.100.77")
    visitor.views("/", __ip="198.51.100.78")
    visitor.does("identify", profileId="u1")
    for settled in (False, True):
        if settled:
            footfall.settle()
            footfall.runtime.store.maintain()
        for file in footfall.folder.iterdir():
            if file.is_file():
                assert b"198.51.100.7" not in file.read_bytes(), file
