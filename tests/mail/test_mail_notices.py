"""What the mails to users that ask no question say."""

from datetime import datetime

import pytest

from app.core.text import long_moment
from tests.mail.mail_begun import APP_URL, LATE, WEB_URL, body, make_mail, page
from tests.mail.mail_peers import TOKEN
from tests.mail.mail_reading import HEADERS, links

PAGE = page()
CHANGE = f"{WEB_URL}/email-change/{TOKEN}"
RESET = f"{WEB_URL}/reset-password/{TOKEN}"
PROOF = f"{APP_URL}/api/v1/verify-email/{TOKEN}"


@pytest.mark.parametrize(
    ("kind", "locale", "words"),
    [
        (
            "verify_email",
            "fr",
            [
                "Bonjour Camille Durand,",
                "Oui, confirmer mon adresse\u00a0:\n\n" + PROOF + "\n",
                "une page avec un bouton\u202f; l\u2019ouvrir ne change rien. La page est valable 24\u00a0h.",
                "avant qu\u2019une première relance parte en votre nom, pour Studio Camille",
            ],
        ),
        (
            "verify_email",
            "en",
            [
                "Hello Camille Durand,",
                "Yes, confirm my address:\n\n" + PROOF + "\n",
                "a page with a button; opening it changes nothing. The page is valid for 24 hours.",
                "before the first reminder is sent in your name",
            ],
        ),
        (
            "late_notice",
            "fr",
            [
                "Du 31 mars 2026 à 9\u00a0h\u00a005 (CEST) au 1er avril 2026 à 11\u00a0h\u00a040 (CEST)",
                "Pour ces factures émises par Studio Camille,",
                "\n- F-2026-014\n- F-2026-015\n\n",
                "Tout ce qui attendait part maintenant",
                "Rien n\u2019est perdu",
                "Veuillez nous excuser",
            ],
        ),
        (
            "late_notice",
            "en",
            [
                "From 31 March 2026 at 09:05 (CEST) to 1 April 2026 at 11:40 (CEST)",
                "we could not send our e-mails",
                "\n- F-2026-014\n- F-2026-015\n\n",
                "We are now sending what was delayed",
                "Nothing is lost",
                "We are sorry",
            ],
        ),
        (
            "receipts",
            "fr",
            [
                "Facture\u00a0: F-2026-014\nClient\u00a0: Boulangerie Martin\n",
                "Montant\u00a0: 1\u202f200,00\u00a0€\nÉmise par Studio Camille\n",
                "est noté et aucune relance ne partira",
                "par un lien de notre message «\u00a0Avez-vous été payé\u202f?\u00a0», le 31 mars 2026 à",
                " 9\u00a0h\u00a005 (",
                "Si personne chez vous ne l\u2019a donnée, retirez-la ici\u00a0:\n\n" + PAGE + "\n",
                "valable 14\u00a0jours",
            ],
        ),
        (
            "receipts",
            "en",
            [
                "Invoice: F-2026-014\nClient: Boulangerie Martin\n",
                "Amount: €1,200.00\nIssued by Studio Camille\n",
                "is noted and no reminder will be sent",
                "through a link in our e-mail “Have you been paid?”, on 31 March 2026 at 09:05",
                "If nobody on your side gave it, take it back here:\n\n" + PAGE + "\n",
                "valid for 14 days",
            ],
        ),
        (
            "said_paid",
            "fr",
            [
                "Le 31 mars 2026 à 9\u00a0h\u00a005 (CEST), le lien «\u00a0Oui, elle est payée\u00a0»",
                "Ce clic n\u2019a pas compté",
                "Client\u00a0: Boulangerie Martin\n",
                "Aucune relance ne partira avant votre décision.",
                "Dire si elle est payée\u00a0:\n\n" + PAGE + "\n",
            ],
        ),
        (
            "said_paid",
            "en",
            [
                "On 31 March 2026 at 09:05 (CEST), the “Yes, it is paid” link for this invoice was opened.",
                "That click did not count",
                "Invoice: F-2026-014\nClient: Boulangerie Martin\nAmount: €1,200.00\n",
                "No reminder will be sent until you decide.",
                "Say whether it is paid:\n\n" + PAGE + "\n",
            ],
        ),
        (
            "click_mode_advice",
            "fr",
            [
                "À deux reprises, les deux liens d\u2019un message",
                "dans les réglages de Studio Camille",
                "Personne ne répond ainsi.",
                "Rien n\u2019est perdu",
                "Changer ce réglage\u00a0:\n\nhttps://rubis-sur-l-ongle.example/settings#click-mode\n",
            ],
        ),
        (
            "click_mode_advice",
            "en",
            [
                "Twice, both links in an e-mail",
                "in the settings of Studio Camille",
                "Nobody answers like that.",
                "Nothing is lost",
                "Change this setting:\n\nhttps://rubis-sur-l-ongle.example/settings#click-mode\n",
            ],
        ),
        (
            "reset_password",
            "fr",
            [
                "Choisir un nouveau mot de passe\u00a0:\n\n" + RESET + "\n",
                "La page est valable une heure et sert une fois.",
                "votre mot de passe reste le même",
            ],
        ),
        (
            "reset_password",
            "en",
            [
                "Choose a new password:\n\n" + RESET + "\n",
                "The page is valid for one hour and works once.",
                "your password stays the same",
            ],
        ),
        (
            "password_changed",
            "fr",
            [
                "Le 31 mars 2026 à 9\u00a0h\u00a005 (CEST), le mot de passe",
                "de votre compte pour Studio Camille a été changé",
                "Si c\u2019est vous, il n\u2019y a rien à faire.",
                f"{WEB_URL}/forgot-password\n",
            ],
        ),
        (
            "password_changed",
            "en",
            [
                "On 31 March 2026 at 09:05 (CEST), the password of your account for Studio Camille",
                "If it was you, there is nothing to do.",
                f"{WEB_URL}/forgot-password\n",
            ],
        ),
        (
            "change_email",
            "fr",
            [
                "doit passer à cette adresse\u00a0: camille@nouveau.example\n",
                "Oui, utiliser cette adresse\u00a0:\n\n" + CHANGE + "\n",
                "La page est valable 24\u00a0h.",
            ],
        ),
        (
            "change_email",
            "en",
            [
                "is to move to this address: camille@nouveau.example\n",
                "Yes, use this address:\n\n" + CHANGE + "\n",
                "The page is valid for 24 hours.",
            ],
        ),
        (
            "email_changing",
            "fr",
            [
                "passe à cette adresse\u00a0: camille@nouveau.example\n",
                "Garder mon adresse\u00a0:\n\n" + CHANGE + "\n",
                "valable 7\u00a0jours, même après le changement",
            ],
        ),
        (
            "email_changing",
            "en",
            [
                "move to this address: camille@nouveau.example\n",
                "Keep my address:\n\n" + CHANGE + "\n",
                "valid for 7 days, even after the change",
            ],
        ),
    ],
)
def test_each_notice_says_what_it_is_for(kind: str, locale: str, words: list[str]) -> None:
    """What happened or is asked, what comes of it, what to do, and for how long a link is good."""
    mail = make_mail(kind, locale=locale)
    assert [word for word in words if word not in mail.text] == []
    assert "\n\n\n" not in mail.text
    assert sorted(mail.message.keys()) == sorted(HEADERS)
    assert str(mail.message["To"]) == "Camille Durand <camille@studio-camille.example>"
    assert str(mail.message["From"]) == "Rubis Sur l'Ongle <relances@rubis-sur-l-ongle.fr>"


