"""Whether the flow runs."""

from datetime import date
from typing import Any

from tests.support.cast import Cast


def readiness(cast: Cast) -> Any:
    """What /readyz reads."""
    return cast.public("readiness")


def test_ready_while_workers_tick(cast: Cast) -> None:
    """A tick within the last minute, no mail problem, nothing late."""
    assert readiness(cast)["status"] == "degraded"
    cast.tick()
    assert readiness(cast) == {
        "status": "ready",
        "worker": {"ok": True, "last_tick_at": cast.now().isoformat()},
        "mail": {
            "ok": True,
            "last_accepted_at": None,
            "last_operator_failure_at": None,
            "deferred_since": None,
        },
        "checkins": {"ok": True, "overdue": 0},
        "relances": {"ok": True, "overdue": 0},
        "user_mails": {"ok": True, "overdue": 0},
        "organizations": {"ok": True, "failing": 0},
    }
    cast.clock.advance(seconds=60)
    assert readiness(cast)["worker"]["ok"] is False


def test_degraded_while_mail_is_the_operators_problem(cast: Cast) -> None:
    """From an operator's failure until the next accepted mail."""
    invoice_id = cast.invoice()
    cast.fail(cast.sending(invoice_id), "operator")
    assert readiness(cast)["mail"]["ok"] is False
    assert readiness(cast)["status"] == "degraded"
    cast.ask(invoice_id)
    assert readiness(cast)["mail"]["ok"] is True


def test_other_failures_are_daily_business(cast: Cast) -> None:
    """A refused or temporary failure says nothing about us."""
    cast.fail(cast.sending(cast.invoice()), "refused")
    cast.fail(cast.sending(cast.invoice(due_on=date(2026, 3, 1))), "temporary")
    assert readiness(cast)["mail"]["ok"] is True


def test_degraded_while_due_work_waits(cast: Cast) -> None:
    """A check-in that is due for more than two minutes is overdue until a tick queues it."""
    cast.invoice(due_on=date(2026, 3, 1))
    cast.clock.advance(minutes=3)
    assert readiness(cast)["checkins"] == {"ok": True, "overdue": 0}
    cast.clock.advance(microseconds=1)
    assert readiness(cast)["checkins"] == {"ok": False, "overdue": 1}
    cast.tick()
    assert readiness(cast)["checkins"] == {"ok": True, "overdue": 0}


def test_mails_to_users_count(cast: Cast) -> None:
    """A receipt that waits for more than two minutes is overdue until a tick queues it."""
    invoice_id = cast.invoice()
    cast.click(cast.ask(invoice_id))
    cast.tick()
    assert readiness(cast)["status"] == "ready"
    cast.clock.advance(minutes=3, microseconds=1)
    assert readiness(cast)["user_mails"] == {"ok": False, "overdue": 1}
    cast.tick()
    assert readiness(cast)["user_mails"] == {"ok": True, "overdue": 0}
