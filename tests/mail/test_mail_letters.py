"""What a letter to a client says in each tone and language, about one invoice and several."""

import re
from typing import Any

import pytest

from app.core.text import Language
from app.mail.errors import MailError
from app.mail.letters import letter_words, read_letter
from tests.mail.mail_begun import CAMILLE, FIRST, LETTER, TONES, ZOE, begun, body, make_mail
from tests.mail.mail_reading import HEADERS, content, decoded, parse

SIGNATURE = "Camille Durand, gérante\nStudio Camille — 12, rue des Lilas, 69003 Lyon\nSIRET 123 456 789 00012"
LANGUAGES: list[Language] = ["fr", "en"]


WORDS = {
    ("fr", "courteous"): ["Bonjour,", "un simple oubli", "dans les prochains jours", "Bien cordialement,"],
    ("fr", "firm"): ["Madame, Monsieur,", "est arrivée à échéance", "dès réception de ce message"],
    ("fr", "formal_notice"): [
        "MISE EN DEMEURE DE PAYER",
        "échue le 31 mars 2026, demeure impayée",
        "nous vous mettons en demeure de nous régler la somme de 1\u202f200,00\u00a0€ dans un délai",
        "huit jours à compter de la réception",
        "salutations distinguées",
    ],
    ("en", "courteous"): ["Hello,", "simply overlooked", "in the coming days", "Kind regards,"],
    ("en", "firm"): ["Dear Sir or Madam,", "is past its due date", "on receipt of this message"],
    ("en", "formal_notice"): [
        "FORMAL NOTICE TO PAY",
        "which fell due on 31 March 2026, remains unpaid",
        "We hereby give you formal notice to pay us the sum of €1,200.00 within eight days",
        "Yours faithfully,",
    ],
}
FACTS = {
    "fr": [
        "Facture\u00a0: F-2026-014",
        "Client\u00a0: Boulangerie Martin",
        "Émise le 1er mars 2026 par Studio Camille",
        "Échéance\u00a0: 31 mars 2026",
        "Retard\u00a0: 12 jours",
        "Montant dû\u00a0: 1\u202f200,00\u00a0€",
    ],
    "en": [
        "Invoice: F-2026-014",
        "Client: Boulangerie Martin",
        "Issued on 1 March 2026 by Studio Camille",
        "Due on 31 March 2026",
        "Late by: 12 days",
        "Amount due: €1,200.00",
    ],
}


@pytest.mark.parametrize(("locale", "tone"), WORDS)
def test_each_tone_has_its_words_and_every_letter_the_facts(locale: str, tone: str) -> None:
    """Which invoice, how much, issued and due when, what if it is paid, whom to answer, who writes."""
    text = body("letter", locale=locale, tone=tone)
    lines = text.splitlines()
    assert [words for words in WORDS[locale, tone] if words not in text] == []
    first = lines.index(FACTS[locale][0])
    assert lines[first : first + len(FACTS[locale])] == FACTS[locale]
    assert ("entre-temps" if locale == "fr" else "in the meantime") in text
    assert ("ne pas tenir compte de" if locale == "fr" else "please disregard this") in text
    asked = lines.index("camille@studio-camille.example")
    assert "Camille Durand" in lines[asked - 1]
    assert lines[-2:] == ["Camille Durand", "Studio Camille"]
    others = [words for (_, other), found in WORDS.items() if other != tone for words in found]
    shared = {"Madame, Monsieur,", "Dear Sir or Madam,"}
    assert [words for words in others if words in text and words not in shared] == []


@pytest.mark.parametrize("tone", TONES)
def test_no_letter_threatens(tone: str) -> None:
    """What the organization may do next is not ours to announce."""
    for locale in ("fr", "en"):
        assert not re.search(
            r"huissier|tribunal|justice|poursuite|contentieux|court|legal action|bailiff",
            body("letter", locale=locale, tone=tone),
        )


