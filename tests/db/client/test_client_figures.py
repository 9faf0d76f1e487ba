"""What clients owe and how they pay: in their list, on their page, on their statement, in the money."""

from typing import Any

import pytest

from tests.support.cast import Cast

TODAY = "2026-03-02 09:00 UTC"


def billed(cast: Cast, client: str, due_on: str, amount: int, **facts: Any) -> int:
    """An invoice of a client of this name."""
    given = {"client_name": client, "client_email": None, "issued_on": "2025-01-01", "due_on": due_on}
    return cast.invoice(**given, amount_cents=amount, **facts)


def paid(cast: Cast, invoice_id: int, day: str) -> None:
    """It is paid at half past midnight of that day in Paris."""
    cast.clock.set(f"{day} 00:30 Europe/Paris")
    cast.update(invoice_id, status="paid")
    cast.clock.set(TODAY)


def client_of(cast: Cast, invoice_id: int) -> int:
    """Whose it is."""
    client_id: int = cast.document(invoice_id)["client"]["client_id"]
    return client_id


@pytest.fixture
def debts(cast: Cast) -> dict[str, int]:
    """Zoé owes least and longest, Écart most, in dollars, Eau nothing, Dupont under two names. Their ids."""
    cast.clock.set(TODAY)
    ids = {
        "Zoé": client_of(cast, billed(cast, "Zoé", "2025-11-30", 100)),
        "Écart": client_of(cast, billed(cast, "Écart", "2026-03-02", 9000, currency="USD")),
        "Eau": client_of(cast, billed(cast, "Eau", "2026-01-01", 5)),
        "Dupont": client_of(cast, billed(cast, "Dupont", "2026-02-27", 1000)),
    }
    cast.api("mark_invoice_paid", invoice_id=cast.api("list_invoices", q="eau")["items"][0]["invoice_id"])
    double = client_of(cast, billed(cast, "Dupont & fils", "2026-01-30", 2000))
    billed(cast, "Écart", "2026-02-01", 50)
    cast.api("merge_client", client_id=double, into_client_id=ids["Dupont"])
    return ids


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["Dupont", "Eau", "Écart", "Zoé"]),
        ("-owed", ["Écart", "Dupont", "Zoé", "Eau"]),
        ("-days_late", ["Zoé", "Dupont", "Écart", "Eau"]),
        (None, ["Dupont", "Eau", "Écart", "Zoé"]),
    ],
)
def test_clients_are_listed_with_what_they_owe(
    cast: Cast, debts: dict[str, int], sort: str | None, order: list[str]
) -> None:
    """In each order, page by page; a merged one counts for the one it is merged into."""
    names, cursor = [], None
    for _ in order:
        page = cast.api("list_clients", sort=sort, limit=1, cursor=cursor)
        names += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert (names, cursor) == (order, None)
    assert set(names) == set(debts)
    (dupont,) = cast.api("list_clients", q="DUPONT")["items"]
    assert dupont["owed"] == [{"currency": "EUR", "invoices": 2, "amount_cents": 3000}]
    assert (dupont["open_invoices"], dupont["days_late"]) == (2, 31)
    (gap,) = cast.api("list_clients", q="ecart")["items"]
    assert [(sum_["currency"], sum_["amount_cents"]) for sum_ in gap["owed"]] == [("USD", 9000), ("EUR", 50)]


def test_a_client_is_found_by_its_address(cast: Cast) -> None:
    """A part of the address is enough; an unknown order is refused."""
    cast.invoice()
    assert len(cast.api("list_clients", q="@DUPONT.test")["items"]) == 1
    assert cast.api("list_clients", q="nobody@")["items"] == []
    with cast.raises("RB422", "client__sort", "sort"):
        cast.api("list_clients", sort="owed")


