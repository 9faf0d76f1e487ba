"""What the public links of mails have in common: their answers are kept by nobody, and made for a person."""

from typing import Annotated

from fastapi import Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.errors import ApiError

HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
Token = Annotated[str, Path(description="43 base64url characters, from the mail.")]

# Seen by a person who clicked and whose click was not recorded. It names no invoice, and claims nothing.
_NOT_RECORDED = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Rubis Sur l'Ongle</title></head><body>
<h1>Votre clic n'a pas été confirmé.</h1>
<p>Veuillez cliquer de nouveau sur le lien dans quelques instants : le même lien reste valable.</p>
<div lang="en"><h1>Your click could not be confirmed.</h1>
<p>Please click the link again in a moment: the same link stays valid.</p></div>
</body></html>
"""


def redirect(url: str) -> Response:
    """302 to a result page."""
    return RedirectResponse(url, status_code=302, headers=HEADERS)


def nothing() -> Response:
    """The answer to HEAD: mail scanners look at links in this way."""
    return Response(status_code=204, headers=HEADERS)


def not_recorded(request: Request, error: ApiError) -> Response:
    """A page instead of a problem, if this is a person's browser; raises `error` for a program."""
    if "text/html" not in request.headers.get("accept", ""):
        raise error
    headers = {**HEADERS, "Content-Security-Policy": "default-src 'none'"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return HTMLResponse(_NOT_RECORDED, error.status, headers)
