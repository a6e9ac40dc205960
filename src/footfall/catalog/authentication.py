"""Who may send, and who may read (openpanel contract §2.3 to §2.6).

`Authenticator.ingest` is asked for every event; for a client that is known and an origin or secret that was
seen before it is a handful of dict lookups.
"""

from msgspec import Struct

from footfall.catalog.catalog import Catalog
from footfall.catalog.origins import OriginRules
from footfall.catalog.secrets import SecretCache
from footfall.catalog.snapshot import Snapshot, named
from footfall.catalog.validation import UUID_TEXT
from footfall.model.errors import TooMany, Unauthorized
from footfall.model.project import Client, ClientMode, Principal, Project

# openpanel contract §2.3: the 401 body is exactly the message
MISSING_ID = "Ingestion: Missing client id"
MALFORMED_ID = "Ingestion: Client ID must be a valid UUIDv4"
UNKNOWN_ID = "Ingestion: Invalid client id"
NO_PROJECT = "Ingestion: Client has no project"
BLOCKED_IP = "Ingestion: IP address is blocked by project filter"
BLOCKED_PROFILE = "Ingestion: Profile id is blocked by project filter"
UNSAFE_REVENUE = "Ingestion: Revenue tracking is not allowed without a client secret"
REFUSED = "Ingestion: Invalid cors or secret"

# openpanel contract §2.4 and §2.5: who may do what, after the prefix
READERS = {
    "Export": ((ClientMode.READ, ClientMode.ROOT), "Client is not allowed to export"),
    "Import": ((ClientMode.READ, ClientMode.ROOT), "Client is not allowed to import"),
    "Manage": ((ClientMode.ROOT,), "Only root clients are allowed to manage resources"),
}


class IngestGrant(Struct, frozen=True):
    """Leave to send. `secret_valid`: a secret came along and is the client's, so the sender is a server."""

    project: Project
    client: Client
    secret_valid: bool


class Authenticator:
    """Checks credentials against a catalog. Safe to use from many threads."""

    def __init__(self, catalog: Catalog, secrets: SecretCache | None = None) -> None:
        self._catalog = catalog
        self._secrets = secrets if secrets is not None else SecretCache()
        self._origins = OriginRules()

    def is_quick(self, client_id: str, secret: str) -> bool:
        """Whether checking this secret costs no scrypt. If not, an event loop should ask in a thread."""
        client = named(self._catalog.snapshot().clients, client_id)
        if client is None or client.secret_hash is None or not secret:
            return True
        return self._secrets.peek(client.id, secret, client.secret_hash) is not None

    def project_of(self, client_id: str) -> str | None:
        """The project that this client's events go to, whether or not it may send them."""
        client = named(self._catalog.snapshot().clients, client_id)
        return None if client is None else client.project_id

    def ingest(
        self,
        client_id: str,
        client_secret: str = "",
        origin: str = "",
        client_ip: str = "",
        profile_ids: tuple[str, ...] = (),
        has_revenue: bool = False,
    ) -> IngestGrant:
        """Whether these credentials may send events, and to which project (openpanel contract §2.3).

        Empty text means absent; `profile_ids` are all that the sender names. Raises Unauthorized with the
        contract's message, TooMany when nothing but an unproven secret speaks for the sender and the client got
        too many wrong ones.
        """
        snapshot = self._catalog.snapshot()
        client = snapshot.clients.get(client_id)
        if client is None:
            snapshot = self._catalog.look_again()
            client = _known(snapshot, client_id)
        project = snapshot.projects.get(client.project_id) if client.project_id is not None else None
        if project is None:
            raise Unauthorized(NO_PROJECT)
        if client_ip in project.blocked_ips:
            raise Unauthorized(BLOCKED_IP)
        if project.blocked_profiles and not project.blocked_profiles.isdisjoint(filter(None, profile_ids)):
            raise Unauthorized(BLOCKED_PROFILE)
        welcome = client.ignore_cors_and_secret or self._origins.allow(project.cors, origin)
        secret_valid = bool(client_secret) and self._proves(client, client_secret, welcome)
        if has_revenue and not project.allow_unsafe_revenue and not secret_valid:
            # Any text would do as a secret upstream; then the switch would protect nothing.
            raise Unauthorized(UNSAFE_REVENUE)
        if not welcome and not secret_valid:
            raise Unauthorized(REFUSED)
        return IngestGrant(project, client, secret_valid)

    def _proves(self, client: Client, secret: str, welcome: bool) -> bool:
        if client.secret_hash is None:
            return False
        try:
            return self._secrets.verify(client.id, secret, client.secret_hash)
        except TooMany:
            if welcome:
                return False
            raise

    def principal(self, client_id: str, client_secret: str, prefix: str = "Export") -> Principal:
        """Who reads, for the prefix `Export`, `Import` or `Manage` (openpanel contract §2.4, §2.5).

        Raises Unauthorized with `<prefix>: …`, TooMany after too many wrong secrets.
        """
        modes, refusal = READERS[prefix]
        client = self._catalog.find(lambda known: named(known.clients, client_id))
        if client is None:
            known = UUID_TEXT.fullmatch(client_id.lower())
            reason = "Invalid client id" if known else "Client ID must be a valid UUIDv4"
            raise Unauthorized(f"{prefix}: {reason}")
        if client.secret_hash is None:
            raise Unauthorized(f"{prefix}: Client has no secret")
        if client.mode not in modes:
            raise Unauthorized(f"{prefix}: {refusal}")
        if not client_secret or not self._secrets.verify(client.id, client_secret, client.secret_hash):
            raise Unauthorized(f"{prefix}: Invalid client secret")
        # A project that is to be deleted is nobody's home.
        lives = client.project_id in self._catalog.snapshot().projects
        return Principal(client_id=client.id, mode=client.mode, project_id=client.project_id if lives else None)


def _known(snapshot: Snapshot, client_id: str) -> Client:
    """The client, or the first of the refusals that fits."""
    if not client_id:
        raise Unauthorized(MISSING_ID)
    client = named(snapshot.clients, client_id)
    if client is not None:
        return client
    known = UUID_TEXT.fullmatch(client_id.lower())
    raise Unauthorized(UNKNOWN_ID if known else MALFORMED_ID)
