"""`rubis demo`: the whole flow on an embedded database of its own, to look at or, with --once, to prove."""

import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import click
import httpx
import psycopg
from psycopg.rows import dict_row

from app import embedded
from app.demo_stack import DemoError, running_stack
from app.outbox import Mail, read_outbox
from app.settings import Settings

_SQL_FOLDER = Path(__file__).parent.parent / "db" / "demo"
_MAIL_SECONDS = 30
_RECORD_SECONDS = 5


def run(settings: Settings, *, once: bool) -> None:
    """Start everything on a fresh data directory and show the flow.

    Without `once` it stays up until Ctrl-C, telling what happens as links are clicked. With it, it clicks
    itself, and raises DemoError at the first thing that is not as it should be. It moves its own rows in
    time, and its database's clock, so it runs on an embedded database only: DATABASE_URL or PG_HOST is an
    error.
    """
    if not settings.embedded:
        raise DemoError(
            "the demonstration moves rows in time, so it runs on its own embedded database only:\n"
            "unset DATABASE_URL and PG_HOST"
        )
    data_dir = settings.rubis_data_dir / "demo"
    if embedded.is_running(data_dir):
        raise DemoError(f"a demonstration is already running on {data_dir}")
    shutil.rmtree(data_dir, ignore_errors=True)
    demo = Demo(settings.model_copy(update={"rubis_data_dir": data_dir}))
    with running_stack(demo.settings, demo.http):
        if once:
            demo.prove()
        else:
            demo.show()


