"""Who may send: each refusal in the contract's words, as plain text. Contract §2.3."""

from typing import Any

import httpx
import pytest

from footfall.catalog.projects import ProjectChange
from footfall.model.project import ClientMode, FilterType, ProjectFilter
from support.footfall import CHROME, HOMELESS, ORIGIN, PROJECT, PYTHON, READER, ROOT, SECRET, WRITER, Footfall

HELLO = {"type": "track", "payload": {"name": "hello"}}
UNKNOWN = "99999999-9999-4999-8999-999999999999"


def send(footfall: Footfall, body: Any = None, /, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return footfall.request("POST", "/track", json=body or HELLO, headers={"user-agent": CHROME, **names})


def refused(answer: httpx.Response, message: str) -> None:
    assert answer.status_code == 401
    assert answer.text == message
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_no_client_id(house: Footfall) -> None:
    refused(send(house), "Ingestion: Missing client id")


@pytest.mark.parametrize("id", ["me", WRITER[:-1], WRITER + "0", "{" + WRITER + "}", "' or 1=1 --", "a" * 5_000])
def test_a_client_id_that_is_no_uuid(house: Footfall, id: str) -> None:
    refused(send(house, openpanel_client_id=id), "Ingestion: Client ID must be a valid UUIDv4")


def test_an_unknown_client(house: Footfall) -> None:
    refused(send(house, openpanel_client_id=UNKNOWN), "Ingestion: Invalid client id")


def test_a_client_without_a_project(house: Footfall) -> None:
    answer = send(house, openpanel_client_id=HOMELESS, openpanel_client_secret=SECRET)
    refused(answer, "Ingestion: Client has no project")


@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"}, {"openpanel_client_secret": "wrong"}])
def test_neither_origin_nor_secret(house: Footfall, headers: dict[str, str]) -> None:
    refused(send(house, openpanel_client_id=WRITER, **headers), "Ingestion: Invalid cors or secret")


@pytest.mark.parametrize("client", [WRITER, READER, ROOT, WRITER.upper()])
def test_any_kind_of_client_of_a_project_may_send(house: Footfall, client: str) -> None:
    assert send(house, openpanel_client_id=client, origin=ORIGIN).status_code == 200


def test_a_secret_is_enough(house: Footfall) -> None:
    assert send(house, openpanel_client_id=WRITER, openpanel_client_secret=SECRET).status_code == 200


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"openpanel_client_id": WRITER, "mixan_client_id": "x"}, {"clientId": "x"}, 200),
        ({"mixan_client_id": WRITER}, {"clientId": "x"}, 200),
        ({}, {"clientId": WRITER}, 200),
        ({"openpanel_client_id": "", "mixan_client_id": WRITER}, {}, 200),
        ({"openpanel_client_id": "x"}, {"clientId": WRITER}, 401),
        ({"openpanel_client_id": WRITER}, {"clientId": None, "clientSecret": None}, 200),
    ],
)
def test_the_first_client_id_counts(
    house: Footfall, headers: dict[str, str], body: dict[str, Any], status: int
) -> None:
    assert send(house, {**HELLO, **body}, origin=ORIGIN, **headers).status_code == status


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"openpanel_client_secret": SECRET, "mixan_client_secret": "x"}, {"clientSecret": "x"}, 200),
        ({"mixan_client_secret": SECRET}, {"clientSecret": "x"}, 200),
        ({}, {"clientSecret": SECRET}, 200),
        ({"openpanel_client_secret": "x"}, {"clientSecret": SECRET}, 401),
    ],
)
def test_the_first_secret_counts(
    house: Footfall, headers: dict[str, str], body: dict[str, Any], status: int
) -> None:
    assert send(house, {**HELLO, **body}, openpanel_client_id=WRITER, **headers).status_code == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://a.wild.example", 200),
        ("https://a.b.wild.example", 200),
        ("https://wild.example", 401),
        ("https://a.wild.example.evil", 401),
        ("https://evilwild.example", 401),
        ("http://localhost:3000", 200),
        ("http://localhost.evil", 401),
        ("null", 401),
    ],
)
def test_wildcards_match_the_whole_host(footfall: Footfall, origin: str, status: int) -> None:
    footfall.runtime.catalog.update_project(PROJECT, ProjectChange(cors=("*.wild.example", "localhost:*")))
    assert send(footfall, openpanel_client_id=WRITER, origin=origin).status_code == status


def test_a_star_takes_any_origin_but_not_none(footfall: Footfall) -> None:
    footfall.runtime.catalog.update_project(PROJECT, ProjectChange(cors=("*",)))
    assert send(footfall, openpanel_client_id=WRITER, origin="https://x.example").status_code == 200
    refused(send(footfall, openpanel_client_id=WRITER), "Ingestion: Invalid cors or secret")


