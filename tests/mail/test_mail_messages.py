"""What a check-in mail says, and what cannot be smuggled into it."""

import re
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy

import pytest
from app.mail.messages import checkin_message, new_message_id
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.text import long_date, money
from app.mail.drivers.wire import wire_bytes
from app.mail.errors import MailError
from app.mail.text import header_text, one_line
from tests.mail.mail_peers import make_checkin, make_mail, make_settings
from tests.mail.mail_reading import HEADERS, HOSTILE, decoded, parse


@settings(max_examples=100, deadline=None)
@given(
    client_name=HOSTILE,
    number=HOSTILE,
    organization_name=HOSTILE,
    full_name=HOSTILE,
    currency=st.sampled_from(["EUR", "JPY"]) | HOSTILE,
    locale=st.sampled_from(["fr", "en"]),
    eight_bit=st.booleans(),
)
def test_no_value_reaches_a_header_or_another_line(*, eight_bit: bool, **values: str) -> None:
    """Whatever names and numbers hold, the parsed mail has our headers, our lines, and each URL once."""
    checkin = make_checkin(**values)
    ordinary = make_mail(locale=values["locale"])
    message = checkin_message(checkin, settings=make_settings())
    parsed = parse(message, eight_bit=eight_bit)

    assert sorted(parsed.keys()) == sorted(HEADERS)
    assert [address.addr_spec for address in parsed["To"].addresses] == [checkin.to_address]
    assert parsed["Subject"] == message["Subject"]
    name = header_text(one_line(checkin.full_name))
    assert decoded(message, "To") == f"{name} <{checkin.to_address}>".lstrip()
    assert [str(address) for address in parsed["From"].addresses] == [str(ordinary["From"])]
    assert parsed["Message-ID"] == checkin.message_id
    assert not parsed.defects
    assert not [
        header for header in parsed.values() if re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029\u202e]", header)
    ]

    body = parsed.get_content()
    assert len(body.splitlines()) == len(ordinary.get_content().splitlines())
    for url in (checkin.paid_url, checkin.pending_url, checkin.page_url):
        assert body.splitlines().count(url) == 1
        assert body.count(url) == 1
    assert max(len(line) for line in wire_bytes(parsed).split(b"\r\n")) <= 998


def test_the_subject_survives_the_wire_with_number_amount_and_client() -> None:
    """A long accented subject is folded for the wire and reads the same at the other end."""
    name = (
        "Établissements Crémerie Fromagerie l\u2019Œuvre & Fils, «\u00a0Aux Délices d\u2019Été\u00a0», " * 2
    )
    message = make_mail(client_name=name)
    parsed = parse(message, eight_bit=True)
    assert parsed["Subject"] == message["Subject"]
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
                (
                    "Pour voir ce qui a été demandé et répondu et, pendant 14\u00a0jours, "
                    "changer ou retirer votre réponse\u00a0:"
                ),
                "Ouvrir cette page ne répond à rien.",
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
                "To see what was asked and answered and, for 14 days, change your answer or take it back:",
                "Opening this page answers nothing.",
                "This message goes to you alone: your client has not been contacted.",
            ],
        ),
    ],
)
def test_the_body_says_what_is_asked_and_how_long_the_links_live(locale: str, sentences: list[str]) -> None:
    """The mail states the invoice, its due date, the one click, the 24 hours and the client's ignorance."""
    lines = make_mail(locale=locale).get_content().splitlines()
    assert [sentence for sentence in sentences if sentence not in lines] == []


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_the_page_stands_under_the_two_links(locale: str) -> None:
    """Three URLs, each alone on its line, and no other: paid, pending, then the page that answers nothing."""
    checkin = make_checkin(locale=locale)
    lines = make_mail(locale=locale).get_content().splitlines()
    assert [line for line in lines if "://" in line] == [
        checkin.paid_url,
        checkin.pending_url,
        checkin.page_url,
    ]


