"""What a letter to a client says in each tone and language, and what cannot be smuggled into it."""

import asyncio
import json
import re
from datetime import date
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mail.drivers.resend import ResendDriver
from app.mail.drivers.wire import envelope_of, wire_bytes
from app.mail.errors import MailError
from app.mail.letters import Letter, letter_message, letter_text
from app.mail.text import folded, header_text, one_line
from tests.mail.mail_peers import make_settings, resend_peer
from tests.mail.mail_reading import HEADERS, HOSTILE, decoded, parse

TONES = ["courteous", "firm", "formal_notice"]
FIRST = "<1f0e9d8c7b6a59483726150413223140@rubis-sur-l-ongle.fr>"
SIGNATURE = "Camille Durand, gérante\nStudio Camille — 12, rue des Lilas, 69003 Lyon\nSIRET 123 456 789 00012"


def make_letter(**changes: Any) -> Letter:
    """A courteous letter from a French organization to a business, the first, with what a test changes."""
    values: dict[str, Any] = {
        "to_address": "compta@boulangerie-martin.example",
        "client_name": "Boulangerie Martin",
        "locale": "fr",
        "organization_name": "Studio Camille",
        "signature": None,
        "reply_to": "camille@studio-camille.example",
        "full_name": "Camille Durand",
        "number": "F-2026-014",
        "amount_cents": 120_000,
        "currency": "EUR",
        "issued_on": date(2026, 3, 1),
        "due_on": date(2026, 3, 31),
        "step": 1,
        "tone": "courteous",
        "late_penalty_rate": Decimal("12.50"),
        "indemnity": True,
        "first_message_id": None,
        "message_id": "<00000000000000000000000000000002@rubis-sur-l-ongle.fr>",
    }
    return Letter(**{**values, **changes})


def make_mail(**changes: Any) -> EmailMessage:
    """The mail of `make_letter`."""
    return letter_message(make_letter(**changes), settings=make_settings())


def body_of(**changes: Any) -> str:
    """The body of `make_letter`."""
    return letter_text(make_letter(**changes))[1]


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
        "Montant dû\u00a0: 1\u202f200,00\u00a0€",
        "Émise le 1er mars 2026 par Studio Camille",
        "Échéance\u00a0: 31 mars 2026",
    ],
    "en": [
        "Invoice: F-2026-014",
        "Client: Boulangerie Martin",
        "Amount due: €1,200.00",
        "Issued on 1 March 2026 by Studio Camille",
        "Due on 31 March 2026",
    ],
}


@pytest.mark.parametrize(("locale", "tone"), WORDS)
def test_each_tone_has_its_words_and_every_letter_the_facts(locale: str, tone: str) -> None:
    """Which invoice, how much, issued and due when, what if it is paid, whom to answer, who writes."""
    body = body_of(locale=locale, tone=tone)
    lines = body.splitlines()
    assert [words for words in WORDS[locale, tone] if words not in body] == []
    assert [fact for fact in FACTS[locale] if fact not in lines] == []
    assert ("entre-temps" if locale == "fr" else "in the meantime") in body
    assert ("ne pas tenir compte de" if locale == "fr" else "please disregard this") in body
    asked = lines.index("camille@studio-camille.example")
    assert "Camille Durand" in lines[asked - 1]
    assert lines[-2:] == ["Camille Durand", "Studio Camille"]
    others = [words for (_, other), found in WORDS.items() if other != tone for words in found]
    shared = {"Madame, Monsieur,", "Dear Sir or Madam,"}
    assert [words for words in others if words in body and words not in shared] == []


@pytest.mark.parametrize("tone", TONES)
def test_no_letter_threatens(tone: str) -> None:
    """What the organization may do next is not ours to announce."""
    for locale in ("fr", "en"):
        assert not re.search(
            r"huissier|tribunal|justice|poursuite|contentieux|court|legal action|bailiff",
            body_of(locale=locale, tone=tone),
        )


@pytest.mark.parametrize("tone", TONES)
def test_french_spacing_is_right(tone: str) -> None:
    """No ordinary space stands before French double punctuation, and no straight apostrophe in our words."""
    body = body_of(tone=tone)
    assert re.findall(r"[^\s]* [?!:;»%€]", body) == []
    assert "'" not in body
    assert "\n\n\n" not in body


@pytest.mark.parametrize(("locale", "tone"), WORDS)
@pytest.mark.parametrize("rate", [None, Decimal(0), Decimal("12.50")])
@pytest.mark.parametrize("indemnity", [False, True])
def test_penalties_are_mentioned_exactly_where_due(
    locale: str, tone: str, rate: Decimal | None, *, indemnity: bool
) -> None:
    """In firm letters and formal notices, where the law allows; penalties only at a rate that was entered."""
    body = body_of(locale=locale, tone=tone, late_penalty_rate=rate, indemnity=indemnity)
    said = indemnity and tone != "courteous"
    euros = "40\u00a0€" if locale == "fr" else "€40"
    for words in ("L441-10, II", "D441-5", euros, "Code de commerce"):
        assert body.count(words) == said
    shown = ("12,5\u00a0%" if locale == "fr" else "12.5%") if said and rate else None
    assert re.findall(r"[\d,.]+\s?%", body) == ([shown] if shown else [])
    assert bool(re.search("pénalités|penalties", body)) == (shown is not None)


