"""The link of a verification mail. Public: the token in the link is the right."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import AppSettings, Db, RateLimits
from app.api.routes.links import AHEAD, Token, is_ahead, not_ahead, not_recorded, nothing, redirect
from app.core.errors import ApiError
from app.core.security import is_token, token_hash

router = APIRouter(prefix=f"{PREFIX}/verify-email", tags=["verify-email"])
_LINK: dict[int | str, dict[str, Any]] = {
    302: {"description": "To `WEB_URL/verify-email/<outcome>`: proven, expired or invalid."}
}


@router.get(
    "/{token}",
    status_code=302,
    response_class=RedirectResponse,
    responses=_LINK | problems(429, 503) | AHEAD,
)
async def prove_email(
    token: Token, request: Request, *, db: Db, limits: RateLimits, settings: AppSettings
) -> Response:
    """Prove the address that the link was mailed to: relances may leave in this user's name."""
    if is_ahead(request):
        return not_ahead(request)
    try:
        limits.check_tokens(request)
        outcome = "invalid"
        if is_token(token):
            outcome = (await db.call("api.prove_email", token_hash=token_hash(token)))["outcome"]
    except ApiError as error:
        return not_recorded(request, error)
    if outcome == "invalid":
        limits.count_invalid_token(request)
    return redirect(f"{settings.web_url}/verify-email/{outcome}")


@router.head("/{token}", status_code=204, include_in_schema=False)
async def preview_proof(token: Token) -> Response:  # noqa: ARG001 part of the path, of no interest
    """Answers nothing: mail scanners check links by HEAD."""
    return nothing()
