"""The `file` driver: whole mails or none, readable by their owner only, in the order of time."""

import asyncio
import errno
import os
import re
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, NoReturn

import pytest

from app.mail.drivers import MailError, make_driver
from app.mail.drivers.file import FileDriver
from app.mail.outbox import read_outbox
from tests.mail.mail_begun import answer, make_mail, page
from tests.mail.mail_peers import make_settings


def send(folder: Path, key: str = "1", **changes: Any) -> None:
    asyncio.run(FileDriver(folder).send(make_mail(message_id=f"<{key}>", **changes)))


def test_the_outbox_of_the_settings_receives_the_mail_as_it_would_be_sent(tmp_path: Path) -> None:
    """MAIL_DRIVER=file writes one .eml under the data directory, with the URLs and accents readable."""
    driver = make_driver(make_settings(mail_driver="file", rubis_data_dir=tmp_path))
    asyncio.run(driver.send(make_mail()))
    (file,) = (tmp_path / "outbox").iterdir()
    parsed = message_from_bytes(file.read_bytes(), policy=policy.SMTP)
    assert parsed.get_content().splitlines() == make_mail().text.splitlines()
    assert "Échéance" in file.read_text(encoding="utf-8")


def test_names_sort_by_time_and_name_the_mail(tmp_path: Path) -> None:
    """A listing of the folder is the history, and a key can name no path."""
    for key in ("9", "10", "../../etc/8"):
        send(tmp_path, key)
    names = sorted(file.name for file in tmp_path.iterdir())
    assert all(re.match(r"20\d{6}T\d{6}\.\d{6}Z-", name) for name in names)
    assert [name.split("-", 1)[1] for name in names] == ["9.eml", "10.eml", ".._.._etc_8.eml"]


def test_only_the_owner_can_read_a_mail(tmp_path: Path) -> None:
    """Links are secrets: the folder is 0700 even if it was not, each file 0600 whatever the umask."""
    folder = tmp_path / "outbox"
    folder.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        send(folder)
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in folder.iterdir()] == [0o600]


def test_a_mail_has_its_name_only_once_it_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Content is synced under a hidden name, then renamed, then the folder is synced."""
    steps: list[tuple[str, list[str]]] = []
    real_sync, real_rename = os.fsync, Path.rename

    def sync(descriptor: int) -> None:
        kind = "folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file"  # noqa: PTH112
        steps.append((kind, [file.name.split("-", 1)[1] for file in tmp_path.iterdir()]))
        real_sync(descriptor)

    def rename(path: Path, target: Path) -> Path:
        steps.append(("rename", []))
        return real_rename(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "rename", rename)
    send(tmp_path)
    assert steps == [("file", ["1.eml.tmp"]), ("rename", []), ("folder", ["1.eml"])]
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_what_cannot_be_written_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """A fault of the disk meets every mail, so it is the operator's; no file stays."""

    def fail(_descriptor: int) -> NoReturn:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(MailError) as caught:
        send(tmp_path)
    assert caught.value.kind == "operator"
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_may_not_last_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the folder cannot be synced after the rename, the mail may be there or not after a power cut."""
    real_sync = os.fsync

    def fail_on_folders(descriptor: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):  # noqa: PTH112
            raise OSError(errno.EIO, "I/O error")
        real_sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail_on_folders)
    with pytest.raises(MailError) as caught:
        send(tmp_path)
    assert caught.value.kind == "unknown"


def test_a_folder_that_cannot_be_is_for_the_operator(tmp_path: Path) -> None:
    """A file where the folder should stand ends as an operator error."""
    (tmp_path / "outbox").touch()
    with pytest.raises(MailError) as caught:
        send(tmp_path / "outbox")
    assert caught.value.kind == "operator"


@pytest.mark.parametrize(
    "name",
    [
        "Société générale de boulangerie et de pâtisserie réunies de la vallée de l\u2019Yonne supérieure",
        "A Plain Long Name of Many Words That Goes On and On for More Than Seventy Characters Indeed",
        "Unbrökenwörd" * 12,
        "a, b <c> " * 12 + "d",
    ],
)
def test_the_outbox_shows_a_long_name_as_it_was_given(tmp_path: Path, name: str) -> None:
    """Folding a header adds no space to what `rubis outbox` prints."""
    send(tmp_path, full_name=name, item={"client_name": name})
    [mail] = read_outbox(tmp_path)
    assert mail.to == f"{name} <camille@studio-camille.example>"
    assert mail.subject.endswith(f", {name}")
    assert mail.sender == "Rubis Sur l'Ongle <relances@rubis-sur-l-ongle.fr>"


def test_the_outbox_gives_the_links_of_each_question(tmp_path: Path) -> None:
    """A mail of two questions has six links, in the order of its questions; a receipt has its page."""
    send(tmp_path, count=2)
    send(tmp_path, kind="receipts", count=2)
    send(tmp_path)
    two, receipts, one = read_outbox(tmp_path)
    assert two.matters == [
        {"paid": answer("paid", number), "pending": answer("pending", number), "page": page(number)}
        for number in (1, 2)
    ]
    assert receipts.matters == [{"page": page(1)}, {"page": page(2)}]
    assert (one.paid_url, one.pending_url, one.page_url) == (answer("paid"), answer("pending"), page())


def test_a_copy_is_noted_above_the_mail(tmp_path: Path) -> None:
    """The file of a letter names who got a copy, and the outbox reads it; the letter's headers do not."""
    copies = ["camille@studio-camille.example", "zoe@studio-camille.example"]
    send(tmp_path, kind="letter", copy_to=copies)
    [mail] = read_outbox(tmp_path)
    assert mail.copies == copies
    [file] = tmp_path.iterdir()
    noted = "".join(f"X-Copy-To: {copy}\r\n" for copy in copies).encode()
    assert file.read_bytes().startswith(noted)
    assert b"X-Copy-To" not in make_mail("letter", copy_to=copies).wire()
