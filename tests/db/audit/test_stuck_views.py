"""audit.stuck_*: empty while all is well, and plain words when it is not. Time is moved, nothing else."""

from datetime import date
from typing import Any

from psycopg.types.json import Jsonb

from tests.support.cast import Cast
from tests.support.line import Transaction
from tests.support.session import Session

MONDAY = "2026-11-30 08:00 Europe/Paris"
VIEWS = ("stuck_checkins", "stuck_mail", "stuck_organizations", "stuck_queue", "stuck_worker")


def stuck(tx: Session, view: str) -> list[dict[str, Any]]:
    """What a view shows the auditor."""
    with tx.acting_as("rubis_auditor"):
        return tx.rows(f"select * from audit.{view}")


def begun(tx: Session) -> tuple[Cast, int]:
    """Monday at eight; an invoice due today, to be asked about at nine; a worker that ticks."""
    cast = Cast(Transaction(tx), now=MONDAY)
    invoice_id = cast.invoice(due_on=date(2026, 11, 30))
    cast.tick()
    return cast, invoice_id


def in_queue(tx: Session, statement: str) -> None:
    """Procrastinate's triggers name its tables without a schema."""
    tx.execute("set search_path = queue")
    tx.execute(statement)
    tx.execute("set search_path = public")


def finish_jobs(tx: Session) -> None:
    """What Procrastinate does when jobs are done: delete_jobs is always."""
    in_queue(tx, "delete from procrastinate_jobs")


def test_all_is_well_while_the_worker_does_its_work(tx: Session) -> None:
    """Scheduled, sent, answered: no view has a row at any of these."""
    cast, invoice_id = begun(tx)
    assert [stuck(tx, view) for view in VIEWS] == [[]] * 5
    tx.clock.advance(hours=1)
    token = cast.ask(invoice_id)
    finish_jobs(tx)
    assert [stuck(tx, view) for view in VIEWS] == [[]] * 5
    cast.click(token, "paid")
    assert [stuck(tx, view) for view in VIEWS] == [[]] * 5


def test_a_check_in_due_and_not_queued_is_stuck(tx: Session) -> None:
    """Two minutes after its time a check-in that no tick has queued is stuck, and so is the worker."""
    _, invoice_id = begun(tx)
    tx.clock.advance(hours=1, minutes=1)
    assert stuck(tx, "stuck_checkins") == []
    tx.clock.advance(minutes=2)
    (row,) = stuck(tx, "stuck_checkins")
    assert (row["invoice_id"], row["status"]) == (invoice_id, "scheduled")
    assert row["why"] == "due, and no mail has taken it"
    (row,) = stuck(tx, "stuck_organizations")
    assert row["why"] == "due, and no worker has ticked for it"
    (row,) = stuck(tx, "stuck_worker")
    assert row["why"] == "no worker has ticked for 01:03:00"


def test_an_installation_without_a_worker_says_so(tx: Session) -> None:
    """An installation whose worker was never started says so."""
    (row,) = stuck(tx, "stuck_worker")
    assert row["last_tick_at"] is None
    assert "no worker has ticked here" in row["why"]


def test_a_mail_queued_and_never_begun_is_stuck(tx: Session) -> None:
    """A queued mail whose lease ran out and was not taken back is stuck."""
    cast, _ = begun(tx)
    tx.clock.advance(hours=1)
    cast.tick()
    assert stuck(tx, "stuck_mail") == []
    tx.clock.advance(minutes=13)
    (row,) = stuck(tx, "stuck_mail")
    assert (row["status"], row["why"]) == ("queued", "queued, no worker began, and no tick took it back")


def test_a_mail_begun_and_never_ended_is_stuck(tx: Session) -> None:
    """A worker that died while sending, and no other to notice."""
    cast, invoice_id = begun(tx)
    tx.clock.advance(hours=1)
    cast.sending(invoice_id)
    tx.clock.advance(minutes=6)
    (row,) = stuck(tx, "stuck_mail")
    assert row["status"] == "sending"
    assert "did not come back" in row["why"]
    cast.tick()
    (row,) = stuck(tx, "stuck_mail")
    assert row["failure_class"] == "unknown"
    assert "all links work" in row["what_to_do"]


