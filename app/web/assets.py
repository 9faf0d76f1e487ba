"""The style and images of the pages. Each server of pages serves them itself, and loads no other origin."""

from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from app.web.headers import SafeHeaders

STATIC = files("app.web").joinpath("static")


def assets(folder: Traversable = STATIC) -> ASGIApp:
    """Serve the files of a folder: our own, to be mounted at `/static`, unless another is named."""
    return SafeHeaders(_Static(directory=str(folder)))


class _Static(StaticFiles):
    """The browser keeps a file and checks it at each use, so an upgrade shows at once."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """As StaticFiles does it, with an ETag to ask again by."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response
