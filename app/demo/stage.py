"""What a demonstration plays with."""

from app.demo.mailbox import Mailbox
from app.demo.record import Record
from app.demo.user import User
from app.settings import Settings


class Stage:
    """A user, the mails that come, and what the database says."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.user = User(settings)
        self.mailbox = Mailbox(settings.outbox_dir)
        self.record = Record(settings.rubis_data_dir)

    def issue(self, number: str, amount_cents: int) -> int:
        """An invoice due today, its check-in made due now. Returns invoice_id."""
        invoice_id = self.user.issue(number, amount_cents)
        self.record.run("make_due", invoice_id)
        return invoice_id
