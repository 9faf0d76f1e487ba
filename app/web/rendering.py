"""The templates, and how they write amounts, days and moments."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from app.core.text import LOCALES, Language, long_date, money
from app.web import moments
from app.web.words import count, isolated, say


@cache
def environment() -> Environment:
    """The templates. Every value written into a page is escaped; a missing one is an error.

    Beside Jinja's own they have these filters, which read `language`, `now` (an aware moment in the
    organization's zone) from the page's context:

    - `cents | amount("EUR")`: `1 200,00 €`
    - `day | day`: an element that says `demain`, `il y a 12 jours` or `3 déc.`, the full date on hover
    - `moment | moment`: the same with the time, `demain, 9 h`
    - `day | full`: `3 décembre 2026`; of a moment, the day in the organization's zone
    - `4.5 | number`: `4,5`
    - `name | bdi`: a text of somebody else's, kept from reordering the words around it

    and these functions: `say(text, client=...)` and `count(texts, number, ...)` of `app.web.words`.
    """
    made = Environment(
        loader=PackageLoader("app.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "amount": _amount,
        "day": _day,
        "moment": _moment,
        "full": _full,
        "number": _number,
        "bdi": isolated,
    }
    made.globals |= {"say": say, "count": count}
    return made


def render(template: str, context: Mapping[str, Any]) -> str:
    """Write a page."""
    return environment().get_template(template).render(context)


@pass_context
def _amount(context: Context, cents: int, currency: str) -> str:
    return money(cents, currency, context["language"])


@pass_context
def _number(context: Context, number: float) -> str:
    said: str = format_decimal(number, "#,##0.#", locale=LOCALES[context["language"]])
    return said


@pass_context
def _full(context: Context, day: str | date) -> str:
    return long_date(_date(day, context), context["language"])


@pass_context
def _day(context: Context, day: str | date) -> Markup:
    return _said_day(_date(day, context), context["now"].date(), context["language"])


@lru_cache(maxsize=10_000)
def _said_day(when: date, today: date, language: Language) -> Markup:
    """The days of a page are few, and the same on the next."""
    return _time(when.isoformat(), long_date(when, language), moments.day(when, today, language))


@pass_context
def _moment(context: Context, at: str | datetime) -> Markup:
    now, language = context["now"], context["language"]
    when = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(now.tzinfo)
    full = moments.full(when, language)
    return _time(when.isoformat(timespec="minutes"), full, moments.moment(when, now, language))


def _time(machine: str, full: str, said: str) -> Markup:
    """The full date is a title for a pointer and hidden text for a reader; twice the same is said once."""
    said, full = escape(said), escape(full)
    if said == full:
        return Markup(f'<time datetime="{machine}">{said}</time>')  # noqa: S704 - escaped
    title = f'<time datetime="{machine}" title="{full}">'
    return Markup(f'{title}{said}<span class="hidden"> ({full})</span></time>')  # noqa: S704 - escaped


def _date(day: str | date, context: Context) -> date:
    """A day; of a moment, that of the organization's zone."""
    if isinstance(day, str):
        day = datetime.fromisoformat(day) if "T" in day else date.fromisoformat(day)
    return day.astimezone(context["now"].tzinfo).date() if isinstance(day, datetime) else day
