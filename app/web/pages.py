"""The pages, rendered once: a page depends on its name and its language and on nothing in the request."""

import re
import tomllib
from importlib.resources import files
from typing import Any, Literal, get_args

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.web.language import LANGUAGES, Language, other

Outcome = Literal["paid", "pending", "already_answered", "expired", "invalid"]

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
"""What a click can lead to, as `api.answer_checkin` names it."""

PROOFS = ("proven", "expired", "invalid")
"""What the link of a verification mail can lead to, as `api.prove_email` names it."""

PAGES = (*OUTCOMES, *(f"verify_{proof}" for proof in PROOFS), "home", "not_found")

Pages = dict[tuple[str, Language], bytes]


def render_pages(api_docs_url: str) -> Pages:
    """Render every page in every language, as UTF-8 HTML.

    A missing text raises here, when the server starts.
    """
    environment = Environment(
        loader=PackageLoader("app.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("page.html")
    pages: Pages = {}
    for language in LANGUAGES:
        texts = load_texts(language)
        for name in PAGES:
            html = template.render(
                name=name,
                language=language,
                other_language=other(language),
                common=texts["common"],
                page=texts[name],
                api_docs_url=api_docs_url,
            )
            pages[name, language] = html.encode()
    return pages


def load_texts(language: Language) -> dict[str, Any]:
    """Read the words of one language by page, with the spaces its typography asks for."""
    source = files("app.web").joinpath("texts", f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(_french_spaces(source) if language == "fr" else source)


def _french_spaces(text: str) -> str:
    """Make ordinary spaces unbreakable where French wants it, so that texts/ holds no invisible character.

    Narrow before `;`, `!`, `?`, full before `:` and inside guillemets (Imprimerie nationale), and between a
    number and its unit.
    """
    text = re.sub(r" (?=[;!?])", "\u202f", text)
    text = re.sub(r" (?=[:»])|(?<=«) ", "\u00a0", text)
    return re.sub(r"(?<=\d) (?=h\b)", "\u00a0", text)
