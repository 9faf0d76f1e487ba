"""Headers on every answer: a page opened from a mail runs no script, is not stored and sends no referrer."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def _headers(form_action: str, images: str = "'self'", more: str = "") -> dict[str, str]:
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'self'; img-src {images}; {more}"
            f"base-uri 'none'; form-action {form_action}; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }


HEADERS = _headers("'none'")
FORM_HEADERS = _headers("'self'")
"""Of a page with buttons, which post to where the page came from and nowhere else."""


def form_headers(leads_to: str) -> dict[str, str]:
    """Give the headers of a page whose button is answered by a redirect to another server's address."""
    address = urlsplit(leads_to)
    return _headers(f"'self' {address.scheme}://{address.netloc}")


DOCS_HEADERS = _headers("'none'", "'self' data:", "script-src 'self'; connect-src 'self'; ")
"""Of the page that documents the API: its scripts are files of this server, and call this server only.

The style of Swagger UI draws its arrows and buttons from `data:` images.
"""


APP_HEADERS = _headers("'self'", more="script-src 'self'; connect-src 'self'; ") | {
    # No referrer at all makes Chromium send `Origin: null` with the app's own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
"""Of the app's pages, behind a session: our one script, forms that post to this server only."""


LINK_HEADERS = _headers("'self'") | {
    # Of the address, which holds a token, no more than its origin: without one Chromium sends `Origin: null`.
    "Referrer-Policy": "strict-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
"""Of the app's pages that a mail leads to, with a token in their address: no script, no session."""


class SafeHeaders:
    """Adds headers to each answer that does not set its own, errors and static files included."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] = HEADERS) -> None:
        """Wrap an app."""
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, watching for the start of its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
