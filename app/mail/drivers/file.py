"""The `file` driver: one .eml per mail in a folder, for development, demonstrations and tests."""

import asyncio
import contextlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import structlog

from app.mail.drivers.wire import LastWord, final_mail
from app.mail.errors import Kind, MailError
from app.mail.mail import COPY_HEADER, Mail

log = structlog.get_logger(__name__)


class FileDriver:
    """Writes `<UTC time>-<key>.eml`, so that names sort by time; the folder is 0700 and each mail 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, mail: Mail, *, last_word: LastWord | None = None) -> None:
        """Accepted once the mail and its name are on disk; a crash before leaves at most a hidden .tmp file.

        The addresses of copies stand before the mail's own headers, as a server notes whom it delivers to.

        Raises MailError: operator for every error of the machine, since it meets every mail (a full disk, a
        missing permission); unknown if the mail is written but its name could not be synced.
        """
        final = await final_mail(mail, last_word)
        key = final.key
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{re.sub(r'[^A-Za-z0-9._-]', '_', key)[:64]}.eml"
        copies = "".join(f"{COPY_HEADER}: {address}\r\n" for address in final.envelope.copies)
        content = copies.encode() + final.wire()
        # In a thread, since fsync blocks. Cancelling the task does not stop it: the mail is whole or absent.
        await asyncio.to_thread(_write, self._folder, name, content)
        log.info("mail_written", key=key, file=name)

    async def aclose(self) -> None:
        """Do nothing: no file is held open."""


def _write(folder: Path, name: str, content: bytes) -> None:
    temporary = folder / f".{name}.tmp"
    in_place = False
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync_folder(folder.parent)
        folder.chmod(0o700)
        with open(temporary, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(folder / name)
        in_place = True
        _sync_folder(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        kind: Kind = "unknown" if in_place else "operator"
        raise MailError(kind, f"outbox: {error.strerror or error}") from error


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
