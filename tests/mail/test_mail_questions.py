"""What the mail of questions says, of one and of several."""

import re
from datetime import date

import pytest

from app.core.text import long_date, money
from app.mail.compose import new_message_id
from app.mail.errors import MailError
from app.mail.kinds import write_mail
from tests.mail.mail_begun import (
    LINKED,
    TOKENS,
    WEB_URL,
    answer,
    begun,
    body,
    make_mail,
    page,
    settings_of_mails,
)
from tests.mail.mail_peers import make_settings
from tests.mail.mail_reading import links, parse


def test_the_subject_survives_the_wire_with_number_amount_and_client() -> None:
    """A long accented subject is folded for the wire and reads the same at the other end."""
    name = (
        "Établissements Crémerie Fromagerie l\u2019Œuvre & Fils, «\u00a0Aux Délices d\u2019Été\u00a0», " * 2
    )
    mail = make_mail(item={"client_name": name})
    parsed = parse(mail)
    assert parsed["Subject"] == mail.subject
    assert parsed["Subject"].startswith(
        "Facture F-2026-014 payée\u202f? 1\u202f200,00\u00a0€, Établissements Crém"
    )


@pytest.mark.parametrize(
    ("locale", "sentences"),
    [
        (
            "fr",
            [
                "Bonjour Camille Durand,",
                "Facture\u00a0: F-2026-014",
                "Client\u00a0: Boulangerie Martin",
                "Montant\u00a0: 1\u202f200,00\u00a0€",
                "Émise le 1er mars 2026 par Studio Camille",
                "Échéance\u00a0: 31 mars 2026",
                "Un seul clic suffit pour nous répondre.",
                "Ces liens sont valables 24\u00a0h.",
                "Revoir cette question et, pendant 14\u00a0jours, changer votre réponse\u00a0:",
                "Ouvrir cette page n\u2019enregistre rien.",
                "Ce message n\u2019est adressé qu\u2019à vous\u00a0: votre client n\u2019a pas été contacté.",
            ],
        ),
        (
            "en",
            [
                "Hello Camille Durand,",
                "Invoice: F-2026-014",
                "Client: Boulangerie Martin",
                "Amount: €1,200.00",
                "Issued on 1 March 2026 by Studio Camille",
                "Due on 31 March 2026",
                "One click is enough to answer.",
                "These links are valid for 24 hours.",
                "See this question again and, for 14 days, change your answer:",
                "Opening this page records nothing.",
                "This message goes to you alone: your client has not been contacted.",
            ],
        ),
    ],
)
def test_the_body_says_what_is_asked_and_how_long_the_links_live(locale: str, sentences: list[str]) -> None:
    """The mail states the invoice, its due date, the one click, the 24 hours and the client's ignorance."""
    lines = body("questions", locale=locale).splitlines()
    assert [sentence for sentence in sentences if sentence not in lines] == []


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_the_page_stands_under_the_two_links(locale: str) -> None:
    """Three URLs, each alone on its line, and no other: paid, pending, then the page that answers nothing."""
    assert links(body("questions", locale=locale)) == [answer("paid"), answer("pending"), page()]


@pytest.mark.parametrize(
    ("locale", "subject", "lines"),
    [
        (
            "fr",
            "3 factures payées\u202f? 4\u202f250,00\u00a0€ au total",
            [
                "Avez-vous reçu le paiement de ces 3 factures\u202f?",
                "Total\u00a0: 4\u202f250,00\u00a0€",
                "Un seul clic par facture suffit pour nous répondre.",
                "2. Facture F-2026-021",
                "Client\u00a0: Garage Öztürk",
                "Montant\u00a0: 2\u202f050,50\u00a0€",
                "Échéance\u00a0: 31 mars 2026",
                "Toutes vos factures\u00a0:",
                (
                    "Ce message n\u2019est adressé qu\u2019à vous\u00a0: "
                    "vos clients n\u2019ont pas été contactés."
                ),
            ],
        ),
        (
            "en",
            "3 invoices paid? €4,250.00 in total",
            [
                "Have you received payment for these 3 invoices?",
                "Total: €4,250.00",
                "One click per invoice is enough to answer.",
                "2. Invoice F-2026-021",
                "Client: Garage Öztürk",
                "Amount: €2,050.50",
                "Due on: 31 March 2026",
                "All your invoices:",
                "This message goes to you alone: your clients have not been contacted.",
            ],
        ),
    ],
)
def test_several_questions_make_one_mail_with_a_total(locale: str, subject: str, lines: list[str]) -> None:
    """Each question has a number, its invoice, its three links; above stands what they sum up to."""
    mail = make_mail("questions", 3, locale=locale)
    assert mail.subject == subject
    assert [line for line in lines if line not in mail.text.splitlines()] == []
    each = [(answer("paid", n), answer("pending", n), page(n)) for n in (1, 2, 3)]
    assert links(mail.text) == [*(url for urls in each for url in urls), WEB_URL]
    assert "\n\n\n" not in mail.text


