"""Money: owed by age and received by month, in tables that a bar only illustrates."""

import re

from tests.support.app import Visitor
from tests.support.cast import Cast


def test_money_is_counted_by_currency_age_and_month(cast: Cast, visitor: Visitor) -> None:
    """The first line says what is owed; a sum in each row agrees with the invoices, in each currency."""
    empty = visitor.get("/money")
    assert "On ne vous doit rien" in empty.text
    assert "Rien à compter pour le moment" in empty.text

    cast.issue(number="F-1", issued_on="2026-01-01", due_on="2026-02-20", amount_cents=100_050)
    cast.issue(number="F-2", due_on="2026-04-20", amount_cents=300_000)
    cast.issue(number="F-3", due_on="2026-04-20", amount_cents=1_200, currency="JPY")
    paid = cast.invoice(number="F-4", issued_on="2026-01-01", due_on="2026-02-20", amount_cents=50_000)
    cast.api("mark_invoice_paid", invoice_id=paid)

    page = visitor.get("/money")
    assert "On vous doit 4 000,50 €" in page.text
    assert "2 factures ouvertes" in page.text
    assert "En JPY" in page.text
    assert "1 à 30 jours 1 1 000,50 €" in page.text
    assert "Pas encore échu 1 3 000,00 €" in page.text
    assert "mars 2026 1 500,00 €" in page.text
    assert "Retard moyen 10 jours des factures payées" in page.text
    bars = re.findall(r'class="meter"[^>]*><rect class="a\d" width="([\d.]+)"', page.html)
    assert [float(width) for width in bars[:5]] == [74.99, 25.01, 0, 0, 0]


def test_money_speaks_english(cast: Cast, visitor: Visitor) -> None:
    """The words, the months and the amounts are the reader's."""
    cast.issue(amount_cents=123_456)
    cast.api("update_me", changes=cast.json({"locale": "en"}))
    page = visitor.get("/money").text
    assert "You are owed €1,234.56" in page
    assert "Not due yet" in page
