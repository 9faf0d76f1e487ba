"""What the mails to users that are no check-ins say."""

import re
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.text import long_moment
from app.mail.drivers.wire import wire_bytes
from app.mail.errors import MailError
from app.mail.notices import NOTICES, Notice, notice_message
from app.mail.text import header_text, one_line
from tests.mail.mail_peers import TOKEN, make_settings
from tests.mail.mail_reading import HEADERS, HOSTILE, decoded, parse

LATE = {
    "began_at": "2026-03-31T07:05:12.123456+00:00",
    "ended_at": "2026-04-01T09:40:00+00:00",
    "invoices": ["F-2026-014", "F-2026-015"],
}
ANSWERED = {
    "answered_at": "2026-03-31T07:05:12.123456+00:00",
    "answered_via": "link",
    "number": "F-2026-014",
    "client_name": "Boulangerie Martin",
    "amount_cents": 120_000,
    "currency": "EUR",
}
SAID = {"said_at": "2026-03-31T07:05:12.123456+00:00"} | {
    name: ANSWERED[name] for name in ("number", "client_name", "amount_cents", "currency")
}
DATA = {"late_notice": LATE, "answer_receipt": ANSWERED, "said_paid": SAID}
LINKED = [kind for kind, form in NOTICES.items() if form.link_path is not None]
LINK = f"https://app.rubis-sur-l-ongle.example/api/v1/verify-email/{TOKEN}"


def make_notice(kind: str, **changes: Any) -> Notice:
    """An ordinary notice of that kind, with what a test changes."""
    values: dict[str, Any] = {
        "kind": kind,
        "data": DATA.get(kind, {}),
        "to_address": "camille@studio-camille.example",
        "full_name": "Camille Durand",
        "organization_name": "Studio Camille",
        "locale": "fr",
        "time_zone": "Europe/Paris",
        "link": LINK if kind in LINKED else None,
        "message_id": "<00000000000000000000000000000003@rubis-sur-l-ongle.fr>",
    }
    return Notice(**{**values, **changes})


def make_mail(kind: str, **changes: Any) -> EmailMessage:
    """The mail of `make_notice`."""
    return notice_message(make_notice(kind, **changes), settings=make_settings())


