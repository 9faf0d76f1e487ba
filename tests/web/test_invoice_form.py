"""An invoice is entered and corrected in the web app."""

import pytest

from tests.support.app import Visitor
from tests.support.cast import Cast

NEW = {
    "client_name": "Dupont SARL",
    "client_email": "",
    "number": "F-2026-015",
    "issued_on": "2026-03-02",
    "due_on": "",
    "amount": "1 200,50",
    "currency": "EUR",
}


def value_of(html: str, field: str) -> str:
    """What a field of the page holds."""
    tag = html.split(f'name="{field}"')[1].split(">", maxsplit=1)[0]
    return tag.split('value="')[1].split('"')[0] if "value=" in tag else ""


def test_a_new_invoice_is_half_filled_in(visitor: Visitor, cast: Cast) -> None:
    """The next number, today, the clients by name, the terms in words; a link may fill in the rest."""
    cast.invoice(number="F-2026-014", client_name="Dupont <b>SARL</b>")
    cast.settings(terms_days=30, terms_end_of_month=True)
    page = visitor.get("/invoices/new", client_name="Durand")

    assert value_of(page.html, "number") == "F-2026-015"
    assert value_of(page.html, "issued_on") == "2026-03-02"
    assert value_of(page.html, "client_name") == "Durand"
    assert "à 30 jours fin de mois" in page.text
    listed = visitor.get("/invoices/new").html
    assert '<option value="Dupont &lt;b&gt;SARL&lt;/b&gt;"' in listed


def test_an_invoice_is_issued(visitor: Visitor, cast: Cast) -> None:
    """The client is made, the amount read as typed, the due date by the terms; the next page says when."""
    saved = visitor.post("/invoices/new", **NEW)

    assert saved.status == 303
    invoice = cast.document(int(saved.to.rpartition("/")[2]))
    assert (invoice["client"]["name"], invoice["amount_cents"]) == ("Dupont SARL", 120_050)
    assert invoice["due_on"] == "2026-04-01"
    assert "Facture F-2026-015 enregistrée. Question prévue : 1er avr., 9 h." in visitor.get("/more").text


@pytest.mark.parametrize(
    ("amount", "currency", "cents"),
    [("1,200.50", "USD", 120_050), ("1200", "JPY", 1200), ("12,5", "EUR", 1250), ("1 200 €", "EUR", 120_000)],
)
def test_amounts_are_read_as_people_write_them(
    visitor: Visitor, cast: Cast, amount: str, currency: str, cents: int
) -> None:
    """In the minor unit of their currency."""
    saved = visitor.post("/invoices/new", **NEW | {"amount": amount, "currency": currency})
    assert cast.document(int(saved.to.rpartition("/")[2]))["amount_cents"] == cents


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("client_name", "", "Ce champ est à remplir."),
        ("client_name", "Ana <a@b.fr>", "Pas de @"),
        ("client_email", "dupont", "Il faut une adresse e-mail"),
        ("number", "F-1", "Ce numéro est déjà"),
        ("issued_on", "hier", "Il faut une date"),
        ("due_on", "2026-03-01", "ne peut pas précéder la date"),
        ("amount", "beaucoup", "Il faut un"),
        ("amount", "0", "Le montant doit être positif."),
        ("currency", "XXX", "Choisissez une devise"),
    ],
)
def test_a_refused_form_loses_nothing(
    visitor: Visitor, cast: Cast, field: str, typed: str, words: str
) -> None:
    """The field is named, has the focus, and all that was typed is there; nothing is written."""
    cast.invoice(number="F-1", client_name="Autre", amount_cents=1)
    refused = visitor.post("/invoices/new", **NEW | {field: typed})

    assert refused.status == 422
    assert words in refused.text
    tag = refused.html.split(f'name="{field}"')[1].split(">")[0]
    assert "autofocus" in tag
    for name, value in (NEW | {field: typed}).items():
        if name not in (field, "currency"):
            assert value_of(refused.html, name) == value
    assert len(cast.api("list_invoices")["items"]) == 1


def test_two_clients_of_a_name_are_told_apart_by_the_address(visitor: Visitor, cast: Cast) -> None:
    """None is guessed; with the e-mail it is that one."""
    cast.client("Dupont SARL", "a@dupont.test")
    cast.client("Dupont SARL", "b@dupont.test")
    refused = visitor.post("/invoices/new", **NEW)
    assert "Plusieurs clients portent ce nom" in refused.text
    saved = visitor.post("/invoices/new", **NEW | {"client_email": "b@dupont.test"})
    assert cast.document(int(saved.to.rpartition("/")[2]))["client"]["email"] == "b@dupont.test"