def test_a_check_in_sent_and_never_expired_is_stuck(tx: Session) -> None:
    """A sent check-in that no tick expires after its day is stuck."""
    cast, invoice_id = begun(tx)
    tx.clock.advance(hours=1)
    cast.ask(invoice_id)
    tx.clock.advance(hours=24, minutes=3)
    (row,) = stuck(tx, "stuck_checkins")
    assert (row["status"], row["why"]) == ("sent", "its links have run out, and no tick has expired it")


def test_a_refused_mail_of_an_open_invoice_is_stuck(tx: Session) -> None:
    """The owner was not asked: the DBA is told until the invoice is settled or asked about again."""
    cast, invoice_id = begun(tx)
    tx.clock.advance(hours=1)
    mail = cast.sending(invoice_id)
    cast.fail(mail, "refused", "550 no such user")
    (row,) = stuck(tx, "stuck_checkins")
    assert row["status"] == "failed"
    assert "the user was not asked" in row["why"]
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    assert stuck(tx, "stuck_checkins") == []


def test_operator_failures_come_first(tx: Session) -> None:
    """Bad credentials wait for us; a temporary failure waits for time."""
    cast, first = begun(tx)
    other = Cast(cast.line, now=None)
    second = other.invoice(number="2", due_on=date(2026, 11, 30))
    tx.clock.advance(hours=1)
    cast.fail(cast.sending(first), "temporary", "451 later")
    other.fail(other.sending(second), "operator", "535 bad credentials")
    rows = stuck(tx, "stuck_mail")
    assert [row["failure_class"] for row in rows] == ["operator", "temporary"]
    assert rows[0]["failure_detail"] == "535 bad credentials"
    assert "rubis doctor" in rows[0]["what_to_do"]
    tx.clock.advance(minutes=5)
    cast.ask(first)
    other.ask(second)
    assert stuck(tx, "stuck_mail") == []


def test_a_queued_mail_without_its_job_is_stuck(tx: Session) -> None:
    """A job that was lost shows at once, and the lease says when it mends itself."""
    cast, invoice_id = begun(tx)
    tx.clock.advance(hours=1)
    cast.tick()
    assert stuck(tx, "stuck_queue") == []
    finish_jobs(tx)
    (row,) = stuck(tx, "stuck_queue")
    mail = cast.queued_mail(invoice_id)
    assert mail is not None
    assert (row["mail_id"], row["job_id"]) == (mail["mail_id"], None)
    assert row["why"] == "the mail is queued, and no job works on it"


def test_a_job_without_its_mail_is_stuck(tx: Session) -> None:
    """The invoice was paid while its job waited; or somebody made a job by hand."""
    cast, invoice_id = begun(tx)
    tx.clock.advance(hours=1)
    cast.tick()
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    cast.begin(invoice_id)
    (row,) = stuck(tx, "stuck_queue")
    assert (row["mail_status"], row["job_status"]) == ("cancelled", "todo")
    assert "moved on" in row["why"]
    tx.call(
        "rubis.defer_jobs",
        p_queue="checkins",
        p_task="send_checkins",
        p_args=[Jsonb({"mails": [[0, 0]]})],
    )
    assert next(row["why"] for row in stuck(tx, "stuck_queue")) == "the job names no mail"


def test_a_job_that_failed_is_stuck(tx: Session) -> None:
    """A job that ended by an unexpected exception in the worker is stuck."""
    cast, _ = begun(tx)
    tx.clock.advance(hours=1)
    cast.tick()
    in_queue(tx, "update procrastinate_jobs set status = 'failed'")
    rows = stuck(tx, "stuck_queue")
    assert {row["job_status"] for row in rows} == {"failed", None}
    assert any("log" in row["what_to_do"] for row in rows)