@pytest.mark.parametrize(
    ("kind", "locale", "words"),
    [
        (
            "verify_email",
            "fr",
            [
                "Bonjour Camille Durand,",
                "Confirmez-la avec le bouton de cette page",
                "L\u2019ouvrir ne change rien. Elle est valable 24\u00a0h.",
                "avant qu\u2019une première relance ne parte en votre nom",
            ],
        ),
        (
            "verify_email",
            "en",
            [
                "Hello Camille Durand,",
                "Confirm it with the button of this page:",
                "Opening it changes nothing. It is valid for 24 hours.",
                "before a first reminder leaves in your name",
            ],
        ),
        (
            "late_notice",
            "fr",
            [
                "Du 31 mars 2026 à 9\u00a0h\u00a005 (CEST) au 1er avril 2026 à 11\u00a0h\u00a040 (CEST)",
                "Pour ces factures émises par Studio Camille,",
                "\n- F-2026-014\n- F-2026-015\n\n",
                "Ce qui n\u2019était pas parti part maintenant",
                "Rien n\u2019est perdu",
                "Veuillez nous excuser",
            ],
        ),
        (
            "late_notice",
            "en",
            [
                "From 31 March 2026 at 09:05 (CEST) to 1 April 2026 at 11:40 (CEST)",
                "we could not send our mails",
                "\n- F-2026-014\n- F-2026-015\n\n",
                "We are sending now what was delayed",
                "Nothing is lost",
                "We are sorry",
            ],
        ),
        (
            "answer_receipt",
            "fr",
            [
                "Facture\u00a0: F-2026-014\nClient\u00a0: Boulangerie Martin\n",
                "Montant\u00a0: 1\u202f200,00\u00a0€\nÉmise par Studio Camille\n",
                "est noté et aucune relance ne partira",
                "par un lien de notre message «\u00a0Avez-vous été payé\u202f?\u00a0», le 31 mars 2026 à",
                " 9\u00a0h\u00a005 (",
                "Si personne chez vous ne l\u2019a donnée, retirez-la ici\u00a0:\n\n" + LINK + "\n",
                "valable 14\u00a0jours",
            ],
        ),
        (
            "answer_receipt",
            "en",
            [
                "Invoice: F-2026-014\nClient: Boulangerie Martin\n",
                "Amount: €1,200.00\nIssued by Studio Camille\n",
                "is noted and no reminder will leave",
                "by a link of our mail “Have you been paid?”, on 31 March 2026 at 09:05",
                "If none of you gave it, take it back here:\n\n" + LINK + "\n",
                "valid for 14 days",
            ],
        ),
        (
            "said_paid",
            "fr",
            [
                "Le 31 mars 2026 à 9\u00a0h\u00a005 (CEST), un lien de notre message",
                "Client\u00a0: Boulangerie Martin\n",
                "Aucune relance ne partira pour elle avant votre décision ici\u00a0:\n\n" + LINK + "\n",
            ],
        ),
        (
            "said_paid",
            "en",
            [
                "On 31 March 2026 at 09:05 (CEST) a link of our mail “Have you been paid?” said that",
                "Invoice: F-2026-014\nClient: Boulangerie Martin\nAmount: €1,200.00\n",
                "No reminder leaves for it until you decide here:\n\n" + LINK + "\n",
            ],
        ),
        (
            "click_mode_advice",
            "fr",
            [
                "Par deux fois, les deux liens de notre message",
                "pour Studio Camille ont",
                "Personne ne répond ainsi.",
                "Rien n\u2019est perdu",
                "PATCH /api/v1/organization, avec click_mode = confirm",
            ],
        ),
        (
            "click_mode_advice",
            "en",
            [
                "Twice, both links of our mail",
                "for Studio Camille",
                "No person answers like that.",
                "Nothing is lost",
                "PATCH /api/v1/organization, with click_mode = confirm",
            ],
        ),
    ],
)
def test_each_notice_says_what_it_is_for(kind: str, locale: str, words: list[str]) -> None:
    """What happened or is asked, what comes of it, what to do, and for how long a link is good."""
    message = make_mail(kind, locale=locale)
    body = message.get_content()
    assert [word for word in words if word not in body] == []
    assert "\n\n\n" not in body
    assert sorted(message.keys()) == sorted(HEADERS)
    assert str(message["To"]) == "Camille Durand <camille@studio-camille.example>"
    assert str(message["From"]) == "Rubis Sur l'Ongle <relances@rubis-sur-l-ongle.fr>"
    assert message["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("kind", NOTICES)
def test_french_spacing_is_right(kind: str) -> None:
    """No ordinary space stands before French double punctuation, and no straight apostrophe in our words."""
    body = make_mail(kind).get_content().replace("Rubis Sur l'Ongle", "")
    assert re.findall(r"[^\s]* [?!:;»]|« ", body) == []
    assert "'" not in body


@pytest.mark.parametrize("kind", LINKED)
@pytest.mark.parametrize("eight_bit", [True, False])
def test_the_link_stands_alone_on_its_line(*, kind: str, eight_bit: bool) -> None:
    """A link stands alone on its line, also a long one, and without 8BITMIME."""
    url = f"https://{'a' * 250}.example/checkin/{TOKEN}"
    body = parse(make_mail(kind, link=url), eight_bit=eight_bit).get_content()
    assert body.splitlines().count(url) == 1
    assert body.count("://") == 1


@pytest.mark.parametrize("kind", ["late_notice", "click_mode_advice"])
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_the_other_notices_have_no_link(kind: str, locale: str) -> None:
    """They are read, and that is all; the token minted for them is in no mail."""
    wire = wire_bytes(make_mail(kind, locale=locale)).decode()
    assert "://" not in wire
    assert TOKEN not in wire


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("fr", "Paiement noté\u00a0: facture F-2026-014, 1\u202f200,00\u00a0€, Boulangerie Martin"),
        ("en", "Payment noted: invoice F-2026-014, €1,200.00, Boulangerie Martin"),
    ],
)
def test_the_subject_of_a_receipt_tells_the_invoice(locale: str, subject: str) -> None:
    """Number, amount and client: a user who did not answer sees at once what somebody said."""
    assert parse(make_mail("answer_receipt", locale=locale), eight_bit=True)["Subject"] == subject


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("fr", "sur la page de notre question «\u00a0Avez-vous été payé\u202f?\u00a0», le"),
        ("en", "on the page of our question “Have you been paid?”, on"),
    ],
)
def test_a_receipt_tells_a_button_from_a_link(locale: str, words: str) -> None:
    """An answer by the page's button is not said to have come by a link."""
    data = {**ANSWERED, "answered_via": "page"}
    assert words in make_mail("answer_receipt", locale=locale, data=data).get_content()


