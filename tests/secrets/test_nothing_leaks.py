"""No plain token and no password anywhere, once the whole flow was played and had its accidents."""

import re

import pytest

from tests.secrets.conftest import Evidence
from tests.support.leaks import files_holding, forms, found_in
from tests.support.search import search_files

_TOKEN = re.compile(r"/([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])")


def leaks(evidence: Evidence, content: bytes) -> list[str]:
    """Which secrets the content holds."""
    needles = evidence.needles()
    return [needles[needle] for needle in found_in(content, needles)]


def test_there_was_something_to_leak(evidence: Evidence) -> None:
    """The flow used tokens of every kind, and passwords."""
    names = " ".join(evidence.tokens)
    asked = ("CLICKED", "PRESSED", "REFUSED", "UNCONFIRMED", "BROKEN", "AWAY", "QUEUED", "FIRST", "SECOND")
    assert all(f"the token of Facture {number} " in names for number in asked)
    assert all(f"facture {number}, " in names for number in ("PRESSED", "UNCONFIRMED", "BROKEN", "FIRST"))
    assert "the token of Confirmez votre adresse" in names
    assert names.count("an access or refresh token") >= 8
    assert len(evidence.passwords) == 3


def test_a_dump_holds_no_secret(evidence: Evidence) -> None:
    """A pg_dump of the whole database holds hashes only."""
    assert b"COPY rubis.mail_item" in evidence.dump
    assert leaks(evidence, evidence.dump) == []


def test_the_data_directory_holds_no_secret(evidence: Evidence) -> None:
    """Nor do the raw files of tables, indexes and write-ahead log, what was deleted since included."""
    assert files_holding(evidence.cluster, evidence.needles()) == []


def test_the_servers_log_holds_no_secret(evidence: Evidence) -> None:
    """Nor does the log of a server that logs every statement, every parameter and every error."""
    assert b"answer_checkin" in evidence.server_log
    assert b"undo_checkin" in evidence.server_log
    for function in (b"begin_mails", b"finish_mails", b"fail_mail", b"confirm_letter"):
        assert function in evidence.server_log
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
    """What waits in the queue is pairs of ids of organizations and mails, and nothing else."""
    assert evidence.job_args
    for args in evidence.job_args:
        (name,) = args
        assert name == "mails"
        assert all(isinstance(number, int) for pair in args[name] for number in pair)
        assert {len(pair) for pair in args[name]} == {2}


def test_tokens_that_no_mail_carries_are_nowhere(evidence: Evidence) -> None:
    """Nor are the tokens that the worker made beforehand for mails that had less to say."""
    assert len(evidence.spare) > 100
    assert search_files([evidence.home, evidence.folder], evidence.spare).holding == []


def test_the_html_of_a_mail_has_the_tokens_of_its_text_alone(evidence: Evidence) -> None:
    """HTML beside the plain text leads to the same links, and to no other token."""
    with_html = [mail for mail in evidence.mails if mail.html]
    assert {len(mail.questions) for mail in with_html} >= {0, 2}
    for mail in with_html:
        assert set(_TOKEN.findall(mail.html)) == set(_TOKEN.findall(mail.text))


def test_letters_hold_no_link_that_answers(evidence: Evidence) -> None:
    """Neither a letter that left nor its text, which is kept, holds a token or a link of a question."""
    left = [mail.text for mail in evidence.mails if mail.message["Reply-To"]]
    for letters in (left, evidence.letters):
        assert any("REMINDED" in text for text in letters)
    for text in [*left, *evidence.letters]:
        assert "/checkin/" not in text
        assert leaks(evidence, text.encode()) == []


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
