"""What routes are given: who calls, the database, the limits, the settings."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.security import HTTPBearer

from app.api.metrics import ApiMetrics
from app.core.database import Database
from app.core.errors import ApiError
from app.core.limits import Limits
from app.core.security import is_token, token_hash
from app.core.settings import Settings
from app.models.fields import ID_MAX


class _AccessToken(HTTPBearer):
    """The hash of the access token shown. What cannot be one is refused without asking the database."""

    async def __call__(self, request: Request) -> bytes:  # type: ignore[override]  # a dependency's own value
        bearer = await super().__call__(request)
        if bearer is None:
            message = "An access token is needed: Authorization: Bearer ..."
            raise ApiError(401, "access_token__missing", message)
        if not is_token(bearer.credentials):
            raise ApiError(401, "access_token__unknown", "The access token is unknown or has expired.")
        return token_hash(bearer.credentials)


@dataclass(frozen=True, slots=True)
class Clicks:
    """All that the links of check-in mails need."""

    database: Database
    limits: Limits
    metrics: ApiMetrics
    settings: Settings


def clicks_of(request: Request) -> Clicks:
    """A route calls it directly: as a dependency it would add a tenth to the cost of a click."""
    clicks: Clicks = request.app.state.clicks
    return clicks


# All are coroutines, though none waits: FastAPI runs plain functions in threads, which costs more.
async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def _limits(request: Request) -> Limits:
    limits: Limits = request.app.state.limits
    return limits


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


Access = Annotated[
    bytes,
    Depends(
        _AccessToken(
            scheme_name="access_token",
            bearerFormat="opaque",
            description="The `access_token` of auth/register, auth/login or auth/refresh.",
            auto_error=False,
        )
    ),
]
Db = Annotated[Database, Depends(_database)]
RateLimits = Annotated[Limits, Depends(_limits)]
AppSettings = Annotated[Settings, Depends(_settings)]
PathId = Annotated[int, Path(ge=1, le=ID_MAX)]
