"""Clients in the app: the list, a client's page and form, its statement of account."""

import csv
import io
import re

from tests.support.app import App, Visitor
from tests.support.cast import Cast


def names(html: str) -> list[str]:
    """The names in the list, in order."""
    return re.findall(r'<td class="name"><a href="/clients/\d+"><bdi>([^<]*)</bdi>', html)


def plain(text: str) -> str:
    """A text without its unbreakable spaces."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


def test_the_list_is_sorted_and_searched(visitor: Visitor, cast: Cast) -> None:
    """By name at first; by what is owed, by how late; an unknown order is refused."""
    assert "Pas encore de client" in visitor.get("/clients").text
    cast.invoice(client_name="Zoé", client_email=None, amount_cents=900, due_on="2026-03-01")
    cast.invoice(client_name="Écart", amount_cents=500_000)
    cast.invoice(client_name="Eau", amount_cents=100_000, due_on="2026-03-02")
    page = visitor.get("/clients")
    assert names(page.html) == ["Eau", "Écart", "Zoé"]
    assert "1 jour de retard" in page.text
    assert "5 000,00 €" in plain(page.text)
    assert "sans adresse" in page.text
    assert names(visitor.get("/clients", sort="-owed").html) == ["Écart", "Eau", "Zoé"]
    assert names(visitor.get("/clients", sort="-days_late").html)[0] == "Zoé"
    assert names(visitor.get("/clients", q="ecart").html) == ["Écart"]
    assert "Aucun client ne correspond" in visitor.get("/clients", q="personne").text
    assert visitor.get("/clients", sort="late").status == 422


def test_a_client_is_made_and_changed(visitor: Visitor, cast: Cast) -> None:
    """What is refused comes back as it was typed; what is kept is shown."""
    refused = visitor.post("/clients/new", name="", email="x")
    assert (refused.status, 'value="x"' in refused.html) == (422, True)
    assert "Il faut une adresse e-mail" in refused.text
    page = visitor.press("/clients/new", name="Dupont", email="a@dupont.example")
    assert "Dupont est dans vos clients." in page.text
    client_id = cast.api("list_clients")["items"][0]["client_id"]
    assert visitor.post("/clients/new", name="DUPONT", email="a@dupont.example").status == 422
    fields = {"name": "Dupont SARL", "email": "", "locale": "en", "is_business": "true", "terms_days": "45"}
    page = visitor.press(f"/clients/{client_id}/edit", **fields, terms_end_of_month="true")
    assert "aucune relance ne peut partir" in page.text
    assert "45 jours fin de mois" in plain(page.text)
    client = cast.api("get_client", client_id=client_id)
    assert (client["locale"], client["is_business"], client["email"]) == ("en", True, None)
    assert 'value="45"' in visitor.get(f"/clients/{client_id}/edit").html
    refused = visitor.post(f"/clients/{client_id}/edit", **fields | {"terms_days": "many"})
    assert (refused.status, 'value="many"' in refused.html) == (422, True)
    assert cast.api("get_client", client_id=client_id) == client


def test_a_client_is_paused_excluded_and_merged(visitor: Visitor, cast: Cast, app: App) -> None:
    """Each act is told, and its undoing offered; of a merged one the other's page is shown."""
    invoice_id = cast.invoice(client_name="Dupont", client_email="a@dupont.example", due_on="2026-03-01")
    client_id = cast.document(invoice_id)["client"]["client_id"]
    at = f"/clients/{client_id}"
    cast.invoice(client_name="Dùpont", client_email="b@dupont.example")
    refused = visitor.post(f"{at}/pause", until="2026-02-01", reason="promis")
    assert (refused.status, 'value="promis"' in refused.html) == (422, True)
    assert "En pause jusqu" in visitor.press(f"{at}/pause", until="2026-05-01").text
    assert "reprennent" in visitor.press(f"{at}/resume").text
    assert "Exclu" in visitor.press(f"{at}/exclude").text
    assert cast.api("get_client", client_id=client_id)["relances_off"]
    assert "de nouveau" in visitor.press(f"{at}/include").text
    page = visitor.get(at)
    assert "Peut-être le même client" in page.text
    assert "1 jour de retard" in page.text
    double = re.search(r'name="double_id" value="(\d+)"', page.html)
    assert double is not None
    stranger = app.user(Cast(cast.line, name="Voisin"))
    for path in ("", "/edit", "/statement", "/statement.csv"):
        assert stranger.get(f"{at}{path}").status == 404
    for path in ("/edit", "/pause", "/resume", "/exclude", "/include", "/merge"):
        sent = {"name": "x", "until": "2030-01-01", "double_id": double[1]}
        assert stranger.post(f"{at}{path}", **sent).status in {404, 422}
    page = visitor.press(f"{at}/merge", double_id=double[1])
    assert "un seul client" in page.text
    assert "Voir ses 2 factures" in plain(page.text)
    assert visitor.get(f"/clients/{double[1]}").to == at


def test_a_statement_is_printed_and_downloaded(visitor: Visitor, cast: Cast) -> None:
    """The page and the file have the same invoices; in the file no cell is a formula."""
    for number, amount in (("=1+1", 120_050), ("<b>2", 100)):
        invoice_id = cast.invoice(
            number=number, client_name="<i>Dupont", amount_cents=amount, due_on="2026-03-01"
        )
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    client_id = cast.document(invoice_id)["client"]["client_id"]
    page = visitor.get(f"/clients/{client_id}/statement")
    assert "Relevé de compte : <i>Dupont" in plain(page.text)
    assert "<i>" not in page.html
    assert "payée le 2 mars 2026" in page.text
    file = visitor.get(f"/clients/{client_id}/statement.csv").response
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in file.headers["content-disposition"]
    text = file.content.decode("utf-8")
    assert text.startswith("\ufeffNuméro;Date;")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert rows[1] == ["'=1+1", "2026-03-01", "2026-03-01", "1200,50", "EUR", "ouverte", "", "1"]
    assert rows[2] == ["<b>2", "2026-03-01", "2026-03-01", "1,00", "EUR", "payée", "2026-03-02", ""]
