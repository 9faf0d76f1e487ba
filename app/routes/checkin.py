"""The two links of a check-in mail. Public: the token in the link is the right to answer, once."""

from http import HTTPStatus
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.errors import ApiError
from app.problems import problems
from app.routes import PREFIX
from app.routes.dependencies import Clicks, ClicksOf
from app.routes.links import Token, not_recorded, nothing, redirect
from app.security import is_token, token_hash

_USER_AGENT_LENGTH = 500

router = APIRouter(prefix=f"{PREFIX}/checkin", tags=["checkin"])
_LINK: dict[int | str, dict[str, Any]] = {
    302: {
        "description": "To `WEB_URL/checkin/<outcome>`: paid, pending, already_answered, expired or invalid."
    }
}


@router.get(
    "/{token}/paid", status_code=302, response_class=RedirectResponse, responses=_LINK | problems(429, 503)
)
async def answer_checkin_paid(token: Token, request: Request, clicks: ClicksOf) -> Response:
    """The link "yes, I was paid": settles the invoice as mark-paid does, labelled `via check-in`."""
    return await _answer(token, "paid", request, clicks)


@router.get(
    "/{token}/pending", status_code=302, response_class=RedirectResponse, responses=_LINK | problems(429, 503)
)
async def answer_checkin_pending(token: Token, request: Request, clicks: ClicksOf) -> Response:
    """The link "no, still pending": the relances run their course."""
    return await _answer(token, "pending", request, clicks)


@router.head("/{token}/paid", status_code=204, include_in_schema=False)
@router.head("/{token}/pending", status_code=204, include_in_schema=False)
async def preview_checkin(token: Token) -> Response:  # noqa: ARG001 part of the path, of no interest
    """Answers nothing: mail scanners look at links in this way."""
    return nothing()


async def _answer(
    token: str, answer: Literal["paid", "pending"], request: Request, clicks: Clicks
) -> Response:
    try:
        clicks.limits.check_tokens(request)
        outcome = "invalid"
        if is_token(token):
            row = await clicks.database.call(
                "api.answer_checkin",
                token_hash=token_hash(token),
                answer=answer,
                user_agent=_user_agent(request),
            )
            outcome = row["outcome"]
    except ApiError as error:
        clicks.metrics.clicks.labels(
            answer, "limited" if error.status == HTTPStatus.TOO_MANY_REQUESTS else "not_recorded"
        ).inc()
        return not_recorded(request, error)
    clicks.metrics.clicks.labels(answer, outcome).inc()
    if outcome == "invalid":
        clicks.limits.count_invalid_token(request)
    return redirect(f"{clicks.settings.web_url}/checkin/{outcome}")


def _user_agent(request: Request) -> str | None:
    """What the browser calls itself, printable and cut short."""
    text = "".join(
        character for character in request.headers.get("user-agent", "") if character.isprintable()
    )
    return text[:_USER_AGENT_LENGTH].strip() or None
