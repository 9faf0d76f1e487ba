"""Structured logs: JSON lines on stderr, or something readable on a terminal. Never a token."""

import json
import logging
import re
import secrets
import sys
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any, TextIO

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.types import EventDict, Processor, WrappedLogger

from app.core.security import TOKEN_LENGTH
from app.core.settings import Settings

REQUEST_ID_HEADER = "X-Request-ID"
_HEADER = REQUEST_ID_HEADER.lower().encode()
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
# 43 base64url characters standing alone, at least one a capital: no name of ours looks like that.
_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])", re.ASCII)
_QUIET = {
    "procrastinate": logging.WARNING,
    "psycopg": logging.WARNING,
    "psycopg.pool": logging.ERROR,
    "httpx": logging.WARNING,
}

_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)
access_log = structlog.get_logger("app.request")


class _Writer(structlog.WriteLogger):
    """Writes the lines of one named logger of ours. The logging module would triple what a line costs.

    As there, a line that cannot be written is lost: on a full disk, mails and clicks go on.
    """

    def __init__(self, file: TextIO, name: str) -> None:
        super().__init__(file)
        self.name = name

    def msg(self, message: str) -> None:
        """Write one line."""
        with suppress(OSError, ValueError):  # ValueError: the file is closed
            super().msg(message)

    debug = info = warning = error = critical = msg


def configure(settings: Settings) -> None:
    """Set up the logs of this process: ours and those of every library have one form, on stderr."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    terminal = sys.stderr.isatty()
    renderer: list[Processor] = (
        [redact, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if terminal
        else [
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(_to_json),
        ]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _drop_colours, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers, library.propagate = [], name != "uvicorn.access"
    logging.getLogger("uvicorn.access").disabled = True
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    structlog.configure(
        processors=[*shared, *renderer],
        logger_factory=partial(_Writer, sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        cache_logger_on_first_use=False,
    )


def _to_json(event: EventDict, **_options: Any) -> str:
    return _ENCODER.encode(event)


def _drop_colours(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop uvicorn's second, coloured copy of each message."""
    event.pop("color_message", None)
    return event


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace what looks like a token. This is a second defence: no code of ours logs one."""
    return {key: _redacted(value) for key, value in event.items()}


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) < TOKEN_LENGTH else _TOKEN.sub("[token]", value)
    if isinstance(value, dict):
        return {key: _redacted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(item) for item in value]
    return value


class RequestLog:
    """ASGI middleware: a request id for every request, and one log line with its route, never its path."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        scope["request_id"] = request_id = _request_id(scope)
        header = (_HEADER, request_id.encode())
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], header]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            finally:
                _log_request(scope, status, (time.perf_counter() - began) * 1000)


def _request_id(scope: Scope) -> str:
    """What the caller gave, if it looks like an id and not like a token; else a new one."""
    given = next((value for name, value in scope["headers"] if name == _HEADER), b"").decode("latin-1")
    return given if _REQUEST_ID.fullmatch(given) and not _TOKEN.search(given) else secrets.token_hex(16)


def _log_request(scope: Scope, status: int, duration_ms: float) -> None:
    """Log one line per request. Status 0: no answer was sent. Health checks are debug, unless they fail."""
    route = getattr(scope.get("route"), "path", None)
    failed = status == 0 or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    health = route in ("/healthz", "/readyz")
    level = logging.WARNING if failed else logging.DEBUG if health else logging.INFO
    client = scope.get("client")
    reason = {"reason": scope["reason"]} if "reason" in scope else {}
    access_log.log(
        level,
        "request",
        method=scope["method"],
        route=route,
        status=status,
        duration_ms=round(duration_ms, 1),
        client=client[0] if client else None,
        **reason,
    )
