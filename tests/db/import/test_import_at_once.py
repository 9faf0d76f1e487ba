"""Two sessions about one draft: one effect, no deadlock, nothing left behind by a crash."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.cast import Cast
from tests.support.database import Database
from tests.support.line import Connections
from tests.support.session import Session

DRAFT = {
    "number": "1",
    "client_name": "Dupont",
    "issued_on": "2026-11-02",
    "due_on": "2026-12-02",
    "amount_cents": 100,
}


class Desk:
    """An organization with a batch, and as many API sessions as a test wants."""

    def __init__(self, database: Database, drafts: list[Any]) -> None:
        self.database = database
        self.cast = Cast(Connections(database), now=None)
        batch = self.cast.api("create_import_batch", drafts=Jsonb(drafts))
        self.batch_id = batch["import_batch_id"]
        self.drafts = [draft["import_draft_id"] for draft in batch["drafts"]]

    def call(self, session: Session, function: str, draft: int) -> Any:
        return self.cast.over(session).api(function, import_batch_id=self.batch_id, import_draft_id=draft)

    def race(self, *calls: tuple[str, int]) -> list[Any]:
        """The first call holds its locks until the others wait for it; returns results or errors."""
        first, *others = [self.database.session("rubis_api", autocommit=False) for _ in calls]
        results: list[Any] = [self.call(first, *calls[0])]
        with ThreadPoolExecutor(len(others)) as pool:
            waiting = [
                pool.submit(self._call_and_commit, session, *call)
                for session, call in zip(others, calls[1:], strict=True)
            ]
            self._until_blocked(len(others))
            first.connection.commit()
            results += [future.exception() or future.result() for future in waiting]
        return results

    def _call_and_commit(self, session: Session, function: str, draft: int) -> Any:
        result = self.call(session, function, draft)
        session.connection.commit()
        return result

    def _until_blocked(self, sessions: int) -> None:
        query = (
            "select count(*) >= %s from pg_stat_activity"
            " where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0"
        )
        for _ in range(200):
            if self.database.admin.value(query, [sessions]):
                return
            self.database.admin.execute("select pg_sleep(0.02)")
        message = "nobody waits"
        raise AssertionError(message)

    def counts(self) -> tuple[int, ...]:
        """How many clients, invoices, check-ins and events there are."""
        tables = ("client", "invoice", "checkin_task", "activity_event")
        return tuple(self.database.admin.value(f"select count(*) from rubis.{table}") for table in tables)


def test_validate_against_validate_makes_one_invoice(database: Database) -> None:
    """Both callers get the same invoice."""
    desk = Desk(database, [DRAFT])
    (draft,) = desk.drafts
    first, second = desk.race(("validate_import_draft", draft), ("validate_import_draft", draft))
    assert first == second
    assert desk.counts() == (1, 1, 1, 1)


def test_validate_against_discard_is_one_of_them(database: Database) -> None:
    """Who comes first wins; the other is told."""
    desk = Desk(database, [DRAFT, DRAFT | {"number": "2"}])
    first, second = desk.drafts
    _, refused = desk.race(("validate_import_draft", first), ("discard_import_draft", first))
    assert (refused.sqlstate, refused.diag.constraint_name) == ("RB409", "import_draft__validated")
    _, refused = desk.race(("discard_import_draft", second), ("validate_import_draft", second))
    assert (refused.sqlstate, refused.diag.constraint_name) == ("RB409", "import_draft__discarded")
    assert desk.counts() == (1, 1, 1, 1)


def test_two_drafts_of_a_new_client_make_it_once(database: Database) -> None:
    """Both invoices are the one client's."""
    desk = Desk(database, [DRAFT, DRAFT | {"number": "2", "client_name": "DUPONT"}])
    calls = [("validate_import_draft", draft) for draft in desk.drafts]
    first, second = desk.race(*calls)
    assert first["client"]["client_id"] == second["client"]["client_id"]
    assert desk.counts() == (1, 2, 2, 2)


def test_two_drafts_of_one_number_make_one_invoice(database: Database) -> None:
    """Of two drafts with one number the second is refused and stays pending."""
    desk = Desk(database, [DRAFT, DRAFT])
    _, refused = desk.race(*[("validate_import_draft", draft) for draft in desk.drafts])
    assert (refused.sqlstate, refused.diag.constraint_name) == ("RB409", "invoice__number")
    assert desk.counts() == (1, 1, 1, 1)
    statuses = database.admin.rows("select status from rubis.import_draft order by import_draft_id")
    assert [row["status"] for row in statuses] == ["validated", "pending"]


def test_two_batches_with_the_same_numbers_and_clients_never_wait_in_a_circle(database: Database) -> None:
    """Each is accepted whole at once, in opposite orders: every number is one invoice, nobody is 503."""
    drafts = [
        DRAFT | {"number": f"{number:03}", "client_name": f"C{(number * 7) % 40}"} for number in range(40)
    ]
    desk = Desk(database, drafts)
    second = desk.cast.api("create_import_batch", drafts=Jsonb(drafts[::-1]))["import_batch_id"]
    batches = [desk.batch_id, second] * 2

    def validate(batch_id: int) -> Any:
        return desk.cast.over(database.api()).api("validate_certain_drafts", import_batch_id=batch_id)[
            "validated"
        ]

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(validate, batches)) == 40
    assert desk.counts() == (40, 40, 40, 40)


def test_all_that_is_certain_waits_for_the_draft_that_is_being_validated(database: Database) -> None:
    """The draft is counted once, by who held it first."""
    desk = Desk(database, [DRAFT, DRAFT | {"number": "2"}])
    first = database.session("rubis_api", autocommit=False)
    desk.call(first, "validate_import_draft", desk.drafts[0])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(
            desk.cast.over(database.api()).api, "validate_certain_drafts", import_batch_id=desk.batch_id
        )
        desk._until_blocked(1)
        first.connection.commit()
        assert waiting.result() == {"validated": 1, "left": []}
    assert desk.counts() == (1, 2, 2, 2)


def test_a_crash_in_the_midst_of_validating_leaves_nothing(database: Database) -> None:
    """The session dies before its commit: no client, invoice, check-in or event; validating again works."""
    desk = Desk(database, [DRAFT])
    (draft,) = desk.drafts
    dying = database.session("rubis_api", autocommit=False)
    desk.call(dying, "validate_import_draft", draft)
    database.admin.execute("select pg_terminate_backend(%s, 5000)", [dying.connection.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        dying.connection.commit()
    assert desk.counts() == (0, 0, 0, 0)
    assert desk.call(database.api(), "validate_import_draft", draft)["status"] == "open"
    assert desk.counts() == (1, 1, 1, 1)
