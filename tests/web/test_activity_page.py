"""The activity: what happened, filtered and paged by addresses that can be kept."""

from tests.support.app import Visitor
from tests.support.cast import Cast


def test_events_are_filtered_and_paged(cast: Cast, visitor: Visitor) -> None:
    """By kind, client and day; the filters stay while one leafs."""
    assert "Rien ne s’est encore passé" in visitor.get("/activity").text
    first = cast.issue(number="F-1", client_name="<script>Nord</script>")
    paid = cast.invoice(number="F-2", client_name="Sud")
    cast.api("mark_invoice_paid", invoice_id=paid)
    for number in range(60):
        cast.invoice(number=f"G-{number}", client_name="Sud")
    page = visitor.get("/activity", kind="invoices")
    assert "Facture ajoutée" in page.text
    assert "Notée payée" not in page.text
    assert "F-1" not in page.text
    older = page.html.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = visitor.get(older)
    assert "F-1" in second.text
    assert "Notée payée" not in second.text
    assert "<script>Nord" not in second.html

    assert "Notée payée" in visitor.get("/activity", kind="payments").text
    client = visitor.get("/activity", client=first["client"]["client_id"]).text
    assert "F-1" in client
    assert "F-2" not in client
    assert "Rien ne correspond à ces filtres" in visitor.get("/activity", until="2026-03-01").text
    assert visitor.get("/activity", client="999999").status == 404
    assert visitor.get("/activity", **{"from": "hier"}).status == 422