def test_ages_begin_the_day_after_the_due_date(cast: Cast) -> None:
    """Not due, 1 to 30, 31 to 60, 61 to 90, over 90 days; by the organization's zone."""
    cast.clock.set("2026-03-01 23:30 UTC")  # the 2nd in Paris
    days = ["2026-03-02", "2026-03-01", "2026-01-31", "2026-01-30", "2025-12-31", "2025-12-02", "2025-12-01"]
    for amount, day in enumerate(days, start=1):
        billed(cast, "Dupont", day, 10**amount)
    (owed,) = cast.api("show_money")["currencies"]
    assert [(age["age"], age["invoices"], age["amount_cents"]) for age in owed["ages"]] == [
        ("not_due", 1, 10),
        ("1_30", 2, 1_100),
        ("31_60", 1, 10_000),
        ("61_90", 2, 1_100_000),
        ("over_90", 1, 10_000_000),
    ]
    assert (owed["owed_cents"], owed["overdue_cents"]) == (11_111_110, 11_111_100)


def test_what_was_received_stands_in_its_month(cast: Cast) -> None:
    """Twelve months of the organization's zone; days late are those of what was paid in them."""
    cast.clock.set(TODAY)
    for due_on, day, amount in (
        ("2026-02-27", "2026-03-01", 1),  # two days late; still February in UTC
        ("2026-02-28", "2026-02-24", 10),  # four days early
        ("2025-04-01", "2025-04-01", 100),  # on the day
        ("2025-01-01", "2025-03-31", 1000),  # too long ago
    ):
        paid(cast, billed(cast, "Dupont", due_on, amount), day)
    (received,) = cast.api("show_money")["currencies"]
    months = {month["month"]: month["amount_cents"] for month in received["received"]}
    assert list(months)[::11] == ["2025-04", "2026-03"]
    assert {month: cents for month, cents in months.items() if cents} == {
        "2025-04": 100,
        "2026-02": 10,
        "2026-03": 1,
    }
    assert (received["average_days_late"], received["owed_cents"], received["ages"]) == (-0.7, 0, [])


def test_a_client_tells_how_it_pays_and_who_may_be_its_double(cast: Cast) -> None:
    """Paid invoices of 12 months with their mean, questions and answers, clients of its name or address."""
    invoice_id = cast.invoice(due_on="2026-03-02", client_email=None)
    client_id = client_of(cast, invoice_id)
    cast.click(cast.ask(invoice_id), "pending")
    cast.clock.set("2026-03-12 09:00 UTC")
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    old = cast.invoice(client_id=client_id, client_name=None, client_email=None)
    paid(cast, old, "2025-03-01")
    twin = cast.client("DÙPONT sarl", email="x@y.test")
    shown = cast.api("show_client", client_id=client_id)
    assert shown["habits"] == {
        "paid_invoices": 1,
        "average_days_late": 10.0,
        "questions": {"asked": 1, "pending": 1, "paid": 0},
    }
    assert [(double["client_id"], double["same"]) for double in shown["doubles"]] == [(twin, "name")]
    assert (shown["owed"], shown["days_late"]) == ([], 0)
    assert shown["client"] == cast.api("get_client", client_id=client_id)


def test_a_statement_has_what_is_open_and_what_was_paid_lately(cast: Cast, debts: dict[str, int]) -> None:
    """By due date, of the client and those merged into it; nothing cancelled, nothing paid long ago."""
    for day in ("2026-03-01", "2025-03-01"):
        paid(cast, billed(cast, "Dupont", "2025-02-01", 7), day)
    cast.api("cancel_invoice", invoice_id=billed(cast, "Dupont", "2025-02-01", 7))
    statement = cast.api("show_statement", client_id=debts["Dupont"])
    assert (statement["on"], statement["client"]["name"]) == ("2026-03-02", "Dupont")
    assert [(row["status"], row["amount_cents"], row["days_late"]) for row in statement["invoices"]] == [
        ("paid", 7, None),
        ("open", 2000, 31),
        ("open", 1000, 3),
    ]
    assert [(sum_["owed_cents"], sum_["overdue_cents"]) for sum_ in statement["owed"]] == [(3000, 3000)]
    for function in ("show_client", "show_statement"):
        with cast.raises("RB404", "client__missing", "client_id"):
            cast.api(function, client_id=0)
