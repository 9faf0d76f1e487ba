"""Free TCP ports."""

import socket
import time


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on. Another process may take it before you do: bind soon."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, seconds: float = 15) -> None:
    """Return once something listens on this port of 127.0.0.1. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    message = f"nothing listens on port {port} after {seconds} s"
    raise TimeoutError(message)
