"""The HTTP API: a thin layer over the functions of the schema `api`."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.api import docs, problems
from app.api.metrics import ApiMetrics, RequestMetrics
from app.api.routes import (
    activity,
    auth,
    checkin,
    checkin_page,
    clients,
    forecast,
    health,
    import_batches,
    invoices,
    letter_wordings,
    me,
    money,
    organization,
    relance_plans,
    relances,
    today,
    verify_email,
)
from app.api.routes.dependencies import Clicks
from app.core import logs
from app.core.bodies import TOO_LARGE, BodyLimit
from app.core.database import Database
from app.core.errors import ApiError
from app.core.limits import Limits
from app.core.metrics import exposed
from app.core.patience import patient_protocol
from app.core.settings import Settings
from app.web.assets import assets
from app.web.checkin import CheckinPages
from app.web.proof import ProofPage

_SECURITY_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]
_TAGS = [
    {"name": "auth", "description": "Signing up, in and out."},
    {"name": "organization", "description": "Who is signed in, and the organization's settings."},
    {"name": "clients", "description": "Who owes the invoices."},
    {"name": "invoices", "description": "What is owed, with the check-in and the relances of each."},
    {"name": "relances", "description": "The reminders to clients, and the plans they come from."},
    {"name": "today", "description": "What waits for the user, and what comes next."},
    {"name": "activity", "description": "What happened, newest first."},
    {"name": "money", "description": "What is owed and what was received."},
    {"name": "import-batches", "description": "Invoices read from elsewhere, waiting for validation."},
    {"name": "checkin", "description": "The public links of a check-in mail, and the page they lead to."},
    {
        "name": "verify-email",
        "description": "The page of a verification mail: its button proves.",
    },
    {"name": "health", "description": "For load balancers and monitoring."},
]

# Routes are tried in this order: the most frequent first.
_AREAS = (
    checkin,
    invoices,
    auth,
    me,
    organization,
    clients,
    relances,
    relance_plans,
    letter_wordings,
    activity,
    today,
    forecast,
    import_batches,
    money,
    checkin_page,
    verify_email,
    health,
)


def create_app(settings: Settings | None = None, database: Database | None = None) -> FastAPI:
    """The API as an ASGI application. It starts without a database and answers 503 until there is one.

    `settings` are read from the environment if not given.
    """
    settings = settings or Settings()
    database = database or Database(
        settings.api_conninfo(),
        max_size=settings.db_pool_size,
        timeout=3.0,
        prepare_threshold=settings.prepare_threshold,
        application_name="rubis-api",
    )

    metrics = ApiMetrics(database)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        metrics.flow.loop = asyncio.get_running_loop()
        listener = exposed(
            metrics.registry, settings.metrics_host, settings.api_metrics_port, "API_METRICS_PORT"
        )
        async with database, listener:
            yield

    app = FastAPI(
        title="Rubis Sur l'Ongle",
        version=version("rubis-sur-l-ongle"),
        description="Asks whether an invoice was paid before its client is reminded. Errors: RFC 9457.",
        openapi_tags=_TAGS,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,  # FastAPI's pages load scripts from elsewhere; `docs` serves ours
        redoc_url=None,
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "auto_configure": False,
        },  # spans hold paths
        generate_unique_id_function=_operation_id,
    )
    app.state.settings = settings
    app.state.database = database
    app.state.metrics = metrics
    app.state.limits = Limits.of(database, settings)
    app.state.pages = CheckinPages(settings)
    app.state.proof_page = ProofPage(settings)
    app.state.clicks = Clicks(database, app.state.limits, metrics, settings)
    for area in _AREAS:
        problems.refuse_undeclared(area.router)
        app.include_router(area.router)
    app.include_router(invoices.bulk)
    app.mount("/static", assets())
    docs.install(app)
    problems.install(app)
    # The one added last sees a request first.
    app.add_middleware(BodyLimit, refuse=_too_large)
    app.add_middleware(problems.InternalErrors)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origin,
        allow_credentials=True,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", logs.REQUEST_ID_HEADER],
        expose_headers=[logs.REQUEST_ID_HEADER, "Retry-After"],
    )
    app.add_middleware(_SecurityHeaders)
    app.add_middleware(RequestMetrics, metrics=metrics)
    app.add_middleware(logs.RequestLog)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    return app


def create_server(settings: Settings, **options: Any) -> uvicorn.Server:
    """A server for the API on HOST and PORT. Set up the logs first: `app.core.logs.configure(settings)`."""
    return uvicorn.Server(
        uvicorn.Config(
            create_app(settings),
            **{"host": settings.host, "port": settings.port, **uvicorn_options(settings), **options},
        )
    )


def collect_less() -> None:
    """Make Python collect garbage less often, and never among the objects that exist already.

    For a process that only serves, just before it starts: its modules, models and routes live to its end, and
    requests leave almost no cycles. Collecting took a twelfth of the API's processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def uvicorn_options(settings: Settings) -> dict[str, Any]:
    """How uvicorn must run: its access log would print tokens in paths, and it would trust any proxy.

    It also would wait for a caller who dawdles, and open a WebSocket if a library for them were installed.
    """
    return {
        "http": patient_protocol(settings.request_timeout_seconds),
        "ws": "none",
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "timeout_graceful_shutdown": 10,
    }


def _too_large(scope: Scope) -> ASGIApp:
    return problems.problem_response(ApiError(413, "request__too_large", TOO_LARGE), scope.get("request_id"))


def _operation_id(route: APIRoute) -> str:
    return route.name


class _SecurityHeaders:
    """ASGI middleware: headers every response carries unless its route says otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                added = [header for header in _SECURITY_HEADERS if header[0] not in given]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self.app(scope, receive, send_with_headers)
