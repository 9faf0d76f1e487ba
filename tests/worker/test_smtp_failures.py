"""What the SMTP server answers, or fails to: the check-in's state, the failure's class, the next attempt."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_postgresql.executors import NoopExecutor

from app.core.security import token_hash
from tests.support.cast import Cast, connected
from tests.support.database import Database, Server
from tests.support.mails import (
    assert_links_work,
    wait_for_failure,
    wait_for_mails,
    wait_until,
)
from tests.support.program import Program
from tests.support.shared import shared_database
from tests.support.smtp import Peer, Point, smtp_peer
from tests.support.waiting import until
from tests.worker.conftest import worker_environment


@pytest.fixture(scope="module")
def post(
    server: Server, template: NoopExecutor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Peer]]:
    """A database and an SMTP server with one worker between them; each test has its own recipient."""
    folder = tmp_path_factory.mktemp("post")
    with (
        shared_database(server, template, "rubis_post", folder) as database,
        smtp_peer() as peer,
        Program("worker", worker_environment(database, peer, MAIL_TIMEOUT_SECONDS="1"), folder),
    ):
        yield database, peer


@pytest.fixture
def cast(post: tuple[Database, Peer]) -> Iterator[Cast]:
    """An organization whose user receives the mails."""
    with connected(post[0]) as cast:
        yield cast


@pytest.fixture
def peer(post: tuple[Database, Peer]) -> Peer:
    """The SMTP server."""
    return post[1]


def ask(cast: Cast) -> int:
    """Issue an invoice and let it become due."""
    invoice_id = cast.invoice()
    cast.clock.advance(minutes=1, seconds=1)
    return invoice_id


def retry_in(mail: dict[str, Any]) -> timedelta:
    """How long after a failure the next attempt is."""
    delay: timedelta = mail["next_attempt_at"] - mail["failed_at"]
    return delay


@pytest.mark.parametrize(
    ("point", "answer"),
    [
        ("rcpt", "451 4.3.0 try again later"),
        ("data", "452 4.3.1 no space"),
        ("accepted", "451 4.7.1 greylisted"),
    ],
)
def test_a_passing_failure_is_tried_again(cast: Cast, peer: Peer, point: Point, answer: str) -> None:
    """A 4xx is tried again after a minute, then two, and then the mail leaves, with one working token."""
    rule = peer.reply(point, answer, cast.email)
    invoice_id = ask(cast)
    mail = wait_for_failure(cast, invoice_id)
    assert mail["failure_class"] == "temporary"
    assert answer[:3] in mail["failure_detail"]
    wait_until(cast, invoice_id, "scheduled")
    assert mail["attempts"] == 1
    assert retry_in(mail) == timedelta(minutes=1)

    cast.clock.advance(minutes=1)
    mail = wait_for_failure(cast, invoice_id, 2)
    wait_until(cast, invoice_id, "scheduled")
    assert retry_in(mail) == timedelta(minutes=2)

    peer.forget(rule)
    cast.clock.advance(minutes=2)
    wait_until(cast, invoice_id, "sent")
    (accepted,) = peer.to(cast.email)
    assert_links_work(cast, [accepted])
    assert cast.kinds(invoice_id) == ["invoice_created", "checkin_sent"]


def test_a_day_of_passing_failures(cast: Cast, peer: Peer) -> None:
    """After a day and ten mails of 4xx the check-in fails, the user is told, and the relance ahead stays.

    It is one recipient's trouble, for another's mail is accepted meanwhile.
    """
    peer.reply("rcpt", "451 4.3.0 try again later", cast.email)
    invoice_id = ask(cast)
    wait_for_failure(cast, invoice_id)
    wait_until(cast, invoice_id, "scheduled")
    other = Cast(cast.line, now=None)
    other.api("request_email_proof")
    wait_for_mails(peer, other.email, 1)
    for count in range(2, 10):
        cast.clock.advance(hours=1)
        wait_for_failure(cast, invoice_id, count)
        wait_until(cast, invoice_id, "scheduled")
    cast.clock.advance(hours=24)
    wait_for_failure(cast, invoice_id, 10)
    assert wait_until(cast, invoice_id, "failed")["end_reason"] == "mail temporary"
    assert cast.kinds(invoice_id) == ["invoice_created", "checkin_failed"]
    assert cast.tally(invoice_id).relances_ahead == 1
    other.api("request_email_proof")
    wait_for_mails(peer, other.email, 2)
    until(lambda: cast.public("readiness")["mail"]["ok"], "mail is not well")


@pytest.mark.parametrize(
    ("point", "answer"),
    [
        ("rcpt", "550 5.1.1 no such user"),
        ("data", "554 5.5.1 no valid recipients"),
        ("accepted", "554 5.7.1 message refused"),
    ],
)
def test_a_final_refusal_ends_the_check_in(cast: Cast, peer: Peer, point: Point, answer: str) -> None:
    """A 5xx on the recipient or the message ends the check-in at once, and the user is told."""
    peer.reply(point, answer, cast.email)
    invoice_id = ask(cast)
    mail = wait_for_failure(cast, invoice_id)
    assert mail["failure_class"] == "refused"
    assert answer[:3] in mail["failure_detail"]
    assert wait_until(cast, invoice_id, "failed")["end_reason"] == "mail refused"
    assert cast.kinds(invoice_id) == ["invoice_created", "checkin_failed"]
    cast.clock.advance(hours=2)
    cast.tick()
    assert len(cast.mails(invoice_id)) == 1


@pytest.mark.parametrize("point", ["rcpt", "data"])
def test_silence_before_the_message_is_a_passing_failure(cast: Cast, peer: Peer, point: Point) -> None:
    """A time-out before the message was handed over is a passing failure: it cannot have been delivered."""
    held = peer.hold(point, cast.email)
    invoice_id = ask(cast)
    mail = wait_for_failure(cast, invoice_id)
    held.released.set()
    assert mail["failure_class"] == "temporary"
    wait_until(cast, invoice_id, "scheduled")
    assert mail["attempts"] == 1
    cast.clock.advance(minutes=1)
    wait_until(cast, invoice_id, "sent")
    assert len(peer.to(cast.email)) == 1


def test_silence_after_the_message_leaves_its_fate_unknown(cast: Cast, peer: Peer) -> None:
    """A time-out after the message was handed over: its fate is unknown, so it is mailed again."""
    held = peer.hold("accepted", cast.email)
    invoice_id = ask(cast)
    mail = wait_for_failure(cast, invoice_id)
    held.released.set()
    assert mail["failure_class"] == "unknown"
    wait_until(cast, invoice_id, "scheduled")
    cast.clock.advance(minutes=1)
    wait_until(cast, invoice_id, "sent")
    assert_links_work(cast, wait_for_mails(peer, cast.email, 2))


def test_an_answered_question_is_not_mailed_again(cast: Cast, peer: Peer) -> None:
    """A mail whose fate is unknown did arrive, and was answered: nothing more is sent."""
    held = peer.hold("accepted", cast.email)
    invoice_id = ask(cast)
    wait_for_failure(cast, invoice_id)
    held.released.set()
    wait_until(cast, invoice_id, "scheduled")
    assert cast.click(token_hash(peer.to(cast.email)[0].token), "pending") == "pending"
    cast.clock.advance(minutes=5)
    cast.tick()
    assert cast.task(invoice_id)["status"] == "answered"
    assert len(cast.mails(invoice_id)) == 1


def test_one_bad_address_does_not_hold_up_the_others(
    cast: Cast, post: tuple[Database, Peer], peer: Peer
) -> None:
    """While one server-side address hangs, the mails of others leave."""
    with connected(post[0]) as other:
        held = peer.hold("rcpt", cast.email)
        ask(cast)
        held.wait_until_reached()
        wait_until(other, ask(other), "sent")
        held.released.set()
        assert len(peer.to(other.email)) == 1
