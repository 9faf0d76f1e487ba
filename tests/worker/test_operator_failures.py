"""What only a person can mend: no check-in fails for it, it is seen, and all goes on once it is mended."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.mails import assert_links_work, wait_for_failure, wait_until
from tests.support.ports import free_port
from tests.support.smtp import Peer, listening
from tests.support.waiting import until
from tests.worker.conftest import StartWorker


def invoice_number(cast: Cast, invoice_id: int) -> str:
    """The number of an invoice."""
    query = "select number from rubis.invoice where invoice_id = %s"
    number: str = cast.session.value(query, [invoice_id])
    return number


def test_bad_credentials_are_retried_and_shown(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """A wrong SMTP password is retried every few minutes for ever, shows in readiness, is never logged.

    Once mended, the user is told of what was late.
    """
    peer.credentials = (b"rubis", b"right-password")
    worker = start_worker(SMTP_USERNAME="rubis", SMTP_PASSWORD="wrong-password")
    invoice_id = cast.invoice()
    cast.clock.advance(minutes=2)
    mail = wait_for_failure(cast, invoice_id)
    wait_until(cast, invoice_id, "scheduled")
    assert mail["failure_class"] == "operator"
    assert mail["next_attempt_at"] - mail["failed_at"] <= timedelta(minutes=5)
    assert cast.public("readiness")["mail"]["ok"] is False

    cast.clock.advance(hours=48)
    wait_for_failure(cast, invoice_id, 2)
    wait_until(cast, invoice_id, "scheduled")
    assert cast.kinds(invoice_id) == ["invoice_created"]
    assert "wrong-password" not in worker.log()
    worker.ask_to_stop()
    assert worker.wait() == 0

    start_worker(SMTP_USERNAME="rubis", SMTP_PASSWORD="right-password")
    cast.clock.advance(minutes=5)
    wait_until(cast, invoice_id, "sent")
    assert_links_work(cast, [mail for mail in peer.to(cast.email) if mail.links])
    assert cast.public("readiness")["mail"]["ok"] is True
    # Two days went by between two ticks, in which mail failed as well: one notice tells both.
    notices = until(
        lambda: [mail for mail in peer.to(cast.email) if not mail.links] or None, "no notice of what was late"
    )
    assert [invoice_number(cast, invoice_id) in notice.text for notice in notices] == [True]


def test_a_server_that_is_not_there(cast: Cast, start_worker: StartWorker) -> None:
    """A refused connection fails no question in a week; the mail leaves when the server is back."""
    elsewhere = Peer()
    start_worker(SMTP_PORT=str(elsewhere.port))
    invoice_id = cast.invoice()
    assert "at connect" in outlive_a_week(cast, invoice_id)["failure_detail"]
    with listening(elsewhere):
        cast.clock.advance(minutes=5)
        wait_until(cast, invoice_id, "sent")
        until(lambda: [mail for mail in elsewhere.to(cast.email) if mail.links], "the mail did not arrive")
    assert cast.public("readiness")["mail"]["ok"] is True


@pytest.fixture
def http_port() -> Iterator[int]:
    """A port that greets like a web server and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=greet_in_http, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def greet_in_http(listener: socket.socket) -> None:
    """Answer each connection until the listener is shut down."""
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.mark.parametrize(
    "wrong",
    [
        {"SMTP_HOST": "smtp.invalid"},
        {"SMTP_PORT": "HTTP"},
        {"SMTP_PORT": "HTTP", "SMTP_TLS": "tls"},
        {"SMTP_TLS": "starttls"},
        {"MAIL_DRIVER": "resend", "RESEND_API_KEY": "re_x", "RESEND_URL": "http://127.0.0.1:CLOSED"},
        {"MAIL_DRIVER": "resend", "RESEND_API_KEY": "re_x", "RESEND_URL": "https://resend.invalid"},
    ],
    ids=["no_such_host", "http", "no_tls", "no_starttls", "resend_closed", "resend_no_network"],
)
def test_a_wrong_way_to_the_mail_server_fails_no_question(
    cast: Cast, start_worker: StartWorker, http_port: int, wrong: dict[str, str]
) -> None:
    """However the way is wrong, the question is tried for a week and readiness says so."""
    places = {"HTTP": str(http_port), "CLOSED": str(free_port())}
    for word, place in places.items():
        wrong = {name: value.replace(word, place) for name, value in wrong.items()}
    start_worker(**wrong)
    outlive_a_week(cast, cast.invoice())


def outlive_a_week(cast: Cast, invoice_id: int) -> dict[str, Any]:
    """Let the question of an invoice meet the same failure eleven times within a week; the last failure."""
    cast.clock.advance(minutes=2)
    for count in range(1, 12):
        mail = wait_for_failure(cast, invoice_id, count)
        wait_until(cast, invoice_id, "scheduled")
        assert mail["failure_class"] == "operator"
        assert mail["next_attempt_at"] - mail["failed_at"] <= timedelta(minutes=5)
        cast.clock.advance(hours=16)
    assert cast.kinds(invoice_id) == ["invoice_created"]
    readiness = cast.public("readiness")
    assert (readiness["status"], readiness["mail"]["ok"]) == ("degraded", False)
    return mail


def test_a_sender_the_server_does_not_take(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """A 5xx before the recipient is named is the operator's to mend, not the user's fault."""
    rule = peer.reply("rcpt", "550 5.7.1 relaying denied", cast.email)
    start_worker()
    invoice_id = cast.invoice()
    cast.clock.advance(minutes=2)
    assert wait_for_failure(cast, invoice_id)["failure_class"] == "operator"
    wait_until(cast, invoice_id, "scheduled")
    peer.forget(rule)
    cast.clock.advance(minutes=5)
    wait_until(cast, invoice_id, "sent")
