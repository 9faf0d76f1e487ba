"""A batch gone through and accepted at once: its doubts, its pages, what is left, and the list of batches."""

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from app.core.security import token_hash
from tests.support.cast import Cast
from tests.support.line import Transaction
from tests.support.session import Session

FAULT = {"field": "amount_cents", "code": "amount_form", "text": "1 2OO,00", "column": "E (Montant)"}


def draft(number: str | None, **facts: Any) -> dict[str, Any]:
    """A draft that can be validated."""
    return {
        "number": number,
        "client_name": "Dupont SARL",
        "client_email": "compta@dupont.example",
        "issued_on": "2026-11-02",
        "due_on": "2026-12-02",
        "amount_cents": 100,
    } | facts


class Import(Cast):
    """An organization with one batch."""

    def __init__(self, tx: Session, *drafts: dict[str, Any], **batch: Any) -> None:
        super().__init__(Transaction(tx), now=None)
        self.batch = self.imported(*drafts, **batch)
        self.batch_id: int = self.batch["import_batch_id"]

    def imported(self, *drafts: dict[str, Any], **batch: Any) -> Any:
        return self.api("create_import_batch", drafts=Jsonb(list(drafts)), **batch)

    def review(self, page: int = 1) -> Any:
        return self.api("review_import_batch", import_batch_id=self.batch_id, page=page)

    def validate(self) -> Any:
        return self.api("validate_certain_drafts", import_batch_id=self.batch_id)

    def doubts(self) -> list[list[tuple[str, str]]]:
        """The doubts about each draft, in their order."""
        drafts = self.api("get_import_batch", import_batch_id=self.batch_id)["drafts"]
        return [[(doubt["field"], doubt["code"]) for doubt in one["doubts"]] for one in drafts]


def test_what_speaks_against_each_draft(tx: Session) -> None:
    """Faults as they were given, missing facts, days in the wrong order, numbers in use or given twice."""
    cast = Import(
        tx,
        draft("1"),
        draft("2", amount_cents=None, faults=[FAULT], source_row=3),
        draft("3", client_name=None, issued_on=None),
        draft("4", issued_on="2026-12-03"),
        draft("F-5"),
        draft("f\u20115"),
        draft(None, client_email=None),
        draft("USED"),
        source="factures.csv",
    )
    cast.invoice(number="used")
    assert cast.doubts() == [
        [],
        [("amount_cents", "amount_form")],
        [("client_name", "missing"), ("issued_on", "missing")],
        [("due_on", "before_issue")],
        [("number", "twice")],
        [("number", "twice")],
        [("number", "missing")],
        [("number", "in_use")],
    ]
    assert cast.batch["source"] == "factures.csv"
    assert cast.batch["drafts"][1]["source_row"] == 3
    assert cast.batch["drafts"][1]["doubts"] == [FAULT]


def test_a_fault_goes_when_its_field_is_corrected(tx: Session) -> None:
    """The fault of another field stays; one that is emptied on purpose goes too."""
    email = FAULT | {"field": "client_email", "code": "email_form"}
    cast = Import(tx, draft("1", amount_cents=None, client_email=None, faults=[FAULT, email]))
    ids = {
        "import_batch_id": cast.batch_id,
        "import_draft_id": cast.batch["drafts"][0]["import_draft_id"],
    }
    changed = cast.api("update_import_draft", **ids, changes=Jsonb({"amount_cents": 5}))
    assert changed["doubts"] == [email]
    assert cast.validate()["validated"] == 0
    changed = cast.api("update_import_draft", **ids, changes=Jsonb({"client_email": None}))
    assert changed["doubts"] == []
    assert cast.validate() == {"validated": 1, "left": []}


@pytest.mark.parametrize(
    "faults",
    [
        {},
        [1],
        [[FAULT]],
        [FAULT] * 21,
        [FAULT | {"field": "colour"}],
        [FAULT | {"code": "<b>"}],
        [FAULT | {"text": 7}],
        [FAULT | {"column": "x" * 201}],
    ],
)
def test_faults_have_one_form(tx: Session, faults: Any) -> None:
    """What is no list of faults is refused by name."""
    cast = Cast(Transaction(tx), now=None)
    with tx.raises("RB422", "import_draft__faults", "drafts[0].faults"):
        cast.api("create_import_batch", drafts=Jsonb([{"faults": faults}]))
    for row in (0, 1.5, "7", 10**8):
        with tx.raises("RB422", "import_draft__source_row", "drafts[0].source_row"):
            cast.api("create_import_batch", drafts=Jsonb([{"source_row": row}]))


def test_all_that_is_certain_is_validated_and_the_rest_is_named(tx: Session) -> None:
    """Each as alone: client found or made once, check-in ahead, who imported is the issuer."""
    drafts = [draft(str(number), client_name=f"C{number % 3}") for number in range(8)]
    cast = Import(tx, *drafts, draft("8", issued_on=None), draft("9", faults=[FAULT]))
    assert cast.review()["certain"] == 8
    done = cast.validate()
    assert done["validated"] == 8
    ids = [one["import_draft_id"] for one in cast.batch["drafts"]]
    assert done["left"] == [
        {"import_draft_id": ids[8], "field": "issued_on", "reason": "missing"},
        {"import_draft_id": ids[9], "field": "amount_cents", "reason": "amount_form"},
    ]
    assert cast.review()["counts"] == {"pending": 2, "complete": 0, "validated": 8, "discarded": 0}
    written = "select count(*) from rubis.{} where organization_id = %s"
    for table, count in (("client", 3), ("invoice", 8), ("checkin_task", 8)):
        assert tx.value(written.format(table), [cast.organization_id]) == count
    assert cast.validate() == {"validated": 0, "left": done["left"]}


