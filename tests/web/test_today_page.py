"""Today: the questions answered in place, what is held freed, what comes told, and calm when nothing is."""

import pytest

from tests.support.app import App, Visitor
from tests.support.cast import Cast
from tests.support.letters import begin_letter, fail_letter, pending, until_due, until_queued


def test_questions_are_answered_in_place(cast: Cast, visitor: Visitor) -> None:
    """The oldest due first; each answer leads back to Today, which says what was done, once."""
    late = cast.invoice(number="F-1", client_name="Cabinet Lefèvre", due_on="2026-03-18")
    today = cast.invoice(number="F-2", client_name="Boulangerie Dupont", due_on="2026-03-20")
    cast.clock.set("2026-03-20 09:00 Europe/Paris")
    cast.tick()
    cast.ask(today)
    page = visitor.get("/")
    assert page.text.index("Deux questions pour vous") < page.text.index("Cabinet Lefèvre")
    assert page.text.index("échue il y a 2 jours") < page.text.index("échue aujourd’hui")
    assert "La relance courtoise attend votre réponse." in page.text

    after = visitor.press(f"/invoices/{late}/answer", answer="paid", back="/")
    assert "Une question pour vous" in after.text
    assert "Cabinet Lefèvre a payé F-1." in after.text
    assert 'class="flash earned"' in after.html
    assert cast.tally(late).rubis == 1

    calm = visitor.press(f"/invoices/{today}/answer", answer="pending", back="/")
    assert "Noté : F-2 n’est pas encore payée." in calm.text
    assert "Rien ne vous attend" in calm.text
    assert "Relance courtoise à Boulangerie Dupont : F-2" in calm.text
    assert "flash" not in visitor.get("/").html

    again = visitor.press(f"/invoices/{late}/answer", answer="pending", back="/")
    assert "la réponse était déjà donnée" in again.text
    assert visitor.post(f"/invoices/{late}/answer", answer="maybe", back="/").status == 422


def test_what_is_held_is_freed(cast: Cast, visitor: Visitor) -> None:
    """With the reason in words, and one act: a page that adds the address, a button that includes again."""
    nowhere = cast.issue(number="F-1", client_name="Mme Okonkwo", client_email=None)
    excluded = cast.issue(number="F-2", client_name="Garage Nord", client_email="g@c.test")["invoice_id"]
    cast.api("update_invoice", invoice_id=excluded, changes=cast.json({"relances_off": True}))
    for invoice_id in (nowhere["invoice_id"], excluded):
        cast.click(cast.ask(invoice_id), "pending")
    for invoice_id in (nowhere["invoice_id"], excluded):
        until_due(cast, invoice_id)
    page = visitor.get("/")
    assert "2 relances sont retenues" in page.text
    assert "Le client n’a pas encore d’adresse." in page.text
    assert f'href="/clients/{nowhere["client"]["client_id"]}/edit"' in page.html

    freed = visitor.press(f"/invoices/{excluded}/include", back="/")
    assert "F-2 sera de nouveau relancée." in freed.text
    assert "Une relance est retenue" in freed.text


def test_letters_of_unknown_fate_are_decided(cast: Cast, visitor: Visitor) -> None:
    """Why, and the two ways; what is decided leaves the page, and twice is said and not done."""
    invoice_id = pending(cast, number="F-1")
    relance = until_queued(cast, invoice_id)["relance_id"]
    fail_letter(cast, begin_letter(cast, invoice_id), "unknown")
    page = visitor.get("/")
    assert "Une lettre attend votre décision" in page.text
    assert "On ne sait pas si cette lettre à compta@dupont.test est arrivée" in page.text
    assert "as the test wants it" in page.text
    assert "La lettre est arrivée" not in page.text

    after = visitor.press(f"/relances/{relance}/confirm", back="/")
    assert "C’est noté : la lettre est arrivée." in after.text
    assert "À décider" not in after.text
    refused = visitor.press(f"/relances/{relance}/resend", back="/")
    assert "Cette lettre n’attend plus de décision." in refused.text
    assert 'class="flash refused"' in refused.html


def test_promises_and_money_stand_beside(cast: Cast, visitor: Visitor) -> None:
    """A promise with its reason; what is owed in each currency, by age."""
    invoice_id = cast.invoice(number="F-1", amount_cents=45_050, issued_on="2026-01-01", due_on="2026-02-01")
    cast.invoice(number="F-2", amount_cents=9_900, currency="USD")
    cast.api("pause_invoice", invoice_id=invoice_id, until="2026-03-05", reason="promis par téléphone")
    page = visitor.get("/")
    assert "Fin de la pause de Dupont SARL : F-1" in page.text
    assert "Raison : promis par téléphone" in page.text
    assert "450,50 €" in page.text
    assert "99,00 $US" in page.text


def test_nothing_foreign_gets_in(cast: Cast, app: App, visitor: Visitor) -> None:
    """What a client is called is text; another organization's invoice is not there; no back to elsewhere."""
    invoice_id, _ = cast.asked(number="<b>1</b>", client_name="<script>alert(1)</script>")
    page = visitor.get("/")
    assert "<script>alert" not in page.html
    assert "<b>1</b>" not in page.html
    stranger = app.visitor()
    stranger.press(
        "/sign-up",
        full_name="Autre",
        organization_name="Voisin",
        email="autre@voisin.example",
        password="une phrase assez longue",
        locale="fr",
    )
    assert "alert(1)" not in stranger.get("/").html
    for path in (f"/invoices/{invoice_id}", f"/invoices/{invoice_id}/letter"):
        assert stranger.get(path).status == 404
    assert stranger.post(f"/invoices/{invoice_id}/answer", answer="paid").status == 404
    assert cast.tally(invoice_id).status == "open"
    answered = visitor.post(f"/invoices/{invoice_id}/answer", answer="paid", back="https://evil.example/")
    assert answered.to == f"/invoices/{invoice_id}"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_list_is_written_in_both_languages(cast: Cast, visitor: Visitor, language: str) -> None:
    """With everything on it at once, no word is missing."""
    cast.dba("update rubis.app_user set locale = %s where user_id = %s", language, cast.user_id)
    failed = pending(cast, number="F-1")
    until_queued(cast, failed)
    fail_letter(cast, begin_letter(cast, failed), "unknown")
    cast.asked(number="F-2", due_on="2026-03-24", client_name="Nord", client_email="n@c.test")
    cast.invoice(number="F-3", client_name="Sud", client_email="s@c.test", due_on="2026-05-01")
    for number in range(3):
        cast.invoice(number=f"G-{number}", client_name="Est", client_email="e@c.test", due_on="2026-04-01")
    paused = cast.invoice(number="F-4", client_name="Ouest", client_email="o@c.test", due_on="2026-05-01")
    cast.api("pause_invoice", invoice_id=paused, until=f"{cast.now():%Y-%m-%d}", reason=None)
    page = visitor.get("/")
    assert page.status == 200
    for words in {
        "fr": ("Une question pour vous", "À décider", "Questions pour vous : 3 factures", "Fin de la pause"),
        "en": ("One question for you", "To decide", "Questions for you: 3 invoices", "End of the pause"),
    }[language]:
        assert words in page.text, words
