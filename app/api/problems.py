"""Every error of the API as application/problem+json (RFC 9457), and its description in OpenAPI."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.faults import from_validation, not_json
from app.core.errors import ApiError

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:rubis:problem:"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_REASONS = {
    404: "route__missing",
    405: "route__method",
    413: "request__too_large",
    431: "request__too_large",
}


class ProblemError(BaseModel):
    """What is wrong with one field."""

    field: str = Field(
        description="The field's path in the request, such as `client.email` or `steps[0].tone`.",
        examples=["due_on"],
    )
    message: str = Field(examples=["due_on must be a date such as 2026-11-30"])


class Problem(BaseModel):
    """An error (RFC 9457): `reason` is for machines, `detail` for people."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": f"{TYPE_PREFIX}invoice__missing",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "invoice 7 does not exist",
                    "reason": "invoice__missing",
                    "errors": [{"field": "invoice_id", "message": "invoice 7 does not exist"}],
                    "request_id": "9f2c4e6b8a0d4f1e9c3b5a7d6e8f0a1b",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    reason: str
    errors: list[ProblemError] = []
    hint: str | None = None
    request_id: str | None = None


def problem_response(
    error: ApiError, request_id: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer for an error. A 401 says how to authenticate (RFC 9110), a 429 or 503 when to come back."""
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + error.reason,
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.detail,
        "reason": error.reason,
    }
    if error.errors:
        body["errors"] = [fault._asdict() for fault in error.errors]
    if error.hint:
        body["hint"] = error.hint
    if request_id:
        body["request_id"] = request_id
    extra = dict(headers or {})
    if error.status == HTTPStatus.UNAUTHORIZED:
        extra.setdefault("WWW-Authenticate", 'Bearer realm="rubis"')
    if error.retry_after is not None:
        extra["Retry-After"] = str(error.retry_after)
    return Response(to_json(body), error.status, extra, MEDIA_TYPE)


class InternalErrors:
    """ASGI middleware: log an unexpected exception and answer 500 without internals."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            if scope["type"] != "http":
                raise
            log.exception("unexpected_error")
            if not started:
                answer = problem_response(
                    ApiError(500, "internal", "Something went wrong on our side."), scope.get("request_id")
                )
                await answer(scope, receive, send)


def install(app: FastAPI) -> None:
    """Answer every error of this app with a problem, and describe problems in its OpenAPI document."""

    @app.exception_handler(ApiError)
    async def known(request: Request, error: ApiError) -> Response:
        return _answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return _answer(request, from_validation(error.errors()))

    @app.exception_handler(HTTPException)
    async def routing(request: Request, error: HTTPException) -> Response:
        if error.status_code == HTTPStatus.BAD_REQUEST:  # FastAPI's own, for a body in no known encoding
            return _answer(request, not_json())
        reason = _REASONS.get(error.status_code, f"http__{error.status_code}")
        detail = (
            "There is nothing at this address."
            if error.status_code == HTTPStatus.NOT_FOUND
            else str(error.detail)
        )
        headers = {**(error.headers or {})}
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_methods(app, request))
        return _answer(request, ApiError(error.status_code, reason, detail), headers)

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            _describe(FastAPI.openapi(app))
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend its document


def _methods(app: FastAPI, request: Request) -> list[str]:
    """The methods that a 405 must list (RFC 9110): Starlette names those of the first such route only."""
    return [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] == Match.FULL for route in app.routes)
    ]


def refuse_undeclared(router: APIRouter) -> None:
    """Have a path without parameters answer 405 to a method that is not its own (RFC 9110, 15.5.6).

    Another route, whose path has a parameter there, would take `PATCH invoices/next-number` for an invoice.
    Doing it twice changes nothing.
    """
    fixed: dict[str, set[str]] = {}
    for route in router.routes:
        if isinstance(route, APIRoute) and "{" not in route.path:
            fixed.setdefault(route.path, set()).update(route.methods or ())
    for path, own in fixed.items():
        taken = {
            at
            for method in set(_METHODS) - own
            for at, route in enumerate(router.routes)
            if route.matches(
                {"type": "http", "path": path, "root_path": "", "method": method, "headers": []}
            )[0]
            == Match.FULL
        }
        if taken:
            short, others = path.removeprefix(router.prefix), sorted({*_METHODS, "OPTIONS"} - own)
            router.add_api_route(short, _refusal(own), methods=others, include_in_schema=False)
            router.routes.insert(min(taken), router.routes.pop())


def _refusal(own: set[str]) -> Callable[[Request], Awaitable[Response]]:
    allowed = ", ".join(method for method in _METHODS if method in own)

    async def refuse(request: Request) -> Response:
        error = ApiError(405, "route__method", HTTPStatus.METHOD_NOT_ALLOWED.description)
        return _answer(request, error, {"Allow": allowed})

    return refuse


def _describe(document: dict[str, Any]) -> None:
    """Put the schema of a problem in the place of FastAPI's own validation errors, which are never sent."""
    for path in document["paths"].values():
        for operation in path.values():
            if MEDIA_TYPE not in operation["responses"].get("422", {}).get("content", {}):
                operation["responses"].pop("422", None)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs"), Problem=schema)


def _answer(request: Request, error: ApiError, headers: Mapping[str, str] | None = None) -> Response:
    request.scope["reason"] = error.reason  # for the request's line in the log
    return problem_response(error, request.scope.get("request_id"), headers)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: the given statuses and those any route can answer, each with a problem."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted({*statuses, 500})
    }
