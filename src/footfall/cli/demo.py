"""A server with a made-up shop, its past and its visitors of this minute (`footfall demo`)."""

import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import typer
from msgspec import Struct

from footfall.catalog import Catalog
from footfall.catalog.secrets import new_client_secret
from footfall.cli.output import say
from footfall.cli.progress import progress
from footfall.cli.serve import run
from footfall.demo.live import LiveHit, hits
from footfall.demo.traffic import events, origin_of
from footfall.ingest.bulk import BulkImport
from footfall.model.errors import NotFound
from footfall.model.project import ClientMode
from footfall.server.logs import configure_logs
from footfall.server.runtime import Runtime, make_data_folder
from footfall.server.settings import Settings

PROJECT = "demo"
_SEED = 7
_ZONE = "Europe/Berlin"
_GOODBYE_SECONDS = 2


class Credentials(Struct, frozen=True):
    """The demo's clients. Their secrets are kept beside the data, because a demo is started often."""

    read_id: str
    read_secret: str
    write_id: str
    write_secret: str


def demo(settings: Settings, count: int, days: int, rate: float) -> None:
    """Serve a demo project with `count` events of `days` past days and `rate` live events a second."""
    configure_logs(settings.log_format, "warning")
    make_data_folder(settings)
    credentials = prepare(settings, count, days)
    visitors = Visitors(credentials, rate)

    def announce(address: str) -> None:
        _tell(address, credentials)
        visitors.come(address)

    try:
        run(settings, announce)
    finally:
        visitors.leave()


def prepare(settings: Settings, count: int, days: int) -> Credentials:
    """The demo project with its clients and its past; only what is missing is made."""
    file = settings.data_path / "demo.json"
    with Catalog(settings.catalog_url) as catalog:
        if file.is_file() and _is_there(catalog):
            return Credentials(**json.loads(file.read_text()))
    # Opened first: where another process has the data folder, nothing is begun.
    runtime = Runtime(settings)
    try:
        runtime.start()
        if not _is_there(runtime.catalog):
            # Its live visitors buy from the browser, without a secret.
            runtime.catalog.create_project(
                "Demo shop", id=PROJECT, domain=origin_of(PROJECT), timezone=_ZONE, allow_unsafe_revenue=True
            )
        credentials = _make_clients(runtime.catalog, file)
        _fill(runtime, count, days)
    finally:
        runtime.close()
    return credentials


def _is_there(catalog: Catalog) -> bool:
    try:
        catalog.get_project(PROJECT)
    except NotFound:
        return False
    return True


def _make_clients(catalog: Catalog, file: Path) -> Credentials:
    made = Credentials(str(uuid.uuid4()), new_client_secret(), str(uuid.uuid4()), new_client_secret())
    catalog.create_client(PROJECT, ClientMode.READ, "Demo reader", id=made.read_id, secret=made.read_secret)
    catalog.create_client(PROJECT, ClientMode.WRITE, "Demo visitors", id=made.write_id, secret=made.write_secret)
    file.touch(mode=0o600)
    file.write_text(json.dumps({name: getattr(made, name) for name in made.__struct_fields__}))
    return made


def _fill(runtime: Runtime, count: int, days: int) -> None:
    now = time.time_ns() // 1_000_000
    bulk = BulkImport(
        runtime.journal, uuid.uuid4().hex, drained=lambda: runtime.drain.position, wake=runtime.drain.wake
    )
    with progress(count) as tell:
        made = 0
        for batch in events(_SEED, count, days, now, [PROJECT], _ZONE, with_vitals=True):
            bulk.append(batch)
            made += len(batch)
            tell(min(made, count), f"made {made:,} events")
    runtime.drain.wait_for(runtime.journal.last(), 600)


def _tell(address: str, credentials: Credentials) -> None:
    say(
        "A demo shop is in it. Ask for its numbers:",
        {
            "project": PROJECT,
            "client id": credentials.read_id,
            "client secret": f"{credentials.read_secret} (mode read)",
        },
    )
    typer.echo(
        f"\n  curl '{address}/insights/{PROJECT}/metrics?range=7d' \\\n"
        f"    -H 'openpanel-client-id: {credentials.read_id}' \\\n"
        f"    -H 'openpanel-client-secret: {credentials.read_secret}'\n"
    )


class Visitors:
    """Send `rate` live hits a second to the server itself, as browsers would, until they leave."""

    def __init__(self, credentials: Credentials, rate: float) -> None:
        self._credentials = credentials
        self._rate = rate
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._visit, name="demo-visitors", daemon=True)
        self._address = ""

    def come(self, address: str) -> None:
        """Begin, if there are to be any."""
        self._address = address
        if self._rate:
            self._thread.start()

    def leave(self) -> None:
        """End; one who is just being answered has a moment."""
        self._gone.set()
        if self._thread.is_alive():
            self._thread.join(_GOODBYE_SECONDS)

    def _visit(self) -> None:
        started = time.monotonic()
        for hit in hits(int(time.time()), self._rate, origin_of(PROJECT)):
            if self._gone.wait(max(0.0, started + hit.at - time.monotonic())):
                return
            self._send(hit)

    def _send(self, hit: LiveHit) -> None:
        headers = hit.headers | {"openpanel-client-id": self._credentials.write_id}
        request = urllib.request.Request(f"{self._address}/track", hit.body, headers)  # noqa: S310 - our own address
        try:
            urllib.request.urlopen(request, timeout=10).close()  # noqa: S310
        except (urllib.error.URLError, OSError):
            # The server is stopping or busy; a demo's visitor simply goes on.
            self._gone.wait(1)
