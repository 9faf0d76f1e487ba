"""The words of letters in the database: their rule, who says them, and that a preview is what leaves."""

from typing import Any, get_args

import pytest
from psycopg.types.json import Jsonb

from app.mail.letters import letter_words, read_letter
from app.mail.wording import Tone, field_values, usual_wording
from app.models.fields import Locale
from tests.support.cast import Cast
from tests.support.letters import begin_letter, confirm_letter, pending, until_queued

BAD = {
    "Bonjour {montant},": "line 1: {montant}",
    "Bonjour {client},\n\n{number}\nDû : {AMOUNT}": "line 4: {AMOUNT}",
    "Un { seul": "line 1: {",
    "a\nUn } seul": "line 2: }",
    "{ client }": "line 1: { client }",
    "{{client}}": "line 1: {...}",
    "{a|b|c}": "line 1: {a|b|c}",
    "{la {number}|les}": "line 1: {la ...|les}",
    "{}": "line 1: {}",
}
LINKS = ["a@b", "http://x", "WWW.x", "\uff57ww.x", "{w|w}ww.x", "{www|}.x", "{|http:}//x", "a {b|@}"]
UNFIT = ["", "a\x01b", "a\r\nb", "a\tb", "a\u2028b", "x" * 201, "x " * 1001, *LINKS]


def put(cast: Cast, **changes: Any) -> Any:
    """Put own words for courteous letters in French, or as changed."""
    words = {"tone": "courteous", "locale": "fr", "opening": None, "request": None}
    return cast.api("put_letter_wording", **{**words, **changes})


@pytest.mark.parametrize("part", ["opening", "request"])
@pytest.mark.parametrize("text", BAD)
def test_a_field_that_does_not_exist_is_named_with_its_place(cast: Cast, part: str, text: str) -> None:
    """The column says in which text, the message on which line; the DBA is refused too."""
    with cast.raises("RB422", "letter_wording__field", part):
        put(cast, **{part: text})
    fault: str = cast.session.value("select rubis.wording_fault(%s)", [text])
    assert fault == BAD[text]
    with cast.raises("23514", "wording__form"):
        cast.dba(
            f"insert into rubis.letter_wording (organization_id, tone, locale, {part})"
            " values (%s, 'firm', 'fr', %s)",
            cast.organization_id,
            text,
        )


@pytest.mark.parametrize("text", UNFIT)
def test_a_text_that_no_letter_may_hold_is_refused(cast: Cast, text: str) -> None:
    """Controls, long words, long texts, and links: also one that only a choice would make."""
    with cast.raises("RB422", "letter_wording__text", "request"):
        put(cast, opening="Bonjour", request=text)
    with cast.raises("RB422", "letter_wording__text", "opening"):
        cast.api(
            "preview_letters", invoice_id=None, tone="firm", locale="fr", wording=Jsonb({"opening": text})
        )


def test_words_are_put_listed_and_deleted(cast: Cast) -> None:
    """Each tone and language has its own; a second put replaces the first, and nothing is planned again."""
    invoice_id = cast.invoice()
    planned = cast.row(invoice_id), cast.rows("relance", invoice_id)
    assert cast.api("list_letter_wordings")["items"] == []
    put(cast, opening="Un")
    cast.clock.advance(hours=1)
    second = put(cast, opening="Deux", request="Merci.")
    other = put(cast, tone="firm", locale="en", request="Thank you.")
    assert cast.api("list_letter_wordings")["items"] == [second, other]
    assert second["updated_at"] == cast.now().isoformat()
    with cast.raises("RB422", "letter_wording__some_words", "opening"):
        put(cast)
    with cast.raises("RB404", "letter_wording__missing", "tone"):
        cast.api("delete_letter_wording", tone="firm", locale="fr")
    cast.api("delete_letter_wording", tone="firm", locale="en")
    assert cast.api("list_letter_wordings")["items"] == [second]
    assert (cast.row(invoice_id), cast.rows("relance", invoice_id)) == planned


def test_python_fills_in_the_fields_that_the_database_knows(cast: Cast) -> None:
    """No more and no fewer."""
    invoice = {"number": "F-1", "amount": "1 €", "due_on": "demain", "days_late": 2}
    filled = field_values([invoice], [], client="C", organization="O", locale="fr")
    assert sorted(cast.api("list_letter_wordings")["fields"]) == sorted(filled)


@pytest.mark.parametrize("tone", get_args(Tone))
@pytest.mark.parametrize("locale", get_args(Locale))
def test_our_own_words_keep_the_rule(cast: Cast, tone: Tone, locale: Any) -> None:
    """So that a form can show them first."""
    usual = usual_wording(tone, locale)
    put(cast, tone=tone, locale=locale, opening=usual.opening, request=usual.request or None)


@pytest.mark.parametrize("mail_format", ["text", "both"])
def test_what_is_previewed_is_what_leaves(known: Cast, mail_format: str) -> None:
    """In the words of the moment when the mail server is ready, whatever they were before."""
    known.settings(mail_format=mail_format)
    invoice_id = pending(known)
    until_queued(known, invoice_id)
    put(known, opening="Bonjour {client}, {days_late} de retard.", request="Réglez {amount} ?")
    shown = [
        known.api("preview_relance", invoice_id=invoice_id)["letter"],
        *known.api("preview_letters", invoice_id=invoice_id, tone="courteous", locale=None, wording=None)[
            "items"
        ],
    ]
    begun = begin_letter(known, invoice_id)
    words = letter_words(read_letter(begun))
    assert [letter_words(read_letter(facts)) for facts in shown] == [words] * 2
    assert "3 jours de retard." in words.text
    assert (words.html is None) is (mail_format == "text")
    put(known, opening="Rebonjour {client}.")
    last = letter_words(read_letter(confirm_letter(known, begun)["letter"]))
    assert last.text.startswith("Rebonjour ")
    assert "Pourriez-vous" in last.text


def test_letters_are_shown_in_all_tones_on_an_invoice_or_a_sample(cast: Cast) -> None:
    """Without an invoice a sample of one; else the newest open one, in any language and words."""
    cast.settings(late_penalty_rate=12)

    def preview(**changes: Any) -> Any:
        asked = {"invoice_id": None, "tone": None, "locale": None, "wording": None}
        return cast.api("preview_letters", **{**asked, **changes})

    sample = preview()
    assert sample["invoice_id"] is None
    assert [letter["tone"] for letter in sample["items"]] == list(get_args(Tone))
    texts = [letter_words(read_letter(letter)).text for letter in sample["items"]]
    assert ["L441-10" in text for text in texts] == [False, True, True]
    assert all("Retard\u00a0: 10 jours" in text for text in texts)
    paid = cast.invoice(number="A-1")
    newest = cast.invoice(number="A-2")
    cast.update(newest, status="paid")
    (letter,) = preview(tone="firm", locale="en", wording=Jsonb({"opening": "Own {number}."}))["items"]
    text = letter_words(read_letter(letter)).text
    assert text.startswith("Own A-1.\n")
    assert "Late by: 1 day\n" in text
    assert preview(invoice_id=newest)["invoice_id"] == newest
    assert preview()["invoice_id"] == paid
    with cast.raises("RB422", "preview__invoice", "invoice_id"):
        preview(invoice_id=10**9)
