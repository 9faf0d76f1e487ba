"""The style and images of the pages. Each server of pages serves them itself, and loads no other origin."""

import gzip
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


_SHARED = {"app.css": "text/css", "app.js": "text/javascript"}
"""What every page of the app loads: nothing in it is anyone's own, so its length tells nothing."""


@cache
def _shared(name: str, *, gzipped: bool) -> tuple[bytes, str]:
    """Give a file that every page loads, and its ETag."""
    body = stylesheet().encode() if name == "app.css" else STATIC.joinpath(name).read_bytes()
    if gzipped:
        body = gzip.compress(body, mtime=0)
    return body, f'"{sha256(body).hexdigest()[:32]}"'


class _Static(StaticFiles):
    """The browser keeps a file and checks it at each use, so an upgrade shows at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """As StaticFiles does it; what every page loads is kept, and sent gzipped to who takes it so."""
        if path not in _SHARED:
            return await super().get_response(path, scope)
        asked = Headers(scope=scope)
        gzipped = "gzip" in asked.get("accept-encoding", "")
        body, tag = _shared(path, gzipped=gzipped)
        headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if asked.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        encoding = {"Content-Encoding": "gzip"} if gzipped else {}
        return Response(body, media_type=_SHARED[path], headers=headers | encoding)

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """As StaticFiles does it, with an ETag to ask again by."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response
