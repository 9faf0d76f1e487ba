"""Signing up, in and out: the access token in the body, the refresh token in a cookie no script can read."""

from datetime import timedelta
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Cookie, Request, Response
from pydantic import SecretStr

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import AppSettings, Db, RateLimits
from app.core import accounts
from app.core.callers import caller, client_address
from app.core.errors import ApiError
from app.core.security import is_token, new_token, token_hash
from app.core.settings import Settings
from app.models.auth import Credentials, ForgottenPassword, Registration, Session

COOKIE = "rubis_refresh"
COOKIE_PATH = f"{PREFIX}/auth"

router = APIRouter(prefix=f"{PREFIX}/auth", tags=["auth"])
RefreshCookie = Annotated[SecretStr | None, Cookie(alias=COOKIE, include_in_schema=False)]


class _Tokens(NamedTuple):
    """A fresh pair of tokens, and what the database is told of them and of who asks."""

    access: str
    refresh: str
    access_lifetime: timedelta
    refresh_lifetime: timedelta
    caller: dict[str, str | None]

    @classmethod
    def mint(cls, settings: Settings, request: Request) -> "_Tokens":
        return cls(
            new_token(),
            new_token(),
            timedelta(minutes=settings.access_token_ttl_minutes),
            timedelta(days=settings.refresh_token_ttl_days),
            caller(request),
        )

    def params(self, refresh: str = "refresh_token_hash") -> dict[str, Any]:
        return {
            "access_token_hash": token_hash(self.access),
            "access_expires_in": self.access_lifetime,
            refresh: token_hash(self.refresh),
            "refresh_expires_in": self.refresh_lifetime,
            **self.caller,
        }

    def session(self, response: Response, settings: Settings, document: dict[str, Any]) -> Session:
        """Put the refresh token into its cookie and the rest into the body."""
        _set_cookie(response, settings, self.refresh, self.refresh_lifetime)
        return Session(
            access_token=self.access,
            expires_in=int(self.access_lifetime.total_seconds()),
            user=document["user"],
            organization=document["organization"],
        )


@router.post("/register", status_code=201, responses=problems(400, 409, 413, 422, 429, 503))
async def register(
    body: Registration,
    request: Request,
    response: Response,
    *,
    db: Db,
    limits: RateLimits,
    settings: AppSettings,
) -> Session:
    """Make an organization and its first user, and sign in."""
    tokens = _Tokens.mint(settings, request)
    document = await accounts.register(
        db,
        limits,
        client_address(request),
        email=body.email,
        password=body.password.get_secret_value(),
        full_name=body.full_name,
        organization_name=body.organization_name,
        locale=body.locale,
        tokens=tokens.params(),
    )
    return tokens.session(response, settings, document)


@router.post("/login", responses=problems(400, 401, 413, 422, 429, 503))
async def login(
    body: Credentials,
    request: Request,
    response: Response,
    *,
    db: Db,
    limits: RateLimits,
    settings: AppSettings,
) -> Session:
    """Sign in. Neither the answer nor its time tells which of e-mail and password is wrong."""
    tokens = _Tokens.mint(settings, request)
    document = await accounts.sign_in(
        db,
        limits,
        client_address(request),
        email=body.email,
        password=body.password.get_secret_value(),
        tokens=tokens.params(),
    )
    return tokens.session(response, settings, document)


@router.post("/forgot-password", status_code=202, responses=problems(400, 413, 422, 429, 503))
async def forgot_password(body: ForgottenPassword, request: Request, *, db: Db, limits: RateLimits) -> None:
    """Mail a link to a page that gives a new password, if the e-mail has an account.

    Neither the answer nor its time tells whether it has one. The link works for an hour, once.
    """
    await accounts.request_password_reset(db, limits, client_address(request), email=body.email)


@router.post("/refresh", responses=problems(401, 429, 503))
async def refresh(
    request: Request,
    response: Response,
    *,
    db: Db,
    limits: RateLimits,
    settings: AppSettings,
    cookie: RefreshCookie = None,
) -> Session:
    """Exchange the refresh token of the cookie for a new pair.

    Each works once, and for 30 seconds more, so that two tabs do not end each other. A token that is used
    later again may have been stolen, so the whole session ends.
    """
    limits.check_tokens(client_address(request))
    if cookie is None:
        raise ApiError(401, "refresh_token__missing", "There is no session to refresh: please sign in.")
    tokens = _Tokens.mint(settings, request)
    outcome, document = "unknown", {}
    if is_token(cookie.get_secret_value()):
        document = await db.call(
            "api.refresh_session",
            refresh_token_hash=token_hash(cookie.get_secret_value()),
            **tokens.params("next_refresh_token_hash"),
        )
        outcome = document["outcome"]
    if outcome == "unknown":
        await limits.count_invalid_token(
            client_address(request), looked_up=is_token(cookie.get_secret_value())
        )
    if outcome != "refreshed":
        raise ApiError(401, f"refresh_token__{outcome}", "The session has ended: please sign in again.")
    return tokens.session(response, settings, document)


@router.post("/logout", status_code=204, responses=problems(503))
async def logout(response: Response, db: Db, settings: AppSettings, cookie: RefreshCookie = None) -> None:
    """End the session of the cookie, with its access tokens. Without one there is nothing to do."""
    if cookie is not None and is_token(cookie.get_secret_value()):
        await db.call("api.logout", refresh_token_hash=token_hash(cookie.get_secret_value()))
    _set_cookie(response, settings, "", timedelta(0))


def _set_cookie(response: Response, settings: Settings, value: str, lifetime: timedelta) -> None:
    """Strict: the web app and the API are one site, and no other site may refresh or end a session."""
    response.set_cookie(
        COOKIE,
        value,
        max_age=int(lifetime.total_seconds()),
        path=COOKIE_PATH,
        domain=settings.cookie_domain,
        secure=settings.cookie_secure,
        httponly=True,
        samesite="strict",
    )