def test_a_double_is_warned_of_once(visitor: Visitor, cast: Cast) -> None:
    """The same button pressed again issues it; another double than the one shown is shown first."""
    first = cast.invoice(number="F-2026-15", amount_cents=120_050, client_email=None)
    warned = visitor.post("/invoices/new", **NEW)
    assert warned.status == 422
    assert "Cette facture ressemble à une autre" in warned.text
    assert "Même client, même montant" in warned.text
    assert "Numéro presque identique." in warned.text
    assert "Enregistrer quand même" in warned.text
    assert value_of(warned.html, "amount") == "1 200,50"
    seen = value_of(warned.html, "seen")
    assert seen == str(first)

    cast.invoice(number="G-1", amount_cents=120_050, client_email=None)
    assert "2 autres" in visitor.post("/invoices/new", **NEW, seen=seen).text
    seen = value_of(visitor.post("/invoices/new", **NEW, seen=seen).html, "seen")
    assert visitor.post("/invoices/new", **NEW, seen=seen).status == 303


def test_the_due_date_is_said_while_one_types(visitor: Visitor, cast: Cast) -> None:
    """By the client's terms once its name stands there; the clients of that name are offered."""
    client_id = cast.client("Durand", "d@durand.test")
    cast.api("update_client", client_id=client_id, changes=cast.json({"terms_days": 45}))
    ours = visitor.post("/invoices/preview", **NEW | {"client_name": "Dura"})
    assert ours.status == 200
    assert "à vos conditions (à 30 jours)" in ours.text
    assert 'value="Durand" label="Durand · d@durand.test"' in ours.html
    theirs = visitor.post("/invoices/preview", **NEW | {"client_name": "Durand"})
    assert "16 avr." in theirs.text
    assert "aux conditions de ce client (à 45 jours)" in theirs.text
    for typed in ({"issued_on": ""}, {"due_on": "2026-03-20"}, {"issued_on": "x", "client_name": "a\nb"}):
        assert "conditions" not in visitor.post("/invoices/preview", **NEW | typed).text


def test_an_invoice_is_corrected(visitor: Visitor, cast: Cast) -> None:
    """What it says stands in the form; what is changed is written, and the question comes again."""
    invoice_id = cast.invoice(number="F-1", amount_cents=120_050, due_on="2026-03-20")
    page = visitor.get(f"/invoices/{invoice_id}/edit")
    typed = {name: value_of(page.html, name) for name in NEW if name != "currency"} | {"currency": "EUR"}
    assert (typed["number"], typed["amount"], typed["due_on"]) == ("F-1", "1200,50", "2026-03-20")

    before = cast.document(invoice_id)
    assert visitor.post(f"/invoices/{invoice_id}/edit", **typed).to == f"/invoices/{invoice_id}"
    assert cast.document(invoice_id) == before
    assert visitor.post(f"/invoices/{invoice_id}/edit", **typed | {"due_on": ""}).status == 422
    changes = {"amount": "99", "client_name": "Nouveau", "client_email": "n@nouveau.test"}
    assert visitor.post(f"/invoices/{invoice_id}/edit", **typed | changes).status == 303
    after = cast.document(invoice_id)
    assert (after["amount_cents"], after["client"]["name"]) == (9900, "Nouveau")
    assert "Facture F-1 corrigée. Question prévue" in visitor.get("/more").text


def test_a_correction_that_makes_a_double_is_warned_of(visitor: Visitor, cast: Cast) -> None:
    """Only if what makes it one is changed."""
    cast.invoice(number="F-1")
    invoice_id = cast.invoice(number="F-2")
    page = visitor.get(f"/invoices/{invoice_id}/edit")
    typed = {name: value_of(page.html, name) for name in NEW if name != "currency"} | {"currency": "EUR"}
    assert visitor.post(f"/invoices/{invoice_id}/edit", **typed | {"due_on": "2026-04-01"}).status == 303
    assert "ressemble" in visitor.post(f"/invoices/{invoice_id}/edit", **typed | {"number": "F-3"}).text


def test_a_settled_invoice_has_no_form(visitor: Visitor, cast: Cast) -> None:
    """Its page says why; a form that was open meanwhile says it too. Another's invoice does not exist."""
    invoice_id = cast.invoice()
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    assert visitor.get(f"/invoices/{invoice_id}/edit").to == f"/invoices/{invoice_id}"
    late = visitor.post(f"/invoices/{invoice_id}/edit", **NEW | {"due_on": "2026-03-20"})
    assert late.status == 422
    assert "Cette facture est réglée ou annulée." in late.text
    other = Cast(cast.line, now=None, email="voisin@atelier.test").invoice()
    assert visitor.get(f"/invoices/{other}/edit").status == 404
    assert visitor.post(f"/invoices/{other}/edit", **NEW).status == 404
