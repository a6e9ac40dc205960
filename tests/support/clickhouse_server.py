"""ClickHouse's HTTP interface in front of its engine (chdb), in a process of its own.

Stands in for a server: what Footfall sends over HTTP is run by the real engine. Only what its client uses is
there: statements in the URL, the body or a form, parameters, settings, data behind an INSERT, errors with their code.

    with ClickHouseServer(folder) as url:
        footfall = Footfall(folder / "data", {"store": url})
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_OF_THE_TRANSPORT = {
    *("buffer_size", "client_protocol_version", "compress", "database", "decompress", "enable_http_compression"),
    *("http_headers_progress_interval_ms", "query", "query_id", "send_progress_in_http_headers", "session_id"),
    *("wait_end_of_query", "cancel_http_readonly_queries_on_client_close"),
}
_LONGEST_URL = 1_048_576  # http_max_uri_size
_LONGEST_FIELD = 131_072  # http_max_field_value_size

_DATA = re.compile(rb"\s*(INSERT INTO [^\n]+?) FORMAT (\w+)\n", re.IGNORECASE)
_CODE = re.compile(r"Code: (\d+)")


class ClickHouseServer:
    """A server on a folder; its URL, of the database `db`, is what `with` gives. It keeps the port that it got first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = 0
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Start it; its URL."""
        command = [sys.executable, "-m", "support.clickhouse_server", str(self._folder), str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())
        return f"clickhouse://127.0.0.1:{self._port}/db"

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdout is not None
            process.kill()
            process.wait(10)
            process.stdout.close()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


class _Asked(BaseHTTPRequestHandler):
    """One connection; its engine's handle lives as long."""

    protocol_version = "HTTP/1.1"
    folder = ""

    def setup(self) -> None:
        import chdb

        super().setup()
        self._engine = chdb.connect(self.folder)

    def finish(self) -> None:
        self._engine.close()
        super().finish()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self._body()
        parameters = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if len(self.path) > _LONGEST_URL:
            self._send(400, b"Code: 1000. DB::Exception: URI is too long", code="1000")
            return
        if (self.headers["content-type"] or "").startswith("multipart/form-data"):
            form = _form(self.headers["content-type"], body)
            if any(len(value) > _LONGEST_FIELD for name, value in form.items() if name != "query"):
                self._send(
                    500, b"Code: 1000. DB::Exception: HTML Form Exception: Field value too long", code="1000"
                )
                return
            parameters |= form
            body = b""
        statement = b"\n".join(filter(None, (parameters.get("query", "").encode(), body)))
        try:
            found = self._run(statement, parameters)
        except RuntimeError as error:
            text = str(error)
            code = _CODE.search(text)
            self._send(500, text[code.start() if code else 0 :].encode(), code=code[1] if code else "1")
        else:
            self._send(200, found)

    def _run(self, statement: bytes, parameters: Mapping[str, str]) -> bytes:
        database = parameters.get("database", "default")
        self._engine.query(f"USE `{database}`")
        settings = {name for name in parameters if not (name in _OF_THE_TRANSPORT or name.startswith("param_"))}
        for name in settings:
            self._engine.query(f"SET {name} = '{parameters[name]}'")
        try:
            return self._result(statement, parameters)
        finally:
            for name in settings:
                self._engine.query(f"SET {name} = DEFAULT")

    def _result(self, statement: bytes, parameters: Mapping[str, str]) -> bytes:
        bound = {name[6:]: value for name, value in parameters.items() if name.startswith("param_")}
        data = _DATA.match(statement)
        if data is None:
            return bytes(self._engine.query(statement.decode(), "TabSeparated", params=bound).bytes() or b"")
        with NamedTemporaryFile() as file:
            file.write(statement[data.end() :])
            file.flush()
            insert = f"{data[1].decode()} FROM INFILE '{file.name}' FORMAT {data[2].decode()}"
            return bytes(self._engine.query(insert).bytes() or b"")

    def _body(self) -> bytes:
        if self.headers["transfer-encoding"] == "chunked":
            pieces = []
            while size := int(self.rfile.readline(), 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            body = b"".join(pieces)
        else:
            body = self.rfile.read(int(self.headers["content-length"] or 0))
        if self.headers["content-encoding"] == "lz4":
            import lz4.frame

            body = lz4.frame.decompress(body)
        return body

    def _send(self, status: int, body: bytes, code: str = "") -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("x-clickhouse-timezone", "UTC")
        self.send_header("x-clickhouse-summary", "{}")
        if code:
            self.send_header("x-clickhouse-exception-code", code)
        elif body:
            self.send_header("x-clickhouse-format", "TabSeparated")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """No lines on stderr."""


def _form(kind: str, body: bytes) -> dict[str, str]:
    """The fields of a form."""
    message = message_from_bytes(b"content-type: " + kind.encode() + b"\r\n\r\n" + body, policy=HTTP)
    fields = {}
    for part in message.iter_parts():  # type: ignore[attr-defined]
        payload = part.get_payload(decode=True)
        fields[str(part.get_param("name", header="content-disposition"))] = payload.decode()
    return fields


def main(folder: str, port: int) -> None:
    """Serve on a port, which is printed; 0 is any."""
    _Asked.folder = folder
    server = ThreadingHTTPServer(("127.0.0.1", port), _Asked)
    server.daemon_threads = True
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