def test_each_currency_has_its_total() -> None:
    """Two are named in the subject too; of three it names none."""
    invoices = begun("questions", 3)["items"]
    invoices[1]["currency"] = "USD"
    mail = make_mail("questions", 3, items=invoices)
    assert mail.subject == (
        "3 factures payées\u202f? 2\u202f199,50\u00a0€ et 2\u202f050,50\u00a0$US au total"
    )
    assert [line for line in mail.text.splitlines() if line.startswith("Total")] == [
        "Total\u00a0: 2\u202f199,50\u00a0€",
        "Total\u00a0: 2\u202f050,50\u00a0$US",
    ]
    invoices[2]["currency"] = "CHF"
    assert make_mail("questions", 3, items=invoices).subject == "3 factures payées\u202f?"
    assert make_mail("questions", 3, items=invoices, locale="en").subject == "3 invoices paid?"


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_of_several_questions_only_an_exception_says_what_follows(locale: str) -> None:
    """The planned reminders are told once for all; an invoice without any says why below its links."""
    invoices = begun("questions", 3)["items"]
    ordinary = body("questions", 3, items=invoices, locale=locale)
    invoices[1]["reminders"] = "paused"
    said = set(body("questions", 3, items=invoices, locale=locale).splitlines()) - set(ordinary.splitlines())
    assert len(said) == 1
    assert re.search("en pause|are paused", said.pop())


@pytest.mark.parametrize(
    ("locale", "direct", "confirm"),
    [
        ("fr", "Un seul clic suffit", "une page où un bouton enregistre votre réponse"),
        ("en", "One click is enough", "a page with a button that records your answer"),
    ],
)
def test_it_promises_what_a_click_does(locale: str, direct: str, confirm: str) -> None:
    """One click answers, unless the organization's links open a page."""
    for click_mode, said, unsaid in (("direct", direct, confirm), ("confirm", confirm, direct)):
        text = body("questions", locale=locale, click_mode=click_mode)
        assert said in text
        assert unsaid not in text


@pytest.mark.parametrize(
    ("reminders", "french", "english"),
    [
        (
            "planned",
            "suivront. Nous vous reposerons la question avant les suivantes.",
            "will follow. We will ask you again before the later ones.",
        ),
        (
            "no_address",
            "nous n\u2019avons pas d\u2019adresse e-mail pour ce client.",
            "No reminder can be sent: we have no e-mail address for this client.",
        ),
        ("excluded", "ce client est exclu des relances.", "this client is excluded from reminders."),
        ("paused", "tant que ses relances restent en pause.", "while its reminders are paused."),
        ("none", "Aucune relance n\u2019est prévue.", "No reminder is planned for it."),
    ],
)
def test_it_announces_only_relances_that_can_follow(reminders: str, french: str, english: str) -> None:
    """Under "not yet" stands one sentence about relances, true for this invoice."""
    for locale, link, sentence in (("fr", "Non, pas encore", french), ("en", "No, not yet", english)):
        said = (
            body("questions", locale=locale, item={"reminders": reminders}).partition(link)[2].splitlines()[4]
        )
        assert said.endswith(sentence)


