"""Moving to another server by the recipe of docs/operations.md, to the letter."""

import os
import re
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from app.core.address import DATABASE
from tests.faults.conftest import Figures
from tests.faults.support.checks import assert_links_work, assert_rubis, assert_rules, checkin_mails
from tests.faults.support.site import DURABLE, Site, running_site
from tests.support.island import Island
from tests.support.letters import proven
from tests.support.person import Person
from tests.support.stack import Stack
from tests.support.waiting import until

_GUIDE = Path(__file__).parents[2] / "docs" / "operations.md"


def recipe() -> str:
    """The commands under the heading that the guide has for this."""
    _, _, section = _GUIDE.read_text().partition("## Moving to another server\n")
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


def move(site: Site, new: Island) -> None:
    """Follow the recipe, with the programs of the embedded server."""
    old = site.home.postgres
    new.postgres.start()
    with tempfile.TemporaryDirectory() as folder:
        # A server of ours begins with an empty database; the recipe is for one that has none.
        empty = ["dropdb", "--maintenance-db", new.postgres.conninfo(dbname="postgres"), DATABASE]
        for command in (empty, ["bash", "-euo", "pipefail", "-c", recipe()]):
            done = subprocess.run(
                command,
                cwd=folder,
                env={
                    "PATH": f"{old.bindir}:{os.environ['PATH']}",
                    "OLD": old.conninfo(dbname="postgres"),
                    "NEW": new.postgres.conninfo(dbname="postgres"),
                    "OLD_RUBIS": old.conninfo(),
                },
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr


def test_dumped_and_restored_elsewhere(figures: Figures) -> None:
    """On the new server old links work, and what was scheduled on the old one leaves."""
    with tempfile.TemporaryDirectory(prefix="rubis-moved-") as folder, running_site() as site:
        Path(folder).chmod(0o755)
        stack = Stack(site.database, site.peer, site.apis[0], site.workers[0], site.url)
        with Person(stack) as ana, ExitStack() as cleanup:
            proven(ana.cast)
            _, mail = ana.asked(number="ASKED")
            _, other = ana.asked(number="PENDING")
            until(
                lambda: (
                    site.database.admin.value("select count(*) from rubis.checkin_task where status = 'sent'")
                    == 2
                ),
                "not recorded",
            )
            ana.browser.get(other.links["pending"])
            ana.issue(number="AHEAD")
            for program in (*site.workers, *site.apis):
                program.ask_to_stop()
                program.wait()
            (Path(folder) / "data").mkdir(mode=0o755)
            new = Island(Path(folder), cleanup, DURABLE)
            move(site, new)
            cleanup.callback(new.postgres.stop)

            site.stop_postgres()
            site.move_to(new)
            stack.database = site.database
            assert ana.browser.get(mail.links["paid"]).headers["location"].endswith("/paid")
            stack.a_minute_passes()
            until(lambda: len(checkin_mails(site)) == 3, site.workers[0].log, 30)
            assert "AHEAD" in checkin_mails(site)[2].message["Subject"]
            ana.log_in()
            assert ana.rubis() == 1
            assert_links_work(site)
            assert_rubis(site.database)
            assert_rules(site.database)
            for program in (*site.workers, *site.apis):
                program.kill()
        figures.tell(links_of_before=4, check_ins_of_before_mailed_after=1)
