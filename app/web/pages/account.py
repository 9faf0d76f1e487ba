"""Signing up, in and out; one's own name, language and password."""

from typing import Any

from starlette.responses import Response

from app.core import accounts
from app.core.errors import ApiError
from app.models.auth import AddressChange, Credentials, PasswordChange, Registration
from app.models.organizations import UserChanges
from app.web.forms import Form
from app.web.visit import Area, Visit, local_path

area = Area("account", here="settings")

area.most_bytes |= dict.fromkeys(("/sign-in", "/sign-up"), 32_000)
"""Strangers may send these: no more than the fields can hold, since reading a form takes time."""

_WRONG = "app_user__credentials"


@area.get("/sign-in", public=True)
async def show_sign_in(visit: Visit) -> Response:
    """The way in. Who is signed in already is led on."""
    to = local_path(visit.query.get("next"))
    if await is_signed_in(visit):
        return visit.redirect(to or "/")
    changed = visit.query.get("password") == "changed"
    form = Form.of({}, visit.language)
    return await visit.render("account/sign_in.html", form=form, next=to, changed=changed)


@area.post("/sign-in", public=True)
async def sign_in(visit: Visit) -> Response:
    """Open a session, and show the page that was asked for."""
    form = await Form.read_from(visit.request, visit.language)
    to = local_path(form.text("next"))
    credentials = form.read(Credentials, email=form.text("email") or "", password=_typed(form, "password"))
    if credentials is not None:
        token, told = visit.site.sessions.mint(visit.request)
        try:
            await accounts.sign_in(
                visit.site.database,
                visit.site.limits,
                visit.address,
                email=credentials.email,
                password=credentials.password.get_secret_value(),
                tokens=told,
            )
        except ApiError as error:
            if error.reason != _WRONG:
                raise
            form.notice = visit.texts["sign_in"]["wrong"]
        else:
            return _enter(visit, token, to or "/")
    return await visit.render("account/sign_in.html", 422, form=form, next=to, changed=False)


@area.get("/sign-up", public=True)
async def show_sign_up(visit: Visit) -> Response:
    """Four fields."""
    if await is_signed_in(visit):
        return visit.redirect("/")
    return await visit.render("account/sign_up.html", form=Form.of({}, visit.language))


@area.post("/sign-up", public=True)
async def sign_up(visit: Visit) -> Response:
    """Make an organization and its first user, and show Today."""
    form = await Form.read_from(visit.request, visit.language)
    registration = form.read(
        Registration,
        email=form.text("email") or "",
        password=_typed(form, "password"),
        full_name=form.text("full_name") or "",
        organization_name=form.text("organization_name") or "",
        locale=form.text("locale") or visit.language,
    )
    if registration is not None:
        token, told = visit.site.sessions.mint(visit.request)
        facts = registration.model_dump(exclude={"password"})
        try:
            await accounts.register(
                visit.site.database,
                visit.site.limits,
                visit.address,
                password=registration.password.get_secret_value(),
                tokens=told,
                **facts,
            )
        except ApiError as error:
            form.refuse(error)
        else:
            return _enter(visit, token, "/")
    return await visit.render("account/sign_up.html", 422, form=form)


@area.post("/sign-out", public=True)
async def sign_out(visit: Visit) -> Response:
    """End this session. One that has ended already ends again."""
    if await is_signed_in(visit):
        await visit.call("api.end_session")
        visit.token = None
    response = visit.redirect("/")
    visit.site.sessions.forget(response)
    return response


@area.post("/sign-out-elsewhere")
async def sign_out_elsewhere(visit: Visit) -> Response:
    """End all other sessions of this user."""
    await visit.call("api.end_other_sessions")
    return await visit.done("/settings/account", "signed_out_elsewhere")


@area.post("/settings/account/sessions/{session_id:uuid}/end")
async def end_session(visit: Visit) -> Response:
    """End another session of this user."""
    await visit.call("api.end_session", session_id=visit.request.path_params["session_id"])
    return await visit.done("/settings/account", "session_ended")


@area.get("/settings/account")
async def show_account(visit: Visit) -> Response:
    """One's own name, language and address, and the ways out."""
    return await _account(visit)


@area.post("/settings/account")
async def change_account(visit: Visit) -> Response:
    """Change one's own name and language."""
    form = await visit.form()
    values = {"full_name": form.text("full_name") or "", "locale": form.text("locale")}
    changes = form.read(UserChanges, **values)
    if changes is None:
        return await _account(visit, 422, form=form)
    await visit.call("api.update_me", changes=changes.model_dump(mode="json"))
    return await visit.done("/settings/account", "saved")


@area.post("/settings/account/password")
async def change_password(visit: Visit) -> Response:
    """Change the password, and end all other sessions."""
    form = await visit.form()
    body = form.read(
        PasswordChange, password=_typed(form, "password"), new_password=_typed(form, "new_password")
    )
    if body is not None:
        try:
            await accounts.change_password(
                visit.site.database,
                visit.site.limits,
                visit.address,
                visit.access,
                password=body.password.get_secret_value(),
                new_password=body.new_password.get_secret_value(),
            )
        except ApiError as error:
            form.refuse(error)
        else:
            return await visit.done("/settings/account", "password_changed")
    return await _account(visit, 422, password=form)


@area.post("/settings/account/email")
async def change_email(visit: Visit) -> Response:
    """Mail the link whose button makes a new address one's own."""
    form = await visit.form()
    body = form.read(AddressChange, email=form.text("email") or "", password=_typed(form, "password"))
    if body is not None:
        try:
            await accounts.change_email(
                visit.site.database,
                visit.site.limits,
                visit.address,
                visit.access,
                email=body.email,
                password=body.password.get_secret_value(),
            )
        except ApiError as error:
            form.refuse(error)
        else:
            return await visit.done("/settings/account", "email_mailed", address=body.email)
    return await _account(visit, 422, email=form)


@area.post("/settings/account/prove")
async def ask_for_proof(visit: Visit) -> Response:
    """Mail the link whose page proves the address."""
    form = await visit.form()
    user = await visit.call("api.request_email_proof")
    return await visit.done(visit.back(form, "/settings/account"), "proof_mailed", address=user["email"])


async def _account(visit: Visit, status: int = 200, **forms: Form) -> Response:
    """The page of the account, with the forms that came back."""
    frame = await visit.known()
    sessions = await visit.call("api.list_sessions")
    shown: dict[str, Any] = {
        "sessions": sessions["items"],
        "form": Form.of(frame["user"], visit.language),
        "password": None,
        "email": None,
        **forms,
    }
    return await visit.render("account/account.html", status, **shown)


async def is_signed_in(visit: Visit) -> bool:
    """Whether the cookie's session still stands."""
    try:
        return await visit.frame() is not None
    except ApiError as error:
        if error.status != 401:  # noqa: PLR2004 - Unauthorized
            raise
        visit.token = None
        return False


def _enter(visit: Visit, token: str, to: str) -> Response:
    """Show a page with a fresh session: a token that was there before the password was typed is not kept."""
    response = visit.redirect(to)
    visit.site.sessions.keep(response, token)
    return response


def _typed(form: Form, name: str) -> str:
    """A password with its spaces."""
    return form.typed.get(name, "")
