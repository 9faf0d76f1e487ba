"""A door into the app for the demonstration: one address that leads there, signed in.

The app itself has no such door. Cookies know no port, so a server of the demonstration's own, on the same
host, can give the browser the cookie of a session that it has opened with the password.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe

import httpx


@contextmanager
def open_door(web_url: str, email: str, password: str) -> Iterator[str]:
    """Within: an address on this machine that signs in whoever opens it, and leads to the app."""
    key = token_urlsafe(16)

    class Door(BaseHTTPRequestHandler):
        """Answers only the address that holds the key."""

        def do_GET(self) -> None:
            """Sign in, hand over the cookie, lead on."""
            if self.path != f"/{key}":
                self.send_error(404)
                return
            signed_in = httpx.post(
                f"{web_url}/sign-in",
                data={"email": email, "password": password},
                headers={"Sec-Fetch-Site": "same-origin"},
                trust_env=False,
            )
            self.send_response(303)
            self.send_header("Set-Cookie", signed_in.headers.get("set-cookie", ""))
            self.send_header("Location", f"{web_url}/")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing: the address holds the key."""

    with ThreadingHTTPServer(("localhost", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}/{key}"
        finally:
            server.shutdown()
            thread.join()
