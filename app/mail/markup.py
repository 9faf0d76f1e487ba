"""The HTML of a mail, made from the template of its plain text: the words stand in one file.

A template is plain text. `html_source` translates its source, once, into the source of an HTML template. So
only the template's own lines make structure, never a value: values are escaped when they are written.

| in the template | in HTML |
|---|---|
| lines between empty lines | a paragraph; each line on its own |
| a paragraph `label :` and, alone on its line, a value named `..._url` or `link` | a link |
| the same between `{# buttons #}` and `{# end #}` | a button, the first of them filled |
| `label : value` between `{# facts #}` and `{# end #}` | a row of a table |
| `- item` between `{# list #}` and `{# end #}` | an item of a list |
| a line after `{# heading #}` | a heading |
| `{# rule #}` | a line across |
| `{% ... %}`, and a macro's call, alone on its line | itself |

The comments are Jinja's: the plain text does not show them.
"""

import re
from collections.abc import Iterator
from html import escape

_CONTROL = re.compile(r"\{%.*%\}|\{\{ \w+\(.*\) \}\}")
_SUBJECT = re.compile(r"\{% set subject %\}.*?endset %\}\n", re.DOTALL)
_COMMENT = re.compile(r"\{# (\w+) #\}")
_URL = re.compile(r"\{\{ ([\w.]*(?:url|link)) \}\}")
_FACT = re.compile(r"([^{}:]+?)\u00a0?: (.+)")
_COLON = re.compile(r"\u00a0?:$")
_EXPRESSION = re.compile(r"(\{\{.*?\}\})")

_OPEN = {"facts": '<table class="facts">', "list": "<ul>", "buttons": '<div class="buttons">'}
_CLOSE = {"facts": "</table>", "list": "</ul>", "buttons": "</div>"}
# Inline too, for programs that drop the style sheet. Each attribute has its line: a long URL fills one.
_BUTTON = (
    "display: inline-block; padding: 10px 18px; border: 2px solid #a01040; border-radius: 8px; "
    "font-weight: bold; text-decoration: none; "
)
_FILLED = _BUTTON + "background-color: #a01040; color: #ffffff"
_OUTLINED = _BUTTON + "background-color: #ffffff; color: #a01040"


def html_source(source: str) -> str:
    """The source of the HTML template of a plain template, without its subject.

    Raises ValueError for a comment that is not in the table above, or one that is not closed.
    """
    return "\n".join(_Translation().lines(_SUBJECT.sub("", source))) + "\n"


class _Translation:
    def __init__(self) -> None:
        self._inside: str | None = None
        self._heading = False
        self._paragraph: list[str] = []
        self._label: str | None = None
        """A paragraph that waits for what follows: with a URL it becomes a link's label."""
        self._buttons = 0

    def lines(self, source: str) -> Iterator[str]:
        for line in source.splitlines():
            if comment := _COMMENT.fullmatch(line):
                yield from self._end_paragraph()
                yield from self._end_label()
                yield from self._turn(comment[1])
            elif _CONTROL.fullmatch(line):
                yield from self._end_paragraph()
                yield from self._end_label()
                yield line
            elif not line:
                yield from self._end_paragraph()
            elif self._inside == "facts":
                yield _row(line)
            elif self._inside == "list":
                yield f"<li>{_written(line.removeprefix('- '))}</li>"
            elif self._heading:
                self._heading = False
                yield f"<h2>{_written(line)}</h2>"
            else:
                self._paragraph.append(line)
        yield from self._end_paragraph()
        yield from self._end_label()
        if self._inside or self._heading:
            raise ValueError(f"not closed: {self._inside or 'heading'}")

    def _turn(self, word: str) -> Iterator[str]:
        if word == "heading":
            self._heading = True
        elif word == "rule":
            yield "<hr>"
        elif word == "end" and self._inside:
            yield _CLOSE[self._inside]
            self._inside = None
        elif word in _OPEN and self._inside is None:
            self._inside, self._buttons = word, 0
            yield _OPEN[word]
        else:
            raise ValueError(f"not a comment of a template: {word}")

    def _end_paragraph(self) -> Iterator[str]:
        """Write the lines gathered so far, or keep them as a label if a URL may follow."""
        lines, self._paragraph = self._paragraph, []
        if not lines:
            return
        url = _URL.fullmatch(lines[0]) if len(lines) == 1 else None
        if url and self._label is not None:
            label, self._label = _COLON.sub("", self._label), None
            yield self._link(_written(label), url[1])
            return
        yield from self._end_label()
        if len(lines) == 1:
            self._label = lines[0]
        else:
            yield "<p>" + "<br>\n".join(map(_written, lines)) + "</p>"

    def _end_label(self) -> Iterator[str]:
        label, self._label = self._label, None
        if label is not None:
            yield f"<p>{_written(label)}</p>"

    def _link(self, label: str, url: str) -> str:
        href = f'href="{{{{ {url}|bare }}}}"'
        if self._inside != "buttons":
            return f"<p><a\n{href}\n>{label}</a></p>"
        self._buttons += 1
        kind, style = ("filled", _FILLED) if self._buttons == 1 else ("outlined", _OUTLINED)
        return f'<p class="button"><a class="{kind}" style="{style}"\n{href}\n>{label}</a></p>'


def _row(line: str) -> str:
    fact = _FACT.fullmatch(line)
    if fact is None:
        return f'<tr><td colspan="2">{_written(line)}</td></tr>'
    return f'<tr><th scope="row">{_written(fact[1])}</th><td>{_written(fact[2])}</td></tr>'


def _written(line: str) -> str:
    """A line of a template, in which `<` and `&` of its own words are escaped and expressions kept."""
    return "".join(
        part if part.startswith("{{") else escape(part, quote=False) for part in _EXPRESSION.split(line)
    )
