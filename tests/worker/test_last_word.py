"""A mail server that makes the worker wait while the facts change: what leaves is the last word."""

import time

import pytest

from tests.support.cast import Cast
from tests.support.mails import wait_for_mails
from tests.support.smtp import Peer, Point, Rule
from tests.support.waiting import until
from tests.worker.conftest import StartWorker
from tests.worker.test_letters import answered_pending, client_of, go_to, wait_for


def stalled(cast: Cast, peer: Peer, start_worker: StartWorker, point: Point = "rcpt") -> tuple[int, Rule]:
    """A letter whose server stalls at this point; its invoice, and what lets the server go on."""
    start_worker()
    invoice_id = answered_pending(cast, peer)
    held = peer.hold(point, client_of(cast))
    go_to(cast, invoice_id)
    held.wait_until_reached()
    return invoice_id, held


def change(cast: Cast, invoice_id: int, statement: str, *values: object) -> None:
    """Change the invoice, or its client, whose key comes last."""
    cast.dba(statement, *values, invoice_id)


OF_CLIENT = "client_id = (select client_id from rubis.invoice where invoice_id = %s)"


@pytest.mark.parametrize("point", ["rcpt", "data"])
def test_paid_while_the_server_stalls(
    cast: Cast, peer: Peer, start_worker: StartWorker, point: Point
) -> None:
    """Before RCPT or DATA is answered the invoice is paid: no letter, and the relance is cancelled."""
    invoice_id, held = stalled(cast, peer, start_worker, point)
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    if point == "data":
        time.sleep(1.1)  # the worker asked after RCPT, and asks again if DATA's answer takes over a second
    held.released.set()
    assert wait_for(cast, invoice_id, "cancelled")["cancel_reason"] == "invoice paid"
    assert peer.to(client_of(cast)) == []
    row = until(
        lambda: found if (found := cast.letters(invoice_id)[0])["failed_at"] else None, "no end is on record"
    )
    assert (row["failure_class"], row["failure_detail"]) == ("withdrawn", "invoice_paid")


def test_paused_while_the_server_stalls(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """Paused without end meanwhile: no letter, the relance is held."""
    invoice_id, held = stalled(cast, peer, start_worker)
    cast.api("pause_invoice", invoice_id=invoice_id, until="infinity", reason=None)
    held.released.set()
    assert wait_for(cast, invoice_id, "held")["hold_reason"] == "paused"
    assert peer.to(client_of(cast)) == []


def test_another_name_while_the_server_stalls(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """The letter that leaves greets the client by the name that is right when it leaves."""
    invoice_id, held = stalled(cast, peer, start_worker)
    change(cast, invoice_id, f"update rubis.client set name = %s where {OF_CLIENT}", "Maison Martin")
    held.released.set()
    (letter,) = wait_for_mails(peer, client_of(cast), 1)
    assert "Maison Martin" in letter.text
    assert "Dupont" not in letter.text
    wait_for(cast, invoice_id, "scheduled")


def test_another_amount_while_the_server_stalls(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """A new amount makes the owner's word doubtful: no letter with the old one, the owner is asked again."""
    invoice_id, held = stalled(cast, peer, start_worker)
    change(cast, invoice_id, "update rubis.invoice set amount_cents = %s where invoice_id = %s", 60_000)
    held.released.set()
    assert wait_for(cast, invoice_id, "held")["hold_reason"] == "owner_being_asked"
    assert peer.to(client_of(cast)) == []


def test_another_address_while_the_server_stalls(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """The old address gets nothing, the new one gets the letter."""
    invoice_id, held = stalled(cast, peer, start_worker)
    new = f"new.{client_of(cast)}"
    change(cast, invoice_id, f"update rubis.client set email = %s where {OF_CLIENT}", new)
    held.released.set()
    assert wait_for_mails(peer, new, 1)
    assert peer.to(client_of(cast)) == []
