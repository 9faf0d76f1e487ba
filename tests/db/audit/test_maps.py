"""audit.function_cards, trigger_map, state_map, state_counts, organization_overview."""

import re
from pathlib import Path

from tests.support.cast import Cast
from tests.support.line import Transaction
from tests.support.session import Session

ROOT = Path(__file__).parents[3]
FUNCTIONS = ROOT / "db" / "functions"
README = ROOT / "README.md"


def test_every_function_file_has_its_card(tx: Session) -> None:
    """One card per file <schema>.<function>.sql, no more, no less."""
    files = {path.stem for path in FUNCTIONS.glob("*/*.sql") if path.parent.name not in ("audit", "triggers")}
    with tx.acting_as("rubis_auditor"):
        cards = {
            f"{row['schema']}.{row['name']}"
            for row in tx.rows("select schema, name from audit.function_cards")
        }
    assert cards == files


def test_a_card_says_what_the_file_says(tx: Session) -> None:
    """All parts of a card, a continued line included, and what the catalogue adds."""
    card = tx.row(
        "select * from audit.function_cards where schema = 'api' and name = 'validate_import_draft'"
    )
    assert card["what"].startswith("Make a draft an invoice, and create its client if new.")
    assert card["what"].endswith("A second call, or one at the same time, returns the same invoice.")
    assert card["gist"] == "Make a draft an invoice, and create its client if new"
    assert card["called_by"] == "app/api/routes/import_batches.py"
    assert card["writes"] == "client if new, invoice, import_draft"
    longer = tx.row("select * from audit.function_cards where schema = 'rubis' and name = 'validate_draft'")
    assert (
        longer["writes"]
        == "client if new, invoice, import_draft; the check-in and the rest by the triggers of invoice"
    )
    assert card["raises"] == "RB401, RB404, RB409 import_draft__discarded, RB409 invoice__number, RB422"
    assert (card["returns"], card["volatility"], card["security_definer"]) == ("jsonb", "volatile", True)


def test_triggers_of_invoice_in_firing_order(tx: Session) -> None:
    """Before the row, then after it; by name within."""
    with tx.acting_as("rubis_auditor"):
        rows = tx.rows("select * from audit.trigger_map where table_name = 'invoice' order by place")
    assert [(row["trigger_name"], row["timing"], row["function"]) for row in rows] == [
        ("invoice_00_refuse_delete", "before", "rubis.refuse_invoice_delete"),
        ("invoice_00_refuse_tenant_change", "before", "rubis.refuse_tenant_change"),
        ("invoice_10_fill_insert", "before", "rubis.fill_invoice"),
        ("invoice_10_fill_update", "before", "rubis.fill_invoice"),
        ("invoice_10_spell", "before", "rubis.spell"),
        ("invoice_15_stamp_insert", "before", "rubis.stamp_invoice"),
        ("invoice_15_stamp_update", "before", "rubis.stamp_invoice"),
        ("invoice_20_guard_status_insert", "before", "rubis.guard_status"),
        ("invoice_20_guard_status_update", "before", "rubis.guard_status"),
        ("invoice_30_doubt_after_pause", "before", "rubis.doubt_after_pause"),
        ("invoice_30_guard_facts", "before", "rubis.guard_invoice_facts"),
        ("invoice_50_effects_update", "after", "rubis.invoice_effects"),
        ("invoice_50_effects_insert", "after", "rubis.issue_effects"),
    ]
    assert [row["events"] for row in rows[2:4]] == ["insert", "update"]
    assert [row["columns"] for row in rows[2:4]] == [None, "status"]
    assert rows[7]["condition"] == "((new.status)::text <> 'open'::text)"
    assert [row["level"] for row in rows] == ["row"] * 12 + ["statement"]


def test_every_trigger_file_is_in_the_map(tx: Session) -> None:
    """The map and db/functions/triggers agree."""
    text = "".join(path.read_text() for path in (FUNCTIONS / "triggers").glob("*.sql"))
    written = set(re.findall(r"create or replace trigger (\w+)", text))
    assert {row["trigger_name"] for row in tx.rows("select trigger_name from audit.trigger_map")} == written


def test_state_map_knows_the_ends(tx: Session) -> None:
    """A paid invoice may be reopened, an expired check-in answered; a cancelled one is over."""
    final = tx.rows("select distinct entity, to_status from audit.state_map where is_final")
    ends = {(row["entity"], row["to_status"]) for row in final}
    assert {entity for entity, _ in ends} == {"checkin_task", "relance", "import_draft", "mail"}
    assert ("checkin_task", "cancelled") in ends
    assert not {("checkin_task", "sent"), ("checkin_task", "expired")} & ends


def test_state_counts_and_the_overview_count_invoices_and_check_ins(tx: Session) -> None:
    """Counts per status, and one line per organization."""
    cast = Cast(Transaction(tx))
    Cast(cast.line)
    paid, opened = cast.invoice(), cast.invoice(due_on="2026-04-20")
    cast.click(cast.ask(paid), "paid")
    with tx.acting_as("rubis_auditor"):
        counts = {
            (row["entity"], row["status"]): row["number_of_rows"]
            for row in tx.rows("select * from audit.state_counts")
        }
        overview = tx.row(
            "select * from audit.organization_overview where organization_id = %s", [cast.organization_id]
        )
    assert counts["invoice", "paid"] == counts["invoice", "open"] == 1
    assert counts["checkin_task", "answered"] == counts["checkin_task", "scheduled"] == 1
    assert (overview["open_invoices"], overview["paid_invoices"], overview["paid_by_checkin"]) == (1, 1, 1)
    assert (overview["rubis"], overview["live_checkins"], overview["users"], overview["clients"]) == (
        1,
        1,
        1,
        1,
    )
    assert opened


def test_the_readmes_list_of_functions_fits_a_screen(tx: Session) -> None:
    """README's query of audit.function_cards prints at most 45 lines of at most 100 columns in psql."""
    query = re.search(r"^select .* from audit.function_cards .*;$", README.read_text(), re.MULTILINE)
    assert query
    with tx.acting_as("rubis_auditor"):
        rows = tx.rows(query[0])
    widths = [max(len(name), *(len(str(row[name])) for row in rows)) for name in rows[0]]
    assert sum(widths) + 3 * len(widths) - 1 <= 100
    assert 10 < len(rows) + len(["header", "rule", "count", "prompt"]) <= 45
