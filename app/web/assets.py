"""The style and images of the pages. Each server of pages serves them itself, and loads no other origin."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from app.web.headers import SafeHeaders

STATIC = files("app.web").joinpath("static")


def assets(folder: Traversable = STATIC) -> ASGIApp:
    """Serve the files of a folder: our own, to be mounted at `/static`, unless another is named."""
    return SafeHeaders(_Static(directory=str(folder)))


@cache
def stylesheet() -> str:
    """Give the one stylesheet of the app: the small files of `static/style`, in the order of their names."""
    folder = STATIC.joinpath("style")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".css"))
    return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)


class _Static(StaticFiles):
    """The browser keeps a file and checks it at each use, so an upgrade shows at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """As StaticFiles does it; `app.css` is made of many files."""
        if path != "app.css":
            return await super().get_response(path, scope)
        body = stylesheet().encode()
        tag = f'"{sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if Headers(scope=scope).get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="text/css", headers=headers)

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """As StaticFiles does it, with an ETag to ask again by."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response
