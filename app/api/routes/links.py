"""What the public links of mails have in common: no cache keeps their answers, and a person gets a page."""

from typing import Annotated, Any

from fastapi import Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.api.problems import problem_response, problems
from app.core.errors import ApiError
from app.web.checkin import CheckinPages, Reader
from app.web.headers import HEADERS as PAGE_HEADERS

HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
Token = Annotated[str, Path(description="43 base64url characters, from the mail.")]

_USER_AGENT_LENGTH = 500

# How browsers say that the user has not clicked yet (Fetch standard, 3.7; the others are its forerunners).
_AHEAD = {b"sec-purpose": "prefetch", b"purpose": "prefetch", b"x-purpose": "preview", b"x-moz": "prefetch"}

AHEAD: dict[int | str, dict[str, Any]] = {
    403: problems(403)[403]
    | {
        "description": "Loaded ahead of a click (`Sec-Purpose: prefetch` or `prefetch;prerender`, `Purpose`, "
        "`X-Purpose`, `X-Moz`): nothing was asked or recorded. Browsers discard this answer and ask again "
        "when the link is clicked."
    }
}
"""How the refusal of prefetching and prerendering is described in OpenAPI."""


def redirect(url: str, status: int = 302) -> Response:
    """To a result page or a check-in's page."""
    return RedirectResponse(url, status_code=status, headers=HEADERS)


def nothing() -> Response:
    """The answer to HEAD: mail scanners check links by it."""
    return Response(status_code=204, headers=HEADERS)


def is_ahead(request: Request) -> bool:
    """Whether a browser asks ahead of a click, to prefetch, prerender or preview."""
    return any(name in _AHEAD and _AHEAD[name] in _tokens(value) for name, value in request.headers.raw)


def _tokens(value: bytes) -> set[str]:
    return {token.strip().lower() for token in value.decode("latin-1").replace(";", ",").split(",")}


def not_ahead(request: Request) -> Response:
    """The answer to a browser that asks ahead of a click.

    An answer other than 2xx makes it discard the answer and ask again when the person clicks. It is not 503,
    which a load balancer would take for an outage.
    """
    error = ApiError(403, "link__not_clicked", "A link is answered when it is clicked, not ahead of that.")
    request.scope["reason"] = error.reason
    return problem_response(error, request.scope.get("request_id"), HEADERS)


def pages(request: Request) -> CheckinPages:
    """The pages of check-ins."""
    found: CheckinPages = request.app.state.pages
    return found


def reader(request: Request) -> Reader:
    """How this request wants a page to be shown."""
    query = request.query_params
    return Reader(
        accept_language=",".join(request.headers.getlist("accept-language")),
        lang=query.get("lang"),
        answer=query.get("answer"),
        done=query.get("done"),
    )


def is_person(request: Request) -> bool:
    """Whether this is a browser that shows pages, rather than a program."""
    return "text/html" in request.headers.get("accept", "")


def not_recorded(request: Request, error: ApiError) -> Response:
    """A page instead of a problem, if this is a person's browser; raises `error` for a program."""
    if not is_person(request):
        raise error
    headers = dict(PAGE_HEADERS)
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    request.scope["reason"] = error.reason
    return HTMLResponse(pages(request).not_recorded, error.status, headers)


def user_agent(request: Request) -> str | None:
    """What the browser calls itself, printable and cut short."""
    text = "".join(filter(str.isprintable, request.headers.get("user-agent", "")))
    return text[:_USER_AGENT_LENGTH].strip() or None
