"""Free TCP ports."""

import random
import socket

from tests.support.waiting import until

# Below those that Linux gives to outgoing connections (32768 and up): none of them takes what was found free.
_PORTS = range(15_000, 32_000)


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on, chosen at random so that processes do not meet."""
    while True:
        port = random.SystemRandom().choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_for_port(port: int, seconds: float = 60) -> None:
    """Return once something listens on this port of 127.0.0.1."""

    def listens() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    until(listens, f"nothing listens on port {port} after {seconds} s", seconds)
