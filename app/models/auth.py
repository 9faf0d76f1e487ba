"""Signing up and in."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, SecretStr

from app.core.common_passwords import DIGESTS
from app.core.security import PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH, common_digest, normalize_password
from app.models.fields import Document, Email, Locale, Name, Request
from app.models.organizations import Me

_TYPED_MAX_LENGTH = 1000
"""Of a password before normalization."""


def _password(value: SecretStr) -> SecretStr:
    """Long enough, and none that all try first: no composition rules (NIST SP 800-63B-4, section 3.1.1.2)."""
    typed = value.get_secret_value()
    # The normal form of a long text can be many times as long, and takes its time.
    password = normalize_password(typed) if len(typed) <= _TYPED_MAX_LENGTH else ""
    if not PASSWORD_MIN_LENGTH <= len(password) <= PASSWORD_MAX_LENGTH:
        message = f"must have {PASSWORD_MIN_LENGTH} to {PASSWORD_MAX_LENGTH} characters"
        raise ValueError(message)
    if common_digest(password) in DIGESTS:
        message = "must not be one of the 10,000 most common passwords"
        raise ValueError(message)
    return value


NewPassword = Annotated[
    SecretStr,
    AfterValidator(_password),
    Field(json_schema_extra={"minLength": PASSWORD_MIN_LENGTH, "maxLength": PASSWORD_MAX_LENGTH}),
]


class Registration(Request):
    """A new organization and its first user."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "ana@atelier.example",
                    "password": "correct horse battery staple",
                    "full_name": "Ana Petit",
                    "organization_name": "Atelier Petit",
                    "locale": "fr",
                }
            ]
        }
    )

    email: Email
    password: NewPassword
    full_name: Name
    organization_name: Name
    locale: Locale = "fr"


class Credentials(Request):
    """An e-mail and its password."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "ana@atelier.example", "password": "correct horse battery staple"}]
        }
    )

    email: Email
    password: SecretStr = Field(min_length=1, max_length=_TYPED_MAX_LENGTH)


class ForgottenPassword(Request):
    """Who asks for a new password, because the old one is forgotten."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "ana@atelier.example"}]})

    email: Email


class NewPasswordChosen(Request):
    """A new password, on the page that a mail leads to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "correct horse battery staple"}]})

    password: NewPassword


class PasswordChange(Request):
    """The password until now, and the new one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "password": "correct horse battery staple",
                    "new_password": "a sentence of my own",
                }
            ]
        }
    )

    password: SecretStr = Field(min_length=1, max_length=_TYPED_MAX_LENGTH)
    new_password: NewPassword


class AddressChange(Request):
    """The new address, and one's password."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "ana@petit.example", "password": "correct horse battery staple"}]
        }
    )

    email: Email
    password: SecretStr = Field(min_length=1, max_length=_TYPED_MAX_LENGTH)


class Session(Me):
    """An access token, to be sent as `Authorization: Bearer`, with its user and organization."""

    access_token: str = Field(examples=["tYxR0fH4bq2Yv8C1mZkQ3n5w7u9s0aBcDeFgHiJkLmN"])
    expires_in: int = Field(description="Seconds until the access token expires.", examples=[1800])


class OpenSession(Document):
    """One sign-in that still opens something."""

    session_id: UUID
    kind: Literal["web", "api"] = Field(description="web: a browser; api: a program with a refresh token.")
    created_at: AwareDatetime
    seen_at: AwareDatetime = Field(description="When it was last used, to the hour.")
    device: str | None = Field(description="Browser and system, or the name of a program.")
    address: str | None = Field(description="At the last use: an IPv4 address or an IPv6 network.")
    current: bool = Field(description="Whether it is the session that asks.")


class OpenSessions(Document):
    """All sessions of who asks, last used first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "session_id": "0b5f6a2e-3c1d-4e8f-9a7b-6c5d4e3f2a1b",
                            "kind": "web",
                            "created_at": "2026-11-02T08:00:00Z",
                            "seen_at": "2026-11-30T09:00:00Z",
                            "device": "Firefox, Linux",
                            "address": "192.0.2.1",
                            "current": True,
                        }
                    ]
                }
            ]
        }
    )

    items: list[OpenSession]


class EndedSessions(Document):
    """How many sessions were ended."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ended": 2}]})

    ended: int