@pytest.mark.parametrize(("locale", "tone"), WORDS)
@pytest.mark.parametrize("rate", [None, 0, 12.50])
@pytest.mark.parametrize("indemnity", [False, True])
@pytest.mark.parametrize("count", [1, 2])
def test_penalties_are_mentioned_exactly_where_due(
    locale: str, tone: str, rate: float | None, count: int, *, indemnity: bool
) -> None:
    """In firm letters and formal notices, where the law allows; penalties only at a rate that was entered."""
    if tone == "formal_notice":
        count = 1
    text = body("letter", count, locale=locale, tone=tone, late_penalty_rate=rate, indemnity=indemnity)
    said = indemnity and tone != "courteous"
    euros = "40\u00a0€" if locale == "fr" else "€40"
    for words in ("L441-10, II", "D441-5", euros, "Code de commerce"):
        assert text.count(words) == said
    assert bool(re.search(f"{euros} (par facture|per invoice)", text)) == (said and count > 1)
    shown = ("12,5\u00a0%" if locale == "fr" else "12.5%") if said and rate else None
    assert re.findall(r"[\d,.]+\s?%", text) == ([shown] if shown else [])
    assert bool(re.search("pénalités|penalties", text)) == (shown is not None)


@pytest.mark.parametrize(("locale", "tone"), WORDS)
@pytest.mark.parametrize("mail_format", ["text", "both"])
def test_the_preview_is_the_mail(locale: str, tone: str, mail_format: str) -> None:
    """What `letter_words` gives is, character for character, what the client's mailbox shows."""
    letter = begun("letter", tone=tone, locale=locale, signature=SIGNATURE, mail_format=mail_format)
    mail = make_mail("letter", tone=tone, locale=locale, signature=SIGNATURE, mail_format=mail_format)
    words = letter_words(read_letter(letter))
    assert (words.html is None) is (mail_format == "text")
    for eight_bit in (True, False):
        parsed = parse(mail, eight_bit=eight_bit)
        shown = content(parsed, "html") if words.html else None
        assert (parsed["Subject"], content(parsed, "plain"), shown) == words


def test_a_preview_needs_no_message_id() -> None:
    """What is only known when a letter is sent may be missing from what is previewed."""
    letter = begun("letter", 2)
    for name in ("message_id", "thread", "copy_to", "mail_format"):
        del letter[name]
    assert letter_words(read_letter(letter)) == letter_words(read_letter(begun("letter", 2)))


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("fr", "Facture F-2026-014\u00a0: 1\u202f200,00\u00a0€ à régler"),
        ("en", "Invoice F-2026-014: €1,200.00 due"),
    ],
)
def test_the_subject_is_the_same_in_every_tone(locale: str, subject: str) -> None:
    """It holds the number and what is owed; a mailbox that threads by subject keeps the letters together."""
    assert {make_mail("letter", locale=locale, tone=tone).subject for tone in TONES} == {subject}


SEVERAL = {
    "fr": [
        "Client\u00a0: Boulangerie Martin",
        "Émises par\u00a0: Studio Camille",
        "Total dû\u00a0: 4\u202f250,00\u00a0€",
        "",
        "Facture\u00a0: F-2026-014, émise le 1er mars 2026, échue le 31 mars 2026, 12 jours de retard",
        "Montant dû\u00a0: 1\u202f200,00\u00a0€",
        "",
        "Facture\u00a0: F-2026-021, émise le 1er mars 2026, échue le 31 mars 2026, 12 jours de retard",
        "Montant dû\u00a0: 2\u202f050,50\u00a0€",
        "",
        "Facture\u00a0: 2026/7, émise le 1er mars 2026, échue le 31 mars 2026, 12 jours de retard",
        "Montant dû\u00a0: 999,50\u00a0€",
        "",
    ],
    "en": [
        "Client: Boulangerie Martin",
        "Issued by: Studio Camille",
        "Total due: €4,250.00",
        "",
        "Invoice: F-2026-014, issued on 1 March 2026, due on 31 March 2026, 12 days late",
        "Amount due: €1,200.00",
        "",
        "Invoice: F-2026-021, issued on 1 March 2026, due on 31 March 2026, 12 days late",
        "Amount due: €2,050.50",
        "",
        "Invoice: 2026/7, issued on 1 March 2026, due on 31 March 2026, 12 days late",
        "Amount due: €999.50",
        "",
    ],
}


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("tone", ["courteous", "firm"])
def test_several_invoices_have_two_lines_each_and_a_sum(locale: Language, tone: str) -> None:
    """Number, issued, due and days late, then the amount; above all of them what they sum up to."""
    letter = begun("letter", 3, {"client_name": "Boulangerie Martin"}, tone=tone, locale=locale)
    subject, text, _ = letter_words(read_letter(letter))
    lines = text.splitlines()
    first = lines.index(SEVERAL[locale][0])
    assert lines[first : first + len(SEVERAL[locale])] == SEVERAL[locale]
    assert subject == (
        "3 factures\u00a0: 4\u202f250,00\u00a0€ à régler" if locale == "fr" else "3 invoices: €4,250.00 due"
    )
    assert "\n\n\n" not in text
    assert not re.search(r"la facture ci-dessous|cette facture|invoice below|this invoice", text)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_each_currency_of_a_letter_has_its_sum(locale: Language) -> None:
    """One sum per currency, in the order of the invoices; a subject names two at most."""
    invoices = begun("letter", 3)["invoices"]
    invoices[1]["currency"] = "USD"
    mail = make_mail("letter", 3, invoices=invoices, locale=locale)
    sums = [line for line in mail.text.splitlines() if line.startswith("Total")]
    assert len(sums) == 2
    assert all(line.rpartition(": ")[2] in mail.subject for line in sums)
    invoices[2]["currency"] = "CHF"
    subject = make_mail("letter", 3, invoices=invoices, locale=locale).subject
    assert subject == ("3 factures\u00a0: à régler" if locale == "fr" else "3 invoices: payment due")


