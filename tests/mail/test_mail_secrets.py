"""No driver, whatever happens, says a link, a token, a body or a credential."""

import asyncio
import json
import logging
import pickle
import traceback
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from hypothesis import given
from hypothesis import strategies as st

from app.mail.drivers import MailError, make_driver
from app.mail.errors import DETAIL_LENGTH, scrub
from app.mail.notices import read_notice
from app.mail.questions import read_questions
from app.mail.receipts import read_receipts
from tests.mail.mail_begun import LINKED, begun, make_mail
from tests.mail.mail_peers import (
    TOKEN,
    make_settings,
    resend_peer,
    scripted_peer,
    smtp_peer,
)

PASSWORD = "correct-horse-battery"
API_KEY = "re_verysecretkey"
BODY_LINE = "Un seul clic suffit"
ECHO = f"554 5.7.1 your mail said https://x.example/api/v1/checkin/{TOKEN}/paid {TOKEN}"


def said_by(
    changes: dict[str, Any], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> str:
    """All that sending one mail puts anywhere: every library's log, output, the error and its chain."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mail").setLevel(logging.ERROR)  # the test's own SMTP server, not ours

    async def go() -> None:
        driver = make_driver(make_settings(resend_api_key=API_KEY, **changes))
        try:
            await driver.send(make_mail(mail_format="both"))
        finally:
            await driver.aclose()

    said = ""
    try:
        asyncio.run(go())
    except MailError as error:
        said = "".join(traceback.format_exception(error))
        link: BaseException | None = error
        while link is not None:
            said += repr(link) + str(vars(link))
            link = link.__context__
    output = capsys.readouterr()
    return said + caplog.text + output.out + output.err


def check(said: str) -> None:
    assert said
    for secret in (TOKEN, TOKEN[:20], PASSWORD, API_KEY, BODY_LINE, "checkin/Z"):
        assert secret not in said


def test_the_file_driver_keeps_quiet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither writing a mail nor failing to write one says what is in it."""
    check(said_by({"mail_driver": "file", "rubis_data_dir": tmp_path}, capsys, caplog))
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "outbox").touch()
    check(said_by({"mail_driver": "file", "rubis_data_dir": folder}, capsys, caplog))


def test_the_smtp_driver_keeps_quiet(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """An answer that quotes the mail or the password back is cleaned, and success says neither."""

    async def echo(_server: SMTP) -> str:
        return ECHO

    with smtp_peer() as (settings, _):
        check(said_by(settings, capsys, caplog))
    with smtp_peer(after_dot=echo) as (settings, _):
        check(said_by(settings, capsys, caplog))
    for after_auth in (f"535 5.7.8 {PASSWORD} is wrong\r\n".encode(), None):
        lines = [b"220 hi\r\n", b"250-x\r\n250 AUTH PLAIN\r\n", after_auth]
        with scripted_peer(*lines) as port:
            peer = {
                "mail_driver": "smtp",
                "smtp_host": "127.0.0.1",
                "smtp_port": port,
                "smtp_username": "rubis",
                "smtp_password": PASSWORD,
            }
            check(said_by(peer, capsys, caplog))


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"{}"),
        (422, json.dumps({"name": "validation_error", "message": ECHO}).encode()),
        (403, json.dumps({"name": "invalid_api_key", "message": f"{API_KEY} is no key"}).encode()),
        (500, ECHO.encode()),
        "drop",
    ],
)
def test_the_resend_driver_keeps_quiet(
    answer: Any, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Resend may quote the mail or the key in its answer; nothing of it is kept."""
    with resend_peer(answer) as peer:
        check(said_by({"mail_driver": "resend", "resend_url": peer.url}, capsys, caplog))


@given(
    before=st.text(),
    after=st.text(),
    token=st.text(alphabet="ABCXYZabcxyz0189-_", min_size=43, max_size=43),
    cut=st.integers(10, 43),
    gap=st.sampled_from(["", "\r\n", " ", "=\r\n"]),
)
def test_a_detail_never_holds_a_token(before: str, after: str, token: str, cut: int, gap: str) -> None:
    """However a server wraps or surrounds the link it quotes, ten characters of its token never survive."""
    detail = scrub(f"{before}/checkin/{token[:cut]}{gap}{token[cut:]}/paid{after}")
    assert len(detail) <= DETAIL_LENGTH
    assert detail.isprintable()
    assert token[:10] not in detail.partition("/checkin/")[2]
    assert token not in scrub(f"{before} {token} {after}")


def test_an_error_survives_being_passed_between_processes() -> None:
    """A MailError can be pickled and keeps kind and detail."""
    again = pickle.loads(pickle.dumps(MailError("refused", "no such user")))
    assert (again.kind, again.detail, str(again)) == ("refused", "no such user", "refused: no such user")


@pytest.mark.parametrize("kind", LINKED)
def test_no_repr_shows_a_token(kind: str) -> None:
    """What is read from the database with its tokens, and the mail written of it, may be logged or raised."""
    read = {"questions": read_questions, "receipts": read_receipts}.get(kind, read_notice)
    assert TOKEN[:10] not in repr(read(begun(kind), [TOKEN]))
    assert TOKEN[:10] not in repr(make_mail(kind, mail_format="both"))