@dataclass
class Demo:
    """One demonstration: its stack, its user and what it has seen."""

    settings: Settings
    mails_seen: set[str] = field(default_factory=set)
    email: str = "lea@example.com"
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))

    def __post_init__(self) -> None:
        # Once, lest a demonstration around midnight has invoices of two days.
        self.today = datetime.now(ZoneInfo("Europe/Paris")).date()
        self.address = f"http://localhost:{self.settings.port}"
        self.http = httpx.Client(base_url=self.address, timeout=10, trust_env=False)
        self.browser = httpx.Client(headers={"Accept-Language": "fr"}, timeout=10, trust_env=False)

    # What a user does.

    def sign_up(self) -> None:
        """A freelancer signs up."""
        self._step(f"{self.email} signs up and gets an organization, with a relance plan")
        session = self._post(
            "/api/v1/auth/register",
            email=self.email,
            password=self.password,
            full_name="Léa Martin",
            organization_name="Atelier Martin",
        )
        self.http.headers["Authorization"] = f"Bearer {session['access_token']}"

    def issue(self, number: str, amount_cents: int) -> int:
        """An invoice due today, its check-in made due now. Returns invoice_id."""
        invoice = self._post(
            "/api/v1/invoices",
            client={"name": "Boulangerie Dupont", "email": "dupont@example.com"},
            number=number,
            issued_on=str(self.today - timedelta(days=30)),
            due_on=str(self.today),
            amount_cents=amount_cents,
            currency="EUR",
        )
        relance = invoice["relances"][0]
        click.echo(f"  invoice {number}: {invoice['status']}")
        click.echo(f"  check-in {invoice['checkin']['status']} for {invoice['checkin']['scheduled_at']}")
        click.echo(f"  relance {relance['status']} for {relance['scheduled_at']}, should you answer pending")
        self._sql("make_due", invoice["invoice_id"])
        invoice_id: int = invoice["invoice_id"]
        return invoice_id

    def wait_for_mail(self) -> Mail:
        """The next mail that the worker sends."""
        deadline = time.monotonic() + _MAIL_SECONDS
        while time.monotonic() < deadline:
            for mail in self._new_mails():
                return mail
            time.sleep(0.1)
        raise DemoError(f"no mail within {_MAIL_SECONDS} s")

    def click_link(self, url: str) -> str:
        """Follow a link as a browser does; return the outcome that its page shows, or "confirm"."""
        location = self._follow("GET", url, 302)
        if location.startswith(f"{self.address}/checkin/"):
            return "confirm"
        return location.removeprefix(f"{self.settings.web_url}/checkin/")

    def press(self, url: str, button: str) -> None:
        """Open a check-in's page and press its button for "paid", "pending" or "undo", without scripts."""
        page = self.browser.get(url)
        actions = re.findall(r'<form method="post" action="([^"]+)"', page.text)
        click.echo(f"  GET {url}\n  {page.status_code}: {_heading(page.text)}")
        self._check("status of the page", page.status_code, 200)
        pressed = [action for action in actions if action.partition("?")[0].endswith(f"/{button}")]
        self._check(f"buttons for {button}", len(pressed), 1)
        self._follow("POST", urljoin(url, unescape(pressed[0])), 303)

    # The two ways to run.

    def prove(self) -> None:
        """Click everything, and compare what the database says with what it should."""
        self.sign_up()

        self._step("An invoice that falls due today: the user is asked by mail")
        paid = self.issue("F-2026-001", 120000)
        mail = self.wait_for_mail()
        _print_mail(mail)
        self._check("recipient", mail.to, f"Léa Martin <{self.email}>")

        self._step("One click on paid")
        self._check("outcome", self.click_link(mail.paid_url), "paid")
        self._expect(
            paid,
            invoice="paid via check-in",
            rubis="1",
            activity="invoice_created, checkin_sent, invoice_paid (via check-in)",
            relances="step 1 cancelled (invoice paid)",
        )

        self._step("A second click changes nothing")
        self._check("outcome", self.click_link(mail.paid_url), "already_answered")
        self._expect(paid, invoice="paid via check-in", rubis="1")

        self._step("A minute after the click on paid: a receipt, in case it was not a person's")
        self._sql("confirm_now", paid)
        receipt = self.wait_for_mail()
        _print_mail(receipt)
        self._check("number in the subject", "F-2026-001" in receipt.subject, expected=True)

        self._step("Another invoice, and one click on pending: the relances run their course")
        pending = self.issue("F-2026-002", 45050)
        self._check("outcome", self.click_link(self.wait_for_mail().pending_url), "pending")
        self._expect(
            pending,
            invoice="open",
            rubis="1",
            activity="invoice_created, checkin_sent, checkin_answered (still pending, via check-in)",
            relances="step 1 scheduled",
        )

        self._step("A third, whose mail is 25 hours old: its links have expired, but paid is a hint")
        expired = self.issue("F-2026-003", 9900)
        mail = self.wait_for_mail()
        self._expect(expired, activity="invoice_created, checkin_sent")
        self._sql("age_mail", expired)
        self._expect(expired, activity="invoice_created, checkin_sent, checkin_expired")
        self._check("outcome", self.click_link(mail.pending_url), "expired")
        self._expect(expired, invoice="open", rubis="1", relances="step 1 scheduled")
        self._check("outcome", self.click_link(mail.paid_url), "expired")
        self._expect(expired, invoice="open", rubis="1", relances="step 1 held")
        again = self.wait_for_mail()
        click.echo(f"  asked anew: {again.subject}")
        self._check("outcome", self.click_link(again.pending_url), "pending")
        self._expect(expired, invoice="open", rubis="1", relances="step 1 scheduled")

        self._step("A forged token")
        self._check("outcome", self.click_link(self._forged_link()), "invalid")

        machine = self._prove_machine()
        self._prove_relances(paid, pending, expired, machine)

        click.secho("\nAll of it was seen.", fg="green", bold=True)

    def _prove_machine(self) -> int:
        """An answer nobody gave does not stay. Returns the invoice_id of the one that a machine answered."""
        self._step("A mail scanner follows both links of a mail at once: nobody does that")
        machine = self.issue("F-2026-004", 7200)
        mail = self.wait_for_mail()
        self._check("outcome", self.click_link(mail.paid_url), "paid")
        self._check("outcome", self.click_link(mail.pending_url), "confirm")
        self._expect(
            machine,
            invoice="open",
            rubis="1",
            activity="invoice_created, checkin_sent, invoice_paid (via check-in),"
            " invoice_reopened (was paid), checkin_contradicted (paid, then still pending: taken back)",
            relances="step 1 cancelled (invoice paid), step 1 scheduled",
        )

        self._step("The person then presses a button of the page that the mail names")
        self.press(mail.page_url, "paid")
        self._expect(machine, invoice="paid via check-in", rubis="2")

        self._step("The receipt names a page of its own; its button takes the answer back")
        self.press(self.wait_for_mail().page_url, "undo")
        self._expect(machine, invoice="open", rubis="1")
        return machine

    def _prove_relances(self, paid: int, pending: int, expired: int, machine: int) -> None:
        """Days pass: the client is reminded of what is still open, and of nothing else."""
        self._step("Days pass, until the working day on which the first relances are due")
        self._sql("clock")
        moment = self._sql("wait_for_relance", pending)["relance_at"]
        click.echo(f"  it is {moment} for {self.email}")
        numbers = ("F-2026-002", "F-2026-003", "F-2026-004")
        letters = sorted((self.wait_for_mail() for _ in numbers), key=lambda letter: letter.subject)
        for letter, number in zip(letters, numbers, strict=True):
            self._check("recipient", letter.to, "Boulangerie Dupont <dupont@example.com>")
            self._check("who is answered", letter.reply_to, f"Léa Martin <{self.email}>")
            self._check("sender", letter.sender.partition(" <")[0], "Atelier Martin")
            self._check("number in the subject", number in letter.subject, expected=True)
            self._check("links for the user", "/checkin/" in letter.text, expected=False)
        _print_mail(letters[0])
        self._expect(
            pending,
            invoice="open",
            activity="invoice_created, checkin_sent, checkin_answered (still pending, via check-in),"
            " relance_sent",
            relances="step 1 sent, step 2 scheduled",
        )

        self._step("The question asked anew was answered; the one whose answer was taken back has expired")
        self._expect(
            expired,
            activity="invoice_created, checkin_sent, checkin_expired, checkin_sent,"
            " checkin_answered (still pending, via check-in), relance_sent",
            relances="step 1 sent, step 2 scheduled",
        )
        self._expect(
            machine,
            invoice="open",
            relances="step 1 cancelled (invoice paid), step 1 cancelled (invoice paid),"
            " step 1 sent, step 2 scheduled",
        )

        self._step("The invoice that was paid: nothing has left, and nothing will")
        self._expect(paid, invoice="paid via check-in", relances="step 1 cancelled (invoice paid)")

    def show(self) -> None:
        """Show one mail, then tell what the user's clicks bring about, until Ctrl-C."""
        self.sign_up()
        self._step("An invoice that falls due today: the user is asked by mail")
        invoice_id = self.issue("F-2026-001", 120000)
        _print_mail(self.wait_for_mail())
        click.secho("\nClick one of the two links above.", bold=True)
        click.echo(
            "  page      the third one shows what was answered, and takes it back\n"
            f"  API       {self.address}/docs   sign in as {self.email}, password {self.password}\n"
            f"  database  rubis psql, with RUBIS_DATA_DIR={self.settings.rubis_data_dir}\n"
            "  Ctrl-C stops everything."
        )
        said: dict[str, Any] = {}
        while True:
            story = self._sql("story", invoice_id)
            if story != said:
                self._step("The database says")
                _print_story(said := story)
            for mail in self._new_mails():
                _print_mail(mail)
            time.sleep(0.5)

    # Helpers.

    def _new_mails(self) -> Iterator[Mail]:
        """The mails not seen yet, oldest first; each is seen once it is taken."""
        for mail in read_outbox(self.settings.outbox_dir):
            if mail.name not in self.mails_seen:
                self.mails_seen.add(mail.name)
                yield mail

    def _follow(self, method: str, url: str, status: int) -> str:
        """Send a click or a button, show the page it redirects to, and return where that is."""
        answer = self.browser.request(method, url)
        location: str = urljoin(url, answer.headers.get("Location", ""))
        page = self.browser.get(location)
        click.echo(f"  {method} {url}\n  {answer.status_code} to {location}: {_heading(page.text)}")
        self._check("status of the answer", answer.status_code, status)
        self._check("status of the page", page.status_code, 200)
        return location

    def _forged_link(self) -> str:
        return f"{self.address}/api/v1/checkin/{secrets.token_urlsafe(32)}/paid"

    def _post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.http.post(path, json=body)
        if answer.is_error:
            raise DemoError(f"POST {path} answered {answer.status_code}: {answer.text}")
        document: dict[str, Any] = answer.json()
        return document

    def _sql(self, file: str, invoice_id: int | None = None) -> dict[str, Any]:
        """Run a file of db/demo as the owner; return its row, if it has one."""
        query = (_SQL_FOLDER / f"{file}.sql").read_text().encode()
        conninfo = embedded.conninfo(self.settings.rubis_data_dir)
        with psycopg.connect(conninfo, row_factory=dict_row, options="-c role=rubis_owner") as connection:
            cursor = connection.execute(query, None if invoice_id is None else {"invoice_id": invoice_id})
            return (cursor.fetchone() or {}) if cursor.description else {}

    def _expect(self, invoice_id: int, **expected: str) -> None:
        """Compare what the database says, once the worker has recorded what it did."""
        deadline = time.monotonic() + _RECORD_SECONDS
        while True:
            story = self._sql("story", invoice_id)
            if expected.items() <= story.items() or time.monotonic() > deadline:
                break
            time.sleep(0.1)
        _print_story(story)
        for part, value in expected.items():
            self._check(part, story[part], value)

    def _step(self, text: str) -> None:
        click.secho(f"\n{text}", bold=True)

    def _check(self, what: str, seen: object, expected: object) -> None:
        if seen != expected:
            raise DemoError(f"{what}: expected {expected!r}, saw {seen!r}")


def _heading(html: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    return unescape(" ".join(found[1].split())) if found else "a page without a heading"


def _print_mail(mail: Mail) -> None:
    click.secho(f"  mail to {mail.to}: {mail.subject}", fg="cyan")
    for line in mail.text.splitlines():
        click.echo(f"  | {line}")


def _print_story(story: dict[str, Any]) -> None:
    for part, value in story.items():
        click.echo(f"  {part + ':':<10} {value}")
