"""The mails of a demonstration, as they come."""

import time
from collections.abc import Iterator
from pathlib import Path

from app.demo.narration import DemoError
from app.mail.outbox import Mail, read_outbox

_MAIL_SECONDS = 30


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