@pytest.mark.parametrize(("kind", "links"), [("late_notice", 0), ("click_mode_advice", 1)])
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_the_other_notices_have_no_token(kind: str, links: int, locale: str) -> None:
    """One leads to a setting, behind the sign-in; the token minted for them is in no mail."""
    wire = make_mail(kind, locale=locale).wire().decode()
    assert wire.count("://") == links
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
    assert make_mail("receipts", locale=locale).subject == subject


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("fr", "sur la page de notre question «\u00a0Avez-vous été payé\u202f?\u00a0», le"),
        ("en", "on the page of our question “Have you been paid?”, on"),
    ],
)
def test_a_receipt_tells_a_button_from_a_link(locale: str, words: str) -> None:
    """An answer by the page's button is not said to have come by a link."""
    assert words in body("receipts", locale=locale, item={"answered_via": "page"})


@pytest.mark.parametrize(
    ("locale", "subject", "lines"),
    [
        (
            "fr",
            "Paiements notés\u00a0: 2 factures, 3\u202f250,50\u00a0€ au total",
            [
                "Le paiement de ces 2 factures est noté et aucune relance ne partira.",
                "2. Facture F-2026-021",
                "Montant\u00a0: 2\u202f050,50\u00a0€",
                "Réponse\u00a0: par un lien de notre message, le 31 mars 2026 à 9\u00a0h\u00a005 (CEST)",
                "Retirer cette réponse\u00a0:",
            ],
        ),
        (
            "en",
            "Payments noted: 2 invoices, €3,250.50 in total",
            [
                "The payment for these 2 invoices is noted and no reminder will be sent for them.",
                "2. Invoice F-2026-021",
                "Amount: €2,050.50",
                "Answer: through a link in our e-mail, on 31 March 2026 at 09:05 (CEST)",
                "Take this answer back:",
            ],
        ),
    ],
)
def test_several_receipts_make_one_mail(locale: str, subject: str, lines: list[str]) -> None:
    """Each answer has the link that takes it back, and no other."""
    mail = make_mail("receipts", 2, locale=locale)
    assert mail.subject == subject
    assert [line for line in lines if line not in mail.text.splitlines()] == []
    assert links(mail.text) == [page(1), page(2)]
    assert "\n\n\n" not in mail.text


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
    receipt = body("receipts", locale="en", time_zone=time_zone)
    assert f", on {moment}" in receipt
    late = body("late_notice", locale="en", time_zone=time_zone)
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
        lines = body("late_notice", locale=locale, data=data).splitlines()
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
