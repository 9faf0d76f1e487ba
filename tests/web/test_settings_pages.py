"""The settings of the organization and of its mails."""

from typing import Any

import pytest

from tests.support.app import Visitor
from tests.support.cast import Cast
from tests.web.test_invoice_form import value_of

SETTINGS: dict[str, Any] = {
    "name": "Atelier Rubis",
    "siren": "732 829 320",
    "vat_number": "fr 44 732829320",
    "country": "FR",
    "holiday_region": "FR-57",
    "locale": "fr",
    "time_zone": "Europe/Paris",
    "terms_days": "45",
    "terms_end_of_month": "true",
    "checkin_time": "08:30",
    "relance_time": "10:00",
    "question_valid_days": "10",
    "questions_per_mail": "25",
    "question_mails_per_day": "4",
    "click_mode": "confirm",
    "contradiction_seconds": "60",
    "client_spacing_days": "3",
    "late_penalty_rate": "12,5",
    "signature": "Camille\r\nAtelier Rubis",
}


def test_settings_are_shown_and_changed(visitor: Visitor, cast: Cast) -> None:
    """As people type them; a box that is not ticked is off; all of it is there again afterwards."""
    assert value_of(visitor.get("/settings").html, "name") == "Atelier Rubis"
    said = visitor.press("/settings", **SETTINGS)
    assert "Réglages enregistrés." in said.text
    kept = cast.api("get_me")["organization"]
    expected = {
        "siren": "732829320",
        "vat_number": "FR44732829320",
        "holiday_region": "FR-57",
        "terms_days": 45,
        "terms_end_of_month": True,
        "checkin_time": "08:30",
        "click_mode": "confirm",
        "answer_receipts": False,
        "late_penalty_rate": 12.5,
        "signature": "Camille\nAtelier Rubis",
        "client_spacing_days": 3,
    }
    assert {name: kept[name] for name in expected} == expected
    for name, shown in {"late_penalty_rate": "12,5", "checkin_time": "08:30", "siren": "732829320"}.items():
        assert value_of(said.html, name) == shown
    assert '<option value="FR-57" selected>' in said.html
    assert " checked" in said.html.split('name="terms_end_of_month"')[1].split(">", maxsplit=1)[0]
    assert " checked" not in said.html.split('name="answer_receipts"')[1].split(">", maxsplit=1)[0]


def test_another_country_leaves_the_region_behind(visitor: Visitor, cast: Cast) -> None:
    """Both are in one form: the region of the country that was left is emptied."""
    visitor.press("/settings", **SETTINGS)
    visitor.press("/settings", **SETTINGS | {"country": "BE"})
    organization = cast.api("get_me")["organization"]
    assert (organization["country"], organization["holiday_region"]) == ("BE", None)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"siren": "732829321"}, "siren", "ne sont pas un SIREN"),
        ({"siren": "7328"}, "siren", "neuf chiffres"),
        ({"vat_number": "FR45732829320"}, "vat_number", "ne vont pas avec ce SIREN"),
        ({"siren": "552100554"}, "vat_number", "finit par le SIREN"),
        ({"terms_days": "400"}, "terms_days", "365 au plus"),
        ({"terms_days": ""}, "terms_days", "nombre entier"),
        ({"late_penalty_rate": "beaucoup"}, "late_penalty_rate", "Il faut un nombre"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "fuseau"),
        ({"checkin_time": "26:00"}, "checkin_time", "Il faut une heure"),
        ({"name": "www.evil.example"}, "name", "Pas de @"),
        ({"signature": "x" * 300}, "signature", "200 caractères"),
    ],
)
def test_a_refused_setting_is_named(
    visitor: Visitor, cast: Cast, changes: dict[str, Any], field: str, words: str
) -> None:
    """Nothing is written, and nothing typed is lost."""
    before = cast.api("get_me")["organization"]
    refused = visitor.post("/settings", **SETTINGS | changes)
    assert refused.status == 422
    assert words in refused.text
    assert 'aria-invalid="true"' in refused.html.split(f'name="{field}"')[1].split(">", maxsplit=1)[0]
    assert value_of(refused.html, "question_valid_days") == "10"
    assert cast.api("get_me")["organization"] == before


def test_advice_about_clicks_is_shown(visitor: Visitor, cast: Cast) -> None:
    """When a machine has followed both links, the page says what to choose."""
    assert "Votre messagerie ouvre les liens" not in visitor.get("/settings").text
    for number in ("1", "2"):
        token = cast.ask(cast.invoice(number=number, due_on="2026-03-02"))
        cast.click(token, "paid")
        cast.click(token, "pending")
    assert "Votre messagerie ouvre les liens" in visitor.get("/settings").text


def test_each_mail_is_shown_as_it_is(visitor: Visitor, cast: Cast) -> None:
    """In the language of the organization, with its signature and rate; the words come from the templates."""
    cast.settings(signature="Camille <i>M.</i>", late_penalty_rate=12.5)
    page = visitor.get("/settings/mails")
    for words in (
        "Avez-vous reçu le paiement de cette facture",
        "Avez-vous reçu le paiement de ces 3 factures",
        "La mise en demeure",
        "12,5",
        "Camille <i>M.</i>",
    ):
        assert words in page.text
    assert "Camille &lt;i&gt;M.&lt;/i&gt;" in page.html
    assert page.html.count('<article class="letter">') == 7

    assert (
        "Réglages enregistrés."
        in visitor.press(
            "/settings/mails", mail_format="both", letter_copies="true", letters_kept_days="90"
        ).text
    )
    kept = cast.api("get_me")["organization"]
    assert (kept["mail_format"], kept["letter_copies"], kept["letters_kept_days"]) == ("both", True, 90)
    refused = visitor.post("/settings/mails", mail_format="fax", letters_kept_days="5")
    assert refused.status == 422
    assert "30 au moins" in refused.text
    assert refused.html.count('<article class="letter">') == 7
