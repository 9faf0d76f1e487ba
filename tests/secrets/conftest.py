"""One flow through everything, on a server that logs all it is told; afterwards every place is searched."""

import base64
import hashlib
import itertools
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.core.security import new_token
from tests.support.island import Island, island
from tests.support.leaks import forms
from tests.support.mails import page_token, page_url
from tests.support.person import Person
from tests.support.program import Program
from tests.support.search import tokens_of
from tests.support.smtp import Mail
from tests.support.stack import Stack, running_stack
from tests.support.ticker import Ticker
from tests.support.waiting import until

# Everything a server can be asked to log of what it executes and of what fails, parameters included.
TALKATIVE = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
    "log_error_verbosity": "verbose",
    "log_min_messages": "info",
}
SMTP_PASSWORD = "smtp-" + secrets.token_urlsafe(18)
_JOBS = "select args from queue.procrastinate_jobs"
_CLIENT = "compta@relancee.example"

# The worker mints more tokens than its mails carry. Made from a seed, the others are known here too.
SEED = secrets.token_hex(16)
_MINT_FROM_SEED = f"""
import base64, hashlib, itertools, secrets
_count = itertools.count()
def _mint(nbytes):
    digest = hashlib.sha256(f"{SEED} {{next(_count)}}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
secrets.token_urlsafe = _mint
"""


def minted() -> Iterator[str]:
    """The tokens that the worker mints, in its order."""
    for number in itertools.count():
        digest = hashlib.sha256(f"{SEED} {number}".encode()).digest()
        yield base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass(frozen=True)
