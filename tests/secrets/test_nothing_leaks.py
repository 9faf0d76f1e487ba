"""No plain token and no password anywhere, once the whole flow was played and had its accidents."""

import pytest

from tests.secrets.conftest import Evidence
from tests.support.leaks import files_holding, forms, found_in


def leaks(evidence: Evidence, content: bytes) -> list[str]:
    """Which secrets the content holds."""
    needles = evidence.needles()
    return [needles[needle] for needle in found_in(content, needles)]


def test_there_was_something_to_leak(evidence: Evidence) -> None:
    """The flow used tokens of every kind, and passwords."""
    names = " ".join(evidence.tokens)
    numbers = ("CLICKED", "PRESSED", "REFUSED", "UNCONFIRMED", "BROKEN", "AWAY", "QUEUED")
    assert all(f"the token of Facture {number}" in names for number in numbers)
    assert all(f"facture {number}, " in names for number in ("PRESSED", "UNCONFIRMED", "BROKEN"))
    assert names.count("an access or refresh token") >= 8
    assert len(evidence.passwords) == 3


def test_a_dump_holds_no_secret(evidence: Evidence) -> None:
    """A pg_dump of the whole database holds hashes only."""
    assert b"COPY rubis.checkin_mail" in evidence.dump
    assert leaks(evidence, evidence.dump) == []


def test_the_data_directory_holds_no_secret(evidence: Evidence) -> None:
    """Nor do the raw files of tables, indexes and write-ahead log, what was deleted since included."""
    assert files_holding(evidence.cluster, evidence.needles()) == []


def test_the_servers_log_holds_no_secret(evidence: Evidence) -> None:
    """Nor does the log of a server that logs every statement, every parameter and every error."""
    assert b"answer_checkin" in evidence.server_log
    assert b"undo_checkin" in evidence.server_log
    assert b"send_checkin" in evidence.server_log
    assert b"send_user_mail" in evidence.server_log
    assert leaks(evidence, evidence.server_log) == []


@pytest.mark.parametrize("name", ["api", "worker"])
def test_our_logs_hold_no_secret(evidence: Evidence, name: str) -> None:
    """Nor do our own logs at their most talkative; and the net that masks tokens had nothing to catch."""
    log = evidence.api_log if name == "api" else evidence.worker_log
    wanted = (
        (b"/api/v1/checkin/{token}/paid", b'"/checkin/{token}/undo"')
        if name == "api"
        else (b"mail_accepted",)
    )
    assert [line for line in wanted if line not in log] == []
    assert leaks(evidence, log) == []
    assert b"[token]" not in log


def test_jobs_hold_ids_only(evidence: Evidence) -> None:
    """What waits in the queue names rows, and nothing else."""
    assert {name for args in evidence.job_args for name in args} == {
        "organization_id",
        "checkin_task_id",
        "user_mail_id",
    }
    for args in evidence.job_args:
        assert len(args) == 2
        assert all(isinstance(value, int) for value in args.values())


def test_a_leak_would_be_found(evidence: Evidence) -> None:
    """A token left in a table is found in the dump, the raw files and the server's log."""
    text = forms(evidence.planted)["text"]
    assert text in evidence.dump
    assert text in evidence.server_log
    places = {path.relative_to(evidence.cluster).parts[0] for path in files_holding(evidence.cluster, [text])}
    assert places == {"base", "pg_wal"}


def test_a_leak_in_any_form_would_be_found(evidence: Evidence) -> None:
    """The search knows a token as text, as bytes and as PostgreSQL prints bytes."""
    needles = evidence.needles()
    for token in evidence.tokens.values():
        for form in forms(token).values():
            assert found_in(b"before" + form + b"after", needles) == [form]
