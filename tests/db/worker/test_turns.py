"""The turns of the organizations: who is due, one that fails, what is told while a tick runs."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.cast import ASKED_AT, Cast
from tests.support.letters import calendar, pending, proven, until_queued

LATE = date(2026, 3, 1)


def due(cast: Cast, limit: int = 100) -> list[int]:
    """The organizations whose turn it is, in order."""
    organizations: list[int] = cast.worker("due_organizations", worker="test:1", limit=limit)["organizations"]
    return organizations


def turn(cast: Cast, limit: int = 9) -> Any:
    """The tick of the cast's organization."""
    return cast.worker("tick_organization", organization_id=cast.organization_id, limit=limit)


def agenda(cast: Cast) -> Any:
    """The organization's agenda."""
    return cast.session.row("select * from rubis.agenda where organization_id = %s", [cast.organization_id])


def test_those_not_ticked_for_longest_go_first(cast: Cast) -> None:
    """Three are due and two have a turn: those whose last tick is the longest ago."""
    others = [Cast(cast.line, now=None) for _ in range(2)]
    all_ = [others[1], cast, others[0]]
    due(cast)
    for it in all_:
        cast.clock.advance(seconds=1)
        turn(it)
    assert due(cast) == []
    for it in all_:
        it.invoice(due_on=LATE)
    cast.clock.advance(minutes=1)
    ids = [it.organization_id for it in all_]
    assert due(cast, limit=2) == ids[:2]
    for it in all_[:2]:
        cast.clock.advance(seconds=1)
        turn(it)
    assert due(cast, limit=2)[0] == ids[2]


def test_a_neighbours_single_question_is_queued_in_the_first_round(cast: Cast) -> None:
    """However many rows of a tenant are due: each tenant has its turn and its share of the queue."""
    neighbour = Cast(cast.line, now=None)
    crowd(cast, 3000)
    theirs = neighbour.invoice(due_on=LATE)
    cast.clock.advance(minutes=1)
    assert set(due(cast)) == {cast.organization_id, neighbour.organization_id}
    cast.tick(limit=250)
    assert neighbour.queued_mail(theirs) is not None


def crowd(cast: Cast, questions: int) -> None:
    """So many questions of one organization are due."""
    cast.dba(
        "insert into rubis.invoice (organization_id, client_id, user_id, number, issued_on, due_on,"
        " amount_cents) select %s, %s, %s, 'C-' || n, '2026-02-01', '2026-03-01', 100"
        " from generate_series(1, %s) as n",
        *(cast.organization_id, cast.client(), cast.user_id, questions),
    )


def break_row(cast: Cast) -> None:
    """A row that no tick can pass: its zone is none that PostgreSQL knows."""
    cast.dba("alter table rubis.organization disable trigger user")
    cast.settings(time_zone="Nowhere/Land")
    cast.dba("alter table rubis.organization enable trigger user")


def mend_row(cast: Cast) -> None:
    """It is corrected."""
    cast.dba("alter table rubis.organization disable trigger user")
    cast.settings(time_zone="Europe/Paris")
    cast.dba("alter table rubis.organization enable trigger user")


def test_one_that_fails_is_recorded_and_the_others_go_on(cast: Cast) -> None:
    """A bad row: nothing of its tick is kept, the auditor sees it, the neighbour's mail is queued."""
    neighbour = Cast(cast.line, now=None)
    cast.invoice(due_on=LATE)
    theirs = neighbour.invoice(due_on=LATE)
    cast.clock.advance(minutes=1)
    break_row(cast)
    assert set(due(cast)) == {cast.organization_id, neighbour.organization_id}
    assert turn(cast) == {"mails": [], "failed": "22023"}
    mails = turn(neighbour)["mails"]
    assert cast.worker("queue_mails", mails=cast.json(mails))["queued"] == 1
    assert neighbour.queued_mail(theirs) is not None
    assert cast.notices("questions") == []
    with cast.session.acting_as("rubis_auditor"):
        (row,) = cast.session.rows("select * from audit.stuck_organizations")
    assert (row["organization_id"], row["failures"]) == (cast.organization_id, 1)
    assert "Nowhere/Land" in row["failure_detail"]


