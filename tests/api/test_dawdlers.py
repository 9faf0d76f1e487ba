"""Callers who dawdle are let go, by the API and the server of the result pages; others are answered."""

import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import httpx
import pytest

from app.core.patience import MAX_HEAD_BYTES
from tests.support.ports import free_port, wait_for_port
from tests.support.program import Program

_PATIENCE = 1  # REQUEST_TIMEOUT_SECONDS
_BOUND = 8.0  # a busy machine takes its time
_GONE = select.POLLHUP | select.POLLERR
_GET = b"GET /healthz HTTP/1.1\r\nHost: a.example\r\n"
_POST = b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/json\r\n"
_HEAD = _POST + b"Content-Length: 1000\r\n\r\n"


@pytest.fixture(scope="module", params=["api", "web"])
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real process that waits a second for each caller; it needs no database for that."""
    port = free_port()
    other = free_port()
    environment = {
        "PORT": str(port if request.param == "api" else other),
        "WEB_URL": f"http://localhost:{other if request.param == 'api' else port}",
        "API_DATABASE_URL": f"postgresql://rubis_api@127.0.0.1:{free_port()}/none",
        "REQUEST_TIMEOUT_SECONDS": str(_PATIENCE),
    }
    with Program(request.param, environment, tmp_path_factory.mktemp(request.param)):
        wait_for_port(port)
        yield port


def opened(port: int) -> socket.socket:
    """A connection that can take few bytes at once."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    return connection


def ended(connection: socket.socket, dawdle: Callable[[socket.socket], None]) -> float:
    """Dawdle until the server has ended this connection; after how many seconds."""
    began = time.monotonic()
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    while time.monotonic() - began < _BOUND:
        for _, events in poll.poll(100):
            if events & _GONE:
                return time.monotonic() - began
        with suppress(ConnectionError):
            dawdle(connection)
    pytest.fail(f"the connection lives after {_BOUND} s")


def others_are_answered(port: int) -> None:
    """Another caller's request has its answer at once."""
    assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200


def say_nothing(_: socket.socket) -> None:
    """Wait."""
    time.sleep(0.05)


def say_a_byte(connection: socket.socket) -> None:
    """One more byte."""
    connection.send(b"a")
    time.sleep(0.1)


def read_a_byte(connection: socket.socket) -> None:
    """One byte of the answer."""
    connection.recv(1)
    time.sleep(0.1)


@pytest.mark.parametrize(
    ("begin", "dawdle"),
    [
        (b"", say_nothing),
        (_GET + b"X-", say_nothing),
        (_GET + b"X-", say_a_byte),
        (b"GET /", say_a_byte),
        (_HEAD, say_nothing),
        (_HEAD, say_a_byte),
        (_POST + b"Transfer-Encoding: chunked\r\n\r\n", say_nothing),
        (_HEAD.replace(b"/ ", b"/api/v1/auth/login "), say_a_byte),
    ],
    ids=["nothing", "half_head", "slow_head", "slow_line", "no_body", "slow_body", "no_chunk", "slow_login"],
)
def test_a_request_that_does_not_end_is_ended(
    port: int, begin: bytes, dawdle: Callable[[socket.socket], None]
) -> None:
    """A head or body that stops, or comes byte by byte, ends its connection in a bounded time."""
    with opened(port) as connection:
        connection.sendall(begin)
        others_are_answered(port)
        ended(connection, dawdle)


def test_a_next_request_that_does_not_come_is_not_awaited(port: int) -> None:
    """After an answer, empty lines keep no connection open, though they end uvicorn's wait for a request."""
    with opened(port) as connection:
        connection.sendall(_GET + b"\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")

        def say_an_empty_line(connection: socket.socket) -> None:
            connection.send(b"\r\n")
            time.sleep(0.1)

        ended(connection, say_an_empty_line)


@pytest.mark.parametrize("dawdle", [say_nothing, read_a_byte])
def test_an_answer_that_is_not_read_is_ended(port: int, dawdle: Callable[[socket.socket], None]) -> None:
    """A caller who asks for a lot and takes it byte by byte, or not at all, holds nothing for long."""
    with opened(port) as connection:
        asks = memoryview(b"GET /static/rubis.css HTTP/1.1\r\nHost: a.example\r\n\r\n" * 20_000)
        connection.settimeout(0.3)
        with suppress(TimeoutError):
            while asks:
                asks = asks[connection.send(asks) :]
        connection.settimeout(None)
        others_are_answered(port)
        ended(connection, dawdle)


def test_two_hundred_silent_connections_are_ended(port: int) -> None:
    """They hold up no other caller, and are gone after the time for one."""
    with ExitStack() as all_of_them:
        connections = [all_of_them.enter_context(opened(port)) for _ in range(200)]
        others_are_answered(port)
        assert sum(ended(connection, say_nothing) for connection in connections) < _BOUND


def test_a_head_without_end_is_refused(port: int) -> None:
    """However fast it comes: what is read of it is bounded."""
    with opened(port) as connection:
        connection.sendall(_GET)
        sent = 0
        with suppress(ConnectionError):
            while sent < 100 * MAX_HEAD_BYTES:
                sent += connection.send(b"X-A: " + b"a" * 4000 + b"\r\n")
        assert sent < 100 * MAX_HEAD_BYTES


def test_a_caller_who_is_only_slow_is_answered(port: int) -> None:
    """Requests in pieces, one after the other on one connection, each within its time."""
    with opened(port) as connection:
        for _ in range(3):
            for piece in (b"GET /heal", b"thz HTTP/1.1\r\n", b"Host: a.example\r\n\r\n"):
                connection.sendall(piece)
                time.sleep(0.2)
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
