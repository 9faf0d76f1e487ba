"""Relance plans and the words of letters in the web app."""

import html
import re
from datetime import datetime

import pytest

from app.web.words import load_texts
from tests.support.app import App, Page, Visitor
from tests.support.cast import Cast
from tests.support.letters import relances

NAME = "<script>alert(1)</script> & fils"


def steps(*plan: tuple[int | str, str]) -> dict[str, str]:
    """The fields of these steps."""
    return {
        f"steps[{i}].{part}": str(value)
        for i, (days, tone) in enumerate(plan)
        for part, value in (("days_after_due", days), ("tone", tone))
    }


def plan_id(cast: Cast, name: str) -> int:
    """The plan of this name."""
    items = cast.api("list_relance_plans")["items"]
    found: int = next(plan["relance_plan_id"] for plan in items if plan["name"] == name)
    return found


def dates(page: Page) -> str:
    """What the card of dates says."""
    inside = page.html.split('id="preview"')[1].split('</div>\n<div class="card"')[0].split("</aside>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inside)).split())


def test_a_plan_is_made_tried_changed_and_deleted(visitor: Visitor, cast: Cast, app: App) -> None:
    """The list says its steps in words and who follows it; nothing is kept until it is saved."""
    invoice_id = cast.invoice(number="F-7", client_name=NAME, due_on="2026-03-20")
    listed = visitor.get("/plans")
    assert "3 jours (courtoise), 10 jours (ferme), 30 jours (mise en demeure)" in listed.text
    assert "1 client" in listed.text

    fresh = visitor.get("/plans/new")
    assert "Les dates pour la facture F-7" in dates(fresh)
    assert "script" not in html.unescape(fresh.html).replace(NAME, "").split("<main")[1]
    added = visitor.post("/plans/new/preview", name=NAME, add="1", **steps((5, "firm")))
    assert added.status == 200
    assert added.html.count('inputmode="numeric"') == 2
    assert 'value="20"' in added.html
    fewer = visitor.post("/plans/new/preview", name=NAME, remove="0", **steps((5, "firm"), (9, "courteous")))
    assert fewer.html.count('inputmode="numeric"') == 1
    assert 'value="9"' in fewer.html
    assert len(cast.api("list_relance_plans")["items"]) == 1

    said = visitor.press("/plans/new", name=NAME, **steps((5, "firm"), (9, "courteous")))
    assert f"Le plan « {NAME} » est créé." in said.text.replace("\u00a0", " ")
    made = plan_id(cast, NAME)
    kept = visitor.get(f"/plans/{made}")
    assert kept.status == 200
    assert "mer. 25 mars, 10 h" in dates(kept).replace("\u00a0", " ") or "25 mars" in dates(kept)
    visitor.press(f"/plans/{made}", name=NAME, **steps((6, "firm")))
    assert cast.api("get_relance_plan", relance_plan_id=made)["steps"][0]["days_after_due"] == 6

    client_id = cast.row(invoice_id)["client_id"]
    cast.api("update_client", client_id=client_id, changes=cast.json({"relance_plan_id": made}))
    followed = visitor.get(f"/plans/{made}")
    assert "1 client suit ce plan" in followed.text.replace("\u00a0", " ")
    assert "/delete" not in followed.html
    refused = visitor.press(f"/plans/{made}/delete")
    assert "Ce plan ne peut pas être supprimé" in refused.text
    cast.api("update_client", client_id=client_id, changes=cast.json({"relance_plan_id": None}))
    assert "Le plan est supprimé." in visitor.press(f"/plans/{plan_id(cast, NAME)}/delete").text

    with Cast(cast.line, now=None, name="Voisin") as other:
        theirs = app.user(other)
        assert theirs.get(f"/plans/{made}").status == 404
        default = plan_id(cast, "Standard")
        for path in (f"/plans/{default}", f"/plans/{default}/preview", f"/plans/{default}/delete"):
            assert theirs.post(path, name="x", **steps((1, "firm"))).status == 404


def test_the_dates_are_those_that_the_invoice_will_have(visitor: Visitor, cast: Cast) -> None:
    """Tried on the invoice that was chosen, live and without a script the same."""
    cast.invoice(number="F-1", due_on="2026-03-20")
    chosen = cast.invoice(number="F-2", due_on="2026-03-06")
    path = f"/plans/{plan_id(cast, 'Standard')}"
    tried = visitor.post(
        f"{path}/preview", name="Standard", invoice_id=str(chosen), **steps((3, "courteous"), (10, "firm"))
    )
    shown = re.findall(r'<time datetime="([^"]+T[^"]+)"', tried.html.split('id="preview"')[1])
    real = relances(cast, chosen)
    wanted = [
        datetime.fromisoformat(real["ahead"]["leaves_at"]),
        datetime.fromisoformat(real["forecast"][0]["leaves_at"]),
    ]
    assert [at for at in map(datetime.fromisoformat, shown) if at in wanted] == wanted
    assert f'value="{chosen}" selected' in tried.html


@pytest.mark.parametrize(
    ("fields", "words", "field"),
    [
        (
            steps((3, "firm"), (3, "firm")),
            "Chaque étape doit venir après la précédente",
            "steps[1].days_after_due",
        ),
        (steps(("x", "firm")), "Il faut un nombre entier.", "steps[0].days_after_due"),
        (steps((366, "firm")), "365 au plus.", "steps[0].days_after_due"),
        (steps((3, "rude")), "une des possibilités.", "steps[0].tone"),
        ({"name": "www.x", **steps((3, "firm"))}, "Pas de @", "name"),
        ({"name": "Standard", **steps((3, "firm"))}, "Un plan porte déjà ce nom.", "name"),
    ],
)
def test_a_wrong_step_is_named_and_nothing_is_lost(
    visitor: Visitor, fields: dict[str, str], words: str, field: str
) -> None:
    """Beside its field, which has the focus; what was typed comes back."""
    refused = visitor.post("/plans/new", **{"name": "Patient", **fields})
    assert refused.status == 422
    assert words in refused.text
    control = refused.html.split(f'name="{field}"')[1].split(">")[0]
    assert "autofocus" in control
    for name, value in fields.items():
        if not name.endswith("tone"):
            assert f'value="{value}"' in refused.html.split(f'name="{name}"')[1].split(">")[0]


def test_letters_are_shown_in_full_and_worded(visitor: Visitor, cast: Cast, app: App) -> None:
    """Our words first; one's own, tried and kept; back to ours by a button."""
    sample = visitor.get("/plans/letters/formal_notice")
    assert "exemple, comme si elle partait maintenant" in sample.text
    assert "MISE EN DEMEURE DE PAYER" in sample.text
    cast.invoice(number="F-7", client_name=NAME)
    ours = visitor.get("/plans/letters/courteous")
    assert "Pour la facture F-7" in ours.text
    assert "{de la facture|des factures}" in ours.html
    assert "le règlement de la facture ci-dessous" in ours.text
    own = {"lang": "fr", "opening": f"Bonjour {{client}},\r\n\r\n{NAME} {{number}}", "request": "Merci."}
    tried = visitor.post("/plans/letters/courteous/preview", **own)
    assert tried.status == 200
    assert f"{NAME} F-7" in tried.text
    assert "<script>alert" not in tried.html
    assert cast.api("list_letter_wordings")["items"] == []
    assert "Vos mots sont enregistrés" in visitor.press("/plans/letters/courteous", **own).text
    (kept,) = cast.api("list_letter_wordings")["items"]
    assert kept["opening"] == own["opening"].replace("\r\n", "\n")
    assert "Bonjour {client}," in visitor.get("/plans/letters/courteous").html
    assert "Hello," in visitor.get("/plans/letters/courteous", lang="en").text
    assert "Bonjour {client}," not in app.user(cast).get("/plans/letters/firm").html
    said = visitor.press("/plans/letters/courteous/usual", lang="fr")
    assert "Ces lettres reprennent nos mots." in said.text
    assert cast.api("list_letter_wordings")["items"] == []
    for path in ("/plans/letters/rude", "/plans/letters/firm?lang=de"):
        assert visitor.get(path).status == 404


def test_words_that_are_ours_are_not_kept(visitor: Visitor, cast: Cast) -> None:
    """Saved as they were shown: nothing; one part changed: that part."""
    page = visitor.get("/plans/letters/firm", lang="en").html
    shown = {
        name: html.unescape(page.split(f'name="{name}"')[1].split(">", 1)[1].split("</textarea>")[0]).lstrip(
            "\n"
        )
        for name in ("opening", "request")
    }
    visitor.press("/plans/letters/firm", lang="en", **shown)
    assert cast.api("list_letter_wordings")["items"] == []
    visitor.press("/plans/letters/firm", lang="en", **shown | {"request": "Please pay."})
    (kept,) = cast.api("list_letter_wordings")["items"]
    assert (kept["tone"], kept["locale"], kept["opening"], kept["request"]) == (
        "firm",
        "en",
        None,
        "Please pay.",
    )


@pytest.mark.parametrize("path", ["/plans/letters/firm", "/plans/letters/firm/preview"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Un\r\n{montant} dû", "Ligne 2 : {montant} n\u2019est pas un champ."),
        ("Voir www.x.example", "Pas de @"),
        ("x" * 201, "200 caractères"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(visitor: Visitor, path: str, text: str, words: str) -> None:
    """Beside its text, which comes back and has the focus."""
    refused = visitor.post(path, lang="fr", opening="Bonjour,", request=text)
    assert refused.status == (200 if path.endswith("preview") else 422)
    assert words in refused.text.replace("\u00a0", " ")
    assert "autofocus" in refused.html.split('name="request"')[1].split(">")[0]
    assert text.splitlines()[-1] in html.unescape(refused.html)


def test_every_field_is_explained_in_both_languages(cast: Cast) -> None:
    """Those that the database knows, and no other."""
    fields = sorted(cast.api("list_letter_wordings")["fields"])
    for language in ("fr", "en"):
        assert sorted(load_texts(language, "plans")["letters"]["field"]) == fields
