"""Organizations and users."""

from pydantic import AwareDatetime, ConfigDict, Field

from app.models.fields import Country, Document, Line, Locale, Rate, Request, Signature, TimeOfDay, omitted


class User(Document):
    """The person who is signed in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": 1,
                    "email": "ana@atelier.example",
                    "full_name": "Ana Petit",
                    "email_proven_at": None,
                }
            ]
        }
    )

    user_id: int
    email: str
    full_name: str
    email_proven_at: AwareDatetime | None = Field(
        description="When somebody first followed a link mailed to the address; until then no relance leaves."
    )


class Organization(Document):
    """The tenant, its settings, and the rubis it has earned."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "organization_id": 1,
                    "name": "Atelier Petit",
                    "locale": "fr",
                    "time_zone": "Europe/Paris",
                    "checkin_time": "09:00",
                    "relance_time": "10:00",
                    "country": "FR",
                    "signature": None,
                    "late_penalty_rate": 12.0,
                    "rubis": 3,
                }
            ]
        }
    )

    organization_id: int
    name: str
    locale: Locale
    time_zone: str
    checkin_time: str = Field(description="Local time of day at which check-ins are asked, HH:MM.")
    relance_time: str = Field(description="Local time of day at which relances leave, HH:MM.")
    country: str = Field(
        description="ISO 3166-1 code: whose public holidays count, and whose law letters cite."
    )
    signature: str | None = Field(description="Ends the letters to clients; null for the user's name.")
    late_penalty_rate: float | None = Field(description="Yearly, in per cent, as on the invoices.")
    rubis: int


class Me(Document):
    """Who is signed in, and for which organization."""

    user: User
    organization: Organization


class OrganizationChanges(Request):
    """Settings to change. A changed zone or time of day moves what is scheduled."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"time_zone": "Europe/Paris", "checkin_time": "08:30"}]}
    )

    name: Line = omitted()
    locale: Locale = omitted()
    time_zone: Line = omitted()
    checkin_time: TimeOfDay = omitted()
    relance_time: TimeOfDay = omitted()
    country: Country = omitted()
    signature: Signature | None = None
    late_penalty_rate: Rate | None = None
