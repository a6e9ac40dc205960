"""uvicorn's HTTP protocol, made cheaper where a small request spends its time (docs/decisions/004-one-write.md).

Head and body of a response leave in one write, a connection has one timer for as long as it lives, and the
requests that the application takes straight pass by ASGI: no scope, no messages, no task.

And made safer where uvicorn takes whatever comes: heads have an end, and nobody keeps a connection for nothing.
No other protocol is spoken here, so whoever offers one, as HTTP/2's clients do, is answered as if he had not.
"""

import asyncio
import resource
import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from typing import Any, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from footfall.api.headers import Headers
from footfall.api.straight import Reply, Take

_LONGEST_STRAIGHT = 65_536
"""Bytes of a body that is gathered without holding its sender back; uvicorn's limit, too."""

_TELLING = frozenset({b"content-length", b"content-encoding"})

_OFFERS = (b"upgrade", b"http2-settings")
"""What offers another protocol: headers, and words of the header `connection`."""

_LONGEST_HEAD = 65_536
"""Bytes of a head, or of what stands around the pieces of a body. The parser keeps as much as comes."""

_BROKEN = "Invalid HTTP request received."

_LOOK_SECONDS = 5.0
_PATIENCE = 6
"""So many looks in a row may find that a client gets nowhere: half a minute."""

_LAST_REQUEST_SECONDS = 0.08
"""How long a stop waits for what a connection may be about to ask; uvicorn itself waits for 0.1 s."""

_SPARE_FILES = 200
"""How many files the stores may need while all others that the process may open are connections."""

_LEAST_BODY = 1_024
"""Bytes of a body between two looks; less is next to nothing, on the poorest line too."""


