"""Many mails in one job: each has a fate of its own, whatever becomes of the others or of the worker."""

import time
from datetime import timedelta
from typing import Any

import pytest

from app.core.security import token_hash
from tests.support.cast import OVERDUE, Cast
from tests.support.letters import ahead, calendar, pending, proven, queued_letter
from tests.support.mails import assert_links_work, wait_for_mails, wait_until
from tests.support.smtp import Mail, Peer, Point
from tests.support.waiting import until
from tests.worker.conftest import StartWorker

JOBS = "select jsonb_array_length(args -> 'mails') as mails from queue.procrastinate_jobs"


def users(cast: Cast, count: int) -> dict[Cast, int]:
    """So many users with a question each, whose mails wait in one job of the queue."""
    casts = [cast, *(Cast(cast.line, now=None, usual=OVERDUE) for _ in range(count - 1))]
    with cast.session.connection.transaction():
        cast.session.execute("set local search_path = queue")
        cast.session.execute("delete from procrastinate_jobs")
    invoices = {one: one.invoice() for one in casts}
    cast.clock.advance(minutes=2)
    cast.tick()
    assert [job["mails"] for job in cast.session.rows(JOBS)] == [count]
    return invoices


def letters(cast: Cast, *clients: str) -> dict[str, int]:
    """A letter to each client, which wait in one job of the queue: {address: invoice_id}."""
    calendar(cast)
    proven(cast)
    invoices = {client: pending(cast, client_email=client) for client in clients}
    due_at = max(ahead(cast, invoice_id)["scheduled_at"] for invoice_id in invoices.values())
    cast.clock.wait_until(due_at + timedelta(seconds=1))
    cast.tick()
    for invoice_id in invoices.values():
        assert queued_letter(cast, invoice_id) is not None
    return invoices


def sent(invoices: dict[Cast, int]) -> set[Cast]:
    """Those whose question is on record as sent."""
    return {one for one, invoice_id in invoices.items() if one.task(invoice_id)["status"] == "sent"}


def wait_until_sent(invoices: dict[Cast, int], *but: Cast) -> None:
    """Return once the questions of all are on record as sent, but of these."""
    expected = set(invoices) - set(but)
    until(lambda: sent(invoices) == expected, lambda: f"{len(sent(invoices))} of {len(expected)}")


def fates(invoices: dict[Cast, int]) -> dict[Cast, list[Any]]:
    """The classes of the failures of each one's attempts, None for one that was accepted."""
    return {
        one: [mail["failure_class"] for mail in one.mails(invoice_id)] for one, invoice_id in invoices.items()
    }


def records(cast: Cast, organization_ids: list[int]) -> int:
    """How many transactions have recorded the attempts of these organizations."""
    count: int = cast.session.value(
        "select count(distinct xmin::text) from rubis.mail_attempt where organization_id = any (%s)",
        [organization_ids],
    )
    return count


