"""Importing in the web app: files and pastes become drafts, drafts become invoices, without a script."""

import re
from html import unescape
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.app import OURS, App, Page, Visitor
from tests.support.cast import Cast
from tests.web.legible import OVERFLOW, PHONE, violations

HEAD = "Numéro;Client;E-mail;Date de facture;Échéance;Montant TTC\n"
GOOD = "F-1;Dupont SARL;compta@dupont.example;02/03/2026;01/04/2026;1 200,50 €\n"


def hundred() -> str:
    """A hundred rows as a spreadsheet copies them: 97 are right, three are not."""
    rows = [
        f"F-{number}\tClient {number % 20}\tc{number % 20}@clients.example\t02/03/2026\t01/04/2026"
        f"\t1 200,{number % 100:02} €"
        for number in range(97)
    ]
    rows[40:40] = ["F-200\tDurand\tdurand[at]clients.example\t02/03/2026\t01/04/2026\t100"]
    rows += ["F-201\tDurand\t\t31/02/2026\t01/04/2026\t100", "F-202\tDurand\t\t02/03/2026\t01/04/2026\t1 2OO"]
    return "\n".join(["Numéro\tClient\tCourriel\tDate\tÉchéance\tMontant", *rows])


def upload(visitor: Visitor, *files: tuple[str, bytes], pasted: str = "") -> Page:
    """Send the form with these files, as a browser does: an empty part where none was chosen."""
    parts = [("files", (name, content)) for name, content in files] or [("files", ("", b""))]
    return Page(visitor.client.post("/import", data={"pasted": pasted}, files=parts, headers=OURS))


def drafts(page: Page) -> list[str]:
    """The forms of pending drafts, in their order."""
    return re.findall(r'<li class="question".*?</li>', page.html, re.DOTALL)


def sent_back(form: str, **changes: str) -> tuple[str, dict[str, Any]]:
    """Where a draft's form goes, and what a browser would send of it, after these changes."""
    action = re.search(r'action="([^"]+)"', form)
    assert action
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        assert name
        fields[name[1]] = unescape(value[1]) if value else ""
    return action[1], fields | changes


def test_a_hundred_pasted_invoices_become_drafts_and_then_invoices(visitor: Visitor, cast: Cast) -> None:
    """Doubts come first, named by row and column; one button accepts the rest; the three are mended."""
    page = visitor.get(visitor.post("/import", pasted=hundred()).to)
    assert "100 factures à accepter" in page.text
    assert "0 sur 100 acceptées. 3 sont à vérifier." in page.text
    first, second, third = drafts(page)[:3]
    assert "« durand[at]clients.example » n\u2019est pas une adresse e-mail." in page.text.replace(
        "\u00a0", " "
    )
    assert "Ligne 42, colonne C (Courriel)." in first
    assert "Ligne 100, colonne D (Date)." in second
    assert len(drafts(page)) == 3
    assert page.html.count("data-row") == 50
    path = page.response.url.path

    page = visitor.press(f"{path}/accept")
    assert "Factures acceptées : 97. À vérifier : 3." in page.text.replace("\u00a0", " ")
    assert "97 sur 100 acceptées." in page.text
    action, fields = sent_back(first, client_email="durand@clients.example", then="accept")
    assert "La facture F-200 est acceptée." in visitor.press(action, **fields).text
    action, fields = sent_back(second, issued_on="2026-02-28")
    assert "C\u2019est corrigé." in visitor.press(action, **fields).text
    action, fields = sent_back(third, amount="1 200")
    visitor.press(action, **fields)

    page = visitor.press(f"{path}/accept")
    assert "Tout est traité" in page.text
    assert "100 sur 100 acceptées." in page.text
    facts = "select count(*), sum(amount_cents) from rubis.invoice where status = 'open'"
    assert list(cast.session.row(facts).values()) == [
        100,
        97 * 120000 + sum(range(97)) + 10000 + 10000 + 120000,
    ]
    emails = cast.session.value("select count(*) from rubis.client where email = 'durand@clients.example'")
    assert emails == 1
    assert "Lignes collées" in visitor.get("/import").text


def test_a_refused_correction_comes_back_and_nothing_typed_is_lost(visitor: Visitor, cast: Cast) -> None:
    """The field at fault is named in words; a doubt left as it is stays."""
    page = visitor.get(
        upload(visitor, ("a.csv", f"{HEAD}{GOOD}F-2;Durand;a[at]b;02/03/2026;;-5\n".encode())).to
    )
    (form,) = drafts(page)
    edit = re.search(r'href="([^"]+edit=[^"]+)"', form)
    assert edit
    form = drafts(visitor.get(unescape(edit[1])))[0]
    action, fields = sent_back(form, amount="beaucoup", number="F-9", due_on="2026-05-01")
    refused = visitor.post(action, **fields)
    assert refused.status == 422
    again = drafts(refused)[0]
    assert 'value="beaucoup"' in again
    assert 'value="F-9"' in again
    assert 'value="2026-05-01"' in again
    assert "autofocus" in again.split('name="amount"')[1].split(">")[0]
    assert "Dupont SARL" in refused.text

    action, fields = sent_back(again, amount="12,50")
    page = visitor.press(action, **fields)
    assert "n\u2019est pas une adresse e-mail" in page.text  # what was not touched stays in doubt
    row = cast.session.row(
        "select number::text, amount_cents, due_on::text from rubis.import_draft where position = 2"
    )
    assert list(row.values()) == ["F-9", 1250, "2026-05-01"]
    action, fields = sent_back(drafts(page)[0], client_email="", then="accept")
    assert "La facture F-9 est acceptée." in visitor.press(action, **fields).text
    certain = re.search(r'action="([^"]+/drafts/[0-9]+)"', page.html.split("Sûres")[-1])
    assert certain
    page = visitor.press(f"{certain[1]}/discard", page="1")
    assert "Écartée" in page.text
    assert "Tout est traité" in page.text


