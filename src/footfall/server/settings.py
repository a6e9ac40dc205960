"""Every setting of a Footfall server: its default, what it takes and what it does.

`settings_sources.load_settings` reads them. `python -m footfall.server.settings` prints `docs/settings.md`.
"""

import os
import re
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from msgspec.structs import FieldInfo, fields

from footfall.ingest.enrich.client_ip import DEFAULT_ORDER, DEFAULT_TRUSTED

PREFIX = "FOOTFALL_"
CONFIG = "FOOTFALL_CONFIG"
FILE_NAME = "footfall.toml"
CATALOG_FILE = "catalog.sqlite3"
JOURNAL_FILE = "journal.sqlite3"
STORE_FILE = "events.duckdb"

# Names that the peers' installations use, so that a migrated environment keeps its meaning.
ALIASES = {
    "secret": "APP_SECRET",
    "ip_header_order": "IP_HEADER_ORDER",
    "ignore_ip": "IGNORE_IP",
    "disable_bot_check": "DISABLE_BOT_CHECK",
    "tracker_script_name": "TRACKER_SCRIPT_NAME",
    "collect_api_endpoint": "COLLECT_API_ENDPOINT",
}

MEMORY = r"^[0-9]+(\.[0-9]+)? ?(%|[KMGT]i?B)$"
SCRIPT_NAME = r"^/?[A-Za-z0-9_][A-Za-z0-9_./-]*$"
ENDPOINT = r"^/[A-Za-z0-9_][A-Za-z0-9_./-]*$"
RATE = r"^[1-9][0-9]*/[1-9][0-9]*s$"


def _help(text: str, **limits: Any) -> Meta:
    return Meta(description=text, **limits)


Rate = Annotated[str, Meta(pattern=RATE)]


class RateLimit(Struct, frozen=True):
    """So many requests in so many seconds."""

    requests: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "RateLimit":
        """From `100/10s`, as the settings have it."""
        requests, _, seconds = text.partition("/")
        return cls(int(requests), int(seconds.removesuffix("s")))


class Settings(Struct, frozen=True, kw_only=True):
    """All settings. `docs/settings.md` is printed from the one line of help that each field has."""

    data: Annotated[str, _help("The folder that everything is kept in.", min_length=1)] = "./data"
    host: Annotated[str, _help("The address to listen on; `0.0.0.0` for all.", min_length=1)] = "127.0.0.1"
    port: Annotated[int, _help("The port to listen on; 0 takes a free one.", ge=0, le=65535)] = 8000
    trusted_proxies: Annotated[
        tuple[str, ...],
        _help("Addresses and ranges (CIDR) whose forwarded-for, client-IP and geo headers are believed."),
    ] = DEFAULT_TRUSTED
    ip_header_order: Annotated[
        tuple[str, ...], _help("The headers that may name the visitor's address, the first usable one wins.")
    ] = DEFAULT_ORDER
    ignore_ip: Annotated[
        tuple[str, ...],
        _help("Addresses and ranges (CIDR) whose hits to Umami's routes are refused, such as an office's."),
    ] = ()
    disable_bot_check: Annotated[bool, _help("Whether Umami's routes count programs and crawlers too.")] = False
    store: Annotated[
        str,
        _help(
            "Where events live: `duckdb` (a file in the data folder) or `clickhouse://user:password@host/db`.",
            pattern=r"^(duckdb|(clickhouse|clickhouses|chdb)://.*)$",
        ),
    ] = "duckdb"
    catalog: Annotated[
        str,
        _help(
            "Where projects and users live: empty (SQLite in the data folder) or a `postgresql://` URL.",
            pattern=r"^((postgres|postgresql|postgresql[+]psycopg|sqlite)://.+)?$",
        ),
    ] = ""
    memory_limit: Annotated[
        str,
        _help("How much memory the event store may use: a size (`2GB`) or a share (`25%`).", pattern=MEMORY),
    ] = "25%"
    answer_memory: Annotated[
        str,
        _help(
            "How much memory may keep answers for as long as no event changes them (DuckDB); `0MB`: none.",
            pattern=MEMORY,
        ),
    ] = "32MB"
    threads: Annotated[int, _help("How many threads a query may use; 0 for one per core.", ge=0, le=1024)] = 0
    session_timeout_minutes: Annotated[
        int, _help("A visitor who is silent for so long starts a new session.", ge=1, le=1440)
    ] = 30
    geo_country: Annotated[
        str, _help("A country database (`.mmdb`) to use instead of the one that comes with Footfall.")
    ] = ""
    geo_city: Annotated[str, _help("A city database (`.mmdb`); empty: countries only.")] = ""
    max_body_bytes: Annotated[
        int, _help("The largest request body that is taken, packed or unpacked.", ge=1024)
    ] = 16 * 1024 * 1024
    query_timeout_seconds: Annotated[
        float, _help("A question that takes longer is given up with an error.", gt=0, le=3600)
    ] = 30.0
    log_format: Annotated[
        Literal["auto", "json", "console"], _help("`auto` is `console` on a terminal and `json` elsewhere.")
    ] = "auto"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], _help("The least serious kind of line to log.")
    ] = "info"
    secret: Annotated[
        str,
        _help("What tokens are signed with; empty: made at random on first start and kept in the catalog."),
    ] = ""
    umami_stats: Annotated[
        Literal["v3", "v2"], _help("The shape of Umami's `/stats` and `/metrics`: `v3` flat, `v2` nested.")
    ] = "v3"
    tracker_script_name: Annotated[
        tuple[Annotated[str, Meta(pattern=SCRIPT_NAME)], ...],
        _help("Further names of `/script.js`, such as `stats.js`, for what blocks the usual one."),
    ] = ()
    collect_api_endpoint: Annotated[
        str, _help("The path that `/script.js` sends to; `/api/send` takes hits in any case.", pattern=ENDPOINT)
    ] = "/api/send"
    rate_limit_insights: Annotated[Rate, _help("Requests per client to the Insights API.")] = "100/10s"
    rate_limit_export: Annotated[Rate, _help("Requests per client to the Export API.")] = "100/10s"
    rate_limit_manage: Annotated[Rate, _help("Requests per client to the Manage API.")] = "20/10s"
    rate_limit_platform: Annotated[Rate, _help("Requests per key to the Platform API v2.")] = "100/60s"
    rate_limit_dashboard: Annotated[Rate, _help("Requests per user of the dashboard.")] = "1000/10s"
    rate_limit_share: Annotated[Rate, _help("Requests per address by share links.")] = "300/10s"
    rate_limit_login: Annotated[Rate, _help("Sign-in attempts per address.")] = "10/60s"

    @property
    def data_path(self) -> Path:
        """The data folder; it may not exist yet."""
        return Path(self.data).expanduser()

    @property
    def catalog_url(self) -> str:
        """What `Catalog` opens: the URL that was set, else the file in the data folder."""
        return self.catalog or str(self.data_path / CATALOG_FILE)

    @property
    def memory_bytes(self) -> int:
        """`memory_limit` in bytes; a share is of this machine's or container's memory."""
        return _bytes(self.memory_limit)

    @property
    def answer_bytes(self) -> int:
        """`answer_memory` in bytes."""
        return _bytes(self.answer_memory)


