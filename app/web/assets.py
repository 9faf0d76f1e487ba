"""The style and images of the pages. Each server of pages has them itself: nothing comes from elsewhere."""

from importlib.resources import files

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from app.web.headers import SafeHeaders


def assets() -> ASGIApp:
    """Serve our own files, to be mounted at `/static`."""
    return SafeHeaders(_Static(directory=str(files("app.web").joinpath("static"))))


class _Static(StaticFiles):
    """Kept by the browser but asked for again, so that an upgrade shows at once."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """As StaticFiles does it, with an ETag to ask again by."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response
