"""What a demonstration plays with."""

from app.core.settings import Settings
from app.demo.mailbox import Mailbox
from app.demo.record import Record
from app.demo.user import User
from app.mail.outbox import Mail


class Stage:
    """A user, the mails that come, and what the database says."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.user = User(settings)
        self.mailbox = Mailbox(settings.outbox_dir)
        self.record = Record(settings.rubis_data_dir)

    def issue(self, number: str, amount_cents: int) -> int:
        """An invoice that has just fallen due, its check-in made due now. Returns invoice_id."""
        invoice_id = self.user.issue(number, amount_cents)
        self.record.run("make_due", invoice_id)
        return invoice_id

    def asked(self, invoice_id: int, before: str = "invoice_created") -> Mail:
        """The mail that asks about an invoice after these events.

        Once the database has it that it was sent: no person clicks before that, but a program may.
        """
        mail = self.mailbox.wait()
        self.record.wait_for(invoice_id, activity=f"{before}, checkin_sent")
        return mail
