"""What a demonstration plays with: its user, the mails that arrive, its database."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from app.core import address
from app.core.settings import Settings
from app.demo.narration import DemoError, check, print_story
from app.demo.user import User
from app.deploy.deployment import DB_FOLDER
from app.mail.outbox import Mail, read_outbox

_MAIL_SECONDS = 30
_RECORD_SECONDS = 30


class Mailbox:
    """What the worker has written into the outbox; each mail is given once."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox
        self._seen: set[str] = set()

    def new(self) -> Iterator[Mail]:
        """The mails not seen yet, oldest first; each is seen once it is taken."""
        for mail in read_outbox(self._outbox):
            if mail.name not in self._seen:
                self._seen.add(mail.name)
                yield mail

    def wait(self) -> Mail:
        """The next mail that the worker sends."""
        deadline = time.monotonic() + _MAIL_SECONDS
        while time.monotonic() < deadline:
            for mail in self.new():
                return mail
            time.sleep(0.1)
        raise DemoError(f"no mail within {_MAIL_SECONDS} s")


class Record:
    """The files of db/demo, run on the embedded database of this data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def run(self, file: str, invoice_id: int | None = None) -> dict[str, Any]:
        """Run a file of db/demo; return its row, if it has one."""
        query = (DB_FOLDER / "demo" / f"{file}.sql").read_text().encode()
        conninfo = address.conninfo(self._data_dir)
        with psycopg.connect(conninfo, row_factory=dict_row, options="-c role=rubis_owner") as connection:
            cursor = connection.execute(query, None if invoice_id is None else {"invoice_id": invoice_id})
            return (cursor.fetchone() or {}) if cursor.description else {}

    def story(self, invoice_id: int) -> dict[str, Any]:
        """What the database says about an invoice, part by part."""
        return self.run("story", invoice_id)

    def wait_for(self, invoice_id: int, **expected: str) -> dict[str, Any]:
        """The story once it says this, for the worker records what it did; or as it is when time is up."""
        deadline = time.monotonic() + _RECORD_SECONDS
        while True:
            story = self.story(invoice_id)
            if expected.items() <= story.items() or time.monotonic() > deadline:
                return story
            time.sleep(0.1)

    def expect(self, invoice_id: int, **expected: str) -> None:
        """Compare what the database says, once the worker has recorded what it did."""
        story = self.wait_for(invoice_id, **expected)
        print_story(story)
        for part, value in expected.items():
            check(part, story[part], value)


class Stage:
    """A user, the mails that come, and what the database says."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.user = User(settings)
        self.mailbox = Mailbox(settings.outbox_dir)
        self.record = Record(settings.rubis_data_dir)

    def issue(self, **amounts_cents: int) -> list[int]:
        """Invoices by number that have just fallen due, their check-ins made due now. Their invoice_ids."""
        invoice_ids = [self.user.issue(number, amount) for number, amount in amounts_cents.items()]
        for invoice_id in invoice_ids:
            self.record.run("make_due", invoice_id)
        return invoice_ids

    def asked(self, *invoice_ids: int) -> Mail:
        """The one mail that asks about these invoices.

        Once the database has it that it was sent: no person clicks before that, but a program may.
        """
        mail = self.mailbox.wait()
        check("questions in the mail", len(mail.matters), len(invoice_ids))
        for invoice_id in invoice_ids:
            self.record.wait_for(invoice_id, checkin="sent")
        return mail
