"""The paths of a person through the app, in a real browser, with a real worker and the mails it sends."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_postgresql.executors import NoopExecutor

from tests.support.database import Server
from tests.support.ports import free_port, wait_for_port
from tests.support.program import Program
from tests.support.shared import shared_database
from tests.support.smtp import Mail
from tests.support.stack import Stack, running_stack
from tests.support.waiting import until
from tests.web.conftest import browser

__all__ = ["browser"]

PASSWORD = "a sentence that is long enough"


class Person:
    """Who sits before the browser, and the mailbox beside it."""

    def __init__(self, page: Page, stack: Stack, email: str) -> None:
        self.page = page
        self.stack = stack
        self.email = email

    def press(self, name: str) -> None:
        """Press a button of the page, the first of that name."""
        self.page.locator("main").get_by_role("button", name=name).first.click()

    def fill(self, **fields: str) -> None:
        """Fill in fields by their names."""
        for name, value in fields.items():
            self.page.locator(f"main [name={name}]").fill(value)

    def reads(self, words: str) -> None:
        """Wait until the page says so."""
        expect(self.page.locator("main")).to_contain_text(words)

    def heading(self, words: str) -> None:
        """Wait until the page has this heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    def day(self, days: int) -> str:
        """The day in so many days from now, as a date field takes it."""
        return (self.stack.database.clock.now() + timedelta(days=days)).date().isoformat()

    def mail(self, subject: str) -> Mail:
        """The latest mail whose subject has these words, once there is one."""

        def look() -> Mail | None:
            found = [m for m in self.stack.peer.to(self.email) if subject in str(m.message["Subject"])]
            return found[-1] if found else None

        return until(look, lambda: f"{subject} is not in {[m.message['Subject'] for m in self._mails()]}")

    def asked(self, number: str) -> Mail:
        """The mail that asks about an invoice, once it is recorded as sent."""
        self.stack.a_minute_passes()
        mail = self.mail(number)
        until(
            lambda: self.stack.database.admin.value(
                "select count(*) > 0 from rubis.checkin_task as t join rubis.invoice as i"
                " using (organization_id, invoice_id) where i.number = %s and t.status = 'sent'",
                [number],
            ),
            "the question is not recorded",
        )
        return mail

    def proves_address(self) -> None:
        """Have the mail sent, open its link, press the button."""
        self.press("Send me the e-mail")
        link = re.search(r"\S+/verify-email/\S+", self.mail("address").text)
        assert link is not None
        self.page.goto(link[0])
        self.press("Confirm this address")
        self.page.goto("/")
        self.reads("Your address is confirmed")

    def adds(self, number: str, client: str = "Dupont Ltd") -> None:
        """Add an invoice that was due yesterday."""
        self.page.goto("/invoices/new")
        self.fill(
            client_name=client,
            client_email="accounts@dupont.example",
            number=number,
            issued_on=self.day(-31),
            due_on=self.day(-1),
            amount="1 200.50",
        )
        self.press("Save")
        self.reads(number)

    def _mails(self) -> list[Mail]:
        return self.stack.peer.to(self.email)


class Site(NamedTuple):
    """All of Rubis, and where the web app is."""

    stack: Stack
    url: str


@pytest.fixture(scope="module")
def site(server: Server, template: NoopExecutor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give the API, the web app, a worker and an SMTP server."""
    folder = tmp_path_factory.mktemp("paths")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        shared_database(server, template, "rubis_paths", folder) as database,
        running_stack(database, folder, WEB_URL=url) as stack,
        Program("web", database.environment(WEB_URL=url, APP_URL=stack.url, MAIL_DRIVER="smtp"), folder),
    ):
        wait_for_port(port)
        yield Site(stack, url)


@contextmanager
def person(site: Site, browser: Browser, name: str, *, scripts: bool = True) -> Iterator[Person]:
    """Somebody who has just signed up, on a phone."""
    context = browser.new_context(
        base_url=site.url,
        locale="en",
        viewport={"width": 390, "height": 800},
        java_script_enabled=scripts,
    )
    try:
        someone = Person(context.new_page(), site.stack, f"{name}@paths.example")
        someone.page.goto("/")
        someone.page.get_by_role("link", name="Create an account").first.click()
        someone.fill(
            full_name=name.title(), organization_name=f"{name} studio", email=someone.email, password=PASSWORD
        )
        someone.press("Create the account")
        someone.heading("Welcome")
        yield someone
    finally:
        context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_from_signing_up_to_the_first_answered_question(site: Site, browser: Browser, scripts: bool) -> None:
    """The address is proven by its mail; an invoice is asked about, answered on Today, and earns a ruby."""
    with person(site, browser, "ada" if scripts else "ada.plain", scripts=scripts) as ada:
        ada.proves_address()
        ada.adds("A-1")
        ada.asked("A-1")
        ada.page.goto("/")
        ada.heading("One question for you")
        ada.press("Paid")

        ada.reads("A-1")
        expect(ada.page.locator(".flash.earned")).to_be_visible()
        expect(ada.page.locator(".bar .rubis")).to_contain_text("1")
        expect(ada.page.locator("main .question")).to_have_count(0)


def test_a_promise_is_kept_in_mind(site: Site, browser: Browser) -> None:
    """Not yet, and the day the client promised: nothing leaves until then, and Today says so."""
    with person(site, browser, "grace") as grace:
        grace.proves_address()
        grace.adds("G-1")
        grace.asked("G-1")
        grace.page.goto("/")
        grace.press("Not yet")
        expect(grace.page.locator("main .question")).to_have_count(0)

        grace.page.get_by_role("link", name="G-1").first.click()
        grace.page.get_by_text("Promise or pause…").click()
        grace.page.locator("#f-pause-until").fill(grace.day(5))
        grace.page.locator("#f-pause-reason").fill("promised on the phone")
        grace.press("Pause")
        grace.reads("paused until")

        grace.page.goto("/")
        grace.reads("promised on the phone")


def test_a_mistaken_click_is_undone(site: Site, browser: Browser) -> None:
    """The wrong link of a mail is taken back on the invoice's page: it is open again, no ruby is kept."""
    with person(site, browser, "hedy", scripts=False) as hedy:
        hedy.adds("H-1")
        mail = hedy.asked("H-1")
        hedy.page.goto(mail.links["paid"])
        hedy.heading("Payment noted, ruby earned")

        hedy.page.goto("/activity")
        hedy.page.locator("main").get_by_role("link", name="H-1").first.click()
        hedy.press("Take the last answer back")
        hedy.reads("1 day late")
        expect(hedy.page.locator(".bar .rubis")).to_have_count(0)


def test_a_hundred_pasted_invoices_reach_today(site: Site, browser: Browser) -> None:
    """A table from a spreadsheet becomes drafts, one button accepts them, and the questions come."""
    with person(site, browser, "mary", scripts=False) as mary:
        due = mary.day(-1)
        rows = [
            f"M-{n:03}\tClient {n % 7}\tc{n % 7}@clients.example\t{due}\t{due}\t{n},50" for n in range(1, 101)
        ]
        mary.page.goto("/import")
        mary.fill(pasted="\n".join(["Number\tClient\tE-mail\tDate\tDue\tAmount", *rows]))
        mary.press("Read")
        mary.heading("100 invoices to accept")
        mary.press("Accept the 100 certain ones")
        mary.heading("All done")

        site.stack.a_minute_passes()
        mary.mail("25 invoices paid?")

        def waiting() -> int:
            mary.page.goto("/")
            return mary.page.locator("main .question").count()

        until(lambda: waiting() > 0, "no question is on Today")
        mary.reads("€5,100.00")
