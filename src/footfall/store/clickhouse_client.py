"""How ClickHouse is reached: the URL, the settings of writes and of questions, its errors, its parameters."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, Error, OperationalError
from sqlglot import exp

from footfall.model.errors import Overloaded, SetupError
from footfall.store.base import TOO_LONG

_UTC = {"session_timezone": "UTC"}

WRITING: dict[str, Any] = _UTC | {
    # Rows are on disk, and known to be dropped as repeated or not, when the insert is answered.
    "async_insert": 0,
    "max_partitions_per_insert_block": 0,
    "max_execution_time": 300,
}


def reading(seconds: float, memory_bytes: int, rows: int) -> dict[str, Any]:
    """Settings of questions: their limits, and what others mean by an outer join and by a text of JSON."""
    return _UTC | {
        "max_execution_time": seconds,
        "timeout_overflow_mode": "throw",
        "max_memory_usage": memory_bytes,
        "max_result_rows": rows,
        "result_overflow_mode": "throw",
        "join_use_nulls": 1,
        "output_format_json_escape_forward_slashes": 0,
    }


# -- opening

OLDEST_SERVER = "25.8"
"""The first long-term release with lightweight updates, which deletes are made of."""

_UNKNOWN_DATABASE = 81


def connect(url: str, settings: Mapping[str, Any], timeout: float) -> Client:
    """A client of `clickhouse://user:pass@host:8123/db` (`clickhouses://` for TLS) or `chdb:///path`.

    Makes the database if it does not exist. Raises SetupError.
    """
    with setup(url):
        try:
            client = _open(url, settings, timeout)
        except Error as error:
            if error.code != _UNKNOWN_DATABASE:
                raise
            _make_database(url, settings, timeout)
            client = _open(url, settings, timeout)
        if not client.min_version(OLDEST_SERVER):
            version = client.server_version
            client.close()
            raise ValueError(f"it is version {version}, and Footfall needs {OLDEST_SERVER} or newer")
        return client


@contextmanager
def setup(url: str) -> Iterator[None]:
    """Turn whatever keeps the store from opening into SetupError."""
    try:
        yield
    except (ClickHouseError, Overloaded, ImportError, ValueError, OSError) as error:
        raise SetupError(f"ClickHouse at {_without_password(url)} can't be used: {_first_line(error)}") from error


def _open(url: str, settings: Mapping[str, Any], timeout: float) -> Client:
    if url.startswith("chdb:"):
        return clickhouse_connect.get_client(dsn=url, settings=dict(settings))
    scheme, _, rest = url.partition("://")
    if scheme not in ("clickhouse", "clickhouses") or not rest:
        raise ValueError("the URL must look like clickhouse://user:password@host:8123/database")
    return clickhouse_connect.get_client(
        dsn=f"clickhouse://{rest}",
        interface="https" if scheme == "clickhouses" else None,
        settings=dict(settings),
        # Sessions are for temporary tables; with one, two threads could not ask at once.
        autogenerate_session_id=False,
        form_encode_query_params=True,
        connect_timeout=5,
        send_receive_timeout=int(timeout) + 10,
    )


def _make_database(url: str, settings: Mapping[str, Any], timeout: float) -> None:
    parts = urlsplit(url)
    client = _open(urlunsplit(parts._replace(path="/default")), settings, timeout)
    try:
        name = parts.path.strip("/").replace("`", "")
        client.command(f"CREATE DATABASE IF NOT EXISTS `{name}`")
    finally:
        client.close()


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _first_line(error: BaseException) -> str:
    if isinstance(error, OperationalError) and error.code is None:
        # In the client's words a server that is away is a URL with all its settings.
        while error.__context__ is not None:
            error = error.__context__
    return str(error).strip().partition("\n")[0][:300]


# -- what errors mean

_TOO_LONG = (159, 160, 209)
_TOO_MUCH_MEMORY = (241,)
_TOO_MANY_ROWS = (158, 307, 396)
_BUSY = (202, 203, 210, 242, 252, 279, 999)


@contextmanager
def questions() -> Iterator[None]:
    """Turn the limits of questions, and a server that is away, into Overloaded."""
    try:
        yield
    except Error as error:
        if error.code in _TOO_LONG:
            raise Overloaded(TOO_LONG) from error
        if error.code in _TOO_MUCH_MEMORY:
            raise Overloaded("the question needs more memory than the limit; ask for less", 1) from error
        if error.code in _TOO_MANY_ROWS:
            raise Overloaded("the answer has more rows than the limit; ask for less", 1) from error
        if error.code in _BUSY or (isinstance(error, OperationalError) and error.code is None):
            raise Overloaded(f"ClickHouse can't answer now: {_first_line(error)}", 5) from error
        raise


@contextmanager
def writes() -> Iterator[None]:
    """Turn whatever keeps ClickHouse from taking rows into Overloaded: the rows were checked before."""
    try:
        yield
    except (ClickHouseError, OSError) as error:
        raise Overloaded(f"the store can't take events now: {_first_line(error)}", retry_after=5) from error


# -- parameters


def bind(select: exp.Query, params: Mapping[str, object]) -> tuple[str, dict[str, Any]]:
    """The SQL text of a query, which is taken over, with `{name:Type}` for every placeholder, and their values.

    A placeholder without a `kind` gets the type of its value.
    """
    values: dict[str, Any] = {}
    for placeholder in select.find_all(exp.Placeholder):
        name = placeholder.name
        kind = placeholder.args.get("kind")
        if not kind:
            placeholder.set("kind", _type_of(params[name]))
        elif isinstance(kind, exp.DataType):
            # sqlglot takes a type of unknown nullability for a Nullable one.
            kind.set("nullable", params[name] is None)
        values[name] = _value(params[name])
    return select.sql(dialect="clickhouse", copy=False), values


def _type_of(value: object) -> str:
    match value:
        case bool():
            return "Bool"
        case int():
            return "Int64"
        case float():
            return "Float64"
        case datetime():
            return "DateTime64(3, 'UTC')"
        case date():
            return "Date32"
        case list() | tuple() | set() | frozenset():
            return f"Array({_type_of(next(iter(value), ''))})"
        case None:
            return "Nullable(String)"
        case _:
            return "String"


def _value(value: object) -> Any:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            instant = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
            return instant.strftime("%Y-%m-%d %H:%M:%S.") + f"{instant.microsecond // 1000:03}"
        case list() | tuple() | set() | frozenset():
            return [item if isinstance(item, bool) else _value(item) for item in value]
        case _:
            return value
