"""The page of an invoice: what follows and why, what can be done, its history, and the time machine."""

import pytest

from tests.support.app import Visitor
from tests.support.cast import Cast
from tests.support.letters import pending, send_letter


def words(text: str) -> str:
    """The text with ordinary hyphens."""
    return text.replace("\u2011", "-")


def test_a_mistaken_answer_is_taken_back(cast: Cast, visitor: Visitor) -> None:
    """Answered on its page, undone there: the question is open again and the gem is gone."""
    invoice_id, _ = cast.asked(number="F-1")
    at = f"/invoices/{invoice_id}"
    page = visitor.get(at)
    assert "Avez-vous été payé ?" in words(page.text)
    assert "La relance courtoise attend votre réponse." in page.text
    paid = visitor.press(f"{at}/answer", answer="paid")
    assert 'class="flash earned"' in paid.html
    assert "Elle est payée : plus aucune relance ne part." in words(paid.text)
    assert "Rouvrir la facture" in paid.text
    assert "Avez-vous" not in words(paid.text)
    undone = visitor.press(f"{at}/undo")
    assert "la question est de nouveau ouverte" in undone.text
    assert "Avez-vous été payé ?" in words(undone.text)
    assert "Réponse reprise par Camille Martin" in words(undone.text)
    assert cast.rubis() == 0
    nothing = visitor.press(f"{at}/undo")
    assert "Aucune réponse ne peut être reprise." in nothing.text


def test_a_promise_holds_the_letter(cast: Cast, visitor: Visitor) -> None:
    """A day and a reason; a day that is over comes back with what was typed, and why."""
    at = f"/invoices/{pending(cast)}"
    refused = visitor.post(f"{at}/pause", until="2026-03-01", reason="promis par téléphone")
    assert refused.status == 422
    assert "promis par téléphone" in refused.html
    assert "La pause doit finir un jour à venir." in refused.text
    assert "autofocus" in refused.html.split('id="f-pause-until"')[1].split(">")[0]
    assert visitor.post(f"{at}/pause", until="demain").status == 422
    paused = visitor.press(f"{at}/pause", until="2026-04-08", reason="promis par téléphone")
    assert "en pause jusqu’au 8 avril 2026" in paused.text
    assert "ses relances sont en pause" in paused.text
    assert "Relances en pause jusqu’au 8 avril 2026 : promis par téléphone" in words(paused.text)
    resumed = visitor.press(f"{at}/resume")
    assert "en pause jusqu" not in resumed.text.split("Histoire")[0]


def test_the_letters_that_left_are_there_word_for_word(cast: Cast, visitor: Visitor) -> None:
    """Each with the event that tells of it, and the letter ahead on a page of its own."""
    invoice_id = pending(cast, number="F-1")
    ahead = visitor.get(f"/invoices/{invoice_id}/letter")
    assert "compta@dupont.test" in ahead.text
    assert "1 200,00 €" in words(ahead.text)
    send_letter(cast, invoice_id)
    page = visitor.get(f"/invoices/{invoice_id}")
    assert "Relance 1 (courtoise) partie" in words(page.text)
    assert page.text.count("Lire ce qui est parti") == 1
    assert "Bonjour" in page.text.split("Lire ce qui est parti")[1]
    cast.api("cancel_invoice", invoice_id=invoice_id)
    none = visitor.get(f"/invoices/{invoice_id}/letter")
    assert (none.status, "Aucune lettre à venir" in none.text) == (200, True)


def test_time_can_be_moved_ahead(cast: Cast, visitor: Visitor) -> None:
    """The page shows what would be asked and what would leave until a day."""
    invoice_id = cast.invoice()
    at = f"/invoices/{invoice_id}"
    page = words(visitor.get(at, until="2026-03-31").text)
    assert page.split("Avancer dans le temps")[1].count("Question pour vous") == 2
    assert "Relance courtoise à compta@dupont.test" in page
    assert "Relance ferme à compta@dupont.test" in page
    assert "Rien ne se passe d’ici là." in visitor.get(at, until="2026-03-03").text
    far = visitor.get(at, until="2029-01-01")
    assert (far.status, "Choisissez un jour d’ici deux ans." in far.text) == (422, True)


@pytest.mark.parametrize(
    ("act", "said", "status"),
    [
        ("paid", "F-1 est notée payée.", "paid"),
        ("cancel", "F-1 est annulée.", "cancelled"),
        ("exclude", "F-1 ne sera plus relancée.", "open"),
        ("ask", "La question à propos de F-1 part dans un instant.", "open"),
    ],
)
def test_what_can_be_done_is_done(cast: Cast, visitor: Visitor, act: str, said: str, status: str) -> None:
    """Each act by a button; what is settled is opened again for a reason."""
    invoice_id = cast.invoice(number="F-1")
    at = f"/invoices/{invoice_id}"
    assert said in words(visitor.press(f"{at}/{act}").text)
    assert cast.row(invoice_id)["status"] == status
    if status != "open":
        assert visitor.post(f"{at}/reopen", reason=" ").status == 422
        again = visitor.press(f"{at}/reopen", reason="une erreur")
        assert "F-1 est rouverte" in again.text
        assert "Facture rouverte : une erreur" in words(again.text)
        assert visitor.press(f"{at}/pause", until="2026-04-08").status == 200


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_state_is_written_in_both_languages(cast: Cast, visitor: Visitor, language: str) -> None:
    """New, held, said paid late, paused, paid: no word is missing, and nothing is HTML that is not ours."""
    cast.dba("update rubis.app_user set locale = %s where user_id = %s", language, cast.user_id)
    late, token = cast.asked(client_name="<i>Nord</i>", client_email="n@c.test")
    cast.clock.advance(hours=25)
    cast.tick()
    cast.click(token, "paid")
    held = cast.invoice(client_name="Sud", client_email=None)
    paused = cast.invoice(client_name="Est", client_email="e@c.test")
    cast.api("pause_invoice", invoice_id=paused, until="infinity", reason="<b>on attend</b>")
    cast.api("update_invoice", invoice_id=paused, changes=cast.json({"due_on": "2026-05-01"}))
    cancelled = cast.invoice(client_name="Ouest", client_email="o@c.test")
    cast.api("cancel_invoice", invoice_id=cancelled)
    for invoice_id in (late, held, paused, cancelled):
        page = visitor.get(f"/invoices/{invoice_id}", until="2026-06-30")
        assert page.status == 200, page.text
        assert "<i>Nord" not in page.html
        assert "<b>on" not in page.html
