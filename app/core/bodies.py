"""How many bytes a request may have."""

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 1_000_000
TOO_LARGE = f"A request may have {MAX_BODY_BYTES} bytes at most."


class BodyLimit:
    """ASGI middleware: 413 for a body of more bytes than its path may have, declared or not."""

    def __init__(
        self,
        app: ASGIApp,
        refuse: Callable[[Scope], ASGIApp],
        most: Callable[[str], int] = lambda _path: MAX_BODY_BYTES,
    ) -> None:
        """`refuse` answers 413 to a body that declares too many bytes; `most` tells a path's limit."""
        self.app = app
        self.refuse = refuse
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.most(scope["path"])
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if declared.isdigit() and int(declared) > most:
            await self.refuse(scope)(scope, receive, send)
            return
        received = 0

        async def receive_some() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                # An HTTPException, since FastAPI takes any other one for a body that cannot be parsed.
                raise HTTPException(413, TOO_LARGE)
            return message

        await self.app(scope, receive_some, send)
