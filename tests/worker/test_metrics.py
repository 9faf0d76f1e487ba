"""What a worker shows Prometheus: its mails by kind and class, its ticks, its errors; and nobody's name."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.core.security import token_hash
from tests.support.cast import Cast, connected
from tests.support.database import Database
from tests.support.exposition import Exposition, look
from tests.support.leaks import forms
from tests.support.mails import wait_for_failure, wait_for_mails, wait_until
from tests.support.ports import free_port, wait_for_port
from tests.support.program import Program
from tests.support.smtp import Peer
from tests.support.waiting import until
from tests.worker.conftest import worker_environment

KINDS = (
    "questions",
    "letter",
    "receipts",
    "said_paid",
    "verify_email",
    "late_notice",
    "click_mode_advice",
    "reset_password",
    "password_changed",
    "email_changing",
    "change_email",
)
CLASSES = ("sent", "withdrawn", "temporary", "refused", "operator", "unknown")


@dataclass
class Watched:
    """A worker on a database of its own, and the organization it works for."""

    worker: Program
    cast: Cast
    port: int

    def look(self) -> Exposition:
        """What it shows now."""
        return look(self.port)

    def mails(self) -> dict[tuple[str, str], float]:
        """What it has counted, without zeros, by kind and class."""
        seen = self.look().samples["rubis_mails_total"]
        return {(labels["kind"], labels["class"]): count for labels, count in seen if count}

    def wait_for_mails(self, counted: dict[tuple[str, str], float]) -> None:
        """Return once it has counted exactly these, which it does after the database knows."""
        until(lambda: self.mails() == counted, lambda: f"{self.mails()} instead of {counted}")

    def ask(self) -> int:
        """Issue an invoice and let it become due."""
        invoice_id = self.cast.invoice()
        self.cast.clock.advance(minutes=1, seconds=1)
        return invoice_id


@pytest.fixture
def watched(database: Database, peer: Peer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The worker listens for Prometheus and is impatient with its mail server."""
    port = free_port()
    environment = worker_environment(
        database, peer, WORKER_METRICS_PORT=str(port), MAIL_TIMEOUT_SECONDS="1", DB_POOL_SIZE="7"
    )
    with (
        connected(database) as cast,
        Program("worker", environment, tmp_path_factory.mktemp("worker")) as worker,
    ):
        wait_for_port(port)
        yield Watched(worker, cast, port)


def test_all_is_known_before_it_happens(watched: Watched) -> None:
    """Each kind with each class at zero, so that a first failure is seen as an increase."""
    seen = watched.look()
    known = {(labels["kind"], labels["class"]): count for labels, count in seen.samples["rubis_mails_total"]}
    assert known == {(kind, outcome): 0 for kind in KINDS for outcome in CLASSES}
    queues = {labels["queue"]: count for labels, count in seen.samples["rubis_job_errors_total"]}
    assert queues == {"checkins": 0, "relances": 0, "user_mails": 0}


def test_mails_by_kind_and_class(watched: Watched, peer: Peer) -> None:
    """A mail of each class: the attempt that meets it is one, and so is the one that succeeds in the end."""
    cast = watched.cast
    refusal = peer.reply("rcpt", "550 5.1.1 no such user", cast.email)
    wait_until(cast, watched.ask(), "failed")
    watched.wait_for_mails({("questions", "refused"): 1})
    peer.forget(refusal)

    for class_ in ("temporary", "unknown"):
        before = watched.mails()
        rule = (
            peer.reply("rcpt", "451 4.3.0 later", cast.email)
            if class_ == "temporary"
            else peer.hold("accepted", cast.email)
        )
        invoice_id = watched.ask()
        assert wait_for_failure(cast, invoice_id)["failure_class"] == class_
        peer.forget(rule)
        wait_until(cast, invoice_id, "scheduled")
        cast.clock.advance(minutes=1)
        wait_until(cast, invoice_id, "sent")
        sent = before.get(("questions", "sent"), 0) + 1
        watched.wait_for_mails(before | {("questions", class_): 1, ("questions", "sent"): sent})

    seen = watched.look()
    assert seen.value("rubis_mail_duration_seconds_count", kind="questions") == 5
    assert seen.value("rubis_mail_duration_seconds_bucket", kind="questions", le="0.5") == 4  # one waited 1 s


