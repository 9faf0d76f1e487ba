"""The settings of the organization, and of its mails."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

import structlog
from starlette.responses import Response

from app.core.codes import COUNTRIES
from app.core.errors import ApiError
from app.core.text import LOCALES, Language
from app.mail.errors import MailError
from app.mail.samples import sample_mails
from app.models.organizations import OrganizationChanges
from app.web.forms import Form
from app.web.visit import Area, Visit

area = Area("settings")
log = structlog.get_logger(__name__)

_TEXTS = ("name", "locale", "time_zone", "checkin_time", "relance_time", "country", "click_mode")
_NUMBERS = (
    *("terms_days", "question_valid_days", "questions_per_mail", "question_mails_per_day"),
    *("client_spacing_days", "contradiction_seconds"),
)
_TICKS = ("terms_end_of_month", "answer_receipts")


@area.get("/settings")
async def show_organization(visit: Visit) -> Response:
    """All that concerns the organization as a whole."""
    frame = await visit.known()
    return await _show_organization(visit, _filled(frame["organization"], _TICKS, visit.language))


@area.post("/settings")
async def change_organization(visit: Visit) -> Response:
    """Change it. A region of the country that was left is emptied with it."""
    form = await visit.form()
    values: dict[str, Any] = {name: form.text(name) or "" for name in _TEXTS}
    values |= {name: form.integer(name) for name in _NUMBERS}
    values |= {name: form.checked(name) for name in _TICKS}
    values |= {
        "signature": form.text("signature"),
        "late_penalty_rate": form.number("late_penalty_rate"),
        "siren": _joined(form.text("siren")),
        "vat_number": _joined(form.text("vat_number")),
    }
    region = form.text("holiday_region")
    if region is None or region.startswith(values["country"]):
        values["holiday_region"] = region
    if await _change(visit, form, values):
        return await visit.done("/settings", "saved")
    return await _show_organization(visit, form, 422)


@area.get("/settings/mails")
async def show_mails(visit: Visit) -> Response:
    """How mails are, and how each kind looks."""
    frame = await visit.known()
    return await _show_mails(visit, _filled(frame["organization"], ("letter_copies",), visit.language))


@area.post("/settings/mails")
async def change_mails(visit: Visit) -> Response:
    """Change it."""
    form = await visit.form()
    values = {
        "mail_format": form.text("mail_format") or "",
        "letter_copies": form.checked("letter_copies"),
        "letters_kept_days": form.integer("letters_kept_days"),
    }
    if await _change(visit, form, values):
        return await visit.done("/settings/mails", "saved")
    return await _show_mails(visit, form, 422)


async def _change(visit: Visit, form: Form, values: dict[str, Any]) -> bool:
    """Write the settings; False if one is refused."""
    changes = form.read(OrganizationChanges, **values)
    if changes is None:
        return False
    try:
        await visit.call(
            "api.update_organization", changes=changes.model_dump(mode="json", exclude_unset=True)
        )
    except ApiError as error:
        form.refuse(error)
        return False
    return True


def _filled(organization: dict[str, Any], ticks: tuple[str, ...], language: Language) -> Form:
    """The form with what is set; a box that is not ticked is not there."""
    values = {name: v for name, v in organization.items() if name not in ticks or v}
    rate = organization["late_penalty_rate"]
    if rate is not None:
        values["late_penalty_rate"] = f"{rate:g}".replace(".", "," if language == "fr" else ".")
    return Form.of(values, language)


def _joined(text: str | None) -> str | None:
    """A number as it is kept, without the spaces and dots that people group it by."""
    return None if text is None else "".join(text.replace(".", "").split()).upper()


async def _show_organization(visit: Visit, form: Form, status: int = 200) -> Response:
    regions = (await visit.call("api.list_holiday_regions"))["items"]
    frame = await visit.known()
    return await visit.render(
        "settings/organization.html",
        status,
        form=form,
        organization=frame["organization"],
        regions=[(region["holiday_region"], region["name"]) for region in regions],
        countries=_countries(visit.language),
        zones=_zones(frame["organization"]["time_zone"]),
    )


async def _show_mails(visit: Visit, form: Form, status: int = 200) -> Response:
    wordings = (await visit.call("api.list_letter_wordings"))["items"]
    frame = await visit.known()
    organization = frame["organization"]
    try:
        mails = sample_mails(frame["user"], organization, wordings, visit.now, visit.site.settings)
    except MailError as error:
        log.warning("mail_preview_failed", detail=error.detail)
        mails = {}
    return await visit.render(
        "settings/mails.html", status, form=form, organization=organization, mails=mails
    )


@cache
def _countries(language: Language) -> list[tuple[str, str]]:
    """All countries by name."""
    names = LOCALES[language].territories
    return sorted(((code, names.get(code, code)) for code in COUNTRIES), key=lambda pair: pair[1])


@cache
def _zones(current: str) -> list[tuple[str, str]]:
    """The time zones that are named by a city, and the one that is set."""
    regions = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/")
    known = {name for name in available_timezones() if name.startswith((*regions, "Indian/", "Pacific/"))}
    return [(name, name.replace("_", " ")) for name in sorted(known | {"UTC", current})]
