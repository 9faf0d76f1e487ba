"""The words of a mail: its template, rendered as plain text and, where it is wanted, as HTML.

The words stand in `templates/`, one file per kind and language; `markup` makes the HTML of the same file.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from jinja2 import Environment, FileSystemLoader, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from app.core.text import Language
from app.mail.markup import html_source
from app.mail.text import header_text

MailFormat = Literal["text", "both"]

_FOLDER = Path(__file__).parent / "templates"
_PLAIN = Environment(
    loader=FileSystemLoader(_FOLDER),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - plain text; there is no markup to escape
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def _isolated(value: Any) -> Any:
    """A value as HTML shows it: one written from right to left does not reorder the words around it."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return Markup("<bdi>{}</bdi>").format(Markup("<br>\n").join(value.split("\n")))


def _bare(value: str) -> Markup:
    """A value where no element may stand: in an attribute, or the title."""
    return escape(value)


def _html_template(name: str) -> str:
    source = (_FOLDER / name).read_text(encoding="utf-8")
    return source if name.endswith(".html") else html_source(source)


_HTML = Environment(
    loader=FunctionLoader(_html_template),
    undefined=StrictUndefined,
    autoescape=True,
    finalize=_isolated,
    trim_blocks=True,
    lstrip_blocks=True,
)
_HTML.filters["bare"] = _bare


class Words(NamedTuple):
    """What a mail says: its subject, fit for a header, its plain text, and its HTML where it is wanted."""

    subject: str
    text: str
    html: str | None = None


@cache
def _template(environment: Environment, name: str) -> Template:
    return environment.get_template(name)


def render(kind: str, locale: Language, mail_format: MailFormat, values: Mapping[str, Any]) -> Words:
    """The words of a mail of this kind: the template's variable `subject`, and the rest of it."""
    name = f"{kind}.{locale}.txt"
    template = _template(_PLAIN, name)
    context = template.new_context(dict(values))
    text = "".join(template.root_render_func(context))
    subject = header_text(context.vars["subject"])
    if mail_format == "text":
        return Words(subject, text)
    content = Markup(_template(_HTML, name).render(values))  # noqa: S704 - escaped as it was rendered
    html = _template(_HTML, "layout.html").render(subject=subject, locale=locale, content=content)
    return Words(subject, text, html)