def test_an_operators_failure_is_counted(
    database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A server that cannot be reached is the operator's to mend, and counted so."""
    peer, port = Peer(), free_port()
    environment = worker_environment(
        database, peer, WORKER_METRICS_PORT=str(port), SMTP_PORT=str(free_port())
    )
    with (
        connected(database) as cast,
        Program("worker", environment, tmp_path_factory.mktemp("worker")) as worker,
    ):
        wait_for_port(port)
        watched = Watched(worker, cast, port)
        wait_for_failure(cast, watched.ask())
        assert watched.mails() == {("questions", "operator"): 1}


def test_letters_and_notices_are_counted_by_kind(watched: Watched, peer: Peer) -> None:
    """A mail to the client is a relance; one to the user that is no check-in has its own kind."""
    cast = watched.cast
    cast.api("request_email_proof")
    until(lambda: watched.mails().get(("verify_email", "sent")) == 1, watched.worker.log)
    invoice_id = watched.ask()
    wait_until(cast, invoice_id, "sent")
    (mail,) = [mail for mail in peer.to(cast.email) if mail.links]
    cast.click(token_hash(mail.token), "pending")
    due_in = cast.session.value(
        "select extract(epoch from scheduled_at - rubis.clock()) from rubis.relance where invoice_id = %s",
        [invoice_id],
    )
    cast.clock.advance(seconds=float(due_in) + 1)
    wait_for_mails(peer, "compta@dupont.test", 1)
    until(lambda: watched.mails().get(("letter", "sent")) == 1, watched.worker.log)
    # Days without a tick went by: those concerned are told, of which nobody is here.
    assert watched.mails()["questions", "sent"] == 1


def test_ticks_are_measured(watched: Watched) -> None:
    """How many and how long, what they moved, and how long ago the last one was."""
    wait_until(watched.cast, watched.ask(), "sent")
    seen = watched.look()
    assert seen.value("rubis_tick_duration_seconds_count") >= 1
    assert seen.value("rubis_tick_duration_seconds_sum") > 0
    assert {labels["what"]: count for labels, count in seen.samples["rubis_tick_moved_total"]} == {
        "queued": 1,
        "recovered": 0,
        "expired": 0,
    }
    assert 0 <= seen.value("rubis_worker_tick_age_seconds") < 10
    assert seen.value("rubis_tick_failures_total") == 0


def test_ticks_that_fail_are_counted(watched: Watched) -> None:
    """They are counted, the age of the last good one grows, and the listener goes on."""
    admin = watched.cast.session
    admin.execute("alter function worker.due_organizations rename to due_nobody")
    until(lambda: watched.look().value("rubis_tick_failures_total") >= 1, watched.worker.log)
    age = watched.look().value("rubis_worker_tick_age_seconds")
    until(lambda: watched.look().value("rubis_worker_tick_age_seconds") > age, "the age does not grow")
    ticks = watched.look().value("rubis_tick_duration_seconds_count")
    admin.execute("alter function worker.due_nobody rename to due_organizations")
    until(lambda: watched.look().value("rubis_tick_duration_seconds_count") > ticks, watched.worker.log)


def test_jobs_that_end_in_an_error(watched: Watched) -> None:
    """Whatever the error; no mail is counted for it."""
    admin = watched.cast.session
    admin.execute("alter function worker.begin_mails rename to begin_nothing")
    watched.ask()
    until(lambda: watched.look().value("rubis_job_errors_total", queue="checkins") == 1, watched.worker.log)
    assert watched.mails() == {}


def test_the_worker_shows_itself(watched: Watched) -> None:
    """Its release, its process, its pool; not the cast, which the API measures."""
    seen = watched.look()
    ((build, one),) = seen.samples["rubis_build_info"]
    assert (set(build), build["process"], one) == ({"process", "version", "python"}, "worker", 1)
    assert seen.value("process_resident_memory_bytes") > 1_000_000
    assert seen.value("rubis_pool_max_size") == 7
    assert "rubis_work_due" not in seen.samples


def test_stopping_with_a_listener(watched: Watched) -> None:
    """The listener does not keep a worker from ending, nor its port from being taken again."""
    watched.look()
    watched.worker.ask_to_stop()
    assert watched.worker.wait() == 0, watched.worker.log()
    assert "Traceback" not in watched.worker.log()
    socket.create_server(("127.0.0.1", watched.port)).close()


def test_a_port_in_use_stops_the_start(
    database: Database, peer: Peer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An operator who asked for metrics and cannot have them hears of it at once."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        environment = worker_environment(database, peer, WORKER_METRICS_PORT=port)
        with Program("worker", environment, tmp_path_factory.mktemp("worker")) as worker:
            assert worker.wait() == 1
            assert f"Port {port} of 127.0.0.1 cannot be used for /metrics" in worker.log()
            assert "WORKER_METRICS_PORT" in worker.log()
            assert "Traceback" not in worker.log()


def test_no_metric_tells_whom_a_mail_was_for(watched: Watched, database: Database, peer: Peer) -> None:
    """No token, address, id, number or name, after mails that left and mails that were refused."""
    cast = watched.cast
    cast.session.execute("alter table rubis.invoice alter invoice_id restart 7731942")
    cast.session.execute("alter table rubis.checkin_task alter checkin_task_id restart 6620831")
    with connected(database, email="xenophon@oikonomikos.example") as other:
        cast.session.execute("alter table rubis.organization alter organization_id restart 5519720")
        with connected(database) as third:
            rule = peer.reply("accepted", "554 5.7.1 blocked because of <link>", other.email)
            for one in (other, third):
                one.issue()
            cast.clock.advance(minutes=2)
            until(lambda: len(watched.mails()) == 2, watched.worker.log)
            assert third.organization_id == 5519720
        peer.forget(rule)
    text = watched.look().text
    (token,) = {mail.token for mail in peer.dropped}
    secrets = [form.decode() for name, form in forms(token).items() if name != "raw"]
    private = [*secrets, "xenophon", "oikonomikos", cast.email, "Camille", "Dupont", "dupont"]
    private += ["7731942", "6620831", "5519720", "127.0.0.1", str(peer.port), socket.gethostname() + ":"]
    assert [word for word in private if word in text] == []
