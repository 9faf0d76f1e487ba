"""api.update_import_draft, api.validate_import_draft and api.discard_import_draft, one session at a time."""

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from app.core.security import token_hash
from tests.support.cast import Cast
from tests.support.line import Transaction
from tests.support.session import Session

FULL: dict[str, Any] = {
    "number": "2026-117",
    "client_name": "Dupont SARL",
    "client_email": "compta@dupont.example",
    "issued_on": "2026-11-02",
    "due_on": "2026-12-02",
    "amount_cents": 120000,
    "currency": "CHF",
}
WRITTEN = "select (select count(*) from rubis.invoice) + (select count(*) from rubis.client)"


class Import(Cast):
    """An organization with one batch of one draft."""

    def __init__(self, tx: Session, **draft: Any) -> None:
        super().__init__(Transaction(tx), now=None)
        batch = self.api("create_import_batch", drafts=Jsonb([FULL | draft]))
        self.ids = {
            "import_batch_id": batch["import_batch_id"],
            "import_draft_id": batch["drafts"][0]["import_draft_id"],
        }

    def change(self, **changes: Any) -> Any:
        return self.api("update_import_draft", **self.ids, changes=Jsonb(changes))

    def validate(self) -> Any:
        return self.api("validate_import_draft", **self.ids)

    def discard(self) -> Any:
        return self.api("discard_import_draft", **self.ids)

    def draft(self) -> Any:
        return self.api("get_import_batch", import_batch_id=self.ids["import_batch_id"])["drafts"][0]


def test_update_changes_only_what_is_given(tx: Session) -> None:
    """Fields left out stay as they are; null empties one."""
    cast = Import(tx)
    before = cast.draft()
    after = cast.change(amount_cents=118000, client_email=None, due_on="2027-01-31")
    assert after == before | {"amount_cents": 118000, "client_email": None, "due_on": "2027-01-31"}
    assert cast.draft() == after
    assert cast.change() == after


@pytest.mark.parametrize(
    ("changes", "constraint", "column"),
    [
        ({"amount_cents": "1"}, "import_draft__amount_cents", "amount_cents"),
        ({"issued_on": "tomorrow"}, "import_draft__issued_on", "issued_on"),
        ({"number": "a\nb"}, "import_draft__number", "number"),
        ({"status": "validated"}, "changes__unknown_field", "status"),
        ({"invoice_id": 1}, "changes__unknown_field", "invoice_id"),
    ],
)
def test_update_names_the_field_at_fault(tx: Session, changes: Any, constraint: str, column: str) -> None:
    """Bad values and unknown fields are refused by name; the draft stays as it was."""
    cast = Import(tx)
    before = cast.draft()
    with tx.raises("RB422", constraint, column):
        cast.change(**changes)
    assert cast.draft() == before


def test_update_needs_an_object(tx: Session) -> None:
    """Changes are an object."""
    cast = Import(tx)
    with tx.raises("RB422", "changes__object"):
        cast.api("update_import_draft", **cast.ids, changes=Jsonb([1]))


def test_validate_makes_the_invoice_with_its_check_in(tx: Session) -> None:
    """Seed: validateDraft schedules the check-in. All of it exists after the one call."""
    cast = Import(tx)
    invoice = cast.validate()
    assert invoice["status"] == "open"
    assert (invoice["number"], invoice["amount_cents"], invoice["currency"]) == ("2026-117", 120000, "CHF")
    assert (invoice["issued_on"], invoice["due_on"]) == ("2026-11-02", "2026-12-02")
    assert (invoice["client"]["name"], invoice["client"]["email"]) == ("Dupont SARL", "compta@dupont.example")
    assert invoice["checkin"]["status"] == "scheduled"
    assert [relance["status"] for relance in invoice["relances"]] == ["scheduled"]
    draft = cast.draft()
    assert (draft["status"], draft["invoice_id"]) == ("validated", invoice["invoice_id"])
    assert draft["validated_at"]
    assert cast.api("get_invoice", invoice_id=invoice["invoice_id"]) == invoice


def test_validate_twice_makes_one_invoice(tx: Session) -> None:
    """The second call returns the same invoice and writes nothing."""
    cast = Import(tx)
    first = cast.validate()
    draft = cast.draft()
    assert cast.validate() == first
    assert cast.draft() == draft
    assert tx.value("select count(*) from rubis.invoice") == 1
    assert tx.value("select count(*) from rubis.activity_event") == 1


def test_a_validated_draft_shows_its_invoice_as_it_is_now(tx: Session) -> None:
    """Validating again after the invoice was paid returns it paid."""
    cast = Import(tx)
    invoice_id = cast.validate()["invoice_id"]
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    assert cast.validate()["status"] == "paid"


def test_validate_finds_a_known_client_whatever_the_case(tx: Session) -> None:
    """A client of that name and e-mail is taken, not made twice."""
    cast = Import(tx, client_name="DUPONT sarl", client_email="Compta@Dupont.example")
    client = cast.api("create_client", name="Dupont SARL", email="compta@dupont.example")
    assert cast.validate()["client"]["client_id"] == client["client_id"]


def test_an_invoice_without_currency_is_in_euros_and_a_client_needs_no_address(tx: Session) -> None:
    """Currency and e-mail may be missing."""
    cast = Import(tx, currency=None, client_email=None)
    invoice = cast.validate()
    assert invoice["currency"] == "EUR"
    assert invoice["client"]["email"] is None