def test_a_client_may_be_excused_from_both(footfall: Footfall) -> None:
    footfall.runtime.catalog.create_client(
        PROJECT, ClientMode.WRITE, "open", id=UNKNOWN, secret=SECRET, ignore_cors_and_secret=True
    )
    assert send(footfall, openpanel_client_id=UNKNOWN).status_code == 200


def test_a_blocked_address(footfall: Footfall) -> None:
    footfall.runtime.catalog.update_project(
        PROJECT, ProjectChange(filters=[ProjectFilter(FilterType.IP, "198.51.100.7")])
    )

    refused(footfall.visitor(ip="198.51.100.7").views("/"), "Ingestion: IP address is blocked by project filter")
    assert footfall.visitor(ip="198.51.100.8").views("/").status_code == 200
    assert footfall.drops() == {"blocked_ip": 1}


def test_a_blocked_address_that_a_server_names(footfall: Footfall) -> None:
    footfall.runtime.catalog.update_project(
        PROJECT, ProjectChange(filters=[ProjectFilter(FilterType.IP, "198.51.100.7")])
    )
    server = {"openpanel_client_id": WRITER, "openpanel_client_secret": SECRET}

    def send_for(visitor: str) -> httpx.Response:
        headers = {name.replace("_", "-"): value for name, value in server.items()}
        headers |= {"user-agent": CHROME, "openpanel-client-ip": visitor}
        return footfall.request("POST", "/track", json=HELLO, headers=headers, peer="203.0.113.200")

    refused(send_for("198.51.100.7"), "Ingestion: IP address is blocked by project filter")
    assert send_for("198.51.100.8").status_code == 200
    assert footfall.drops() == {"blocked_ip": 1}


@pytest.mark.parametrize("id", ["u1", 17, 17.0])
def test_a_blocked_profile(footfall: Footfall, id: Any) -> None:
    filters = [ProjectFilter(FilterType.PROFILE, blocked) for blocked in ("u1", "17")]
    footfall.runtime.catalog.update_project(PROJECT, ProjectChange(filters=filters))
    visitor = footfall.visitor()
    message = "Ingestion: Profile id is blocked by project filter"

    refused(visitor.tracks("hello", profile=id), message)
    refused(visitor.does("identify", profileId=id), message)
    refused(visitor.sends({"name": "hello", "profileId": id}, "/event"), message)
    refused(visitor.tracks("hello", __identify={"profileId": id, "firstName": "Ann"}), message)
    assert footfall.drops() == {"blocked_profile": 4}
    assert footfall.events() == []


def test_revenue_needs_a_secret(footfall: Footfall, visitor: Any) -> None:
    message = "Ingestion: Revenue tracking is not allowed without a client secret"
    refused(visitor.tracks("revenue", __revenue=100), message)
    refused(visitor.sends({"name": "revenue", "properties": {"__revenue": 100}}, "/event"), message)
    assert visitor.tracks("revenue", __revenue=None).status_code == 200
    assert footfall.backend().tracks("revenue", __revenue=100).status_code == 200
    assert footfall.drops() == {"unsafe_revenue": 2}


def test_revenue_without_a_secret_may_be_allowed(footfall: Footfall, visitor: Any) -> None:
    footfall.runtime.catalog.update_project(PROJECT, ProjectChange(allow_unsafe_revenue=True))
    assert visitor.tracks("revenue", __revenue=100).status_code == 200


def test_who_may_not_send_learns_nothing_of_the_bodys_faults(house: Footfall) -> None:
    answer = house.request("POST", "/track", content=b"{", headers={"openpanel-client-id": WRITER})
    refused(answer, "Ingestion: Invalid cors or secret")


def test_refused_origins_are_counted_for_the_project(footfall: Footfall) -> None:
    send(footfall, openpanel_client_id=WRITER, origin="https://evil.example")
    send(footfall, openpanel_client_id=UNKNOWN, origin="https://evil.example")
    assert footfall.drops() == {"refused_origin": 1}


def test_too_many_wrong_secrets_are_429(footfall: Footfall, monkeypatch: pytest.MonkeyPatch) -> None:
    # They count for ten seconds, which thirty take on a slow machine that does anything else.
    monkeypatch.setattr("footfall.catalog.secrets.SCRYPT_N", 2)
    answers = [
        footfall.backend(headers={"openpanel-client-secret": f"wrong{n}"}, ua=PYTHON).tracks("x")
        for n in range(32)
    ]
    assert answers[0].status_code == 401
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
