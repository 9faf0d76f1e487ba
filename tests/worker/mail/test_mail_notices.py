"""What the mails to users that are no check-ins say."""

import re
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worker.mail.mail_peers import TOKEN, make_settings
from tests.worker.mail.mail_reading import HEADERS, HOSTILE, decoded, parse
from worker.mail.drivers.wire import wire_bytes
from worker.mail.errors import MailError
from worker.mail.notices import Notice, notice_message
from worker.mail.text import header_text, long_moment, one_line

LATE = {
    "began_at": "2026-03-31T07:05:12.123456+00:00",
    "ended_at": "2026-04-01T09:40:00+00:00",
    "invoices": ["F-2026-014", "F-2026-015"],
}
LINK = f"https://app.rubis-sur-l-ongle.example/api/v1/verify-email/{TOKEN}"


def make_notice(kind: str, **changes: Any) -> Notice:
    """An ordinary notice of that kind, with what a test changes."""
    values: dict[str, Any] = {
        "kind": kind,
        "data": LATE if kind == "late_notice" else {},
        "to_address": "camille@studio-camille.example",
        "full_name": "Camille Durand",
        "organization_name": "Studio Camille",
        "locale": "fr",
        "link": LINK,
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
                "Un clic suffit pour le confirmer",
                "Ce lien est valable 24\u00a0h.",
                "avant qu\u2019une première relance ne parte en votre nom",
            ],
        ),
        (
            "verify_email",
            "en",
            [
                "Hello Camille Durand,",
                "One click is enough to confirm it:",
                "This link is valid for 24 hours.",
                "before a first reminder leaves in your name",
            ],
        ),
        (
            "late_notice",
            "fr",
            [
                "Du 31 mars 2026 à 7\u00a0h\u00a005 (UTC) au 1er avril 2026 à 9\u00a0h\u00a040 (UTC)",
                "\n- F-2026-014\n- F-2026-015\n\n",
                "part maintenant",
                "Rien n\u2019est perdu",
                "Veuillez nous excuser",
            ],
        ),
        (
            "late_notice",
            "en",
            [
                "From 31 March 2026 at 07:05 (UTC) to 1 April 2026 at 09:40 (UTC)",
                "\n- F-2026-014\n- F-2026-015\n\n",
                "is being sent now",
                "Nothing is lost",
                "We are sorry",
            ],
        ),
    ],
)
def test_each_notice_says_what_it_is_for(kind: str, locale: str, words: list[str]) -> None:
    """An address: the link, its 24 hours, its purpose. Lateness: when, what, and that all is well."""
    message = make_mail(kind, locale=locale)
    body = message.get_content()
    assert [word for word in words if word not in body] == []
    assert "\n\n\n" not in body
    assert sorted(message.keys()) == sorted(HEADERS)
    assert str(message["To"]) == "Camille Durand <camille@studio-camille.example>"
    assert str(message["From"]) == "Rubis Sur l'Ongle <relances@rubis-sur-l-ongle.fr>"
    assert message["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("kind", ["verify_email", "late_notice"])
def test_french_spacing_is_right(kind: str) -> None:
    """No ordinary space stands before French double punctuation, and no straight apostrophe in our words."""
    body = make_mail(kind).get_content().replace("Rubis Sur l'Ongle", "")
    assert re.findall(r"[^\s]* [?!:;»]|« ", body) == []
    assert "'" not in body


@pytest.mark.parametrize("eight_bit", [True, False])
def test_the_link_stands_alone_on_its_line(*, eight_bit: bool) -> None:
    """Also a long one, and without 8BITMIME."""
    url = f"https://{'a' * 250}.example/api/v1/verify-email/{TOKEN}"
    body = parse(make_mail("verify_email", link=url), eight_bit=eight_bit).get_content()
    assert body.splitlines().count(url) == 1
    assert body.count("://") == 1


def test_a_late_notice_has_no_link() -> None:
    """It asks for nothing; the token minted for it is in no mail."""
    wire = wire_bytes(make_mail("late_notice", link="not a link")).decode()
    assert "://" not in wire
    assert TOKEN not in wire


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


@settings(max_examples=40, deadline=None)
@given(
    full_name=HOSTILE,
    organization_name=HOSTILE,
    numbers=st.lists(HOSTILE, min_size=1, max_size=3),
    locale=st.sampled_from(["fr", "en"]),
    kind=st.sampled_from(["verify_email", "late_notice"]),
    eight_bit=st.booleans(),
)
def test_no_value_reaches_a_header_or_another_line(
    *, kind: str, eight_bit: bool, numbers: list[str], **values: str
) -> None:
    """Whatever names and numbers hold, the parsed mail has our headers and our lines."""
    data = {**LATE, "invoices": numbers}
    ordinary = make_mail(kind, locale=values["locale"], data={**LATE, "invoices": ["F"] * len(numbers)})
    message = make_mail(kind, data=data, **values)
    parsed = parse(message, eight_bit=eight_bit)
    assert sorted(parsed.keys()) == sorted(HEADERS)
    assert not parsed.defects
    assert parsed["Subject"] == message["Subject"]
    name = header_text(one_line(values["full_name"]))
    assert decoded(message, "To") == f"{name} <camille@studio-camille.example>".lstrip()
    body = parsed.get_content()
    assert len(body.splitlines()) == len(ordinary.get_content().splitlines())
    assert body.splitlines().count(LINK) == (kind == "verify_email")
    assert max(len(line) for line in wire_bytes(parsed).split(b"\r\n")) <= 998


def test_a_link_that_cannot_be_is_for_the_operator_and_is_in_no_repr() -> None:
    """APP_URL is a setting: a wrong one must not fail the mail for good. A repr shows no token."""
    with pytest.raises(MailError) as caught:
        make_mail("verify_email", link="https://a b/verify-email")
    assert caught.value.kind == "operator"
    assert TOKEN not in repr(make_notice("verify_email"))
