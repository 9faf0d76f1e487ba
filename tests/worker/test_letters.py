"""Letters to clients by a real worker: one that may have arrived is never sent again by itself."""

from typing import Any

import pytest

from app.core.security import token_hash
from tests.support.flow import Flow
from tests.support.mails import wait_for_mails, wait_until
from tests.support.program import until
from tests.support.smtp import Peer, Point
from tests.worker.conftest import StartWorker


def client_of(flow: Flow) -> str:
    """An address of a client of this flow only."""
    return f"compta@{flow.email.partition('@')[2]}"


def answered_pending(flow: Flow, peer: Peer) -> int:
    """An invoice whose owner has clicked on pending: its relance is ahead."""
    invoice_id = flow.issue(p_client_email=client_of(flow))
    flow.database.clock.advance(minutes=2)
    wait_until(flow, invoice_id, "sent")
    (mail,) = [mail for mail in peer.to(flow.email) if mail.links]
    assert flow.answer(token_hash(mail.token), "pending") == "pending"
    return invoice_id


def relance(flow: Flow, invoice_id: int) -> dict[str, Any]:
    """The latest relance of an invoice, as its row is."""
    return flow.database.admin.row(
        "select * from rubis.relance where invoice_id = %s order by relance_id desc limit 1", [invoice_id]
    )


def go_to(flow: Flow, invoice_id: int) -> None:
    """Let time pass until the relance ahead is due."""
    due_in = flow.database.admin.value(
        "select extract(epoch from scheduled_at - rubis.clock()) from rubis.relance where relance_id = %s",
        [relance(flow, invoice_id)["relance_id"]],
    )
    flow.database.clock.advance(seconds=float(due_in) + 1)


def wait_for(flow: Flow, invoice_id: int, status: str) -> dict[str, Any]:
    """Return the latest relance once it has this status."""
    return until(
        lambda: row if (row := relance(flow, invoice_id))["status"] == status else None,
        lambda: f"not {status}: {relance(flow, invoice_id)}",
    )


def test_a_letter_leaves_and_the_next_is_ahead(flow: Flow, peer: Peer, start_worker: StartWorker) -> None:
    """After a pending answer the client is reminded on the day, once, and the next step waits."""
    start_worker()
    invoice_id = answered_pending(flow, peer)
    first = relance(flow, invoice_id)
    assert peer.to(client_of(flow)) == []
    go_to(flow, invoice_id)
    (letter,) = wait_for_mails(peer, client_of(flow), 1)
    assert letter.message["Reply-To"].addresses[0].addr_spec == flow.email
    assert letter.links == {}
    ahead = until(
        lambda: row if (row := relance(flow, invoice_id))["relance_id"] != first["relance_id"] else None,
        "no second relance ahead",
    )
    assert (ahead["step"], ahead["status"]) == (2, "scheduled")
    go_to(flow, invoice_id)
    second = wait_for_mails(peer, client_of(flow), 2)[1]
    assert second.message["References"] == letter.message["Message-ID"]


@pytest.mark.parametrize(("point", "letters"), [("greeting", 0), ("data", 0), ("accepted", 1)])
def test_a_worker_killed_in_the_middle_of_a_letter(
    flow: Flow, peer: Peer, start_worker: StartWorker, point: Point, letters: int
) -> None:
    """Whether it left nobody knows: it is unconfirmed, and no other follows until the user says so."""
    asking = start_worker()
    invoice_id = answered_pending(flow, peer)
    asking.ask_to_stop()
    asking.wait()
    first = start_worker()  # with no session yet to go on with
    held = peer.hold(point)
    go_to(flow, invoice_id)
    held.wait_until_reached()
    first.kill()
    held.released.set()
    start_worker()
    flow.database.clock.advance(minutes=4)
    unconfirmed = wait_for(flow, invoice_id, "unconfirmed")
    flow.database.clock.advance(days=30)
    flow.tick()
    assert wait_for(flow, invoice_id, "unconfirmed")["relance_id"] == unconfirmed["relance_id"]
    assert len(peer.to(client_of(flow))) == letters


def test_a_refused_address_pauses_the_client(flow: Flow, peer: Peer, start_worker: StartWorker) -> None:
    """550 for the client: the relance is cancelled, the user told, nothing else leaves to that address."""
    start_worker()
    invoice_id = answered_pending(flow, peer)
    peer.reply("rcpt", "550 no such mailbox", client_of(flow))
    go_to(flow, invoice_id)
    assert wait_for(flow, invoice_id, "cancelled")["cancel_reason"] == "address refused"
    assert {"relance_refused", "relances_paused"} <= set(flow.kinds(invoice_id))
    assert peer.to(client_of(flow)) == []


def test_settled_between_queueing_and_sending(flow: Flow, peer: Peer, start_worker: StartWorker) -> None:
    """Paid at the last moment: the queued letter does not leave."""
    worker = start_worker()
    invoice_id = answered_pending(flow, peer)
    worker.ask_to_stop()
    worker.wait()
    go_to(flow, invoice_id)
    flow.tick()
    assert relance(flow, invoice_id)["status"] == "queued"
    flow.call("api.mark_invoice_paid", p_invoice_id=invoice_id)
    again = start_worker()
    again.wait_for("relance_skipped")
    assert peer.to(client_of(flow)) == []
