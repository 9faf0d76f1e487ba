"""The page `/docs`: the operations of the API, to read and to try. All it loads comes from this server."""

from importlib.resources import files

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.web.assets import assets
from app.web.headers import DOCS_HEADERS
from app.web.rendering import environment


def install(app: FastAPI) -> None:
    """Serve the page and, below its address, the files of Swagger UI from the package fastapi-swagger."""
    html = environment().get_template("docs.html").render(title=app.title)

    async def docs(_: Request) -> Response:
        return HTMLResponse(html, headers=DOCS_HEADERS)

    app.add_route("/docs", docs, include_in_schema=False)
    app.mount("/docs", assets(files("fastapi_swagger.resources")))