@pytest.mark.parametrize("locale", LANGUAGES)
def test_clients_of_several_names_are_named_with_their_invoices(locale: Language) -> None:
    """One address may stand for several clients: each invoice then says whose it is."""
    lines = body("letter", 2, locale=locale).splitlines()
    named = [line.replace("\u00a0", "") for line in lines if line.startswith("Client")]
    assert named == ["Client: Boulangerie Martin", "Client: Garage Öztürk"]


@pytest.mark.parametrize(("days", "fr", "en"), [(1, "1 jour", "1 day"), (2, "2 jours", "2 days")])
def test_days_late_are_counted_in_words(days: int, fr: str, en: str) -> None:
    """One day is singular; an invoice that is not late yet says nothing of it."""
    for count in (1, 2):
        for locale, words in (("fr", fr), ("en", en)):
            assert re.search(rf"\b{words}\b", body("letter", count, item={"days_late": days}, locale=locale))
            assert not re.search(
                "retard|late", body("letter", count, item={"days_late": 0}, locale=locale).lower()
            )


@pytest.mark.parametrize("invoices", [[], begun("letter", 2)["invoices"]])
def test_a_formal_notice_is_about_exactly_one_invoice(invoices: list[dict[str, Any]]) -> None:
    """Another number is a fault of ours: the letter waits for the operator, and nothing leaves."""
    with pytest.raises(MailError) as caught:
        make_mail("letter", tone="formal_notice", invoices=invoices)
    assert caught.value.kind == "operator"


def test_the_organization_writes_and_its_users_are_answered() -> None:
    """From is the organization's name at MAIL_FROM's address; Reply-To and the text have every user."""
    mail = make_mail("letter", reply_to=[CAMILLE, ZOE])
    message = mail.message
    assert str(message["From"]) == "Studio Camille <relances@rubis-sur-l-ongle.fr>"
    assert [str(address) for address in parse(mail)["Reply-To"].addresses] == [
        "Camille Durand <camille@studio-camille.example>",
        "Zoé Ünal <zoe@studio-camille.example>",
    ]
    assert str(message["To"]) == "Boulangerie Martin <compta@boulangerie-martin.example>"
    written = "Camille Durand\ncamille@studio-camille.example\n\nZoé Ünal\nzoe@studio-camille.example\n\n"
    assert written in mail.text
    assert mail.text.endswith("\n\nStudio Camille\n")


def test_the_first_letter_opens_a_thread_and_the_next_join_it() -> None:
    """A follow-up names the first letters in In-Reply-To and References, each on a line."""
    assert sorted(make_mail("letter").message.keys()) == sorted([*HEADERS, "Reply-To"])
    long = f"<{'a' * 32}@{'m' * 60}.{'n' * 60}.example>"
    for thread in ([FIRST], [long], [FIRST, long, FIRST]):
        wire = make_mail("letter", thread=thread).wire().decode()
        ids = "\r\n ".join(dict.fromkeys(thread))
        assert f"\r\nIn-Reply-To: {ids}\r\nReferences: {ids}\r\n" in wire


