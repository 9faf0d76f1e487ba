"""Letters to clients by a real worker: one that may have arrived is never sent again by itself."""

from typing import Any

import pytest

from app.core.security import token_hash
from tests.support.cast import Cast
from tests.support.letters import queued_letter
from tests.support.mails import wait_for_mails, wait_until
from tests.support.smtp import Peer, Point
from tests.support.waiting import until
from tests.worker.conftest import StartWorker


def client_of(cast: Cast) -> str:
    """An address of a client of this cast only."""
    return f"compta.{cast.email}"


def answered_pending(cast: Cast, peer: Peer) -> int:
    """An invoice whose owner has clicked on pending, which has proven the address: its relance is ahead.

    A tick during which the clock moves to the letter would judge the letter, and not the proof, by the new
    time.
    """
    invoice_id = cast.invoice(client_email=client_of(cast))
    cast.clock.advance(minutes=2)
    wait_until(cast, invoice_id, "sent")
    (mail,) = [mail for mail in peer.to(cast.email) if mail.links]
    assert cast.click(token_hash(mail.token), "pending") == "pending"
    cast.clock.advance(minutes=2)
    proven = "select email_proven_at from rubis.app_user where user_id = %s"
    until(lambda: cast.session.value(proven, [cast.user_id]), "the answer does not prove the address")
    return invoice_id


def relance(cast: Cast, invoice_id: int) -> dict[str, Any]:
    """The latest relance of an invoice, as its row is."""
    return cast.session.row(
        "select * from rubis.relance where invoice_id = %s order by relance_id desc limit 1", [invoice_id]
    )


def go_to(cast: Cast, invoice_id: int, moment: str = "scheduled_at") -> None:
    """Let time pass until the relance ahead is due, or until this moment of it."""
    due_in = relance(cast, invoice_id)[moment] - cast.now()
    cast.clock.advance(seconds=due_in.total_seconds() + 1)


def wait_for(cast: Cast, invoice_id: int, status: str) -> dict[str, Any]:
    """Return the latest relance once it has this status."""
    return until(
        lambda: row if (row := relance(cast, invoice_id))["status"] == status else None,
        lambda: f"not {status}: {relance(cast, invoice_id)}",
    )


def test_a_letter_leaves_and_the_next_is_ahead(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """The client is reminded on the day, once; before the next letter the owner is asked again."""
    start_worker()
    invoice_id = answered_pending(cast, peer)
    first = relance(cast, invoice_id)
    assert peer.to(client_of(cast)) == []
    go_to(cast, invoice_id)
    (letter,) = wait_for_mails(peer, client_of(cast), 1)
    assert letter.message["Reply-To"].addresses[0].addr_spec == cast.email
    assert letter.links == {}
    ahead = until(
        lambda: row if (row := relance(cast, invoice_id))["relance_id"] != first["relance_id"] else None,
        "no second relance ahead",
    )
    assert (ahead["step"], ahead["status"]) == (2, "scheduled")
    go_to(cast, invoice_id, "next_look_at")
    question = wait_for_mails(peer, cast.email, 2)[1]
    wait_until(cast, invoice_id, "sent")
    assert cast.click(token_hash(question.token), "pending") == "pending"
    assert relance(cast, invoice_id)["scheduled_at"] == ahead["scheduled_at"]
    go_to(cast, invoice_id)
    second = wait_for_mails(peer, client_of(cast), 2)[1]
    assert second.message["References"] == letter.message["Message-ID"]


@pytest.mark.parametrize(("point", "letters"), [("data", 0), ("accepted", 1)])
def test_a_worker_killed_in_the_middle_of_a_letter(
    cast: Cast, peer: Peer, start_worker: StartWorker, point: Point, letters: int
) -> None:
    """Whether it left nobody knows: it is unconfirmed, and no other follows until the user says so."""
    asking = start_worker()
    invoice_id = answered_pending(cast, peer)
    asking.ask_to_stop()
    asking.wait()
    first = start_worker()  # with no session yet to go on with
    held = peer.hold(point)
    go_to(cast, invoice_id)
    held.wait_until_reached()
    first.kill()
    held.released.set()
    start_worker()
    cast.clock.advance(minutes=4)
    unconfirmed = wait_for(cast, invoice_id, "unconfirmed")
    cast.clock.advance(days=30)
    cast.tick()
    assert wait_for(cast, invoice_id, "unconfirmed")["relance_id"] == unconfirmed["relance_id"]
    assert len(peer.to(client_of(cast))) == letters


def test_a_letter_that_never_had_its_last_word_leaves_by_itself(
    cast: Cast, peer: Peer, start_worker: StartWorker
) -> None:
    """A worker killed before its mail server was ready: the letter has not left, the next worker sends it."""
    asking = start_worker()
    invoice_id = answered_pending(cast, peer)
    asking.ask_to_stop()
    asking.wait()
    first = start_worker()
    held = peer.hold("greeting")
    go_to(cast, invoice_id)
    held.wait_until_reached()
    first.kill()
    held.released.set()
    start_worker()
    cast.clock.advance(minutes=4)
    until(lambda: cast.letters(invoice_id)[0]["failed_at"], "the lease does not run out")
    cast.clock.advance(minutes=1)
    wait_for_mails(peer, client_of(cast), 1)
    until(lambda: cast.letters(invoice_id)[-1]["accepted_at"], "the letter is not on record")
    assert [letter["failure_class"] for letter in cast.letters(invoice_id)] == ["temporary", None]
    assert len(peer.to(client_of(cast))) == 1


def test_a_refused_address_pauses_the_client(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """550 for the client: the relance is cancelled, the user told, nothing else leaves to that address."""
    start_worker()
    invoice_id = answered_pending(cast, peer)
    peer.reply("rcpt", "550 no such mailbox", client_of(cast))
    go_to(cast, invoice_id)
    assert wait_for(cast, invoice_id, "cancelled")["cancel_reason"] == "address refused"
    assert {"relance_refused", "relances_paused"} <= set(cast.kinds(invoice_id))
    assert peer.to(client_of(cast)) == []


def test_a_queued_letter_of_a_paid_invoice_does_not_leave(
    cast: Cast, peer: Peer, start_worker: StartWorker
) -> None:
    """Paid at the last moment: the queued letter does not leave."""
    worker = start_worker()
    invoice_id = answered_pending(cast, peer)
    worker.ask_to_stop()
    worker.wait()
    go_to(cast, invoice_id)
    cast.tick()
    assert queued_letter(cast, invoice_id) is not None
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    again = start_worker()
    again.wait_for("mail_skipped")
    assert peer.to(client_of(cast)) == []