@pytest.mark.parametrize(
    ("time_zone", "moment"),
    [
        ("Pacific/Auckland", "31 March 2026 at 20:05"),
        ("America/New_York", "31 March 2026 at 03:05"),
        ("Nowhere/Known-to-PostgreSQL-only", "31 March 2026 at 07:05 (UTC)"),
    ],
)
def test_a_notice_has_the_organizations_time(time_zone: str, moment: str) -> None:
    """Every moment is local; a zone that this machine lacks leaves it in UTC, and the mail is sent."""
    receipt = make_mail("answer_receipt", locale="en", time_zone=time_zone).get_content()
    assert f", on {moment}" in receipt
    late = make_mail("late_notice", locale="en", time_zone=time_zone).get_content()
    assert f"From {moment}" in late


@pytest.mark.parametrize(
    ("count", "fr", "en"),
    [
        (20, None, None),
        (21, "et 1 autre", "and 1 more"),
        (500, "et 480 autres", "and 480 more"),
    ],
)
def test_twenty_invoices_are_named_and_the_others_counted(count: int, fr: str | None, en: str | None) -> None:
    """A long outage makes no endless mail."""
    data = {**LATE, "invoices": [f"F-{n}" for n in range(1, count + 1)]}
    for locale, rest in (("fr", fr), ("en", en)):
        lines = make_mail("late_notice", locale=locale, data=data).get_content().splitlines()
        assert [line for line in lines if line.startswith("- ")] == [f"- F-{n}" for n in range(1, 21)]
        assert lines[lines.index("- F-20") + 1] == (rest or "")


def test_a_time_is_shown_in_the_zone_it_is_given_in() -> None:
    """Nobody's zone is guessed: PostgreSQL's UTC is named as such, any other by its distance."""
    assert long_moment(datetime.fromisoformat("2026-03-31T00:05:00Z"), "fr") == (
        "31 mars 2026 à 0\u00a0h\u00a005 (UTC)"
    )
    assert long_moment(datetime.fromisoformat("2026-08-01T18:00:00+02:00"), "en") == (
        "1 August 2026 at 18:00 (UTC+02:00)"
    )


@settings(max_examples=80, deadline=None)
@given(
    full_name=HOSTILE,
    organization_name=HOSTILE,
    client_name=HOSTILE,
    currency=st.sampled_from(["EUR", "JPY"]) | HOSTILE,
    numbers=st.lists(HOSTILE, min_size=1, max_size=3),
    locale=st.sampled_from(["fr", "en"]),
    kind=st.sampled_from(list(NOTICES)),
    eight_bit=st.booleans(),
)
def test_no_value_reaches_a_header_or_another_line(
    *, kind: str, eight_bit: bool, numbers: list[str], client_name: str, currency: str, **values: str
) -> None:
    """Whatever names and numbers hold, the parsed mail has our headers and our lines."""
    hostile = {"number": numbers[0], "client_name": client_name, "currency": currency}
    data = {**LATE, **ANSWERED, **SAID, **hostile, "invoices": numbers}
    harmless = {**LATE, **ANSWERED, **SAID, "invoices": ["F"] * len(numbers)}
    ordinary = make_mail(kind, locale=values["locale"], data=harmless)
    message = make_mail(kind, data=data, **values)
    parsed = parse(message, eight_bit=eight_bit)
    assert sorted(parsed.keys()) == sorted(HEADERS)
    assert not parsed.defects
    assert parsed["Subject"] == message["Subject"]
    name = header_text(one_line(values["full_name"]))
    assert decoded(message, "To") == f"{name} <camille@studio-camille.example>".lstrip()
    body = parsed.get_content()
    assert len(body.splitlines()) == len(ordinary.get_content().splitlines())
    assert body.splitlines().count(LINK) == (kind in LINKED)
    assert max(len(line) for line in wire_bytes(parsed).split(b"\r\n")) <= 998


@pytest.mark.parametrize("kind", LINKED)
def test_a_link_that_cannot_be_is_for_the_operator_and_is_in_no_repr(kind: str) -> None:
    """APP_URL is a setting: a wrong one must not fail the mail for good. A repr shows no token."""
    with pytest.raises(MailError) as caught:
        make_mail(kind, link="https://a b/checkin")
    assert caught.value.kind == "operator"
    assert TOKEN not in repr(make_notice(kind))