def test_a_thread_has_an_end() -> None:
    """A letter about very many invoices names fifty letters: servers limit the size of headers."""
    mail = make_mail("letter", thread=[f"<{number}@rubis.example>" for number in range(200)])
    assert len(parse(mail)["References"].split()) == 50


@pytest.mark.parametrize(
    "first", ["", "x", "<a b@c.d>", "<a@b.c> <d@e.f>", "<é@b.c>", f"{FIRST}\r\nBcc: x@y.z"]
)
def test_what_is_no_message_id_is_left_out(first: str) -> None:
    """A thread is a comfort: a letter leaves without it."""
    mail = make_mail("letter", thread=[first])
    assert sorted(mail.message.keys()) == sorted([*HEADERS, "Reply-To"])


@pytest.mark.parametrize("signature", [None, "", "\n \n"])
def test_without_a_signature_the_user_and_organization_sign(signature: str | None) -> None:
    """A letter always says who wrote it."""
    assert body("letter", signature=signature).endswith("\n\nCamille Durand\nStudio Camille\n")


def test_a_signature_keeps_its_lines_and_nothing_else_ends_one() -> None:
    """Line feeds are kept, also within; every other control character becomes a space."""
    assert body("letter", signature=SIGNATURE).endswith(f"\n\n{SIGNATURE}\n")
    hostile = "\nA\r\n\nBcc: x@evil.example\x00\u2028B\x85C\r\n.\n-- \nFrom D\n"
    signed = body("letter", signature=hostile).removeprefix(
        body(
            "letter",
        ).removesuffix("Camille Durand\nStudio Camille\n")
    )
    assert signed == "A\n\nBcc: x@evil.example B C\n.\n--\nFrom D\n"


def test_a_long_line_of_a_signature_is_folded_and_whole() -> None:
    """Between words, at 200 characters; the BIC at its end is in the letter, and no word is lost."""
    signature = "Camille\n" + "IBAN et conditions, " * 30 + "BIC ABCDEFGH\n\n" + "é" * 200
    signed = body("letter", signature=signature).rpartition("\nCamille\n")[2]
    assert signed.split() == signature.split()[1:]
    assert "BIC ABCDEFGH\n\n" + "é" * 200 + "\n" in signed
    assert max(map(len, signed.split("\n"))) <= 200


def test_no_name_is_cut() -> None:
    """The longest names that the database takes stand whole in the headers and in the text."""
    client, number, user = "Société " + "Ǘé " * 63 + "fin", "F" * 64, "Zoé " * 49 + "fin."
    mail = make_mail(
        "letter",
        item={"client_name": client, "number": number},
        client_name=client,
        reply_to=[{**CAMILLE, "full_name": user}],
    )
    assert decoded(mail, "To") == f"{client} <{LETTER['to_address']}>"
    assert decoded(mail, "Reply-To").startswith(user + " <")
    assert number in parse(mail)["Subject"]
    assert client in mail.text


@pytest.mark.parametrize("tone", TONES)
def test_yen_have_no_decimals(tone: str) -> None:
    """What is owed is read in the currency's own minor units, in subject and body."""
    mail = make_mail("letter", tone=tone, item={"currency": "JPY"})
    assert "120\u202f000\u00a0JPY" in mail.subject
    assert "Montant dû\u00a0: 120\u202f000\u00a0JPY" in mail.text.splitlines()


def test_only_the_clients_address_can_refuse_a_letter() -> None:
    """A client pays nothing, and is not paused, for an address of a user's or ours that cannot be."""
    wrong = [CAMILLE, {**ZOE, "email": "<a@b.c>"}]
    for change, kind in (({"to_address": "a@b.c, d@e.f"}, "refused"), ({"reply_to": wrong}, "operator")):
        with pytest.raises(MailError) as caught:
            make_mail("letter", **change)
        assert caught.value.kind == kind


def test_a_users_international_address_needs_smtputf8() -> None:
    """Reply-To stands in the header, so a server without SMTPUTF8 (RFC 6531) may not be given it."""
    mail = make_mail("letter", reply_to=[{**CAMILLE, "email": "zoé@studio-camille.example"}])
    assert mail.envelope.utf8
    assert "Reply-To: Camille Durand <zoé@studio-camille.example>\r\n" in mail.wire().decode()
    assert not make_mail("letter").envelope.utf8
