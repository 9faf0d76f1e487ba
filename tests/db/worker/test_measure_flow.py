"""What /metrics knows of the flow."""

from datetime import date
from typing import Any

from tests.support.cast import Cast

IDLE = {"due": 0, "overdue": 0, "in_hand": 0, "stuck": 0, "lag_seconds": 0}


def flow(cast: Cast) -> Any:
    """What the API's process asks."""
    return cast.public("measure_flow")


def work(cast: Cast, kind: str = "checkin") -> dict[str, Any]:
    """What there is to do of a kind, without what is zero."""
    counts: dict[str, Any] = flow(cast)["work"][kind]
    return {name: count for name, count in counts.items() if count}


def test_an_empty_database_measures_zeros(cast: Cast) -> None:
    """An empty database measures zero of every kind, and no tick has no age."""
    assert flow(cast) == {
        "ready": False,
        "mail_ok": True,
        "tick_age_seconds": None,
        "workers": 0,
        "backup_age_seconds": None,
        "work": {"checkin": IDLE, "relance": IDLE, "user_mail": IDLE},
        "checkins_held": 0,
        "relances_held": {},
        "relances_unconfirmed": 0,
        "organizations_failing": 0,
        "queue": {},
    }


def test_workers_and_their_last_tick(cast: Cast) -> None:
    """Of two workers the measures count the one that has ticked lately."""
    cast.tick(name="test:2")
    cast.clock.advance(seconds=70)
    cast.tick()
    cast.clock.advance(seconds=5)
    seen = flow(cast)
    assert (seen["ready"], seen["workers"], seen["tick_age_seconds"]) == (True, 1, 5)


def test_a_checkin_from_due_to_expired(cast: Cast) -> None:
    """Due, overdue after two minutes; in hand, stuck two minutes after its lease ran out, and its links."""
    clock = cast.clock
    invoice_id = cast.invoice(due_on=date(2026, 3, 1))
    assert work(cast) == {}
    clock.advance(minutes=1)
    assert work(cast) == {"due": 1}
    clock.advance(minutes=2, microseconds=1)
    assert work(cast) == {"due": 1, "overdue": 1, "lag_seconds": 120.000001}
    cast.tick()
    assert work(cast) == {"in_hand": 1}
    assert flow(cast)["queue"] == {"checkins": {"waiting": 1, "doing": 0}}
    clock.set(cast.notices("questions")[0]["lease_expires_at"])
    clock.advance(minutes=2)
    assert work(cast) == {"in_hand": 1}
    clock.advance(microseconds=1)
    assert work(cast) == {"in_hand": 1, "stuck": 1}
    cast.tick()
    cast.ask(invoice_id)
    assert work(cast) == {}
    clock.advance(hours=24, minutes=2)
    assert work(cast) == {}
    clock.advance(microseconds=1)
    assert work(cast) == {"stuck": 1}


def test_relances_that_wait_for_somebody(cast: Cast) -> None:
    """Two are held: owner not asked; one: address not proven; of one the fate is unknown."""
    for reason in ("owner_not_asked", "address_unproven", "owner_not_asked"):
        move(cast, cast.invoice(), f"status = 'held', hold_reason = '{reason}', next_look_at = null")
    letter = cast.invoice()
    move(cast, letter, "status = 'sending', next_look_at = null")
    assert flow(cast)["relances_unconfirmed"] == 0
    move(cast, letter, "status = 'unconfirmed'")
    seen = flow(cast)
    assert seen["relances_held"] == {"owner_not_asked": 2, "address_unproven": 1}
    assert seen["relances_unconfirmed"] == 1


def move(cast: Cast, invoice_id: int, changes: str) -> None:
    """Update the relance of an invoice."""
    cast.dba(f"update rubis.relance set {changes} where invoice_id = {invoice_id}")


def test_counts_stop_at_their_limit(cast: Cast) -> None:
    """Five are due and three are counted; the oldest is among them."""
    for _ in range(5):
        cast.invoice(due_on=date(2026, 3, 1))
        cast.clock.advance(seconds=10)
    cast.clock.advance(minutes=1)
    counts = cast.dba("select rubis.count_work(3) as counts")[0]["counts"]["checkin"]
    assert (counts["due"], counts["lag_seconds"]) == (3, 50)


def test_the_measures_name_no_person(cast: Cast) -> None:
    """Words of ours and numbers, whatever there is."""
    cast.fail(cast.sending(cast.invoice()), "operator", "quota of camille@atelier.test is used up")
    seen = flow(cast)
    assert seen["mail_ok"] is False
    text = str(seen)
    for private in (cast.email, "camille", "Dupont", "F-0001", "test:1"):
        assert private not in text
