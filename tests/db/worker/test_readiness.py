"""Whether the flow runs."""

from datetime import date
from typing import Any

from tests.support.story import Story


def readiness(story: Story) -> Any:
    """What /readyz reads."""
    return story.public("readiness")


def test_ready_while_workers_tick(story: Story) -> None:
    """A tick within the last minute, no mail problem, nothing late."""
    assert readiness(story)["status"] == "degraded"
    story.tick()
    assert readiness(story) == {
        "status": "ready",
        "worker": {"ok": True, "last_tick_at": story.now().isoformat()},
        "mail": {"ok": True, "last_accepted_at": None, "last_operator_failure_at": None},
        "checkins": {"ok": True, "overdue": 0},
        "relances": {"ok": True, "overdue": 0},
        "user_mails": {"ok": True, "overdue": 0},
    }
    story.session.clock.advance(seconds=60)
    assert readiness(story)["worker"]["ok"] is False


def test_degraded_while_mail_is_the_operators_problem(story: Story) -> None:
    """From an operator's failure until the next accepted mail."""
    invoice_id = story.invoice()
    story.fail(story.sending(invoice_id), "operator")
    assert readiness(story)["mail"]["ok"] is False
    assert readiness(story)["status"] == "degraded"
    story.ask(invoice_id)
    assert readiness(story)["mail"]["ok"] is True


def test_other_failures_are_daily_business(story: Story) -> None:
    """A refused or temporary failure says nothing about us."""
    story.fail(story.sending(story.invoice()), "refused")
    story.fail(story.sending(story.invoice(due_on=date(2026, 3, 1))), "temporary")
    assert readiness(story)["mail"]["ok"] is True


def test_degraded_while_due_work_waits(story: Story) -> None:
    """More than two minutes late is late."""
    story.invoice(due_on=date(2026, 3, 1))
    story.session.clock.advance(minutes=3)
    assert readiness(story)["checkins"] == {"ok": True, "overdue": 0}
    story.session.clock.advance(microseconds=1)
    assert readiness(story)["checkins"] == {"ok": False, "overdue": 1}
    story.tick()
    assert readiness(story)["checkins"] == {"ok": True, "overdue": 0}


def test_mails_to_users_count(story: Story) -> None:
    """A receipt that waits too long is late."""
    invoice_id = story.invoice()
    story.click(story.ask(invoice_id))
    story.tick()
    assert readiness(story)["status"] == "ready"
    story.session.clock.advance(minutes=3, microseconds=1)
    assert readiness(story)["user_mails"] == {"ok": False, "overdue": 1}
    story.tick()
    assert readiness(story)["user_mails"] == {"ok": True, "overdue": 0}
