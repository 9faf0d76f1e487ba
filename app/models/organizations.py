"""Organizations and users."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from app.models.fields import (
    ClickMode,
    Country,
    Document,
    Line,
    Locale,
    MailFormat,
    Name,
    Rate,
    Region,
    Request,
    Signature,
    Siren,
    TermsDays,
    TimeOfDay,
    VatNumber,
    omitted,
)


class User(Document):
    """The person who is signed in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": 1,
                    "email": "ana@atelier.example",
                    "full_name": "Ana Petit",
                    "locale": "fr",
                    "email_proven_at": None,
                }
            ]
        }
    )

    user_id: int
    email: str
    full_name: str
    locale: Locale = Field(description="Language of this user's pages and mails.")
    email_proven_at: AwareDatetime | None = Field(
        description="When a person first acted on a mail to the address; until then no relance leaves."
    )


class UserChanges(Request):
    """What users change of themselves. A locale of null: the organization's."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"full_name": "Ana Petit", "locale": "en"}]})

    full_name: Name = omitted()
    locale: Locale | None = None


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
                    "holiday_region": None,
                    "public_holidays": "known",
                    "signature": None,
                    "late_penalty_rate": 12.0,
                    "siren": "732829320",
                    "vat_number": "FR44732829320",
                    "terms_days": 30,
                    "terms_end_of_month": False,
                    "click_mode": "direct",
                    "click_mode_advice": None,
                    "contradiction_seconds": 60,
                    "answer_receipts": True,
                    "question_valid_days": 7,
                    "questions_per_mail": 25,
                    "question_mails_per_day": 4,
                    "client_spacing_days": 2,
                    "mail_format": "text",
                    "letter_copies": False,
                    "letters_kept_days": 365,
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
    holiday_region: str | None = Field(
        description="ISO 3166-2 code of the region whose public holidays count; null for the whole country."
    )
    public_holidays: Literal["known", "weekends_only", "awaited"] = Field(
        description="Whether this year's public holidays are known. weekends_only: there are none, so"
        " relances leave on every day outside a weekend. awaited: no relance leaves until the worker has"
        " filled them in."
    )
    signature: str | None = Field(description="Ends the letters to clients; null for the user's name.")
    late_penalty_rate: float | None = Field(description="Yearly, in per cent, as on the invoices.")
    siren: str | None = Field(description="Its number in France, if it has one.")
    vat_number: str | None = Field(description="Its VAT number, if it has one.")
    terms_days: int = Field(
        description="Terms of payment of clients without terms of their own: days from issue to due date."
    )
    terms_end_of_month: bool = Field(
        description="Whether the days count to the end of the month that they end in."
    )
    click_mode: ClickMode = Field(
        description="What a link of a check-in mail does: direct (one click answers) or confirm (it opens a"
        " page whose button answers)."
    )
    click_mode_advice: Literal["confirm"] | None = Field(
        description="The click_mode that suits this organization's mail system better, as far as is known."
    )
    contradiction_seconds: int = Field(
        description="Both links of a check-in followed within this time: the first answer is taken back."
    )
    answer_receipts: bool = Field(
        description="Whether a mail confirms an answer of paid given without the app."
    )
    question_valid_days: int = Field(
        description="For how many days after a question a letter may leave; then the owner is asked again."
    )
    questions_per_mail: int = Field(description="At most so many questions stand in one mail.")
    question_mails_per_day: int = Field(
        description="At most so many mails of questions leave to a user in a local day; the rest waits for"
        " the next. Questions asked again by hand, or after a late click on paid, do not count."
    )
    client_spacing_days: int = Field(
        description="Local days between two letters to one address; what is due sooner joins the next letter."
    )
    mail_format: MailFormat = Field(
        description="text: mails are plain text. both: HTML with the same content is beside it."
    )
    letter_copies: bool = Field(description="Whether the users concerned get a blind copy of each letter.")
    letters_kept_days: int = Field(
        description="For how many days the exact text of a letter that leaves from now on is kept and shown."
    )
    rubis: int


class HolidayRegion(Document):
    """A region whose public holidays are not those of its whole country."""

    holiday_region: str = Field(description="ISO 3166-2 code.")
    name: str


class HolidayRegions(Document):
    """The regions of the organization's country, by name."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [{"holiday_region": "FR-57", "name": "Moselle"}]}]}
    )

    items: list[HolidayRegion]


class Me(Document):
    """Who is signed in, and for which organization."""

    user: User
    organization: Organization


class OrganizationChanges(Request):
    """Settings to change. What a changed zone, time, country, region or validity moves is moved.

    A changed country empties `holiday_region`, unless one of the new country is given.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"time_zone": "Europe/Paris", "checkin_time": "08:30"},
                {"click_mode": "confirm"},
                {"terms_days": 30, "terms_end_of_month": True},
                {"siren": "732829320", "vat_number": "FR44732829320"},
                {"mail_format": "both", "letter_copies": True},
            ]
        }
    )

    name: Name = omitted()
    locale: Locale = omitted()
    time_zone: Line = omitted()
    checkin_time: TimeOfDay = omitted()
    relance_time: TimeOfDay = omitted()
    country: Country = omitted()
    holiday_region: Region | None = None
    signature: Signature | None = None
    late_penalty_rate: Rate | None = None
    siren: Siren | None = None
    vat_number: VatNumber | None = Field(None, description="A French one must end in `siren`.")
    terms_days: TermsDays = omitted()
    terms_end_of_month: bool = omitted()
    click_mode: ClickMode = omitted()
    contradiction_seconds: Annotated[int, Field(ge=1, le=3600)] = omitted()
    answer_receipts: bool = omitted()
    question_valid_days: Annotated[int, Field(ge=2, le=60)] = omitted()
    questions_per_mail: Annotated[int, Field(ge=1, le=50)] = omitted()
    question_mails_per_day: Annotated[int, Field(ge=1, le=100)] = omitted()
    client_spacing_days: Annotated[int, Field(ge=0, le=30)] = omitted()
    mail_format: MailFormat = omitted()
    letter_copies: bool = omitted()
    letters_kept_days: Annotated[int, Field(ge=30, le=3650)] = omitted()
