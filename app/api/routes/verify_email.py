"""The page that the link of a verification mail opens, and its button.

Public: the token in the address is the right. There is no cookie that a foreign page could use. Looking
writes nothing, so a program that follows links proves nothing; the button posts.
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import AppSettings, Db, RateLimits
from app.api.routes.links import Token, not_recorded, nothing, reader, redirect
from app.core.callers import client_address
from app.core.errors import ApiError
from app.core.security import is_token, token_hash

router = APIRouter(prefix=f"{PREFIX}/verify-email", tags=["verify-email"])
_RESULT = "To `WEB_URL/verify-email/<outcome>`: proven, expired or invalid"
_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The page with the button.", "content": {"text/html": {}}},
    302: {"description": f"{_RESULT}. There is nothing to press."},
}
_BUTTON: dict[int | str, dict[str, Any]] = {303: {"description": f"{_RESULT}."}}


@router.get("/{token}", response_class=HTMLResponse, responses=_PAGE | problems(429, 503))
async def look_at_email_proof(
    token: Token, request: Request, *, db: Db, limits: RateLimits, settings: AppSettings
) -> Response:
    """Show which address the button proves. Writes nothing. `?lang=fr` or `en` chooses the language."""
    look = await _call("api.look_at_email_proof", token, request, db, limits)
    if isinstance(look, Response):
        return look
    if look["outcome"] != "open":
        return redirect(f"{settings.web_url}/verify-email/{look['outcome']}")
    page = request.app.state.proof_page
    html, language = page.render(look, reader(request))
    headers = page.headers | {"Content-Language": language, "Vary": "Accept-Language"}
    return HTMLResponse(html, headers=headers)


@router.post(
    "/{token}", status_code=303, response_class=RedirectResponse, responses=_BUTTON | problems(429, 503)
)
async def prove_email(
    token: Token, request: Request, *, db: Db, limits: RateLimits, settings: AppSettings
) -> Response:
    """Prove the address that the mail went to: relances may leave in this user's name."""
    proof = await _call("api.prove_email", token, request, db, limits)
    if isinstance(proof, Response):
        return proof
    return redirect(f"{settings.web_url}/verify-email/{proof['outcome']}", 303)


@router.head("/{token}", status_code=204, include_in_schema=False)
async def preview_proof(token: Token) -> Response:  # noqa: ARG001 part of the path, of no interest
    """Answers nothing, without a call of the database: mail scanners check links by HEAD."""
    return nothing()


async def _call(
    function: str, token: str, request: Request, db: Db, limits: RateLimits
) -> dict[str, Any] | Response:
    """What the function returns for a token; a page instead if the database cannot be asked."""
    found: dict[str, Any] = {"outcome": "invalid"}
    try:
        limits.check_tokens(client_address(request))
        if is_token(token):
            found = await db.call(function, token_hash=token_hash(token))
        if found["outcome"] == "invalid":
            await limits.count_invalid_token(client_address(request), looked_up=is_token(token))
    except ApiError as error:
        return not_recorded(request, error)
    return found
