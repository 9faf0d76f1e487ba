"""The list of invoices in the app: views, search, order, pages, many at once."""

import re

from tests.support.app import App, Visitor
from tests.support.cast import Cast


def names(html: str) -> list[str]:
    """The numbers of the invoices in the list, in order."""
    return re.findall(r'<td class="meta"><bdi>([^<]*)</bdi>', html)


def test_views_show_their_invoices_their_sums_and_what_follows(visitor: Visitor, cast: Cast) -> None:
    """Open ones first, those due first; each row says its state and what comes, in the user's words."""
    assert "Pas encore de facture" in visitor.get("/invoices").text
    cast.invoice(number="A-1", due_on="2026-03-01", amount_cents=100_000)
    cast.invoice(number="A-2", due_on="2026-03-03", amount_cents=20_050)
    cast.invoice(number="A-3", client_name="Sans adresse", client_email=None, due_on="2026-04-30")
    cast.api("pause_invoice", invoice_id=cast.invoice(number="A-4"), until="2026-05-01", reason="promis")
    cast.api("mark_invoice_paid", invoice_id=cast.invoice(number="A-5"))
    page = visitor.get("/invoices")
    assert names(page.html) == ["A-1", "A-2", "A-4", "A-3"]
    assert "4 factures, 3 600,50 €" in page.text.replace("\u202f", " ").replace("\xa0", " ")
    assert "1 jour de retard" in page.text
    assert "Question dim. 1er mars" not in page.text
    assert "1er mai 2026 ( promis )" in page.text
    overdue = visitor.get("/invoices", view="overdue")
    assert names(overdue.html) == ["A-1"]
    assert 'aria-current="page">En retard <span class="count">1</span>' in overdue.html
    paid = visitor.get("/invoices", view="paid")
    assert names(paid.html) == ["A-5"]
    assert "Payée le 2 mars 2026" in paid.text
    assert "checkbox" not in paid.html
    assert "Une facture annulée reste ici" in visitor.get("/invoices", view="cancelled").text


def test_a_list_is_searched_sorted_and_turned_over(visitor: Visitor, cast: Cast, app: App) -> None:
    """By number, client, amount; by the heads of columns; page by page; another's client is unknown."""
    for number in range(52):
        cast.invoice(
            number=f"N-{number:02}", amount_cents=100 * (number + 1), client_name=f"Café {number % 2}"
        )
    first = visitor.get("/invoices", sort="-amount")
    assert names(first.html)[:2] == ["N-51", "N-50"]
    assert len(names(first.html)) == 50
    assert "Montant ↓ (ordre décroissant)" in first.text
    following = re.search(r'href="([^"]*)" rel="next"', first.html)
    assert following is not None
    second = visitor.get(following[1].replace("&amp;", "&"))
    assert names(second.html) == ["N-01", "N-00"]
    assert 'rel="prev"' in second.html
    assert names(visitor.get("/invoices", q="cafe 1", view="all").html)[0] == "N-51"
    assert names(visitor.get("/invoices", q="52,00").html) == ["N-51"]
    nothing = visitor.get("/invoices", q="<b>rien")
    assert "« <b>rien »" in nothing.text.replace("\xa0", " ")
    assert "<b>rien" not in nothing.html
    client_id = cast.api("list_clients")["items"][0]["client_id"]
    of_client = visitor.get("/invoices", client=client_id)
    assert len(names(of_client.html)) == 26
    assert "De Café 1" in of_client.text
    stranger = app.user(Cast(cast.line, name="Voisin"))
    assert stranger.get("/invoices", client=client_id).status == 404
    for query in ({"sort": "late"}, {"view": "late"}, {"cursor": "x"}, {"client": "x"}, {"q": "x\0"}):
        assert visitor.get("/invoices", **query).status == 422


def test_many_are_acted_on_at_once(visitor: Visitor, cast: Cast) -> None:
    """Paid, paused until a day, excluded; what could not change is told; nothing ticked is a fault."""
    first, second, third = (cast.invoice(number=f"B-{n}") for n in range(3))
    back = "/invoices?view=all&sort=due_on"
    said = visitor.press("/invoices/bulk", back=back, act="mark_paid", invoice_id=[str(first)])
    assert "Une facture est payée." in said.text
    assert cast.tally(first).rubis == 1
    said = visitor.press(
        "/invoices/bulk",
        back=back,
        act="pause",
        until="2026-05-01",
        reason="promis",
        invoice_id=[str(first), str(second), str(third)],
    )
    assert "2 factures sont en pause ; 1 ne pouvaient pas" in said.text.replace("\u202f", " ")
    assert cast.document(second)["pause"] == {"until": "2026-05-01", "reason": "promis"}
    visitor.press("/invoices/bulk", back=back, act="exclude", invoice_id=[str(third)])
    assert cast.document(third)["relances_off"]

    refused = visitor.post("/invoices/bulk", back=back, act="pause", reason="bientôt", invoice_id=str(second))
    assert refused.status == 422
    assert "La pause doit finir un jour à venir." in refused.text
    assert 'value="bientôt"' in refused.html
    assert re.search(rf'value="{second}"[^>]* checked', refused.html)
    assert names(refused.html) == names(visitor.get(back).html)
    empty = visitor.post("/invoices/bulk", back=back, act="mark_paid")
    assert (empty.status, "Cochez au moins une facture" in empty.text) == (422, True)
    gone = visitor.press(
        "/invoices/bulk", back="//evil.example", act="exclude", invoice_id=[str(first), "99"]
    )
    assert "Aucune ne pouvait changer" in gone.text


def test_names_of_clients_stay_text(visitor: Visitor, cast: Cast) -> None:
    """What a client is called runs nowhere."""
    cast.invoice(client_name="<script>alert(1)</script>", number="'\"><b>")
    page = visitor.get("/invoices")
    assert "<script>alert" not in page.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.html
    assert '"><b>' not in page.html
