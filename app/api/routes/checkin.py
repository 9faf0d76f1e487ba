"""The two links of a check-in mail. Public: the token in the link is the right to answer, once."""

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import clicks_of
from app.api.routes.links import (
    AHEAD,
    Token,
    is_ahead,
    not_ahead,
    not_recorded,
    nothing,
    redirect,
    user_agent,
)
from app.core.callers import client_address
from app.core.errors import ApiError
from app.core.security import is_token, token_hash

router = APIRouter(prefix=f"{PREFIX}/checkin", tags=["checkin"])
_LINK: dict[int | str, dict[str, Any]] = {
    302: {
        "description": "To `WEB_URL/checkin/<outcome>`: paid, pending, already_answered, expired or invalid. "
        "Where a click alone is not trusted, to `APP_URL/checkin/<token>?answer=<answer>`, whose "
        "button answers."
    }
}


@router.get(
    "/{token}/paid",
    status_code=302,
    response_class=RedirectResponse,
    responses=_LINK | problems(429, 503) | AHEAD,
)
async def answer_checkin_paid(token: Token, request: Request) -> Response:
    """The link "yes, I was paid": settles the invoice as mark-paid does, labelled `via check-in`."""
    return await _answer(token, "paid", request)


@router.get(
    "/{token}/pending",
    status_code=302,
    response_class=RedirectResponse,
    responses=_LINK | problems(429, 503) | AHEAD,
)
async def answer_checkin_pending(token: Token, request: Request) -> Response:
    """The link "no, still pending": the relances run their course."""
    return await _answer(token, "pending", request)


@router.head("/{token}/paid", status_code=204, include_in_schema=False)
@router.head("/{token}/pending", status_code=204, include_in_schema=False)
async def preview_checkin(token: Token) -> Response:  # noqa: ARG001 part of the path, of no interest
    """Answers nothing: mail scanners check links by HEAD."""
    return nothing()


async def _answer(token: str, answer: Literal["paid", "pending"], request: Request) -> Response:
    if is_ahead(request):
        return not_ahead(request)
    clicks = clicks_of(request)
    try:
        clicks.limits.check_tokens(client_address(request))
        outcome = "invalid"
        if is_token(token):
            row = await clicks.database.call(
                "api.answer_checkin",
                token_hash=token_hash(token),
                answer=answer,
                user_agent=user_agent(request),
            )
            outcome = row["outcome"]
        if outcome == "invalid":
            await clicks.limits.count_invalid_token(client_address(request), looked_up=is_token(token))
    except ApiError as error:
        clicks.metrics.click_failed(answer, error.status)
        return not_recorded(request, error)
    clicks.metrics.clicks.labels(answer, outcome).inc()
    if outcome == "confirm":
        return redirect(f"{clicks.settings.public_url}/checkin/{token}?answer={answer}")
    return redirect(f"{clicks.settings.web_url}/checkin/{outcome}")
