"""What /metrics knows of the flow."""

from datetime import date
from typing import Any

from tests.support.story import Story

IDLE = {"due": 0, "overdue": 0, "in_hand": 0, "stuck": 0, "lag_seconds": 0}


def flow(story: Story) -> Any:
    """What the API's process asks."""
    return story.public("measure_flow")


def work(story: Story, kind: str = "checkin") -> dict[str, Any]:
    """What there is to do of a kind, without what is zero."""
    counts: dict[str, Any] = flow(story)["work"][kind]
    return {name: count for name, count in counts.items() if count}


def test_nothing_to_do(story: Story) -> None:
    """Zeros for every kind; no tick has no age."""
    assert flow(story) == {
        "ready": False,
        "mail_ok": True,
        "tick_age_seconds": None,
        "workers": 0,
        "work": {"checkin": IDLE, "relance": IDLE, "user_mail": IDLE},
        "relances_held": {},
        "relances_unconfirmed": 0,
        "queue": {},
    }


def test_workers_and_their_last_tick(story: Story) -> None:
    """Two have ticked, one of them lately."""
    story.worker("tick", worker="test:2", limit=500)
    story.session.clock.advance(seconds=70)
    story.tick()
    story.session.clock.advance(seconds=5)
    seen = flow(story)
    assert (seen["ready"], seen["workers"], seen["tick_age_seconds"]) == (True, 1, 5)


def test_a_checkin_from_due_to_expired(story: Story) -> None:
    """Due, overdue after two minutes; in hand, stuck two minutes after its lease ran out, and its links."""
    clock = story.session.clock
    invoice_id = story.invoice(due_on=date(2026, 3, 1))
    assert work(story) == {}
    clock.advance(minutes=1)
    assert work(story) == {"due": 1}
    clock.advance(minutes=2, microseconds=1)
    assert work(story) == {"due": 1, "overdue": 1, "lag_seconds": 120.000001}
    story.tick()
    assert work(story) == {"in_hand": 1}
    assert flow(story)["queue"] == {"checkins": {"waiting": 1, "doing": 0}}
    clock.set(story.task(invoice_id)["lease_expires_at"])
    clock.advance(minutes=2)
    assert work(story) == {"in_hand": 1}
    clock.advance(microseconds=1)
    assert work(story) == {"in_hand": 1, "stuck": 1}
    story.tick()
    story.ask(invoice_id)
    assert work(story) == {}
    clock.advance(hours=24, minutes=2)
    assert work(story) == {}
    clock.advance(microseconds=1)
    assert work(story) == {"stuck": 1}


def test_relances_that_wait_for_somebody(story: Story) -> None:
    """Two are held since nobody was asked, one for want of a proven address; of one the fate is unknown."""
    for reason in ("owner_not_asked", "address_unproven", "owner_not_asked"):
        move(story, story.invoice(), f"status = 'held', hold_reason = '{reason}', next_attempt_at = null")
    letter = story.invoice()
    move(story, letter, "status = 'queued', next_attempt_at = null, lease_expires_at = rubis.clock()")
    move(story, letter, "status = 'sending'")
    assert work(story, "relance") == {"in_hand": 1}
    move(story, letter, "status = 'unconfirmed', lease_expires_at = null")
    seen = flow(story)
    assert seen["relances_held"] == {"owner_not_asked": 2, "address_unproven": 1}
    assert seen["relances_unconfirmed"] == 1


def move(story: Story, invoice_id: int, changes: str) -> None:
    """Update the relance of an invoice."""
    story.dba(f"update rubis.relance set {changes} where invoice_id = {invoice_id}")


def test_counts_stop_at_their_limit(story: Story) -> None:
    """Five are due and three are counted; the oldest is among them."""
    for _ in range(5):
        story.invoice(due_on=date(2026, 3, 1))
        story.session.clock.advance(seconds=10)
    story.session.clock.advance(minutes=1)
    counts = story.dba("select rubis.count_work(3) as counts")[0]["counts"]["checkin"]
    assert (counts["due"], counts["lag_seconds"]) == (3, 50)


def test_it_names_nobody(story: Story) -> None:
    """Words of ours and numbers, whatever there is."""
    story.fail(story.sending(story.invoice()), "operator", "quota of camille@atelier.test is used up")
    seen = flow(story)
    assert seen["mail_ok"] is False
    text = str(seen)
    for private in (story.email, "camille", "Dupont", "F-0001", "test:1"):
        assert private not in text
