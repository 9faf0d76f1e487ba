"""The result pages, rendered once: a page depends on its name and its language only."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from app.core.text import Language
from app.web.language import LANGUAGES, other

Outcome = Literal["paid", "pending", "already_answered", "expired", "invalid"]

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
"""What a click can lead to, as `api.answer_checkin` names it; `confirm` leads to the check-in's own page."""

PROOFS = ("proven", "expired", "invalid")
"""What the page of a verification mail and its button can lead to, as `api.prove_email` names it."""

PAGES = (*OUTCOMES, *(f"verify_{proof}" for proof in PROOFS), "home", "not_found")

Pages = dict[tuple[str, Language], bytes]


@cache
def environment() -> Environment:
    """The templates. Every value written into a page is escaped; a missing one is an error."""
    return Environment(
        loader=PackageLoader("app.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_pages(api_docs_url: str) -> Pages:
    """Render every page in every language, as UTF-8 HTML.

    A missing text raises here, when the server starts.
    """
    template = environment().get_template("page.html")
    pages: Pages = {}
    for language in LANGUAGES:
        texts = load_texts(language)
        for name in PAGES:
            html = template.render(
                **frame(language, f"?lang={other(language)}"),
                name=name,
                title=texts[name]["title"],
                page=texts[name],
                api_docs_url=api_docs_url,
            )
            pages[name, language] = html.encode()
    return pages


def frame(language: Language, language_link: str | None, *, base: str = "", home: str = "") -> dict[str, Any]:
    """What the layout of every page shows around it.

    `language_link`: where the same page is in the other language; None to offer none. `base`: the path under
    which this server's `/static` is reached. `home`: the address of the web app, without a slash at its end.
    """
    return {
        "language": language,
        "other_language": other(language),
        "language_link": language_link,
        "common": load_texts(language)["common"],
        "assets": f"{base}/static",
        "home": home,
    }


def _hyphens(found: re.Match[str]) -> str:
    return "\u2011t\u2011" if found[1] else "\u2011"


@cache
def load_texts(language: Language) -> dict[str, Any]:
    """Read the words of one language by page, with the spaces its typography asks for."""
    source = files("app.web").joinpath("texts", f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(_french_spaces(source) if language == "fr" else source)


def _french_spaces(text: str) -> str:
    """Make spaces and hyphens unbreakable where French wants it, so that texts/ holds no invisible character.

    Spaces are narrow before `;`, `!`, `?`, full before `:` and inside guillemets (Imprimerie nationale), and
    between a number and its unit. A line does not end within "a-t-elle" or "avez-vous".
    """
    text = re.sub(r"(?<=\w)-(?:(t)-)?(?=(?:elles?|ils?|on|vous)\b)", _hyphens, text)
    text = re.sub(r" (?=[;!?])", "\u202f", text)
    text = re.sub(r" (?=[:»])|(?<=«) ", "\u00a0", text)
    return re.sub(r"(?<=\d) (?=h\b)", "\u00a0", text)


def isolated(text: str) -> Markup:
    """A name or address, escaped; one written from right to left does not reorder the words around it."""
    return Markup("<bdi>{}</bdi>").format(text)
