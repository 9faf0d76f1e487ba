"""The result pages, rendered once: a page depends on its name and its language only."""

from typing import Any, Literal, get_args

from app.core.text import Language
from app.web.language import LANGUAGES, other
from app.web.rendering import environment
from app.web.words import load_texts

Outcome = Literal["paid", "pending", "already_answered", "expired", "invalid"]

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
"""What a click can lead to, as `api.answer_checkin` names it; `confirm` leads to the check-in's own page."""

PROOFS = ("proven", "expired", "invalid")
"""What the page of a verification mail and its button can lead to, as `api.prove_email` names it."""

PAGES = (*OUTCOMES, *(f"verify_{proof}" for proof in PROOFS), "not_found")

Pages = dict[tuple[str, Language], bytes]


def render_pages() -> Pages:
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