@pytest.mark.parametrize(
    ("locale", "direct", "confirm"),
    [
        ("fr", "Un seul clic suffit", "une page dont le bouton nous répond"),
        ("en", "One click is enough", "a page whose button answers"),
    ],
)
def test_it_promises_what_a_click_does(locale: str, direct: str, confirm: str) -> None:
    """One click answers, unless the organization's links open a page."""
    for click_mode, said, unsaid in (("direct", direct, confirm), ("confirm", confirm, direct)):
        body = make_mail(locale=locale, click_mode=click_mode).get_content()
        assert said in body
        assert unsaid not in body


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
            "No reminder can leave: we have no e-mail address for this client.",
        ),
        ("excluded", "ce client est exclu des relances.", "this client is excluded from reminders."),
        ("paused", "tant que ses relances restent en pause.", "as long as you leave its reminders paused."),
        ("none", "Aucune relance n\u2019est prévue.", "No reminder is planned for it."),
    ],
)
def test_it_announces_only_relances_that_can_follow(reminders: str, french: str, english: str) -> None:
    """Under "not yet" stands one sentence about relances, true for this invoice."""
    for locale, link, sentence in (("fr", "Non, pas encore", french), ("en", "No, not yet", english)):
        said = make_mail(locale=locale, reminders=reminders).get_content().partition(link)[2].splitlines()[4]
        assert said.endswith(sentence)


def test_french_spacing_is_right() -> None:
    """No ordinary space stands before French double punctuation, and no straight apostrophe in our words."""
    body = make_mail().get_content().replace("Rubis Sur l'Ongle", "")
    assert re.findall(r"[^\s]* [?!:;»]", body) == []
    assert "'" not in body


def test_the_mail_goes_to_the_user_and_asks_no_answering_machine() -> None:
    """The one recipient is the user by full name; RFC 3834's header is set; nothing looks like a list."""
    message = make_mail()
    assert str(message["To"]) == "Camille Durand <camille@studio-camille.example>"
    assert str(message["From"]) == "Rubis Sur l'Ongle <relances@rubis-sur-l-ongle.fr>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert message["Date"].datetime.tzinfo is not None


def test_a_long_url_is_left_whole_without_8bitmime() -> None:
    """A URL of 300 characters comes back as one line also from the 7-bit form, which is pure ASCII."""
    url = f"https://{'a' * 250}.example/checkin/{'T' * 43}/paid"
    wire = wire_bytes(make_mail(paid_url=url), eight_bit=False)
    assert wire.isascii()
    assert url in message_from_bytes(wire, policy=policy.SMTP).get_content().splitlines()


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
    assert (
        make_mail(to_address="zoé@crème.example")["To"].addresses[0].addr_spec == "zoé@xn--crme-6oa.example"
    )


def test_a_sender_or_link_that_cannot_be_is_for_the_operator() -> None:
    """MAIL_FROM_ADDRESS and APP_URL are settings: wrong ones must not use up a check-in."""
    wrong = {"mail_from_address": "nobody"}
    with pytest.raises(MailError) as caught:
        checkin_message(make_checkin(), settings=make_settings().model_copy(update=wrong))
    assert caught.value.kind == "operator"
    with pytest.raises(MailError) as caught:
        make_mail(paid_url="https://a b/checkin")
    assert caught.value.kind == "operator"
    with pytest.raises(MailError) as caught:
        make_mail(page_url="https://a b/checkin")
    assert caught.value.kind == "operator"


def test_a_message_id_is_new_each_time_and_in_the_senders_domain() -> None:
    """No two mails share a Message-ID, and its domain is the From address's."""
    first, second = (new_message_id(make_settings(mail_from_address="a@mail.example")) for _ in range(2))
    assert first != second
    assert re.fullmatch(r"<[0-9a-f]{32}@mail\.example>", first)


def test_the_urls_are_not_in_a_repr() -> None:
    """A CheckinMail that ends up in a log or a traceback shows no token."""
    checkin = make_checkin()
    assert "checkin/" not in repr(replace(checkin, number="F-2"))
