"""The session of a browser: a token in a cookie that no script can read, its hash in the database."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from app.core.callers import caller
from app.core.security import is_token, new_token, token_hash
from app.core.settings import Settings


class Sessions:
    """Makes, reads and ends the cookies of one deployment.

    Under https the cookie's name begins with `__Host-`, so that only this host can have set it (RFC 6265bis,
    4.1.3.2). SameSite is Lax and not Strict, because people arrive from links in mails.
    """

    def __init__(self, settings: Settings) -> None:
        """The cookie fits WEB_URL; it lasts as long as a refresh token, from the latest visit on."""
        self.secure = urlsplit(settings.web_url).scheme == "https"
        self.name = "__Host-rubis" if self.secure else "rubis"
        self.lifetime = timedelta(days=settings.refresh_token_ttl_days)

    def read(self, request: Request) -> str | None:
        """The token that the browser shows; None if it is none.

        The name counts as it was sent. Starlette would strip a no-break space before it, and with one the
        browser lets a neighbouring host set a `__Host-` name.
        """
        pairs = ";".join(request.headers.getlist("cookie")).split(";")
        named = [
            value
            for pair in pairs
            for name, _, value in [pair.strip(" ").partition("=")]
            if name == self.name
        ]
        return named[-1] if named and is_token(named[-1]) else None

    def mint(self, request: Request) -> tuple[str, dict[str, Any]]:
        """A fresh token, and what `api.register` and `api.login` are told of it."""
        token = new_token()
        return token, {
            "access_token_hash": token_hash(token),
            "access_expires_in": self.lifetime,
            **caller(request),
        }

    def keep(self, response: Response, token: str) -> None:
        """Have the browser keep this token, for as long again."""
        self._set(response, token, self.lifetime)

    def forget(self, response: Response) -> None:
        """Have the browser forget its token."""
        self._set(response, "", timedelta(0))

    def _set(self, response: Response, value: str, lifetime: timedelta) -> None:
        response.set_cookie(
            self.name,
            value,
            max_age=int(lifetime.total_seconds()),
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )
