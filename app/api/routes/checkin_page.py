"""The page of a check-in, at `APP_URL/checkin/<token>`; its links lead here when a click is not trusted.

Public: the token, of a check-in mail or of a receipt, is the only right. There is no cookie that a foreign
page could use. Looking writes nothing; the buttons post.
"""

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.api.problems import problems
from app.api.routes.dependencies import clicks_of
from app.api.routes.links import (
    Token,
    is_person,
    not_recorded,
    nothing,
    pages,
    reader,
    redirect,
    user_agent,
)
from app.core.callers import client_address
from app.core.errors import ApiError
from app.core.security import is_token, token_hash
from app.web.headers import FORM_HEADERS, HEADERS

router = APIRouter(prefix="/checkin", tags=["checkin"])
_BUTTON: dict[int | str, dict[str, Any]] = {
    303: {"description": "Back to the page, which shows what is recorded now."}
}

# `?done=` of the page by the outcome of a button. After "expired" the button "paid" has asked again.
_DONE = {"paid": "paid", "pending": "pending", "undone": "undone", "expired": "held"}


@router.get("/{token}", response_class=HTMLResponse, responses=problems(404, 429, 503))
async def look_at_checkin(token: Token, request: Request) -> Response:
    """What was asked and answered, what follows, and the buttons. Writes nothing.

    `?answer=paid` or `pending` offers that answer first, `?lang=fr` or `en` chooses the language. Errors are
    pages to a browser and problems to a program.
    """
    clicks = clicks_of(request)
    look = None
    try:
        clicks.limits.check_tokens(client_address(request))
        if is_token(token):
            look = await clicks.database.call("api.look_at_checkin", token_hash=token_hash(token))
    except ApiError as error:
        return not_recorded(request, error)
    if look is None:
        return await _unknown(token, request)
    html, language = pages(request).checkin(look, token, reader(request))
    return HTMLResponse(html, headers=_in(language, FORM_HEADERS))


@router.head("/{token}", status_code=204, include_in_schema=False)
async def preview_page(token: Token) -> Response:  # noqa: ARG001 part of the path, of no interest
    """Answers nothing, without a call of the database."""
    return nothing()


@router.post(
    "/{token}/paid",
    status_code=303,
    response_class=RedirectResponse,
    responses=_BUTTON | problems(404, 429, 503),
)
async def confirm_checkin_paid(token: Token, request: Request) -> Response:
    """The button "yes, it has been paid": answers or changes the answer; after 24 h it asks again."""
    return await _confirm(token, "paid", request)


@router.post(
    "/{token}/pending",
    status_code=303,
    response_class=RedirectResponse,
    responses=_BUTTON | problems(404, 429, 503),
)
async def confirm_checkin_pending(token: Token, request: Request) -> Response:
    """The button "no, not yet": answers or, for 14 days, changes the answer."""
    return await _confirm(token, "pending", request)


@router.post(
    "/{token}/undo",
    status_code=303,
    response_class=RedirectResponse,
    responses=_BUTTON | problems(404, 429, 503),
)
async def undo_checkin(token: Token, request: Request) -> Response:
    """The button that takes the answer back, for 14 days; a receipt's token has only this one."""
    return await _press(token, request, "api.undo_checkin")


@router.get(
    "/{token}/paid",
    name="return_from_paid",
    status_code=303,
    response_class=RedirectResponse,
    responses=_BUTTON | problems(404, 429, 503),
)
@router.get(
    "/{token}/pending",
    name="return_from_pending",
    status_code=303,
    response_class=RedirectResponse,
    responses=_BUTTON | problems(404, 429, 503),
)
@router.get(
    "/{token}/undo",
    name="return_from_undo",
    status_code=303,
    response_class=RedirectResponse,
    responses=_BUTTON | problems(404, 429, 503),
)
async def return_to_page(token: Token, request: Request) -> Response:
    """A button's address opened by GET: redirect to the page, and write nothing."""
    if not is_token(token):
        return await _unknown(token, request)
    return redirect(pages(request).address(token, reader(request)), 303)


async def _confirm(token: str, answer: Literal["paid", "pending"], request: Request) -> Response:
    return await _press(token, request, "api.confirm_checkin", answer=answer)


async def _press(token: str, request: Request, function: str, **params: str) -> Response:
    """Call the function behind a button and show the page again."""
    clicks = clicks_of(request)
    asked_for = params.get("answer", "undo")
    outcome = "invalid"
    try:
        clicks.limits.check_tokens(client_address(request))
        if is_token(token):
            row = await clicks.database.call(
                function, token_hash=token_hash(token), user_agent=user_agent(request), **params
            )
            outcome = row["outcome"]
    except ApiError as error:
        clicks.metrics.click_failed(asked_for, error.status)
        return not_recorded(request, error)
    clicks.metrics.clicks.labels(asked_for, outcome).inc()
    if outcome == "invalid":
        return await _unknown(token, request)
    return redirect(pages(request).address(token, reader(request), answer=None, done=_DONE.get(outcome)), 303)


async def _unknown(token: str, request: Request) -> Response:
    """404, as a page for a person; counted, so that a search for tokens is stopped soon."""
    try:
        limits = clicks_of(request).limits
        await limits.count_invalid_token(client_address(request), looked_up=is_token(token))
    except ApiError as limited:
        return not_recorded(request, limited)
    error = ApiError(404, "checkin__unknown", "There is no such check-in, or its 14 days are over.")
    if not is_person(request):
        raise error
    request.scope["reason"] = error.reason
    html, language = pages(request).unknown(reader(request))
    return HTMLResponse(html, error.status, _in(language, HEADERS))


def _in(language: str, headers: dict[str, str]) -> dict[str, str]:
    return headers | {"Content-Language": language, "Vary": "Accept-Language"}
