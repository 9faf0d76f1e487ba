"""Limits: attempts per time, and bytes per request.

Rates are moving windows in this process's memory. Several API processes count each for itself, so the
true limit is the setting times their number.
"""

import time
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from itertools import count
from math import ceil

from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem_response
from app.core.errors import ApiError

MAX_BODY_BYTES = 1_000_000
_SWEEP_EVERY = 1024
_TOO_LARGE = f"A request may have {MAX_BODY_BYTES} bytes at most."


class Limits:
    """The limited attempts: sign-in by address and by e-mail, unknown tokens by address."""

    def __init__(self, sign_in: str, invalid_token: str) -> None:
        """Both as the limits library writes them: `10/minute`. Raises ValueError on anything else."""
        self._sign_in = parse(sign_in)
        self._invalid_token = parse(invalid_token)
        self._storage = MemoryStorage()
        self._windows = MovingWindowRateLimiter(self._storage)
        self._hits = count(1)

    def sign_in(self, request: Request, email: str) -> None:
        """Count an attempt to sign in or register, whether or not it succeeds; raise 429 over either limit.

        It counts before the password is checked, so that simultaneous attempts count like successive ones.
        """
        self._hit(self._sign_in, "address", client_address(request))
        self._hit(self._sign_in, "email", email.casefold())

    def check_tokens(self, request: Request) -> None:
        """Raise 429 if this address has sent too many unknown tokens. Does not count."""
        key = client_address(request)
        if not self._windows.test(self._invalid_token, "token", key):
            raise self._exceeded(self._invalid_token, "token", key)

    def count_invalid_token(self, request: Request) -> None:
        """Count an unknown token, so that a search for valid ones is stopped soon."""
        self._windows.hit(self._invalid_token, "token", client_address(request))
        self._sweep()

    def _hit(self, item: RateLimitItem, kind: str, key: str) -> None:
        self._sweep()
        if not self._windows.hit(item, kind, key):
            raise self._exceeded(item, kind, key)

    def _exceeded(self, item: RateLimitItem, kind: str, key: str) -> ApiError:
        reset = self._windows.get_window_stats(item, kind, key).reset_time
        wait = max(1, ceil(reset - time.time()))
        return ApiError(
            429, f"rate_limit__{kind}", f"Too many attempts. Please wait {wait} s.", retry_after=wait
        )

    def _sweep(self) -> None:
        """Remove keys whose window is empty, from time to time: the storage itself keeps them."""
        if next(self._hits) % _SWEEP_EVERY == 0:
            for key, events in list(self._storage.events.items()):
                if not events:
                    self._storage.clear(key)


def client_address(request: Request) -> str:
    """Who is calling, as one key: an IPv4 address, or an IPv6 network of 64 bits, what one household has.

    Behind a proxy named in TRUSTED_PROXIES this is the address it forwards; other headers are not believed.
    """
    return _address_key(request.client.host) if request.client else "unknown"


@lru_cache(maxsize=4096)
def _address_key(host: str) -> str:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"


class BodyLimit:
    """ASGI middleware: 413 for a body of more than MAX_BODY_BYTES, declared or not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
            error = ApiError(413, "request__too_large", _TOO_LARGE)
            await problem_response(error, scope.get("request_id"))(scope, receive, send)
            return
        received = 0

        async def receive_some() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                # An HTTPException, since FastAPI takes any other one for a body that cannot be parsed.
                raise HTTPException(413, _TOO_LARGE)
            return message

        await self.app(scope, receive_some, send)
