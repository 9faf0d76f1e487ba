"""How the template of a plain text becomes the template of its HTML."""

import pytest

from app.mail.markup import html_source


def test_lines_between_empty_lines_are_a_paragraph() -> None:
    """Each line stays a line; the template's own `&` and `<` are escaped, its expressions are not."""
    assert html_source("A & B < C\n\nD\n{{ e|f('<') }}\n") == (
        "<p>A &amp; B &lt; C</p>\n<p>D<br>\n{{ e|f('<') }}</p>\n"
    )


def test_a_url_alone_on_its_line_is_a_link_named_by_the_paragraph_above() -> None:
    """The label loses its colon. A URL without a label above, or in a sentence, is text."""
    assert html_source("See\u00a0:\n\n{{ q.page_url }}\n") == (
        '<p><a\nhref="{{ q.page_url|bare }}"\n>See</a></p>\n'
    )
    assert html_source("A\nB\n\n{{ link }}\n\nAt {{ link }}\n") == (
        "<p>A<br>\nB</p>\n<p>{{ link }}</p>\n<p>At {{ link }}</p>\n"
    )


def test_buttons_facts_and_lists_stand_between_comments() -> None:
    """Of several buttons the first is filled; a fact without a colon fills its row."""
    buttons = html_source("{# buttons #}\nYes:\n\n{{ a_url }}\n\nSo.\n\nNo:\n\n{{ b_url }}\n{# end #}\n")
    assert buttons.count('class="filled"') == buttons.count('class="outlined"') == 1
    assert buttons.index("filled") < buttons.index("<p>So.</p>") < buttons.index("outlined")
    assert html_source("{# facts #}\nA: {{ b }}\nC by D\n{# end #}\n") == (
        '<table class="facts">\n<tr><th scope="row">A</th><td>{{ b }}</td></tr>\n'
        '<tr><td colspan="2">C by D</td></tr>\n</table>\n'
    )
    assert html_source("{# list #}\n{% for n in m %}\n- {{ n }}\n{% endfor %}\n{# end #}\n") == (
        "<ul>\n{% for n in m %}\n<li>{{ n }}</li>\n{% endfor %}\n</ul>\n"
    )


def test_control_lines_calls_and_headings_end_a_paragraph() -> None:
    """A subject is left out; what an expression holds is never read as structure."""
    source = "{% set subject %}\nS\n{%- endset %}\nA\n{% if b %}\nC\n{% endif %}\n{{ d(b) }}\n"
    source += "{# rule #}\n{# heading #}\n{{ e }}\n"
    assert html_source(source) == (
        "<p>A</p>\n{% if b %}\n<p>C</p>\n{% endif %}\n{{ d(b) }}\n<hr>\n<h2>{{ e }}</h2>\n"
    )


@pytest.mark.parametrize(
    "source",
    ["{# fact #}\n", "{# end #}\n", "{# facts #}\nA: B\n", "{# heading #}\n", "{# facts #}\n{# list #}\n"],
)
def test_a_comment_that_means_nothing_is_an_error(source: str) -> None:
    """A template with a wrong or open comment does not load."""
    with pytest.raises(ValueError, match=r"comment|closed"):
        html_source(source)
