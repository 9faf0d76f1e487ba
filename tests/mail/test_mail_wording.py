"""Letters in an organization's own words: fields, choices, paragraphs, and what always stays ours."""

from typing import Any, get_args

import pytest

from app.mail.letters import letter_words, read_letter
from app.mail.wording import Tone, fill, usual_wording
from app.mail.words import Words
from tests.mail.mail_begun import TONES, begun, body, make_mail
from tests.mail.mail_reading import content, parse

EVERY_FIELD = "{client} | {organization} | {number} | {amount} | {due_on} | {days_late}".replace(" | ", "\n")

DUE_ON = {"fr": {"due_on": "31 mars 2026"}, "en": {"due_on": "31 March 2026"}}


def said(count: int = 1, opening: str | None = None, request: str | None = None, **changes: Any) -> Words:
    """The letter of these own words."""
    wording = {"opening": opening, "request": request}
    return letter_words(read_letter(begun("letter", count, wording=wording, **changes)))


@pytest.mark.parametrize(
    ("locale", "count", "lines"),
    [
        ("fr", 1, ["F-2026-014", "1\u202f200,00\u00a0€", "31 mars 2026", "12 jours"]),
        ("fr", 2, ["F-2026-014 et F-2026-021", "3\u202f250,50\u00a0€", "31 mars 2026", "12 jours"]),
        ("en", 3, ["F-2026-014, F-2026-021 and 2026/7", "€4,250.00", "31 March 2026", "12 days"]),
    ],
)
def test_every_field_has_a_value_about_one_invoice_and_several(
    locale: str, count: int, lines: list[str]
) -> None:
    """Before the facts and after them; of several invoices all numbers, the sum and the oldest due date."""
    text = said(count, EVERY_FIELD, EVERY_FIELD, locale=locale).text
    assert text.count("\n".join(["Boulangerie Martin", "Studio Camille", *lines])) == 2
    assert text.startswith("Boulangerie Martin\n")


def test_a_choice_reads_by_the_number_of_invoices() -> None:
    """Its parts may be empty."""
    words = "{Il reste|Il en reste plusieurs}, facture{|s} {number}"
    assert said(1, words).text.startswith("Il reste, facture F-2026-014\n")
    assert said(2, words).text.startswith("Il en reste plusieurs, factures F-2026-014 et F-2026-021\n")


@pytest.mark.parametrize("mail_format", ["text", "both"])
def test_a_value_is_never_read_as_a_field_or_as_markup(mail_format: str) -> None:
    """A client named {number}, with a choice, a tag and a line that would begin a header."""
    name = "{number} {a|b} <b>&amp; {{ 7*7 }} \u202eX"
    words = said(1, "{client}", client_name=name, mail_format=mail_format)
    assert words.text.startswith("{number} {a|b} <b>&amp; {{ 7*7 }} X\n\n")
    if words.html:
        assert "<p><bdi>{number} {a|b} &lt;b&gt;&amp;amp; {{ 7*7 }} X</bdi></p>" in words.html


def test_what_stands_together_makes_no_link() -> None:
    """A name that ends in www before a point, or in http: before slashes, is parted from it."""
    for client, words, shown in (
        ("www", "{client}.x.example", " www .x.example"),
        ("http:", "{client}//x", " http: //x"),
        ("//x", "http:{client}", "http: //x"),
    ):
        filled = said(1, words, client_name=client, mail_format="both")
        assert filled.text.lstrip().startswith(f"{shown.strip()}\n")
        assert filled.html is not None
        assert "www." not in filled.html
        assert "http:/" not in filled.html.replace("http:</bdi>", "http:")


def test_own_words_are_paragraphs_whose_lines_any_mail_may_hold() -> None:
    """Empty lines part paragraphs; a line too long is folded, in the plain text alone."""
    words = said(1, "A\nB & C\n \n\nD " + "x" * 200 + "{client}" * 20, mail_format="both")
    assert words.text.startswith("A\nB & C\n\nD xxx")
    assert max(map(len, words.text.splitlines())) <= 200
    assert words.html is not None
    assert "<p>A<br>\nB &amp; C</p>\n<p>D xxx" in words.html
    mail = make_mail("letter", wording={"opening": "é" * 200 + "{client}", "request": None})
    assert max(map(len, mail.message.as_bytes().split(b"\r\n"))) <= 998


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("mail_format", ["text", "both"])
def test_own_words_take_the_place_of_ours_and_the_rest_stays(
    locale: str, tone: str, mail_format: str
) -> None:
    """Facts, law, contacts and signature stay; a formal notice keeps what makes it one. Sent as previewed."""
    own = {"opening": "Mot d'avant.", "request": "Mot d'après."}
    changes: dict[str, Any] = {"tone": tone, "locale": locale, "mail_format": mail_format}
    words = letter_words(read_letter(begun("letter", wording=own, **changes)))
    usual = usual_wording(tone, locale)
    replaced = fill(usual.opening + "\n\n" + usual.request, DUE_ON[locale], several=False)
    gone = set(body("letter", **changes).splitlines()) - set(words.text.splitlines())
    assert gone == {paragraph.text for paragraph in replaced}
    before, facts, after = (words.text.index(part) for part in ("Mot d'avant.", "F-2026-014", "Mot d'après."))
    assert before < facts < after < words.text.index("camille@studio-camille.example")
    if tone == "formal_notice":
        demand = "huit jours à compter" if locale == "fr" else "formal notice to pay us the sum"
        assert facts < words.text.index(demand) < after
        assert words.text.startswith("MISE EN DEMEURE" if locale == "fr" else "FORMAL NOTICE")
    mail = make_mail("letter", wording=own, **changes)
    parsed = parse(mail, eight_bit=True)
    shown = content(parsed, "html") if words.html else None
    assert (parsed["Subject"], content(parsed, "plain"), shown) == words


def test_one_part_may_be_own_and_the_other_ours() -> None:
    """Null is ours."""
    text = said(1, None, "Un mot.").text
    assert text.startswith("Bonjour,\n\nSauf erreur")
    assert "Un mot." in text
    assert "Pourriez-vous" not in text


@pytest.mark.parametrize("tone", get_args(Tone))
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_our_own_words_are_wordings_too(tone: Tone, locale: Any) -> None:
    """What a form shows first, kept as it is, changes nothing."""
    usual = usual_wording(tone, locale)
    same = {"opening": usual.opening, "request": usual.request or None}
    for count in (1,) if tone == "formal_notice" else (1, 3):
        facts = {"locale": locale, "tone": tone, "mail_format": "both"}
        assert said(count, **same, **facts) == said(count, **facts)


def test_an_empty_wording_has_no_paragraphs() -> None:
    """Nothing is asked for in a formal notice but by our own demand."""
    assert fill("", {}, several=False) == []
