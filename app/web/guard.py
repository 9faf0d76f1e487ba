"""What keeps other sites from posting with a person's cookie, and what else a request says of itself."""

from urllib.parse import urlsplit

from python_multipart.multipart import parse_options_header
from starlette.requests import Request

_SAFE = {"GET", "HEAD", "OPTIONS"}


def is_ours(request: Request, web_url: str) -> bool:
    """Whether a request changes nothing, or was made by one of our own pages.

    Browsers say so by `Sec-Fetch-Site` (Fetch Metadata, W3C); another port of the same host is `same-site`
    there, and refused. Where a browser does not send it (plain HTTP on a name other than localhost), `Origin`
    must be that of WEB_URL (RFC 6454).
    """
    if request.method in _SAFE:
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    url = urlsplit(web_url)
    return request.headers.get("origin") == f"{url.scheme}://{url.netloc}"


def is_utf8(request: Request) -> bool:
    """Whether a form is in UTF-8, as browsers send those of our pages.

    Any codec of Python's would be taken otherwise, and some make texts that can be neither stored nor shown.
    """
    _, options = parse_options_header(request.headers.get("content-type"))
    return options.get(b"charset", b"utf-8").lower() == b"utf-8"


def is_looked_at(request: Request) -> bool:
    """Whether a person sees the answer: not that to HEAD, to a guess of the browser or in place of an image.

    `Sec-Purpose` is of Fetch and Speculation Rules; Safari says `Purpose`.
    """
    guess = request.headers.get("sec-purpose") or request.headers.get("purpose") or ""
    meant_for = request.headers.get("sec-fetch-dest", "document")
    return (
        request.method != "HEAD" and not guess.startswith("prefetch") and meant_for in ("document", "empty")
    )