def test_the_issuer_is_who_imported(tx: Session) -> None:
    """A colleague validates: the invoice is the importer's, who is asked; the event names the colleague."""
    cast = Import(tx)
    colleague = tx.value(
        "insert into rubis.app_user (organization_id, email, full_name, password_hash)"
        " values (%s, 'col@example.test', 'Col', '$argon2id$x') returning user_id",
        [cast.organization_id],
    )
    tx.execute(
        "insert into rubis.access_token (organization_id, user_id, session_id, token_hash, expires_at)"
        " values (%s, %s, gen_random_uuid(), %s, rubis.clock() + interval '1 hour')",
        [cast.organization_id, colleague, token_hash("colleague")],
    )
    cast.access = token_hash("colleague")
    invoice_id = cast.validate()["invoice_id"]
    assert tx.value("select user_id from rubis.invoice where invoice_id = %s", [invoice_id]) == cast.user_id
    assert (
        tx.value("select user_id from rubis.activity_event where invoice_id = %s", [invoice_id]) == colleague
    )


def test_validate_names_the_first_field_that_is_missing_and_lists_all(tx: Session) -> None:
    """An incomplete draft stays pending; the hint lists what to fill in."""
    cast = Import(tx, client_name=None, due_on=None, amount_cents=None, client_email=None)
    with tx.raises("RB422", "import_draft__incomplete", "client_name"):
        cast.validate()
    with pytest.raises(Exception, match="client_name is missing") as caught, tx.connection.transaction():
        cast.validate()
    assert caught.value.diag.message_hint == "missing: client_name, amount_cents"  # type: ignore[attr-defined]
    assert cast.draft()["status"] == "pending"
    cast.change(client_name="Dupont", due_on="2026-12-02", amount_cents=1)
    assert cast.validate()["status"] == "open"


@pytest.mark.parametrize("field", ["number", "client_name", "issued_on", "amount_cents"])
def test_a_draft_needs_each_field_of_an_invoice(tx: Session, field: str) -> None:
    """A draft that lacks a field of an invoice is not validated."""
    draft: dict[str, Any] = {field: None}
    cast = Import(tx, **draft)
    with tx.raises("RB422", "import_draft__incomplete", field):
        cast.validate()
    assert tx.value(WRITTEN) == 0


def test_validate_refuses_a_due_date_before_the_issue(tx: Session) -> None:
    """Drafts may contradict themselves, invoices may not; the new client is not kept either."""
    cast = Import(tx, issued_on="2026-12-03")
    with tx.raises("RB422", "invoice__due_on", "due_on"):
        cast.validate()
    assert tx.value(WRITTEN) == 0
    assert cast.draft()["status"] == "pending"


def test_validate_refuses_a_number_in_use(tx: Session) -> None:
    """The number of an invoice that is not cancelled is taken."""
    cast = Import(tx, client_name="Another")
    used = cast.invoice(number="2026-117")
    with tx.raises("RB409", "invoice__number", "number"):
        cast.validate()
    assert cast.draft()["status"] == "pending"
    assert tx.value("select count(*) from rubis.client where name = 'Another'") == 0
    cast.api("cancel_invoice", invoice_id=used)
    assert cast.validate()["status"] == "open"


def test_a_draft_is_discarded_once(tx: Session) -> None:
    """A discarded draft stays, as such; a second call changes nothing."""
    cast = Import(tx)
    discarded = cast.discard()
    assert discarded["status"] == "discarded"
    assert discarded["discarded_at"]
    assert cast.discard() == discarded
    assert cast.draft() == discarded
    assert tx.value(WRITTEN) == 0


def test_a_discarded_draft_is_final(tx: Session) -> None:
    """A discarded draft can be neither validated nor changed."""
    cast = Import(tx)
    cast.discard()
    with tx.raises("RB409", "import_draft__discarded", "import_draft_id"):
        cast.validate()
    with tx.raises("RB409", "import_draft__discarded", "import_draft_id"):
        cast.change(number="8")
    assert tx.value(WRITTEN) == 0


def test_a_validated_draft_is_final(tx: Session) -> None:
    """A validated draft can be neither discarded nor changed."""
    cast = Import(tx)
    cast.validate()
    with tx.raises("RB409", "import_draft__validated", "import_draft_id"):
        cast.discard()
    with tx.raises("RB409", "import_draft__validated", "import_draft_id"):
        cast.change(number="8")


def test_a_draft_is_only_its_organizations_and_its_batchs(tx: Session) -> None:
    """Another organization's draft, one of another batch and one that never was: none exists."""
    ada, bob = Import(tx), Import(tx)
    second = ada.api("create_import_batch", drafts=Jsonb([FULL]))
    never = {**ada.ids, "import_draft_id": 10**9}
    other_batch = {**ada.ids, "import_batch_id": second["import_batch_id"]}
    for cast, ids in ((bob, ada.ids), (ada, other_batch), (ada, never)):
        for function, more in (
            ("update_import_draft", {"changes": Jsonb({"number": "8"})}),
            ("validate_import_draft", {}),
            ("discard_import_draft", {}),
        ):
            with tx.raises("RB404", "import_draft__missing", "import_draft_id"):
                cast.api(function, **ids, **more)


def test_each_draft_function_needs_an_access_token(tx: Session) -> None:
    """Each function of a draft refuses a call without an access token."""
    cast = Import(tx)
    cast.access = token_hash("forged")
    for call in (cast.change, cast.validate, cast.discard):
        with tx.raises("RB401", "access_token__unknown"):
            call()
