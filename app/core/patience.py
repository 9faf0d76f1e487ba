"""What uvicorn lacks: a caller who dawdles is let go, and a request's head has an end.

Uvicorn ends a connection that is idle between two requests (`timeout_keep_alive`), and no other. A connection
that says nothing, half a head, a body of a byte a minute, an answer that is not read: each would last as long
as its caller likes. No ASGI middleware sees them, so this is a part of the protocol.
"""

import asyncio
import socket
import struct

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 65_536
"""Of a head that comes in pieces, after its first piece."""

_AT_ONCE = struct.pack("ii", 1, 0)


def patient_protocol(seconds: float) -> type[asyncio.Protocol]:
    """The protocol in which a whole request has to arrive, and its answer to be taken, in this time each."""

    class Patient(PatientProtocol):
        patience = seconds

    return Patient


class PatientProtocol(HttpToolsProtocol):
    """Uvicorn's protocol with two timers: one for the request, one for the answer. Both end the connection.

    The request's runs from the opening, or from the first byte after an answer, until the request is whole.
    The answer's runs from the moment the caller does not take it as fast as it is written. Between the two
    the application works, whose time has other limits.
    """

    patience: float = 30
    _request_timer: asyncio.TimerHandle | None = None
    _answer_timer: asyncio.TimerHandle | None = None
    _head_open = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_request()
        self._forget_answer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        # Also for a byte that begins no request: it ends uvicorn's own wait for one.
        self._await_request()
        goes_on = self._head_open
        super().data_received(data)
        if goes_on and self._head_open:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_open, self._head_bytes = True, 0
        if self.transport.get_write_buffer_size() == 0:
            self._forget_answer()

    def on_headers_complete(self) -> None:
        self._head_open = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._forget_request()
        super().on_message_complete()

    def pause_writing(self) -> None:
        self._await_reader()
        super().pause_writing()

    def on_response_complete(self) -> None:
        self._await_reader()
        super().on_response_complete()

    def _await_request(self) -> None:
        if self._request_timer is None:
            self._request_timer = self.loop.call_later(self.patience, self._let_go)

    def _forget_request(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def _await_reader(self) -> None:
        if self._answer_timer is None:
            self._answer_timer = self.loop.call_later(self.patience, self._end_answer)

    def _forget_answer(self) -> None:
        if self._answer_timer is not None:
            self._answer_timer.cancel()
            self._answer_timer = None

    def _end_answer(self) -> None:
        self._answer_timer = None
        if self.transport.get_write_buffer_size() > 0:
            self._let_go()

    def _let_go(self) -> None:
        """End the connection at once, also for the kernel, which would keep what was not read."""
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()
