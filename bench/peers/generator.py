"""An HTTP load generator: requests over keep-alive connections, each sent when the one before is answered.

Reads {"port", "connections", "requests": [text]} on its standard input and writes a report on its standard
output. A process of its own; it says how busy it was, since a generator at its limit measures itself.
"""

import asyncio
import json
import sys
import time
from collections import Counter, deque


class Connection(asyncio.Protocol):
    """One connection: asks, reads one answer of known length, asks again."""

    def __init__(self, requests: deque[bytes], done: asyncio.Future[None]) -> None:
        self.latencies: list[float] = []
        self.statuses: Counter[str] = Counter()
        self._requests = requests
        self._done = done
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end or len(rest) < _length(head):
            return
        self.latencies.append(time.perf_counter() - self._sent_at)
        self.statuses[head.split(b" ", 2)[1].decode()] += 1
        self._received = b""
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server closed a connection"))

    def _ask(self) -> None:
        assert self._transport is not None
        if self._requests:
            self._sent_at = time.perf_counter()
            self._transport.write(self._requests.popleft())
        elif not self._done.done():
            self._done.set_result(None)
            self._transport.close()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def generate(port: int, count: int, texts: list[str]) -> dict[str, object]:
    """Send everything; seconds it took, answers by status, latencies in ms, how busy this process was."""
    loop = asyncio.get_running_loop()
    requests = deque(text.encode() for text in texts)
    done = [loop.create_future() for _ in range(count)]
    began, busy = time.perf_counter(), time.process_time()
    connections = [
        (await loop.create_connection(lambda end=end: Connection(requests, end), "127.0.0.1", port))[1]  # type: ignore[misc]
        for end in done
    ]
    await asyncio.gather(*done)
    elapsed, used = time.perf_counter() - began, time.process_time() - busy
    latencies = sorted(latency for connection in connections for latency in connection.latencies)
    statuses = sum((connection.statuses for connection in connections), Counter())
    return {
        "seconds": elapsed,
        "statuses": dict(statuses),
        "p50_ms": 1000 * latencies[len(latencies) // 2],
        "p99_ms": 1000 * latencies[len(latencies) * 99 // 100],
        "busy": used / elapsed,
    }


def main() -> None:
    """Do what the standard input says."""
    order = json.load(sys.stdin)
    report = asyncio.run(generate(order["port"], order["connections"], order["requests"]))
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