def test_a_name_of_several_clients_is_in_doubt(tx: Session) -> None:
    """Two clients have the name of one draft, which has no address to tell them apart."""
    cast = Import(tx, draft("1"), draft("2", client_name="Twin", client_email=None), draft("3"))
    for email in ("a@twin.example", "b@twin.example"):
        cast.api("create_client", name="Twin", email=email)
    done = cast.validate()
    assert done["validated"] == 2
    assert [(one["field"], one["reason"]) for one in done["left"]] == [("client_name", "ambiguous")]
    statuses = [one["status"] for one in cast.review()["drafts"]]
    assert statuses == ["pending", "validated", "validated"]


def test_one_that_is_refused_does_not_stop_the_others(tx: Session) -> None:
    """A draft makes the name of the next one ambiguous: that one stays pending, its refusal is told."""
    twins = [
        draft("1", client_name="Twin", client_email="a@twin.example"),
        draft("2", client_name="Twin", client_email="b@twin.example"),
        draft("3", client_name="Twin", client_email=None),
    ]
    cast = Import(tx, *twins)
    done = cast.validate()
    assert done["validated"] == 2
    assert [(one["field"], one["reason"]) for one in done["left"]] == [("client_name", "client__ambiguous")]
    statuses = [one["status"] for one in cast.review()["drafts"]]
    assert statuses == ["pending", "validated", "validated"]


def test_a_review_shows_doubts_first_and_what_is_done_last(tx: Session) -> None:
    """50 drafts a page; a draft that is mended moves among the certain ones."""
    doubtful = [draft(str(number), issued_on=None) for number in range(100, 160)]
    cast = Import(tx, *[draft(str(number)) for number in range(40)], *doubtful)
    cast.api(
        "validate_import_draft",
        import_batch_id=cast.batch_id,
        import_draft_id=cast.batch["drafts"][0]["import_draft_id"],
    )
    pages = [cast.review(page) for page in (1, 2, 3)]
    assert [(page["page"], page["pages"], page["certain"]) for page in pages] == [
        (1, 2, 39),
        (2, 2, 39),
        (3, 2, 39),
    ]
    assert [len(page["drafts"]) for page in pages] == [50, 50, 0]
    order = [one["position"] for page in pages for one in page["drafts"]]
    assert order == [*range(41, 101), *range(2, 41), 1]
    for page in (0, None, 1001):
        with tx.raises("RB422", "page__range", "page"):
            cast.api("review_import_batch", import_batch_id=cast.batch_id, page=page)


def test_the_rest_is_discarded_at_once(tx: Session) -> None:
    """What is validated stays; a second call changes nothing."""
    cast = Import(tx, draft("1"), draft("2", issued_on=None), draft(None))
    cast.validate()
    left = cast.api("discard_import_drafts", import_batch_id=cast.batch_id)
    assert left["counts"] == {"pending": 0, "complete": 0, "validated": 1, "discarded": 2}
    assert cast.api("discard_import_drafts", import_batch_id=cast.batch_id) == left
    assert cast.validate() == {"validated": 0, "left": []}


def test_batches_are_listed_with_their_counts(tx: Session) -> None:
    """Newest first, page by page, without their drafts, and only one's own."""
    cast = Import(tx, draft("1"), draft(None), source="one.csv")
    second = cast.imported(draft("2"))
    listed = cast.api("list_import_batches", limit=1)
    assert listed["items"] == [{key: value for key, value in second.items() if key != "drafts"}]
    rest = cast.api("list_import_batches", limit=1, cursor=listed["next_cursor"])
    assert rest["next_cursor"] is None
    assert [
        (one["source"], one["counts"]["pending"], one["counts"]["complete"]) for one in rest["items"]
    ] == [("one.csv", 2, 1)]
    other = Import(tx, draft("1"))
    assert [one["import_batch_id"] for one in other.api("list_import_batches")["items"]] == [other.batch_id]


def test_each_needs_a_batch_of_ones_own(tx: Session) -> None:
    """Another organization's batch does not exist; without an access token nothing does."""
    ada, bob = Import(tx, draft("1")), Import(tx, draft("1"))
    functions = ("review_import_batch", "validate_certain_drafts", "discard_import_drafts")
    for function in functions:
        with tx.raises("RB404", "import_batch__missing", "import_batch_id"):
            ada.api(function, import_batch_id=bob.batch_id)
    ada.access = token_hash("forged")
    for function in functions:
        with tx.raises("RB401", "access_token__unknown"):
            ada.api(function, import_batch_id=ada.batch_id)
    with tx.raises("RB401", "access_token__unknown"):
        ada.api("list_import_batches")