@pytest.mark.parametrize(("locale", "tone"), WORDS)
def test_the_preview_is_the_mail(locale: str, tone: str) -> None:
    """What `letter_text` gives is, character for character, what the client's mailbox shows."""
    letter = make_letter(locale=locale, tone=tone, signature=SIGNATURE)
    message = letter_message(letter, settings=make_settings())
    for eight_bit in (True, False):
        parsed = parse(message, eight_bit=eight_bit)
        content = parsed.get_content().replace("\r\n", "\n")
        assert (parsed["Subject"], content) == letter_text(letter)


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("fr", "Facture F-2026-014\u00a0: 1\u202f200,00\u00a0€ à régler"),
        ("en", "Invoice F-2026-014: €1,200.00 due"),
    ],
)
def test_the_subject_is_the_same_in_every_tone(locale: str, subject: str) -> None:
    """It holds the number and what is owed; a mailbox that threads by subject keeps the letters together."""
    assert {letter_text(make_letter(locale=locale, tone=tone))[0] for tone in TONES} == {subject}


def test_the_organization_writes_and_the_user_is_answered() -> None:
    """From is the organization's name at MAIL_FROM's address, Reply-To the user; machines stay silent."""
    message = make_mail()
    assert str(message["From"]) == "Studio Camille <relances@rubis-sur-l-ongle.fr>"
    assert str(message["Reply-To"]) == "Camille Durand <camille@studio-camille.example>"
    assert str(message["To"]) == "Boulangerie Martin <compta@boulangerie-martin.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"


def test_the_first_letter_opens_a_thread_and_the_next_join_it() -> None:
    """A follow-up names the first letter in In-Reply-To and References, however long its Message-ID."""
    assert sorted(make_mail().keys()) == sorted([*HEADERS, "Reply-To"])
    for first in (FIRST, f"<{'a' * 32}@{'m' * 60}.{'n' * 60}.example>"):
        wire = wire_bytes(make_mail(first_message_id=first)).decode()
        assert f"\r\nIn-Reply-To: {first}\r\nReferences: {first}\r\n" in wire


@pytest.mark.parametrize(
    "first", ["", "x", "<a b@c.d>", "<a@b.c> <d@e.f>", "<é@b.c>", f"{FIRST}\r\nBcc: x@y.z"]
)
def test_what_is_no_message_id_is_left_out(first: str) -> None:
    """A thread is a comfort: a letter leaves without it."""
    assert sorted(make_mail(first_message_id=first).keys()) == sorted([*HEADERS, "Reply-To"])


@pytest.mark.parametrize("signature", [None, "", "\n \n"])
def test_without_a_signature_the_user_and_organization_sign(signature: str | None) -> None:
    """A letter always says who wrote it."""
    assert body_of(signature=signature).endswith("\n\nCamille Durand\nStudio Camille\n")


def test_a_signature_keeps_its_lines_and_nothing_else_ends_one() -> None:
    """Line feeds are kept, also within; every other control character becomes a space."""
    assert body_of(signature=SIGNATURE).endswith(f"\n\n{SIGNATURE}\n")
    hostile = "\nA\r\n\nBcc: x@evil.example\x00\u2028B\x85C\r\n.\n-- \nFrom D\n"
    signed = body_of(signature=hostile).removeprefix(
        body_of().removesuffix("Camille Durand\nStudio Camille\n")
    )
    assert signed == "A\n\nBcc: x@evil.example B C\n.\n--\nFrom D\n"