class Evidence:
    """What there is to search, and what must not be found there."""

    home: Path
    folder: Path
    """The dump and our logs, as files."""
    dump: bytes
    api_log: bytes
    worker_log: bytes
    job_args: list[dict[str, Any]]
    mails: list[Mail]
    tokens: dict[str, str]
    spare: list[str]
    """Tokens that the worker minted for mails which had less to say."""
    letters: list[str]
    """The texts of letters, as they are kept."""
    passwords: dict[str, str]
    planted: str

    @property
    def server_log(self) -> bytes:
        """What PostgreSQL logged."""
        return (self.home / "server.log").read_bytes()

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data directory: tables, indexes, WAL."""
        return self.home / "cluster"

    def needles(self) -> dict[bytes, str]:
        """Every form of every secret, and what it is."""
        found = {
            form: f"{name}, {kind}"
            for name, token in self.tokens.items()
            for kind, form in forms(token).items()
        }
        for name, password in self.passwords.items():
            found |= {password.encode(): name, password.encode().hex().encode(): f"{name}, hex"}
        return found


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    """Play the flow, then stop everything."""
    folder = tmp_path_factory.mktemp("secrets")
    with island(**TALKATIVE) as home:
        credentials = {"SMTP_USERNAME": "rubis", "SMTP_PASSWORD": SMTP_PASSWORD}
        with running_stack(home.database(), folder, _MINT_FROM_SEED, **credentials) as stack:
            stack.peer.credentials = (b"rubis", SMTP_PASSWORD.encode())
            told = Told()
            play(stack, home, told)
            planted = plant(stack, folder)
            dump = subprocess.run(
                [home.postgres.bindir / "pg_dump", "--dbname", home.postgres.conninfo()],
                check=True,
                capture_output=True,
            ).stdout
            (folder / "dump.sql").write_bytes(dump)
            stack.database.admin.execute("checkpoint")
            mails = [*stack.peer.mails, *stack.peer.dropped]
            letters = stack.database.admin.rows("select subject, body from rubis.letter_text")
        for mail in mails:
            told.mail(mail)
        home.postgres.stop()
        yield Evidence(
            home.postgres.home,
            folder,
            dump,
            stack.api.log().encode(),
            stack.worker.log().encode(),
            told.job_args,
            mails,
            told.tokens,
            spare_tokens(mails),
            [f"{row['subject']}\n{row['body']}" for row in letters],
            told.passwords | {"the SMTP password": SMTP_PASSWORD},
            planted,
        )


def spare_tokens(mails: list[Mail]) -> list[str]:
    """What the worker minted before the last token that a mail carries, and no mail carries."""
    left = tokens_of(mails)
    spare = []
    for token in minted():
        if token in left:
            left.remove(token)
        else:
            spare.append(token)
        if not left:
            return spare
        assert len(spare) < 100_000, "a mail carries a token of another origin"
    raise AssertionError


class Told:
    """The secrets that were used, and what was seen in passing."""

    def __init__(self) -> None:
        self.tokens: dict[str, str] = {}
        self.passwords: dict[str, str] = {}
        self.job_args: list[dict[str, Any]] = []

    def token(self, name: str, token: str) -> str:
        """Remember a token."""
        self.tokens[f"{name} ({len(self.tokens)})"] = token
        return token

    def mail(self, mail: Mail) -> None:
        """Remember the tokens of a mail: those of its questions by number, others by its subject."""
        asked = {question.token: f"Facture {question.number}" for question in mail.questions}
        for token in tokens_of([mail]):
            self.token(f"the token of {asked.get(token, mail.message['Subject'])}", token)

    def password(self, name: str, password: str) -> str:
        """Remember a password."""
        self.passwords[name] = password
        return password


def play(stack: Stack, home: Island, told: Told) -> None:
    """All that a token or a password goes through, failures included."""
    with Person(stack) as ana:
        told.password("a password", ana.password)
        _sign_in_and_out(ana, told)
        ana.prove_address()
        _click(stack, ana, told)
        _press(stack, ana, told)
        _be_refused(stack, ana)
        _meet_a_broken_database(stack, ana)
        _meet_no_database(stack, home, ana)
        _look_into_the_queue(stack, home, ana, told)
        _ask_twice_at_once(stack, ana)
        _write_to_a_client(stack, ana)
        for token in ana.secrets:
            told.token("an access or refresh token", token)


def _sign_in_and_out(ana: Person, told: Told) -> None:
    wrong = told.password("a wrong password", "wrong-" + secrets.token_urlsafe(18))
    url = "/api/v1/auth/login"
    assert ana.browser.post(url, json={"email": ana.email, "password": wrong}).status_code == 401
    assert ana.browser.post(url, json={"email": ana.email, "pasword": wrong}).status_code == 422
    ana.log_in()
    used = ana.browser.cookies["rubis_refresh"]
    ana.refresh()
    headers = {"Cookie": f"rubis_refresh={used}"}
    ana.stack.database.clock.advance(seconds=31)  # a second tab would have refreshed by now
    assert httpx.post(f"{ana.stack.url}/api/v1/auth/refresh", headers=headers).status_code == 401
    ana.log_in()
    unknown = told.token("an unknown access token", new_token())
    headers = {"Authorization": f"Bearer {unknown}", "X-Request-ID": unknown}
    assert httpx.get(f"{ana.stack.url}/api/v1/me", headers=headers).status_code == 401


def _click(stack: Stack, ana: Person, told: Told) -> None:
    _, mail = ana.asked(number="CLICKED")
    for method, answer in [("HEAD", "paid"), ("POST", "paid"), ("GET", "paid"), ("GET", "pending")]:
        httpx.request(method, mail.links[answer], headers={"Referer": mail.links[answer]})
    forged = told.token("a forged token", new_token())
    for path in [
        f"{forged}/paid",
        f"{forged}/maybe",
        forged,
        f"{forged}x/paid",
        f"{forged}/paid?token={forged}",
    ]:
        httpx.get(f"{stack.url}/api/v1/checkin/{path}")


def _press(stack: Stack, ana: Person, told: Told) -> None:
    """Pages looked at, their buttons pressed, by a receipt as well, and tokens that nobody issued."""
    invoice, mail = ana.asked(number="PRESSED")
    page = page_url(mail)
    assert httpx.post(f"{page}/pending", headers={"Referer": page}).status_code == 303
    assert httpx.post(f"{page}/paid", data={"token": mail.token}).status_code == 303
    (receipt,) = ana.receipts(invoice)
    page = page_url(receipt)
    for accept in ("text/html", "application/json"):
        headers = {"Accept": accept, "Referer": page, "X-Request-ID": page_token(receipt)}
        assert (
            httpx.get(f"{page}?answer=paid&token={page_token(receipt)}", headers=headers).status_code == 200
        )
    assert httpx.post(f"{page}/paid").status_code == 404
    rename = "alter function api.{} rename to {}"
    stack.database.admin.execute(rename.format("undo_checkin", "undo_nothing"))
    assert httpx.post(f"{page}/undo").status_code == 503
    stack.database.admin.execute(rename.format("undo_nothing", "undo_checkin"))
    with _failing_inserts(stack):
        assert httpx.post(f"{page}/undo").status_code == 500
    assert httpx.post(f"{page}/undo").status_code == 303
    forged = told.token("a forged token of a page", new_token())
    for path in [forged, f"{forged}/undo", f"{forged}/paid", f"{forged}x", f"{forged}/maybe"]:
        httpx.get(f"{stack.url}/checkin/{path}")
        httpx.post(f"{stack.url}/checkin/{path}")


def _be_refused(stack: Stack, ana: Person) -> None:
    """A server that quotes the mails it refuses: a check-in's, and a receipt."""
    rule = stack.peer.reply("accepted", "554 5.7.1 blocked because of <link>", ana.email)
    invoice = ana.issue(number="REFUSED")
    stack.a_minute_passes()
    until(
        lambda: ana.get(f"invoices/{invoice['invoice_id']}")["checkin"]["status"] == "failed",
        "the mail was not refused",
    )
    stack.peer.forget(rule)
    _, mail = ana.asked(number="UNCONFIRMED")
    rule = stack.peer.reply("accepted", "554 5.7.1 blocked because of <link>", ana.email)
    assert httpx.get(mail.links["paid"]).status_code == 302
    stack.a_minute_passes()
    until(
        lambda: stack.database.admin.rows(
            "select from rubis.mail where kind = 'receipts' and status = 'failed'"
        ),
        "the receipt was not refused",
    )
    stack.peer.forget(rule)


