"""What routes are given: who calls, the database, the limits, the settings."""

from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.api_metrics import ApiMetrics
from app.database import Database
from app.errors import ApiError
from app.limits import Limits
from app.models.fields import ID_MAX
from app.security import is_token, token_hash
from app.settings import Settings

# Coroutines all, though none waits: FastAPI runs a plain function in a thread, which costs more than a click.
_bearer = HTTPBearer(
    scheme_name="access_token",
    bearerFormat="opaque",
    description="The `access_token` of auth/register, auth/login or auth/refresh.",
    auto_error=False,
)


async def _access(bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> bytes:
    """The hash of the access token shown. What cannot be one is refused without asking the database."""
    if bearer is None:
        raise ApiError(401, "access_token__missing", "An access token is needed: Authorization: Bearer ...")
    if not is_token(bearer.credentials):
        raise ApiError(401, "access_token__unknown", "The access token is unknown or has expired.")
    return token_hash(bearer.credentials)


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def _limits(request: Request) -> Limits:
    limits: Limits = request.app.state.limits
    return limits


async def _metrics(request: Request) -> ApiMetrics:
    metrics: ApiMetrics = request.app.state.metrics
    return metrics


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


Access = Annotated[bytes, Depends(_access)]
Db = Annotated[Database, Depends(_database)]
RateLimits = Annotated[Limits, Depends(_limits)]
Metrics = Annotated[ApiMetrics, Depends(_metrics)]
AppSettings = Annotated[Settings, Depends(_settings)]
PathId = Annotated[int, Path(ge=1, le=ID_MAX)]