def test_fifty_mails_of_one_job(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """Fifty users are asked by one job: each gets one mail, whose links work, and few commits record it."""
    invoices = users(cast, 50)
    start_worker()
    wait_until_sent(invoices)
    mails = [mail for one in invoices for mail in peer.to(one.email)]
    assert len({mail.token for mail in mails}) == len(mails) == 50
    assert_links_work(cast, mails[:2])
    assert records(cast, [one.organization_id for one in invoices]) <= 10


def test_a_stalled_recipient_holds_up_no_other(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """While one mail of a job hangs, the others leave and are on record, merged, within a second."""
    held = peer.hold("accepted", cast.email)
    invoices = users(cast, 10)
    start_worker(WORKER_CONCURRENCY="3")
    held.wait_until_reached()
    wait_until_sent(invoices, cast)
    assert records(cast, [one.organization_id for one in invoices if one is not cast]) < 9
    held.released.set()
    wait_until_sent(invoices)


@pytest.mark.parametrize(("point", "mails"), [("data", 1), ("accepted", 2)])
def test_killed_in_a_mail_of_several_questions(
    cast: Cast, peer: Peer, start_worker: StartWorker, point: Point, mails: int
) -> None:
    """Only the mail of unknown fate comes twice, with all its questions; every link of both works."""
    more = [cast.invoice() for _ in range(2)]
    held = peer.hold(point, cast.email)
    invoices = users(cast, 4)
    first = start_worker(WORKER_CONCURRENCY="2")
    held.wait_until_reached()
    wait_until_sent(invoices, cast)
    first.kill()
    held.released.set()
    start_worker()
    cast.clock.advance(minutes=4)
    until(lambda: cast.mails(invoices[cast])[0]["failed_at"], "the lease does not run out")
    cast.clock.advance(minutes=1)
    wait_until_sent(invoices)
    for invoice_id in (*more, invoices[cast]):
        wait_until(cast, invoice_id, "sent")
    assert {one: len(peer.to(one.email)) for one in invoices} == {
        one: mails if one is cast else 1 for one in invoices
    }
    assert fates(invoices) == {one: ["unknown", None] if one is cast else [None] for one in invoices}
    assert [len(mail.tokens) for mail in peer.to(cast.email)] == [3] * mails
    assert_links_work(cast, peer.to(cast.email))


def test_a_letter_is_on_record_at_once(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """Each by itself, with its very text; one whose worker dies before its turn leaves by the next."""
    clients = [f"{name}.{cast.email}" for name in ("a", "b", "c")]
    invoices = letters(cast, *clients)
    held = peer.hold("accepted", clients[1])
    first = start_worker(WORKER_CONCURRENCY="1")
    held.wait_until_reached()
    (letter,) = peer.to(clients[0])
    until(lambda: cast.relance(invoices[clients[0]])["step"] == 2, "the first letter is not on record")
    (kept,) = cast.api("list_invoice_letters", invoice_id=invoices[clients[0]])["items"]
    assert (kept["status"], kept["subject"]) == ("sent", letter.message["Subject"])
    assert kept["body"].split() == letter.text.split()
    first.kill()
    held.released.set()
    start_worker()
    cast.clock.advance(minutes=4)
    until(lambda: cast.relance(invoices[clients[1]])["status"] == "unconfirmed", "not unconfirmed")
    cast.clock.advance(minutes=2)
    wait_for_mails(peer, clients[2], 1)
    until(lambda: cast.relance(invoices[clients[2]])["step"] == 2, "the last letter is not on record")
    cast.clock.advance(minutes=30)
    cast.tick()
    assert {client: len(peer.to(client)) for client in clients} == dict.fromkeys(clients, 1)


def test_a_mail_whose_turn_comes_too_late_is_given_back(
    cast: Cast, peer: Peer, start_worker: StartWorker
) -> None:
    """Its lease would not outlast the sending: it has not left, is due at once, and leaves once."""
    held = peer.hold("rcpt")
    invoices = users(cast, 3)
    start_worker("import worker.mails\nworker.mails._PATIENCE_SECONDS = 0.5", WORKER_CONCURRENCY="1")
    held.wait_until_reached()
    time.sleep(0.6)  # of the worker's own time, which no clock of ours sets
    held.released.set()
    wait_until_sent(invoices)
    assert sorted(len(ended) for ended in fates(invoices).values()) == [1, 2, 2]
    assert [ended for ended in fates(invoices).values() if len(ended) == 2] == [["withdrawn", None]] * 2
    assert [len(peer.to(one.email)) for one in invoices] == [1, 1, 1]


def test_a_stop_gives_back_what_waits_for_its_turn(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """The mail in hand is finished and on record; the others are due at once, and the next worker's."""
    held = peer.hold("accepted")
    invoices = users(cast, 4)
    worker = start_worker(WORKER_CONCURRENCY="1")
    held.wait_until_reached()
    worker.ask_to_stop()
    until(
        lambda: sorted(map(str, fates(invoices).values())) == ["['withdrawn']"] * 3 + ["[None]"],
        lambda: f"{fates(invoices)}",
    )
    held.released.set()
    assert worker.wait() == 0, worker.log()
    assert len(sent(invoices)) == 1
    start_worker()
    wait_until_sent(invoices)
    assert [len(peer.to(one.email)) for one in invoices] == [1] * 4


def test_a_job_that_is_cut_short_records_what_it_knows(
    cast: Cast, peer: Peer, start_worker: StartWorker
) -> None:
    """A worker whose grace is over drops the mail that hangs, and tells of the one that was accepted."""
    held = peer.hold("accepted", cast.email)
    invoices = users(cast, 2)
    worker = start_worker(
        "import worker.mails, worker.main\n"
        "worker.mails._MERGE_SECONDS = 60.0\n"
        "worker.main._GRACE_SECONDS = 1.0",
        WORKER_CONCURRENCY="2",
    )
    held.wait_until_reached()
    (other,) = set(invoices) - {cast}
    wait_for_mails(peer, other.email, 1)
    worker.wait_for("mail_sent")
    assert other.task(invoices[other])["status"] == "sending"
    worker.ask_to_stop()
    assert worker.wait() == 0, worker.log()
    assert other.task(invoices[other])["status"] == "sent"
    assert cast.task(invoices[cast])["status"] == "sending"


BROKEN = """
import worker.mails
from app.mail import kinds

def write_mail(facts, tokens, *, settings):
    if facts["to_address"] == {address!r}:
        raise KeyError("number")
    return kinds.write_mail(facts, tokens, settings=settings)

worker.mails.write_mail = write_mail
"""


def test_a_fault_of_ours_in_one_mail_is_that_mails_alone(
    cast: Cast, peer: Peer, start_worker: StartWorker
) -> None:
    """The others leave and are on record; it has not left, so it is tried again, and the job is an error."""
    invoices = users(cast, 5)
    worker = start_worker(BROKEN.format(address=cast.email), WORKER_CONCURRENCY="1")
    wait_until_sent(invoices, cast)
    mail = until(lambda: found if (found := cast.mails(invoices[cast])[0])["failed_at"] else None, worker.log)
    assert (mail["failure_class"], mail["failure_detail"]) == ("temporary", "not written: KeyError")
    assert cast.task(invoices[cast])["status"] == "scheduled"
    until(lambda: "KeyError" in worker.log() and "Traceback" in worker.log(), worker.log)
    assert [len(peer.to(one.email)) for one in invoices] == [0, 1, 1, 1, 1]


def three_invoices(cast: Cast) -> tuple[str, list[int]]:
    """Three invoices of one client whose one letter waits in the queue: its address, and their ids."""
    client = f"compta.{cast.email}"
    calendar(cast)
    proven(cast)
    facts = {"client_email": client}
    invoices = [pending(cast, number=f"L-{place}", **facts) for place in (1, 2, 3)]
    due_at = max(ahead(cast, invoice_id)["scheduled_at"] for invoice_id in invoices)
    cast.clock.wait_until(due_at + timedelta(seconds=1))
    cast.tick()
    assert queued_letter(cast, invoices[0]) is not None
    return client, invoices


def test_the_last_word_leaves_one_invoice_of_three_out(
    cast: Cast, peer: Peer, start_worker: StartWorker
) -> None:
    """Paid while the server stalls: the letter that leaves, and its record, tell of the other two."""
    client, (first, paid, last) = three_invoices(cast)
    held = peer.hold("rcpt", client)
    start_worker()
    held.wait_until_reached()
    cast.api("mark_invoice_paid", invoice_id=paid)
    held.released.set()
    (letter,) = wait_for_mails(peer, client, 1)
    assert [number in letter.text for number in ("L-1", "L-2", "L-3")] == [True, False, True]
    until(lambda: cast.relance(last)["step"] == 2, "the letter is not on record")
    assert cast.relance(first)["step"] == 2
    assert (cast.relance(paid)["step"], cast.relance(paid)["status"]) == (1, "cancelled")
    (kept,) = cast.api("list_invoice_letters", invoice_id=first)["items"]
    assert kept["invoice_ids"] == [first, last]
    assert "L-2" not in kept["body"]
    assert cast.api("list_invoice_letters", invoice_id=paid) == {"items": []}


def test_the_owner_gets_a_blind_copy(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """With letter_copies, the letter is handed over for the owner too, and does not tell the client."""
    cast.settings(letter_copies=True)
    client, invoices = three_invoices(cast)
    start_worker()

    def copied() -> list[Mail] | None:
        return [mail for mail in peer.mails if client in mail.recipients] or None

    (letter,) = until(copied, "no letter")
    assert letter.recipients == [client, cast.email]
    assert letter.message["Bcc"] is None
    assert [address.addr_spec for address in letter.message["To"].addresses] == [client]
    until(lambda: cast.relance(invoices[0])["step"] == 2, "the letter is not on record")


def test_one_click_answers_one_question_of_a_mail(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """Each of its links is about one invoice; the others stay as they are."""
    invoices = [cast.invoice(number=f"Q-{place}") for place in (1, 2, 3)]
    start_worker()
    cast.clock.advance(minutes=2)
    for invoice_id in invoices:
        wait_until(cast, invoice_id, "sent")
    (mail,) = peer.to(cast.email)
    places = [mail.text.index(f"Q-{place}") for place in (1, 2, 3)]
    assert places == sorted(places)
    assert cast.click(token_hash(mail.tokens[1]), "paid") == "paid"
    assert [cast.tally(invoice_id).status for invoice_id in invoices] == ["open", "paid", "open"]
