"""`rubis backup` is killed, and `rubis restore` brings back what was under way."""

import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

from app.core.settings import Settings
from app.deploy.backup import Backup, back_up
from app.deploy.restore import restore
from app.postgres.wheel import DEFAULT_MAJOR
from tests.faults.conftest import Figures, Scale
from tests.faults.support.checks import (
    assert_links_work,
    assert_mailed,
    assert_relanced,
    assert_rubis,
    assert_rules,
    letters,
)
from tests.faults.support.site import DURABLE, Site, running_site, shorten_leases
from tests.faults.support.town import Table, Town, counts, drain
from tests.support.island import Island
from tests.support.processes import processes_naming
from tests.support.waiting import until

_GUIDE = Path(__file__).parents[2] / "docs" / "operations.md"


def settings(conninfo: str) -> Settings:
    """Settings of an administrator of this database; `.env` has no say."""
    return Settings(_env_file=None, database_url=conninfo)


@contextmanager
def other_server(major: int = DEFAULT_MAJOR) -> Iterator[Island]:
    """A server with an empty database, of this version."""
    with tempfile.TemporaryDirectory(prefix="rubis-restored-") as folder, ExitStack() as cleanup:
        Path(folder).chmod(0o755)  # as root, the server's account must reach its data
        (Path(folder) / "data").mkdir(mode=0o755)
        new = Island(Path(folder), cleanup, DURABLE, major)
        new.postgres.start()
        cleanup.callback(new.postgres.stop)
        yield new


def stop_in_the_middle(site: Site, table: Table) -> Backup:
    """Back up while the worker has mails about this table in hand and others wait; then lose the machine.

    The worker stands still from before the backup until it is killed: it sends nothing that the backup does
    not know of.
    """
    until(lambda: suspended(site, table), lambda: f"{counts(site.database, table)}", 60)
    made = back_up(settings(site.home.postgres.conninfo()), site.folder / "backups")
    for program in (*site.workers, *site.apis):
        program.kill()
    site.kills["worker"] = 1
    return made


def suspended(site: Site, table: Table) -> bool:
    """Whether the worker stands still in the middle of mails about this table; if not, it goes on."""
    if not underway(site, table):
        return False
    site.workers[0].suspend()
    if underway(site, table):
        return True
    site.workers[0].resume()
    return False


def underway(site: Site, table: Table) -> bool:
    """Mails were sent, others are being sent, and other letters are queued.

    A person has one mail of questions at a time, so questions wait as they are.
    """
    found = site.database.admin.row(
        "select count(*) filter (where status = 'sent') as sent,"
        " count(*) filter (where status = 'sending') as sending,"
        " count(*) filter (where status = 'queued') as queued from rubis.mail where kind = %s",
        ["letter" if table == "relance" else "questions"],
    )
    return all(count for name, count in found.items() if name != "queued" or table == "relance")


def go_on_from(site: Site, made: Backup, new: Island, statement: str | None = None) -> None:
    """Restore on the new server, at the same time of day, and start the processes there."""
    now = site.database.clock.now()
    site.stop_postgres()
    restore(settings(new.postgres.conninfo()), made.path)
    database = new.database()
    database.clock.advance(seconds=(now - database.clock.now()).total_seconds())
    shorten_leases(database)
    if statement is not None:
        database.owner().execute(statement)
    site.move_to(new)


def begun(folder: Path, process: subprocess.Popen[bytes]) -> bool:
    """A backup into this folder is under way, or is over already."""
    return bool(list(folder.glob("*.partial"))) or process.poll() is not None


