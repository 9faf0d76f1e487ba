"""The page that the link of a verification mail opens: which address, and the button that proves it.

Like the page of a check-in it runs no script and sets no cookie. The API serves it, because it needs the
database. What the button leads to is a page of `app.web.results`.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from app.core.settings import Settings
from app.core.text import Language
from app.web.checkin import Reader
from app.web.headers import form_headers
from app.web.language import other
from app.web.rendering import environment
from app.web.results import frame
from app.web.words import isolated, load_texts


class ProofPage:
    """Renders the page, for one deployment's addresses."""

    def __init__(self, settings: Settings) -> None:
        """Load the template. A missing one raises here, when the server starts."""
        self._base = urlsplit(settings.public_url).path
        self._home = settings.web_url
        self._page = environment().get_template("proof.html")
        self.headers = form_headers(settings.web_url)
        """The button's answer leads to the web app, so its address is allowed beside this server's."""

    def render(self, look: Mapping[str, Any], reader: Reader) -> tuple[bytes, Language]:
        """Render the document of `api.look_at_email_proof` for the holder of its token."""
        language = reader.language(look["locale"])
        page = load_texts(language)["verify_open"]
        html = self._page.render(
            **frame(language, f"?lang={other(language)}", base=self._base, home=self._home),
            name="verify_open",
            title=page["title"],
            page=page,
            happened=Markup(page["happened"]).format(  # noqa: S704 our text; the values are escaped
                address=isolated(look["to_address"]), organization=isolated(look["organization_name"])
            ),
        )
        return html.encode(), language
