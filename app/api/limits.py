"""Who is calling, as the limits of attempts see it, and how many bytes a request may have."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem_response
from app.core.errors import ApiError

MAX_BODY_BYTES = 1_000_000
_TOO_LARGE = f"A request may have {MAX_BODY_BYTES} bytes at most."


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