def _meet_a_broken_database(stack: Stack, ana: Person) -> None:
    """A click that meets an error which PostgreSQL logs with its statement and parameters."""
    _, mail = ana.asked(number="BROKEN")
    rename = "alter function api.{} rename to {}"
    stack.database.admin.execute(rename.format("answer_checkin", "answer_nothing"))
    assert httpx.get(mail.links["paid"]).status_code == 503
    stack.database.admin.execute(rename.format("answer_nothing", "answer_checkin"))
    with _failing_inserts(stack):
        assert httpx.get(mail.links["paid"]).status_code == 500
    assert httpx.get(mail.links["paid"]).status_code == 302


@contextmanager
def _failing_inserts(stack: Stack) -> Iterator[None]:
    """Within: a click cannot be written down, for a reason nobody thought of."""
    stack.database.admin.execute(
        "create function public.fail() returns trigger language plpgsql as 'begin return new.nothing; end'"
    )
    stack.database.admin.execute(
        "create trigger fail before insert on rubis.checkin_click for each row execute function public.fail()"
    )
    try:
        yield
    finally:
        stack.database.admin.execute("drop function public.fail() cascade")


def _meet_no_database(stack: Stack, home: Island, ana: Person) -> None:
    """A click while PostgreSQL is away is not lost: the same link answers afterwards."""
    _, mail = ana.asked(number="AWAY")
    home.postgres.stop()
    assert httpx.get(mail.links["paid"], timeout=30).status_code == 503
    home.postgres.start()
    stack.database = home.database()
    until(
        lambda: httpx.get(mail.links["paid"]).status_code == 302, "the API has not found its database again"
    )


def _look_into_the_queue(stack: Stack, home: Island, ana: Person, told: Told) -> None:
    """What waits there while the worker sleeps: a check-in, and the receipt of the last answer."""
    stack.worker.suspend()
    ana.issue(number="QUEUED")
    stack.a_minute_passes()
    Ticker(home.database()).tick()
    told.job_args += [row["args"] for row in stack.database.admin.rows(_JOBS)]
    stack.worker.resume()
    until(lambda: any("QUEUED" in mail.message["Subject"] for mail in stack.peer.to(ana.email)), "not sent")


def _ask_twice_at_once(stack: Stack, ana: Person) -> None:
    """One mail of two questions, with HTML beside the text; one is answered, and so has a receipt."""
    stack.database.owner().execute("update rubis.organization set mail_format = 'both'")
    received = len(ana.mails(0))
    for number in ("FIRST", "SECOND"):
        ana.issue(number=number)
    stack.a_minute_passes()
    mail = ana.mails(received + 1)[-1]
    first, second = mail.questions
    assert httpx.get(first.links["paid"]).status_code == 302
    assert httpx.get(second.links["pending"]).status_code == 302
    stack.a_minute_passes()
    ana.receipts({"number": first.number})


def _write_to_a_client(stack: Stack, ana: Person) -> None:
    """A letter, whose text is kept: nothing that answers for the user may be in it."""
    _, mail = ana.asked(number="REMINDED", client_name="Relancee SARL", client_email=_CLIENT)
    assert httpx.get(mail.links["pending"]).status_code == 302

    def written() -> bool:
        in_hand = "select count(*) from rubis.mail where status in ('scheduled', 'queued', 'sending')"
        if stack.database.admin.value(in_hand) == 0 and not stack.peer.to(_CLIENT):
            stack.database.clock.advance(hours=6)
        return bool(stack.database.admin.value("select count(*) from rubis.letter_text"))

    until(written, stack.worker.log, 120, pause=0.5)


def plant(stack: Stack, folder: Path) -> str:
    """Leave a token wherever one could be left, to see that it would be found."""
    token = new_token()
    stack.database.admin.execute("create table public.planted (content text)")
    stack.database.admin.execute("insert into public.planted values (%s)", [token])
    with Program(
        "worker", stack.database.environment(), folder, before=f"print({token!r}); raise SystemExit"
    ) as it:
        it.wait()
        assert token in it.log()
    return token