@pytest.mark.parametrize(("locale", "said"), [("fr", "est un exemple"), ("en", "is a sample")])
def test_a_sample_says_that_it_is_one(locale: str, said: str) -> None:
    """It promises no rubis, and is in no total; other questions of the mail stay as they are."""
    alone = body("questions", locale=locale, item={"is_sample": True})
    assert said in alone
    assert "you earn" not in alone
    assert "vous gagnez" not in alone
    invoices = begun("questions", 3)["items"]
    invoices[2]["is_sample"] = True
    mail = make_mail("questions", 3, items=invoices, locale=locale)
    assert mail.text.count(said) == 1
    assert money(sum(item["amount_cents"] for item in invoices[:2]), "EUR", locale) in mail.subject  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minor_units", "currency", "fr", "en"),
    [
        (123_456_789, "EUR", "1\u202f234\u202f567,89\u00a0€", "€1,234,567.89"),
        (5, "EUR", "0,05\u00a0€", "€0.05"),
        (1_200, "JPY", "1\u202f200\u00a0JPY", "JP¥1,200"),
        (1_200_500, "TND", "1\u202f200,500\u00a0TND", "TND1,200.500"),
        (1_234, "KWD", "1,234\u00a0KWD", "KWD1.234"),
        (12_345, "ALL", "123,45\u00a0ALL", "ALL123.45"),
        (10**15, "USD", "10\u202f000\u202f000\u202f000\u202f000,00\u00a0$US", "US$10,000,000,000,000.00"),
    ],
)
def test_money_is_in_iso_4217_minor_units(minor_units: int, currency: str, fr: str, en: str) -> None:
    """Yen have no decimals, dinars three, and lek two although shops show none: no digit is lost."""
    assert money(minor_units, currency, "fr") == fr
    assert money(minor_units, currency, "en") == en


def test_the_first_of_a_month_is_an_ordinal_in_french_only() -> None:
    """French dates say 1er; other days and English stay as they are."""
    assert long_date(date(2026, 8, 1), "fr") == "1er août 2026"
    assert long_date(date(2026, 8, 11), "fr") == "11 août 2026"
    assert long_date(date(2026, 8, 1), "en") == "1 August 2026"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@",
        "@b.c",
        "a@b.c, d@e.f",
        "a@b.c\r\nBcc: d@e.f",
        "<a@b.c>",
        "a b@c.d",
        "a@b.c (x)",
        "a@b@c.d",
    ],
)
def test_an_address_that_is_none_or_two_is_refused(address: str) -> None:
    """What is not exactly one address ends as a refused mail, never as a header."""
    with pytest.raises(MailError) as caught:
        make_mail(to_address=address)
    assert caught.value.kind == "refused"


def test_an_international_domain_is_written_in_ascii() -> None:
    """Only the local part of an address may need SMTPUTF8."""
    assert make_mail(to_address="zoé@crème.example").envelope.recipient == "zoé@xn--crme-6oa.example"


@pytest.mark.parametrize("kind", LINKED)
@pytest.mark.parametrize(
    "wrong",
    [
        {"mail_from_address": "nobody"},
        {"app_url": "https://a b", "web_url": "https://a b"},
        {"app_url": "https://" + "a" * 900, "web_url": "https://" + "a" * 900},
    ],
)
def test_a_sender_or_link_that_cannot_be_is_for_the_operator(kind: str, wrong: dict[str, str]) -> None:
    """MAIL_FROM_ADDRESS, APP_URL and WEB_URL are settings: wrong ones must not use up a question."""
    settings = settings_of_mails().model_copy(update=wrong)
    with pytest.raises(MailError) as caught:
        write_mail(begun(kind), TOKENS, settings=settings)
    assert caught.value.kind == "operator"


def test_a_message_id_is_new_each_time_and_in_the_senders_domain() -> None:
    """No two mails share a Message-ID, and its domain is the From address's."""
    first, second = (new_message_id(make_settings(mail_from_address="a@mail.example")) for _ in range(2))
    assert first != second
    assert re.fullmatch(r"<[0-9a-f]{32}@mail\.example>", first)
