"""api.create_import_batch and api.get_import_batch."""

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
    "currency": "EUR",
}


def create(cast: Cast, drafts: Any) -> Any:
    """Create a batch as the cast's user."""
    return cast.api("create_import_batch", drafts=Jsonb(drafts))


def test_keeps_drafts_in_their_order(tx: Session) -> None:
    """Each draft is pending, at its place from 1, with what was given and null for the rest."""
    cast = Cast(Transaction(tx), now=None)
    batch = create(cast, [FULL, {}, {"amount_cents": None, "number": "7"}])
    drafts = batch.pop("drafts")
    assert [draft["position"] for draft in drafts] == [1, 2, 3]
    assert {draft["status"] for draft in drafts} == {"pending"}
    assert {key: drafts[0][key] for key in FULL} == FULL
    assert {key: drafts[1][key] for key in FULL} == dict.fromkeys(FULL)
    assert {key: drafts[2][key] for key in FULL} == dict.fromkeys(FULL) | {"number": "7"}
    assert set(batch) == {"import_batch_id", "created_at", "source", "counts"}
    assert batch["counts"] == {"pending": 3, "complete": 1, "validated": 0, "discarded": 0}
    bookkeeping = {
        "import_draft_id",
        "import_batch_id",
        "position",
        "status",
        "invoice_id",
        "validated_at",
        "discarded_at",
        "source_row",
        "doubts",
    }
    assert set(drafts[0]) == {*FULL, *bookkeeping}


def test_get_returns_what_create_returned(tx: Session) -> None:
    """A batch reads later as it did when it was created."""
    cast = Cast(Transaction(tx), now=None)
    batch = create(cast, [FULL, {}])
    assert cast.api("get_import_batch", import_batch_id=batch["import_batch_id"]) == batch


def test_takes_500_drafts_and_not_501(tx: Session) -> None:
    """500 drafts are one batch; 501 are refused."""
    cast = Cast(Transaction(tx), now=None)
    assert len(create(cast, [FULL] * 500)["drafts"]) == 500
    with cast.raises("RB422", "import_batch__drafts", "drafts"):
        create(cast, [{}] * 501)


@pytest.mark.parametrize("drafts", [[], {}, "drafts", 3, None])
def test_refuses_what_is_no_list_of_drafts(tx: Session, drafts: Any) -> None:
    """Drafts are a list with at least one element."""
    cast = Cast(Transaction(tx), now=None)
    with tx.raises("RB422", "import_batch__drafts", "drafts"):
        create(cast, drafts)


FAULTS = [
    ("number", 7),
    ("number", ""),
    ("number", " 7"),
    ("number", "x" * 201),
    ("number", "7\r\nBcc: all@example.test"),
    ("client_name", "Dupont\u2028SARL"),
    ("client_name", ["Dupont"]),
    ("client_email", "dupont"),
    ("client_email", "a@b\n"),
    ("client_email", "a" * 250 + "@b.fr"),
    ("client_email", True),
    ("issued_on", "today"),
    ("issued_on", "02/11/2026"),
    ("issued_on", "2026-02-30"),
    ("issued_on", "0000-01-01"),
    ("issued_on", "1969-12-31"),
    ("issued_on", 20261102),
    ("due_on", "3000-01-01"),
    ("due_on", "infinity"),
    ("due_on", "2026-11-02T00:00:00Z"),
    ("amount_cents", "120000"),
    ("amount_cents", 0),
    ("amount_cents", -5),
    ("amount_cents", 1.5),
    ("amount_cents", 10**12 + 1),
    ("amount_cents", 10**30),
    ("amount_cents", {}),
    ("currency", "eur"),
    ("currency", "EURO"),
    ("currency", 978),
]


@pytest.mark.parametrize(("field", "value"), FAULTS)
def test_names_the_field_at_fault(tx: Session, field: str, value: Any) -> None:
    """A value that cannot be kept is refused by its path, counted from 0; nothing is written."""
    cast = Cast(Transaction(tx), now=None)
    with tx.raises("RB422", f"import_draft__{field}", f"drafts[2].{field}"):
        create(cast, [FULL, FULL, FULL | {field: value}, {"currency": "x"}])
    assert tx.value("select count(*) from rubis.import_batch") == 0


def test_names_an_unknown_field(tx: Session) -> None:
    """A field that drafts do not have is refused; so no user can set a status or an organization."""
    cast = Cast(Transaction(tx), now=None)
    for field in ("status", "organization_id", "invoice_id", "colour"):
        with tx.raises("RB422", "import_draft__unknown_field", f"drafts[1].{field}"):
            create(cast, [FULL, {field: "validated"}])


@pytest.mark.parametrize("draft", [None, 1, "draft", [FULL]])
def test_names_a_draft_that_is_no_object(tx: Session, draft: Any) -> None:
    """Every draft is an object."""
    cast = Cast(Transaction(tx), now=None)
    with tx.raises("RB422", "import_draft__object", "drafts[1]"):
        create(cast, [FULL, draft])


def test_a_batch_is_only_its_organizations(tx: Session) -> None:
    """Another organization's batch does not exist, as one that was never made."""
    ada, bob = Cast(Transaction(tx), now=None), Cast(Transaction(tx), now=None)
    batch_id = create(ada, [FULL])["import_batch_id"]
    for missing in (batch_id, batch_id + 1):
        with tx.raises("RB404", "import_batch__missing", "import_batch_id"):
            bob.api("get_import_batch", import_batch_id=missing)


def test_needs_an_access_token(tx: Session) -> None:
    """A batch without an access token is refused."""
    cast = Cast(Transaction(tx), now=None)
    batch_id = create(cast, [FULL])["import_batch_id"]
    cast.access = token_hash("forged")
    with tx.raises("RB401", "access_token__unknown"):
        create(cast, [FULL])
    with tx.raises("RB401", "access_token__unknown"):
        cast.api("get_import_batch", import_batch_id=batch_id)


@pytest.mark.parametrize(
    ("draft_column", "target"),
    [
        ("number", "invoice.number"),
        ("client_name", "client.name"),
        ("client_email", "client.email"),
        ("issued_on", "invoice.issued_on"),
        ("due_on", "invoice.due_on"),
        ("amount_cents", "invoice.amount_cents"),
        ("currency", "invoice.currency"),
    ],
)
def test_a_draft_holds_what_an_invoice_holds(tx: Session, draft_column: str, target: str) -> None:
    """A draft's column has the domain of the column that takes its value when the draft is validated."""
    domain = (
        "select domain_name from information_schema.columns"
        " where table_schema = 'rubis' and table_name = %s and column_name = %s"
    )
    expected = tx.value(domain, target.split("."))
    assert expected is not None
    assert tx.value(domain, ["import_draft", draft_column]) == expected


@pytest.mark.parametrize(
    ("domain", "rule", "field", "value"),
    [
        ("line", "line__one_line", "number", "x" * 201),
        ("email", "email__form", "client_email", "dupont"),
        ("calendar_day", "calendar_day__range", "issued_on", "1969-12-31"),
        ("amount_cents", "amount_cents__range", "amount_cents", 0),
        ("currency", "currency__known", "currency", "EURO"),
    ],
)
def test_the_domain_alone_sets_the_limit(tx: Session, domain: str, rule: str, field: str, value: Any) -> None:
    """A value that a field refuses is kept once the rule of the field's domain is gone."""
    cast = Cast(Transaction(tx), now=None)
    tx.execute(f"alter domain rubis.{domain} drop constraint {rule}")
    assert create(cast, [{field: value}])["drafts"][0][field] == value
