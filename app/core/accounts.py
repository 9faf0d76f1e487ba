"""Signing up and in, and what needs a password: the same at every door, with the same limits."""

import asyncio
from typing import Any

from app.core.database import Database
from app.core.errors import ApiError
from app.core.limits import Limits
from app.core.security import hash_password, token_hash, verify_password

_ANSWER_SECONDS = 0.3
"""When an answer comes that must not tell, by its time either, what was found."""


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


async def request_password_reset(database: Database, limits: Limits, address: str, *, email: str) -> None:
    """Mail a link for a forgotten password if the e-mail has an account; no answer tells whether.

    Raises ApiError 429.
    """
    await limits.sign_in(address, email)
    await asyncio.gather(
        database.call("api.request_password_reset", email=email), asyncio.sleep(_ANSWER_SECONDS)
    )


async def reset_password(database: Database, token: str, password: str) -> str:
    """Give a new password by the token mailed for it: changed, used, expired or invalid."""
    document = await database.call(
        "api.reset_password", token_hash=token_hash(token), password_hash=await hash_password(password)
    )
    outcome: str = document["outcome"]
    return outcome


async def change_password(
    database: Database, limits: Limits, address: str, access: bytes, *, password: str, new_password: str
) -> None:
    """Change the password of who is signed in, and end all other sessions. `password`: the one until now.

    Raises ApiError 401, 422, 429.
    """
    known = await verified(database, limits, address, access, password)
    await database.call(
        "api.change_password",
        access,
        password_hash=known,
        new_password_hash=await hash_password(new_password),
    )


async def change_email(
    database: Database, limits: Limits, address: str, access: bytes, *, email: str, password: str
) -> None:
    """Mail a link to a new address of who is signed in, and tell the old one.

    Raises ApiError 401, 422, 429.
    """
    known = await verified(database, limits, address, access, password)
    await database.call("api.request_email_change", access, email=email, password_hash=known)


async def verified(database: Database, limits: Limits, address: str, access: bytes, password: str) -> str:
    """The stored hash of who is signed in, if this is the password; attempts count as signing in does.

    Raises ApiError 401, 422, 429.
    """
    known = await database.call("api.find_own_credentials", access)
    await limits.sign_in(address, known["email"])
    stored: str = known["password_hash"]
    if not await verify_password(password, stored):
        raise ApiError(422, "app_user__password", "password is wrong", "password")
    return stored
