"""The disk of PostgreSQL is full, tables and write-ahead log alike; then there is room again."""

import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.faults.conftest import Figures, Scale
from tests.faults.support.checks import assert_links_work, assert_rubis, assert_rules, checkin_mails
from tests.faults.support.site import Site, running_site
from tests.support.letters import proven
from tests.support.person import Person
from tests.support.stack import Stack
from tests.support.waiting import until

_SIZE = 260_000_000


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of its own; skips where none can be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="rubis-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=755", "rubis-faults", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        if not mounted:
            pytest.skip("a tmpfs cannot be mounted: this needs root, and a kernel that lets it")
        yield folder
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


def fill(disk: Path) -> Path:
    """Leave no room; returns what takes it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        block = bytes(1 << 20)
        while block:
            try:
                file.write(block)
            except OSError:
                block = block[: len(block) // 2]
    return ballast


def issue_until(site: Site, ana: Person, stop: int) -> Counter[int]:
    """Issue invoices until so many were refused; how many answers of each status."""
    statuses: Counter[int] = Counter()
    reasons = set()
    while statuses.total() - statuses[201] < stop:
        answer = ana.browser.post("/api/v1/invoices", json=ana.invoice_body(due_on="2099-01-01"))
        statuses[answer.status_code] += 1
        if answer.status_code == 503:
            assert int(answer.headers["retry-after"]) > 0
            reasons.add(answer.json()["reason"])
        assert site.apis[0].alive
    assert "database__full" in reasons <= {"database__full", "database__unreachable"}, reasons
    return statuses


def fill_write_ahead_log(site: Site) -> None:
    """Write until the server finds no room for its log: it ends all sessions, rather than break a promise."""
    write = (
        "select pg_logical_emit_message(true, 'filler', repeat('x', 1000000)) from generate_series(1, 100)"
    )
    with pytest.raises(psycopg.OperationalError):
        site.database.admin.execute(write)


def test_the_disk_of_the_database_is_full(scale: Scale, figures: Figures) -> None:
    """Errors are clear, nothing is half-written, what was acknowledged stays; with room all goes on."""
    with small_disk() as disk, running_site(parent=disk) as site:
        stack = Stack(site.database, site.peer, site.apis[0], site.workers[0], site.url)
        with Person(stack) as ana:
            proven(ana.cast)
            _, mail = ana.asked(number="BEFORE")
            until(
                lambda: site.database.admin.value(
                    "select count(*) from rubis.checkin_task where status = 'sent'"
                ),
                "",
            )
            site.workers[0].suspend()
            ana.issue(number="MEANWHILE")
            stack.a_minute_passes()
            ballast = fill(disk)
            site.workers[0].resume()
            statuses = issue_until(site, ana, scale(200, 40))
            assert set(statuses) <= {201, 503}, statuses
            fill_write_ahead_log(site)
            assert ana.browser.get(mail.links["paid"]).status_code == 503
            ended = site.home.postgres.exit_code() is not None
            ballast.unlink()
            if site.home.postgres.exit_code() is not None:
                site.restart_postgres()  # as a service manager does
            site.reconnect()
            stack.database = site.database
            until(lambda: ana.browser.get("/api/v1/me").status_code == 200, "the API has not come back", 60)
            kept: int = site.database.admin.value("select count(*) from rubis.invoice")
            assert kept == statuses[201] + 2
            assert ana.browser.get(mail.links["paid"]).headers["location"].endswith("/paid")
            ana.issue(number="AFTERWARDS")
            stack.a_minute_passes()
            until(lambda: len(checkin_mails(site)) == 3, site.workers[0].log, 60)
            assert site.workers[0].alive
        assert_links_work(site)
        assert_rubis(site.database)
        assert_rules(site.database)
        assert "No space left on device" in site.server_log()
        assert "No space left on device" in site.apis[0].log()
        figures.tell(invoices_taken=statuses[201], answers_of_503=statuses[503], server_ended=ended)