def _bytes(size: str) -> int:
    number, unit = re.fullmatch(r"([0-9.]+) ?(.+)", size).groups()  # type: ignore[union-attr]
    if unit == "%":
        return int(_machine_memory() * float(number) / 100)
    base = 1024 if "i" in unit else 1000
    return int(float(number) * base ** ("KMGT".index(unit[0]) + 1))


def _meta(field: FieldInfo) -> Meta:
    return next(item for item in field.type.__metadata__ if isinstance(item, Meta) and item.description)


def _machine_memory() -> int:
    """Bytes of memory: the container's limit where there is one, else the machine's."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total


def settings_table() -> str:
    """The settings as a Markdown table: name, variable, default, help."""
    lines = ["| setting | variable | default | what it does |", "|---|---|---|---|"]
    for field in fields(Settings):
        variable = " or ".join(
            f"`{name}`" for name in (PREFIX + field.name.upper(), ALIASES.get(field.name)) if name
        )
        lines.append(f"| `{field.name}` | {variable} | {_shown(field.default)} | {_meta(field).description} |")
    return "\n".join(lines) + "\n"


def _shown(default: object) -> str:
    if default in ("", ()):
        return "empty"
    return f"`{', '.join(default) if isinstance(default, tuple) else default}`"


def settings_page() -> str:
    """The whole of `docs/settings.md`."""
    return (
        "# Settings\n\n"
        "A flag wins over a variable, a variable over the configuration file, the file over the default.\n"
        f"The file is TOML: what `--config` or `{CONFIG}` names, else `{FILE_NAME}` in the data folder.\n"
        "Lists are TOML arrays in the file and separated by commas elsewhere. An empty variable sets nothing.\n\n"
        "```toml\n"
        'port = 8080\ntrusted_proxies = ["10.0.0.0/8"]\n'
        "```\n\n"
        f"{settings_table()}\n"
        "This page is printed by `python -m footfall.server.settings`; a test keeps it true.\n"
    )


if __name__ == "__main__":
    sys.stdout.write(settings_page())