def test_an_amount_is_read_in_the_currency_beside_it(visitor: Visitor, cast: Cast) -> None:
    """Changed to yen, 1200,00 is 1200 of them, though only the currency was typed."""
    page = visitor.get(upload(visitor, ("a.csv", f"{HEAD}F-1;Dupont;;02/03/2026;;1200\n".encode())).to)
    edit = re.search(r'href="([^"]+edit=[^"]+)"', page.html)
    assert edit
    action, fields = sent_back(drafts(visitor.get(unescape(edit[1])))[0], currency="jpy", amount="1200")
    visitor.press(action, **fields)
    row = cast.session.row("select amount_cents, currency::text from rubis.import_draft")
    assert list(row.values()) == [1200, "JPY"]


def test_many_files_at_once(visitor: Visitor, cast: Cast) -> None:
    """Each is a batch; those that are refused are named with the reason, and the others are kept."""
    page = upload(
        visitor,
        ("mars.csv", (HEAD + GOOD).encode("cp1252")),
        ("avril.csv", (HEAD + GOOD).encode("utf-16")),
        ("logo.pdf", b"%PDF-1.7"),
    )
    assert page.to == "/import"
    shown = visitor.get("/import")
    assert "Tableaux lus : 2. Non lus : 1. logo.pdf est un PDF." in shown.text.replace("\u00a0", " ")
    assert "mars.csv" in shown.text
    assert "1 à traiter" in shown.text.replace("\u00a0", " ")
    assert cast.session.value("select count(*) from rubis.import_batch") == 2


@pytest.mark.parametrize(
    ("files", "pasted", "words"),
    [
        ((), "", "Choisissez un fichier, ou collez des lignes."),
        ((), "Bonjour à tous", "aucune colonne n\u2019a été reconnue"),
        ((("a.xlsx", b"PK\x03\x04"),), "", "a.xlsx est un classeur de tableur."),
        ((("a.csv", b"x" * 1_000_001),), "", "a.csv dépasse 1 Mo."),
        ((("a.csv", b""),), "", "a.csv ne contient aucune ligne de facture."),
        ((("a.csv", b"%PDF"), ("b.csv", b"a\0b")), "", "b.csv n\u2019est pas un texte."),
        (tuple((f"{n}.csv", b"a") for n in range(21)), "", "20 fichiers au plus"),
        ((), "x" * 1_500_000, "1 Mo pour les lignes collées"),
    ],
)
def test_what_cannot_be_read_says_why(
    visitor: Visitor, cast: Cast, files: Any, pasted: str, words: str
) -> None:
    """By file and in words, with what was pasted still there."""
    refused = upload(visitor, *files, pasted=pasted)
    assert refused.status == 422
    assert words in refused.text.replace("\u00a0", " ")
    if pasted and len(pasted) < 100:
        assert pasted in refused.html
    assert cast.session.value("select count(*) from rubis.import_batch") == 0


def test_nothing_in_a_table_becomes_markup_or_another_tenants(visitor: Visitor, cast: Cast, app: App) -> None:
    """Cells, headings and file names are text; another organization's batch does not exist."""
    evil = "<script>alert(1)</script>"
    table = f"Numéro;Client;Montant{evil}\n{evil};{evil};{evil}\n"
    page = visitor.get(upload(visitor, (f"{evil}.csv", table.encode())).to)
    for shown in (page, visitor.get("/import")):
        assert shown.status == 200
        assert evil not in shown.html
    assert "&lt;script&gt;" in page.html
    path = page.response.url.path
    action, fields = sent_back(drafts(page)[0])
    with Cast(cast.line) as other:
        stranger = app.user(other)
        assert stranger.get(path).status == 404
        for target in (f"{path}/accept", f"{path}/discard", action, f"{action}/discard"):
            assert stranger.post(target, **fields | {"number": "X"}).status == 404
    assert cast.session.value("select count(*) from rubis.invoice") == 0


def test_drafts_are_mended_in_place(visitor: Visitor, browser: Browser) -> None:
    """With the script each answer takes the place of the page's parts; all of it is legible on a phone."""
    to = visitor.post("/import", pasted=hundred()).to
    with browser.new_context(viewport={"width": PHONE, "height": 900}) as context:
        context.add_cookies([{"name": "rubis", "value": str(visitor.token), "url": visitor.url}])
        page = context.new_page()
        for path in ("/import", f"{to}?edit=5", to):
            page.goto(visitor.url + path)
            assert violations(page) == []
            assert page.evaluate(OVERFLOW) == 0
        page.evaluate("window.stayed = true")
        first = page.locator("li.question").first
        first.locator("input[type=text]").fill("durand@clients.example")
        first.get_by_role("button", name="Accepter").click()
        page.locator("main .flash", has_text="F-200").wait_for()
        page.locator("li.question").first.get_by_role("button", name="Écarter").click()
        page.locator("main .flash", has_text="écartée").wait_for()
        page.locator("li.question").first.get_by_role("button", name="Accepter").click()
        page.locator("li.question input[name=number]").wait_for()  # all its fields come back
        assert page.locator("li.question .fault").inner_text().count("1 2OO") == 1
        assert page.evaluate("window.stayed")
