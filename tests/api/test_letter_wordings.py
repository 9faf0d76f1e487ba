"""The words of letters, and previews of letters and plans, over HTTP."""

from typing import Any, get_args

import pytest

from app.mail.wording import Tone
from tests.api.relancing import FIRST, SECOND, pending
from tests.api.support import Account, problem
from tests.support.cast import Cast

PATH = "letter-wordings/courteous/fr"


def test_words_are_put_listed_and_deleted(ana: Account) -> None:
    """The usual words of each tone and language are beside them; pasted line ends become line feeds."""
    usual = ana.get("letter-wordings").json()
    assert usual["items"] == []
    assert len(usual["usual"]) == 6
    assert "client" in usual["fields"]
    answer = ana.put(PATH, {"opening": " Bonjour {client},\r\n\r\nVoici. "})
    assert answer.status_code == 200, answer.text
    (kept,) = ana.get("letter-wordings").json()["items"]
    assert answer.json() == kept
    assert (kept["tone"], kept["locale"], kept["request"]) == ("courteous", "fr", None)
    assert kept["opening"] == "Bonjour {client},\n\nVoici."
    gone = ana.delete(PATH)
    assert (gone.status_code, gone.content) == (204, b"")
    assert ana.get("letter-wordings").json() == usual
    problem(ana.delete(PATH), 404, "letter_wording__missing", "tone")


@pytest.mark.parametrize("part", ["opening", "request"])
@pytest.mark.parametrize("text", ["", "a\u0000b", "a\u0001", "x" * 201, "x " * 1001, "a@b", "{w|w}ww.x", 7])
def test_words_that_no_letter_may_hold_are_named(ana: Account, part: str, text: Any) -> None:
    """Of a wording and of a trial."""
    problem(ana.put(PATH, {part: text}), 422, field=part)
    problem(ana.post("letter-wordings/preview", {"wording": {part: text}}), 422, field=f"wording.{part}")
    assert ana.get("letter-wordings").json()["items"] == []


def test_a_field_that_does_not_exist_is_named_with_its_line(ana: Account) -> None:
    """By the database, for a wording and a trial of it; unknown tones and languages are refused."""
    for answer in (
        ana.put(PATH, {"request": "Un\n{montant}"}),
        ana.post("letter-wordings/preview", {"wording": {"request": "Un\n{montant}"}}),
    ):
        body = problem(answer, 422, "letter_wording__field", "request")
        assert body["detail"] == "request, line 2: {montant} is not a field of a letter"
    problem(ana.put("letter-wordings/rude/fr", {"opening": "a"}), 422, field="tone")
    problem(ana.put("letter-wordings/firm/de", {"opening": "a"}), 422, field="locale")
    problem(ana.put(PATH, {}), 422, "letter_wording__some_words", "opening")


def test_letters_are_previewed_on_an_invoice(cast: Cast, user: Account) -> None:
    """All three tones; or one in words not kept, as text and HTML."""
    invoice_id = pending(cast)
    previewed = user.post("letter-wordings/preview", {}).json()
    assert previewed["invoice_id"] == invoice_id
    assert [letter["tone"] for letter in previewed["items"]] == list(get_args(Tone))
    ahead = user.get(f"invoices/{invoice_id}/relances/preview").json()
    assert previewed["items"][0]["subject"] == ahead["subject"]
    user.patch("organization", {"mail_format": "both"})
    trial = {"tone": "firm", "locale": "en", "wording": {"opening": "About {number}."}}
    (letter,) = user.post("letter-wordings/preview", {**trial, "invoice_id": invoice_id}).json()["items"]
    assert letter["text"].startswith("About ")
    assert "<p>About <bdi>" in letter["html"]
    assert "We ask you to pay it on receipt" in letter["text"]
    problem(user.post("letter-wordings/preview", {"invoice_id": 10**9}), 422, "preview__invoice")


def test_steps_are_tried_before_they_are_kept(cast: Cast, user: Account) -> None:
    """The dates on an invoice; the plan stays as it is."""
    invoice_id = pending(cast)
    plan = user.get("relance-plan").json()
    steps = [{"days_after_due": 3, "tone": "courteous"}, {"days_after_due": 10, "tone": "firm"}]
    tried = user.post("relance-plans/preview", {"steps": steps, "invoice_id": invoice_id}).json()
    assert (tried["invoice_id"], tried["due_on"]) == (invoice_id, "2026-03-02")
    assert [step["leaves_at"] for step in tried["steps"]] == [FIRST, SECOND]
    assert user.get("relance-plan").json() == plan
    assert plan["client_count"] == 1
