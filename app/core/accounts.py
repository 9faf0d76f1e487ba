"""Signing up and in: the same at every door, with the same limits."""

from typing import Any

from app.core.database import Database
from app.core.errors import ApiError
from app.core.limits import Limits
from app.core.security import hash_password, verify_password


async def register(
    database: Database, limits: Limits, address: str, *, password: str, tokens: dict[str, Any], **facts: str
) -> dict[str, Any]:
    """Make an organization and its first user, and open a session: `{user, organization}`.

    `address`: who calls (`app.core.callers`). `facts`: email, full_name, organization_name, locale.
    `tokens`: the hashes and lifetimes that `api.register` takes. Raises ApiError 409, 422, 429.
    """
    await limits.sign_in(address, facts["email"])
    document: dict[str, Any] = await database.call(
        "api.register", password_hash=await hash_password(password), **facts, **tokens
    )
    return document


async def sign_in(
    database: Database, limits: Limits, address: str, *, email: str, password: str, tokens: dict[str, Any]
) -> dict[str, Any]:
    """Open a session: `{user, organization}`. Neither the answer nor its time tells which of both is wrong.

    Raises ApiError 401, 429.
    """
    await limits.sign_in(address, email)
    known = await database.call("api.find_credentials", email=email)
    password_hash = known["password_hash"] if known else None
    if not await verify_password(password, password_hash):
        raise ApiError(401, "app_user__credentials", "The e-mail or the password is wrong.")
    document: dict[str, Any] = await database.call(
        "api.login", email=email, password_hash=password_hash, **tokens
    )
    return document
