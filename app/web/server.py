"""The web server: the result pages of links in mails, a front page, a page for everything else."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from app.core.settings import Settings
from app.web.assets import assets
from app.web.headers import SafeHeaders
from app.web.language import negotiate
from app.web.pages import OUTCOMES, PROOFS, render_pages


def create_app(settings: Settings) -> Starlette:
    """Build the ASGI app of the pages.

    It needs no database; it uses only the API's public address from the settings.
    """
    pages = render_pages(f"{settings.public_url}/docs")

    def answer(request: Request, name: str, status: int = 200) -> Response:
        accepted = ",".join(request.headers.getlist("accept-language"))
        language = negotiate(accepted, request.query_params.get("lang"))
        return Response(
            pages[name, language],
            status,
            media_type="text/html",
            headers={"Content-Language": language, "Vary": "Accept-Language"},
        )

    async def home(request: Request) -> Response:
        return answer(request, "home")

    async def outcome(request: Request) -> Response:
        name = request.path_params["outcome"]
        return answer(request, name) if name in OUTCOMES else answer(request, "not_found", 404)

    async def proof(request: Request) -> Response:
        name = request.path_params["outcome"]
        return answer(request, f"verify_{name}") if name in PROOFS else answer(request, "not_found", 404)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def not_found(request: Request, _: Exception) -> Response:
        return answer(request, "not_found", 404)

    app = Starlette(
        routes=[
            Route("/", home),
            Route("/checkin/{outcome}", outcome),
            Route("/verify-email/{outcome}", proof),
            Route("/healthz", healthz),
            Mount("/static", assets()),
        ],
        middleware=[Middleware(SafeHeaders)],
        exception_handlers={404: not_found},
    )
    # No redirect to a guessed address: the API never sends a trailing slash.
    app.router.redirect_slashes = False
    return app
