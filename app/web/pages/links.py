"""A forgotten password, and the pages that the mails about an account lead to, each by its token."""

from typing import Any

from starlette.responses import Response

from app.core import accounts
from app.core.security import is_token, token_hash
from app.models.auth import ForgottenPassword, NewPasswordChosen
from app.web.forms import Form
from app.web.visit import Area, Visit

area = Area("links", here="settings")


@area.get("/forgot-password", public=True)
async def show_forgotten(visit: Visit) -> Response:
    """Ask for the address, or say that a mail is on its way to it if it has an account."""
    form = Form.of({}, visit.language)
    return await visit.render("links/forgot_password.html", form=form, asked="asked" in visit.query)


@area.post("/forgot-password", public=True)
async def ask_for_reset(visit: Visit) -> Response:
    """Mail the link, if there is such an account."""
    form = await Form.read_from(visit.request, visit.language)
    body = form.read(ForgottenPassword, email=form.text("email") or "")
    if body is None:
        return await visit.render("links/forgot_password.html", 422, form=form, asked=False)
    site = visit.site
    await accounts.request_password_reset(site.database, site.limits, visit.address, email=body.email)
    return visit.redirect("/forgot-password?asked=1")


@area.get("/reset-password/{token}", link=True)
async def show_reset(visit: Visit) -> Response:
    """Ask for the new password, as long as the link works."""
    look = await _look(visit, "api.look_at_password_reset")
    return await visit.render("links/reset_password.html", look=look, form=Form.of({}, visit.language))


@area.post("/reset-password/{token}", link=True)
async def reset_password(visit: Visit) -> Response:
    """Give the new password, and ask to sign in with it."""
    form = await Form.read_from(visit.request, visit.language)
    look = await _look(visit, "api.look_at_password_reset")
    if look["outcome"] != "open":
        return await visit.render("links/reset_password.html", look=look, form=form)
    body = form.read(NewPasswordChosen, password=form.typed.get("password", ""))
    if body is None:
        return await visit.render("links/reset_password.html", 422, look=look, form=form)
    outcome = await accounts.reset_password(
        visit.site.database, visit.request.path_params["token"], body.password.get_secret_value()
    )
    if outcome != "changed":
        return await visit.render("links/reset_password.html", look={"outcome": outcome}, form=form)
    return visit.redirect("/sign-in?password=changed")


@area.get("/email-change/{token}", link=True)
async def show_email_change(visit: Visit) -> Response:
    """Show what the button does: use a new address, or keep the old one."""
    look = await _look(visit, "api.look_at_email_change")
    said = visit.query.get("done")
    if said == "taken" and look["outcome"] == "open":
        look = look | {"outcome": "taken"}
    return await visit.render("links/email_change.html", look=look)


@area.post("/email-change/{token}", link=True)
async def decide_email_change(visit: Visit) -> Response:
    """Do it, and say so on the same page."""
    done = await _look(visit, "api.decide_email_change")
    return visit.redirect(f"{visit.request.url.path}?done={done['outcome']}")


async def _look(visit: Visit, function: str) -> dict[str, Any]:
    """How the mail of the address's token stands. Tokens that nobody was mailed are limited by address."""
    token, limits = visit.request.path_params["token"], visit.site.limits
    limits.check_tokens(visit.address)
    look: dict[str, Any] = {"outcome": "invalid"}
    if is_token(token):
        look = await visit.site.database.call(function, token_hash=token_hash(token))
    if look["outcome"] == "invalid":
        await limits.count_invalid_token(visit.address, looked_up=is_token(token))
    return look