def recipe() -> str:
    """The statement that the guide gives for what may have left since the backup."""
    _, _, section = _GUIDE.read_text().partition("## Backups\n")
    found = re.search(r"```sql\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


def letters_by_client(site: Site) -> Counter[str]:
    """How many letters each client has."""
    return Counter(mail.recipients[0] for mail in letters(site))


def town_with_relances(site: Site, organizations: int, invoices: int) -> Town:
    """A town whose relances fall due, all of its questions answered."""
    town = Town(site, organizations, 2 * invoices, seconds=5, per_client=2)
    site.workers[0].suspend()
    town.answer_all_pending()
    site.workers[0].resume()
    site.peer.latency = 1.0
    town.let_them_fall_due("relance")
    return town


def test_a_backup_is_killed_again_and_again(scale: Scale, rng: random.Random, figures: Figures) -> None:
    """What has a backup's name is whole, no pg_dump outlives its backup, and the next backup is made."""
    kills = scale(20, 5)
    with running_site() as site:
        Town(site, 4, 500, seconds=1000)
        folder = site.folder / "backups"
        environment = site.database.environment(PYTHONPATH=str(Path.cwd()))
        killed = 0
        for _ in range(kills):
            process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "backup", str(folder)],
                env=environment,
                cwd=site.folder,
                stdout=subprocess.DEVNULL,
            )
            until(partial(begun, folder, process), "no backup begins")
            time.sleep(rng.uniform(0, 1.5))
            process.kill()
            killed += process.wait() == -signal.SIGKILL
            until(lambda: not processes_naming(str(folder)), lambda: f"{processes_naming(str(folder))}", 20)
        made = back_up(settings(site.home.postgres.conninfo()), folder)
        assert list(folder.glob("*.partial")) == []
        whole = sorted(folder.glob("*.dump"))
        for path in whole:
            with other_server() as new:
                restore(settings(new.postgres.conninfo()), path)
                assert new.database().admin.value("select count(*) from rubis.invoice") == 2000
        assert made.path in whole
        assert killed > 0
        figures.tell(backups_killed=killed, whole_backups=len(whole), rows=made.rows)


@pytest.mark.parametrize("major", [18, 16])
def test_restored_with_letters_in_hand(scale: Scale, figures: Figures, major: int) -> None:
    """No client is written to twice: what was queued leaves, and what was being sent is `unconfirmed`."""
    with other_server(major) as new, running_site() as site:
        town = town_with_relances(site, 4, scale(50, 15))
        made = stop_in_the_middle(site, "relance")
        go_on_from(site, made, new)
        drain(site, "relance")
        told = assert_relanced(site, town.count)
        assert told["unconfirmed"] > 0
        assert_rules(site.database)
        figures.tell(on_postgresql=major, relances=town.count, rows=made.rows, **told)


def test_restored_with_questions_in_hand(scale: Scale, figures: Figures) -> None:
    """A question is mailed again only if its mail was being sent, and all links work."""
    with other_server() as new, running_site() as site:
        site.peer.latency = 1.0
        town = Town(site, scale(120, 70), 3, seconds=0)
        town.let_them_fall_due("checkin_task")
        made = stop_in_the_middle(site, "checkin_task")
        go_on_from(site, made, new)
        drain(site, "checkin_task")
        told = assert_mailed(site, town.count)
        links = assert_links_work(site)
        assert_rubis(site.database)
        assert_rules(site.database)
        figures.tell(check_ins=town.count, rows=made.rows, **told, links=links)


def test_restored_when_letters_have_left_since_the_backup(scale: Scale, figures: Figures) -> None:
    """By the guide's statement the invoices concerned are paused, so no letter leaves a second time."""
    with other_server() as new, running_site() as site:
        town = town_with_relances(site, 4, scale(50, 15))
        until(lambda: underway(site, "relance"), lambda: f"{counts(site.database, 'relance')}", 60)
        made = back_up(settings(site.home.postgres.conninfo()), site.folder / "backups")
        drain(site, "relance")
        assert len(letters(site)) == town.clients
        for program in (*site.workers, *site.apis):
            program.kill()
        go_on_from(site, made, new, recipe())
        drain(site, "relance")
        assert set(letters_by_client(site).values()) == {1}
        paused = site.database.admin.value(
            "select count(*) from rubis.invoice where paused_until is not null"
        )
        assert paused > 0
        assert_rules(site.database)
        figures.tell(letters=town.clients, invoices_paused=paused)