def test_one_that_fails_is_tried_later_and_later(cast: Cast) -> None:
    """After 1, 2, 4 ... seconds, five minutes at most; what becomes due meanwhile does not hasten it."""
    cast.invoice(due_on=LATE)
    cast.clock.advance(minutes=1)
    break_row(cast)
    waits = []
    for _ in range(11):
        assert due(cast) == [cast.organization_id]
        turn(cast)
        waits.append((agenda(cast)["next_due_at"] - cast.now()).total_seconds())
        cast.dba("insert into rubis.wake values (%s, rubis.clock())", cast.organization_id)
        assert due(cast) == []
        cast.clock.set(agenda(cast)["next_due_at"])
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_one_that_is_mended_recovers_by_itself(cast: Cast) -> None:
    """Its next turn clears the record, and what waited is mailed."""
    invoice_id = cast.invoice(due_on=LATE)
    cast.clock.advance(minutes=1)
    break_row(cast)
    due(cast)
    turn(cast)
    mend_row(cast)
    cast.clock.advance(seconds=1)
    cast.tick()
    row = agenda(cast)
    assert (row["failures"], row["failed_at"], row["failure_detail"]) == (0, None, None)
    assert cast.session.rows("select * from audit.stuck_organizations") == []
    assert cast.queued_mail(invoice_id) is not None


def test_a_failure_that_the_worker_reports_is_recorded(cast: Cast) -> None:
    """The call itself failed, so the worker says so; the detail is cut to 500 characters."""
    cast.worker("fail_organization", organization_id=cast.organization_id, detail="x" * 900)
    row = agenda(cast)
    assert (row["failures"], row["failed_at"]) == (1, cast.now())
    assert row["failure_detail"] == "x" * 500


def scheduled_question(cast: Cast) -> Any:
    """A question of a later day."""
    cast.invoice()
    return ASKED_AT


def sent_question(cast: Cast) -> Any:
    """A question whose links run out."""
    invoice_id = cast.invoice(due_on=LATE)
    cast.ask(invoice_id)
    cast.dba("update rubis.relance set status = 'held', hold_reason = 'paused', next_look_at = null")
    return cast.task(invoice_id)["expires_at"]


def answered_question(cast: Cast) -> Any:
    """An answer of paid, to be confirmed by a receipt."""
    proven(cast)
    invoice_id = cast.invoice(due_on=LATE)
    cast.click(cast.ask(invoice_id))
    return cast.task(invoice_id)["receipt_at"]


def proof(cast: Cast) -> Any:
    """An answer by link of a user whose address is not proven: a person's, unless contradicted in time."""
    invoice_id = cast.invoice(due_on=LATE)
    cast.click(cast.ask(invoice_id), "pending")
    cast.dba("update rubis.relance set status = 'held', hold_reason = 'paused', next_look_at = null")
    return cast.task(invoice_id)["proof_due_at"]


def relance(cast: Cast) -> Any:
    """A relance that is looked at later."""
    proven(cast)
    invoice_id = pending(cast, due_on=LATE)
    return cast.relance(invoice_id)["next_look_at"]


def waiting_mail(cast: Cast) -> Any:
    """A mail that failed for now."""
    cast.dba("select rubis.add_notice(%s, %s, 'verify_email')", cast.organization_id, cast.user_id)
    cast.tick()
    begun = cast.begin_mail(cast.notices("verify_email")[0]["mail_id"])
    cast.fail(begun, "temporary")
    return cast.notices("verify_email")[0]["next_attempt_at"]


@pytest.mark.parametrize(
    "story",
    [scheduled_question, sent_question, answered_question, proof, relance, waiting_mail],
    ids=lambda story: story.__name__,
)
def test_the_agenda_names_the_moment_of_each_kind_of_row(cast: Cast, story: Callable[[Cast], Any]) -> None:
    """After a tick the organization is due when its next row is, and the worker sleeps until then."""
    calendar(cast)
    moment = story(cast)
    due(cast)
    turn(cast)
    assert agenda(cast)["next_due_at"] == moment
    cast.clock.set(moment - timedelta(microseconds=1))
    assert due(cast) == []
    assert cast.due_in() == 0.000001
    cast.clock.set(moment)
    assert due(cast) == [cast.organization_id]


def test_an_organization_without_anything_ahead_is_not_due(cast: Cast) -> None:
    """Nothing is scheduled: its agenda is empty, and nothing wakes the worker."""
    due(cast)
    turn(cast)
    assert agenda(cast)["next_due_at"] is None
    assert (due(cast), cast.due_in()) == ([], None)


def test_a_mail_whose_worker_died_makes_its_organization_due(cast: Cast) -> None:
    """The agenda knows nothing of leases: they are found by their index."""
    calendar(cast)
    proven(cast)
    invoice_id = pending(cast)
    until_queued(cast, invoice_id)
    cast.tick()
    cast.dba("update rubis.agenda set next_due_at = null")
    assert due(cast) == []
    cast.clock.advance(minutes=10)
    assert due(cast) == [cast.organization_id]
