"""What keeps other sites from posting with a person's cookie."""

from urllib.parse import urlsplit

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