@settings(max_examples=40, deadline=None)
@given(
    values=st.fixed_dictionaries(
        {
            **dict.fromkeys(
                ["client_name", "number", "organization_name", "full_name", "signature"], HOSTILE
            ),
            "currency": st.sampled_from(["EUR", "JPY"]) | HOSTILE,
            "locale": st.sampled_from(["fr", "en"]),
            "tone": st.sampled_from(TONES),
            "first_message_id": st.sampled_from([None, FIRST]),
        }
    ),
    eight_bit=st.booleans(),
)
def test_no_value_reaches_a_header_or_another_line(values: dict[str, Any], *, eight_bit: bool) -> None:
    """Whatever names and signatures hold, the parsed mail has our headers and lines, and is the preview."""
    letter = make_letter(**values)
    message = letter_message(letter, settings=make_settings())
    parsed = parse(message, eight_bit=eight_bit)

    thread = ["In-Reply-To", "References"] if letter.first_message_id else []
    assert sorted(parsed.keys()) == sorted([*HEADERS, "Reply-To", *thread])
    people = {
        "From": (letter.organization_name, "relances@rubis-sur-l-ongle.fr"),
        "Reply-To": (letter.full_name, letter.reply_to),
        "To": (letter.client_name, letter.to_address),
    }
    for header, (name, address) in people.items():
        assert [found.addr_spec for found in parsed[header].addresses] == [address]
        if one_line(name):
            assert decoded(message, header) == f"{header_text(one_line(name))} <{address}>"
    assert not parsed.defects
    assert not [
        header for header in parsed.values() if re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029\u202e]", header)
    ]

    subject, body = letter_text(letter)
    assert (parsed["Subject"], parsed.get_content().replace("\r\n", "\n")) == (subject, body)
    assert body.splitlines() == body.removesuffix("\n").split("\n")
    # Above the signature: our own lines.
    ordinary = body_of(locale=letter.locale, tone=letter.tone)
    signature = (
        folded(letter.signature or "").strip("\n")
        or f"{one_line(letter.full_name)}\n{one_line(letter.organization_name)}"
    )
    assert body.endswith(f"\n\n{signature}\n")
    assert body.count("\n") - signature.count("\n") == ordinary.count("\n") - 1
    assert max(len(line) for line in wire_bytes(parsed).split(b"\r\n")) <= 998


def test_a_long_line_of_a_signature_is_folded_and_whole() -> None:
    """Between words, at 200 characters; the BIC at its end is in the letter, and no word is lost."""
    signature = "Camille\n" + "IBAN et conditions, " * 30 + "BIC ABCDEFGH\n\n" + "é" * 200
    signed = body_of(signature=signature).rpartition("\nCamille\n")[2]
    assert signed.split() == signature.split()[1:]
    assert "BIC ABCDEFGH\n\n" + "é" * 200 + "\n" in signed
    assert max(map(len, signed.split("\n"))) <= 200


def test_no_name_is_cut() -> None:
    """The longest names that the database takes stand whole in the headers and in the text."""
    names = {
        "client_name": "Société " + "𝔘é " * 63 + "fin",
        "number": "F" * 64,
        "full_name": "Zoé " * 49 + "fin.",
    }
    message = make_mail(**names)
    parsed = parse(message, eight_bit=True)
    assert decoded(message, "To") == f"{names['client_name']} <{parsed['To'].addresses[0].addr_spec}>"
    assert decoded(message, "Reply-To").startswith(names["full_name"] + " <")
    assert names["number"] in parsed["Subject"]
    assert names["client_name"] in parsed.get_content()


@pytest.mark.parametrize("tone", TONES)
def test_yen_have_no_decimals(tone: str) -> None:
    """What is owed is read in the currency's own minor units, in subject and body."""
    subject, body = letter_text(make_letter(tone=tone, amount_cents=120_000, currency="JPY"))
    assert "120\u202f000\u00a0JPY" in subject
    assert "Montant dû\u00a0: 120\u202f000\u00a0JPY" in body.splitlines()


def test_only_the_clients_address_can_refuse_a_letter() -> None:
    """A client pays nothing, and is not paused, for an address of the user's or ours that cannot be."""
    for change, kind in (({"to_address": "a@b.c, d@e.f"}, "refused"), ({"reply_to": "<a@b.c>"}, "operator")):
        with pytest.raises(MailError) as caught:
            make_mail(**change)
        assert caught.value.kind == kind


def test_a_users_international_address_needs_smtputf8() -> None:
    """Reply-To stands in the header, so a server without SMTPUTF8 (RFC 6531) may not be given it."""
    message = make_mail(reply_to="zoé@studio-camille.example")
    assert envelope_of(message).utf8
    assert "Reply-To: Camille Durand <zoé@studio-camille.example>\r\n" in wire_bytes(message).decode()
    assert not envelope_of(make_mail()).utf8


async def _through_resend(message: EmailMessage) -> dict[str, Any]:
    with resend_peer((200, b'{"id": "1"}')) as peer:
        driver = ResendDriver(make_settings(resend_url=peer.url, resend_api_key="re_secret"))
        await driver.send(message, key="letter-1")
        await driver.aclose()
    body: dict[str, Any] = json.loads(peer.requests[0]["body"])
    return body


def test_resend_is_told_whom_to_answer_and_the_thread() -> None:
    """Reply-To is a field of its own in Resend's API; the thread's headers are passed on."""
    body = asyncio.run(_through_resend(make_mail(first_message_id=FIRST, full_name="Zoé Ünal")))
    assert body["reply_to"] == "Zoé Ünal <camille@studio-camille.example>"
    assert body["from"] == "Studio Camille <relances@rubis-sur-l-ongle.fr>"
    assert {body["headers"][name] for name in ("In-Reply-To", "References")} == {FIRST}
    assert "Reply-To" not in body["headers"]