class _OneWrite:
    """A transport that holds a response's head until its body comes, or the loop comes round."""

    __slots__ = ("_held", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""

    def write(self, data: bytes) -> None:
        if self._held:
            data, self._held = self._held + data, b""
            self._transport.write(data)
        elif data.startswith(b"HTTP/1.1 "):
            self._held = data
            self._loop.call_soon(self._flush)
        else:
            self._transport.write(data)

    def _flush(self) -> None:
        if self._held:
            data, self._held = self._held, b""
            self._transport.write(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _Straight:
    """One request on its way, in the place of uvicorn's cycle and of its event for the body.

    Its coroutine is driven by what it waits for; most wait once, for the journal.
    """

    __slots__ = (
        *("_answered", "_coroutine", "_headers", "_peer", "_take", "_transport"),
        *("body", "disconnected", "keep_alive", "more_body", "response_complete"),
    )

    def __init__(
        self,
        take: Take,
        headers: Headers,
        peer: str,
        transport: asyncio.Transport,
        answered: Callable[[], None],
    ) -> None:
        self._take = take
        self._headers = headers
        self._peer = peer
        self._transport = transport
        self._answered = answered
        self._coroutine: Coroutine[Any, Any, Reply] | None = None
        self.body = b""
        self.more_body = True
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False

    @property
    def message_event(self) -> "_Straight":
        """What the base class sets when there is more of the body. No attribute: a circle would wait for a
        collection of garbage.
        """
        return self

    def set(self) -> None:
        """Something came of the body, or the connection went: begin once all is there."""
        if self._coroutine is None and not (self.more_body or self.disconnected):
            self._coroutine = self._take(self._headers, self._peer, self.body)
            self._step()

    def _step(self, _done: object = None) -> None:
        assert self._coroutine is not None
        try:
            waits_for = self._coroutine.send(None)
        except StopIteration as end:
            self._reply(end.value)
            return
        if waits_for is None:
            asyncio.get_running_loop().call_soon(self._step)
        else:
            waits_for.add_done_callback(self._step)

    def _reply(self, reply: Reply) -> None:
        self.response_complete = True
        if self.disconnected or self._transport.is_closing():
            return
        status, headers, body = reply
        parts = [STATUS_LINE[status]]
        for name, value in headers:
            parts += (name, b": ", value, b"\r\n")
        parts += (b"\r\n", body) if self.keep_alive else (b"connection: close\r\n\r\n", body)
        self._transport.write(b"".join(parts))
        if not self.keep_alive:
            self._transport.close()
        self._answered()


class Protocol(HttpToolsProtocol):
    """What `footfall serve` gives uvicorn. Its application may have `straight`: requests by their target."""

    _alone: asyncio.Transport
    _watch: asyncio.TimerHandle
    _idle_since: float | None = None
    _unparsed = 0  # bytes since the parser handed something over
    _came = 0  # bytes since the last look
    _unread = 0  # bytes that the client had not taken at the last look
    _stuck = 0  # looks in a row at which the client had got nowhere
    _is_last = False  # the request that is under way, or the next one

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection is there: put the holding transport in front of it, and begin to look at it.

        One too many is hung up on: without a file to write to, the store could keep nothing.
        """
        super().connection_made(cast("asyncio.Transport", _OneWrite(transport, self.loop)))
        self._alone = transport
        self._straight: Mapping[bytes, Take] = getattr(self.app, "straight", {})
        self._watch = self.loop.call_later(_LOOK_SECONDS, self._look)
        if len(self.connections) > _most_connections():
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, and with it its timer."""
        self._watch.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops. A request that is on its way over an open connection is still answered."""
        self._is_last = True
        if self._is_between_requests():
            self.loop.call_later(_LAST_REQUEST_SECONDS, self._close_unless_asked)
        else:
            super().shutdown()

    def _close_unless_asked(self) -> None:
        if self._is_between_requests():
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Something came: parse it, unless it has no end."""
        self._came += len(data)
        self._unparsed += len(data)
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as offer:
            self._decline(data[offer.args[0] :])
        except HttpParserError:
            self.logger.warning(_BROKEN)
            self.send_400_response(_BROKEN)
        if self._unparsed > _LONGEST_HEAD and not self._alone.is_closing():
            self._refuse_head()

    def _is_offer(self) -> bool:
        """Whether the request that is parsed offers another protocol; the parser takes no body of it then."""
        return self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"

    def _decline(self, rest: bytes) -> None:
        """Parse the request that was an offer, of which the head is known, as if it were none."""
        if not self._is_offer():
            return
        line = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        lines = [line, *(b"%s: %s" % header for header in _without_offers(self.headers)), b"\r\n"]
        self.parser = HttpRequestParser(self)
        self.data_received(b"\r\n".join(lines) + rest)

    def _refuse_head(self) -> None:
        """Say so, unless an answer is under way, and hang up."""
        if self._is_between_requests():
            message = b"The head of the request is too long."
            head = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[431] + head % len(message) + message)
        self.transport.close()

    def _is_between_requests(self) -> bool:
        """Whether nothing is asked, or no more than a part of a head."""
        return self.cycle is None or self.cycle.response_complete

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        self._unparsed = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The end of a request."""
        self._unparsed = 0
        if not self._is_offer():
            super().on_message_complete()

    def on_message_begin(self) -> None:
        """A request begins. What ASGI needs besides is made for those that go that way."""
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def on_headers_complete(self) -> None:
        """A request's head is there: take it straight, or leave it to ASGI."""
        self._unparsed = 0
        if self._is_offer():
            return
        take = self._straight.get(self.url)
        if take is not None and self._is_plain():
            peer = self.client[0] if self.client else ""
            # A cycle in all that the base class asks of one.
            self.cycle = cast("Any", _Straight(take, self.headers, peer, self._alone, self.on_response_complete))
            self.cycle.keep_alive = not self._is_last
            return
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers += headers
        super().on_headers_complete()
        if self._is_last:
            self.cycle.keep_alive = False
        self.headers = []  # what comes behind a body is no header

    def _is_plain(self) -> bool:
        """Whether there is nothing about this request to see to but a small body."""
        before, parser = self.cycle, self.parser
        lengths = [value for name, value in self.headers if name in _TELLING]
        return (
            # One length and no encoding.
            len(lengths) == 1
            and lengths[0].isdigit()
            and int(lengths[0]) <= _LONGEST_STRAIGHT
            and (before is None or before.response_complete)
            and parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not (self.expect_100_continue or self.flow.write_paused)
        )

    # One timer per connection that looks again later, where the base class sets and cancels one per request.

    def on_response_complete(self) -> None:
        """A response is out: begin the next request that waits, or wait for one."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
            return
        self._idle_since = self.loop.time()
        self._stuck = 0

    def resume_writing(self) -> None:
        """The client has read on."""
        self._unread = 0
        super().resume_writing()

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = None

    def _look(self) -> None:
        """Hang up on who leaves the connection idle, or gets nowhere with it; else look again later."""
        left = _LOOK_SECONDS
        self._stuck = self._stuck + 1 if self._gets_nowhere() else 0
        if self._stuck >= _PATIENCE:
            self._alone.abort()
            return
        if self._idle_since is not None and not self._unread:
            left = self._idle_since + self.timeout_keep_alive - self.loop.time()
            if left <= 0:
                self.timeout_keep_alive_handler()
                return
        self._watch = self.loop.call_later(left, self._look)

    def _gets_nowhere(self) -> bool:
        """Whether the client alone is waited for, and it has neither read nor sent what is worth it."""
        came, self._came = self._came, 0
        before, self._unread = self._unread, self._alone.get_write_buffer_size()
        if self._unread:
            return 0 < before <= self._unread
        if self._is_between_requests():
            return self._idle_since is None
        return self.cycle.more_body and not self.flow.read_paused and came < _LEAST_BODY


def _most_connections() -> int:
    """How many there may be at once; where few files may be open, half of them."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return sys.maxsize if most == resource.RLIM_INFINITY else max(most - _SPARE_FILES, most // 2)


def _without_offers(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    for name, value in headers:
        if name == b"connection":
            words = (word.strip() for word in value.split(b","))
            yield name, b", ".join(word for word in words if word.lower() not in _OFFERS)
        elif name not in _OFFERS:
            yield name, value
