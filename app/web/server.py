"""The web server: the app, and the result pages of links in mails, which need no database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.core import logs
from app.core.bodies import MAX_BODY_BYTES, BodyLimit
from app.core.database import Database
from app.core.errors import ApiError
from app.core.limits import Limits
from app.core.settings import Settings
from app.web.assets import assets
from app.web.headers import SafeHeaders
from app.web.language import negotiate
from app.web.pages import (
    account,
    activity,
    clients,
    home,
    imports,
    invoice,
    invoice_form,
    invoices,
    links,
    money,
    organization,
    plans,
    steps,
)
from app.web.results import OUTCOMES, PROOFS, render_pages
from app.web.session import Sessions
from app.web.visit import Area, Site, Visit

log = structlog.get_logger(__name__)

AREAS = (
    home.area,
    invoice.area,
    invoice_form.area,
    invoices.area,
    clients.area,
    activity.area,
    money.area,
    account.area,
    organization.area,
    links.area,
    imports.area,
    plans.area,
    steps.area,
)
_ERRORS = Area("errors")


def create_app(settings: Settings, database: Database | None = None) -> Starlette:
    """Build the ASGI app. It starts without a database, and its pages say so until there is one."""
    database = database or Database(
        settings.api_conninfo(),
        max_size=settings.db_pool_size,
        timeout=3.0,
        prepare_threshold=settings.prepare_threshold,
        application_name="rubis-web",
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with database:
            yield

    app = Starlette(
        lifespan=lifespan,
        routes=[
            *(route for area in AREAS for route in area.routes),
            *_results(),
            Route("/healthz", _healthz),
            Mount("/static", assets()),
        ],
        middleware=[
            *(
                [Middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)]
                if settings.trusted_proxies
                else []
            ),
            Middleware(logs.RequestLog),
            Middleware(SafeHeaders),
            Middleware(BodyLimit, refuse=_too_large, most=_body_limit),
        ],
        exception_handlers={HTTPException: _http_error, Exception: _unexpected},
    )
    # No redirect to a guessed address: our own links have no trailing slash.
    app.router.redirect_slashes = False
    app.state.site = Site(
        settings,
        database,
        Limits.of(database, settings),
        Sessions(settings),
    )
    return app


def _results() -> list[Route]:
    """The pages that the links of mails lead to: rendered once, without a database, a cookie or a script."""
    pages = render_pages()

    def answer(request: Request, name: str, status: int = 200) -> Response:
        accepted = ",".join(request.headers.getlist("accept-language"))
        language = negotiate(accepted, request.query_params.get("lang"))
        return Response(
            pages[name, language],
            status,
            media_type="text/html",
            headers={"Content-Language": language, "Vary": "Accept-Language"},
        )

    async def outcome(request: Request) -> Response:
        name = request.path_params["outcome"]
        return answer(request, name) if name in OUTCOMES else answer(request, "not_found", 404)

    async def proof(request: Request) -> Response:
        name = request.path_params["outcome"]
        return answer(request, f"verify_{name}") if name in PROOFS else answer(request, "not_found", 404)

    return [Route("/checkin/{outcome}", outcome), Route("/verify-email/{outcome}", proof)]


async def _healthz(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _http_error(request: Request, error: Exception) -> Response:
    """A page for an address or a method that leads nowhere, or a body that is too large."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return await Visit(request, _ERRORS).failed(ApiError(status, f"page__{status}", ""))


async def _unexpected(request: Request, error: Exception) -> Response:
    """A page for a fault of ours. It is logged here; Starlette raises it again for the server's log."""
    log.error("unexpected_error", exc_info=error)
    return await Visit(request, _ERRORS).failed(ApiError(500, "internal", ""))


def _too_large(_scope: Scope) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        page = await _http_error(Request(scope), HTTPException(413))
        await page(scope, receive, send)

    return answer


def _body_limit(path: str) -> int:
    """How many bytes may be sent to a path."""
    return next((area.most_bytes[path] for area in AREAS if path in area.most_bytes), MAX_BODY_BYTES)
