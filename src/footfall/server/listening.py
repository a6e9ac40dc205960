"""The sockets that a server accepts on: its own, or those that systemd listens on for it (`sd_listen_fds(3)`).

systemd's stay open while Footfall restarts: who connects then waits in the kernel instead of being refused.
"""

import os
import socket

from footfall.model.errors import SetupError

BACKLOG = 2048
"""So many connections wait to be accepted."""

_FIRST_HANDED_OVER = 3
_HANDED_OVER = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


def listeners(host: str, port: int) -> list[socket.socket]:
    """Listening sockets: those that are handed over, else one at `host` and `port`. Raises SetupError."""
    return _handed_over() or [_bound(host, port)]


def _handed_over() -> list[socket.socket]:
    process, count, _ = (os.environ.pop(name, "") for name in _HANDED_OVER)
    if process != str(os.getpid()) or not count.isdecimal():
        return []
    numbers = range(_FIRST_HANDED_OVER, _FIRST_HANDED_OVER + int(count))
    return [_taken_over(number) for number in numbers]


def _taken_over(number: int) -> socket.socket:
    try:
        listener = socket.socket(fileno=number)
        is_listening = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise SetupError(f"descriptor {number}, which systemd hands over, is no socket") from error
    if not is_listening or listener.family not in (socket.AF_INET, socket.AF_INET6):
        raise SetupError(f"descriptor {number}, which systemd hands over, does not listen on TCP")
    listener.set_inheritable(False)
    listener.setblocking(False)
    return listener


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        raise SetupError(
            f"can't listen on {host} port {port}: {error.strerror or error}; choose another --port"
        ) from error
    listener.setblocking(False)
    return listener
