"""Behind pgbouncer in transaction mode, as docs/operations.md has it set up."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.faults.conftest import Figures
from tests.faults.support.checks import asked, assert_links_work, assert_rubis, assert_rules
from tests.faults.support.site import Site, running_site
from tests.faults.support.town import advance_to
from tests.support.letters import proven
from tests.support.person import Person
from tests.support.ports import free_port, wait_for_port
from tests.support.stack import Stack
from tests.support.waiting import until

_GUIDE = Path(__file__).parents[2] / "docs" / "operations.md"


def settings() -> dict[str, str]:
    """The settings of pgbouncer that the guide asks for."""
    _, _, section = _GUIDE.read_text().partition("## Behind pgbouncer\n")
    found = re.search(r"```ini\n(.*?)```", section, re.DOTALL)
    assert found is not None
    lines = [line.partition("=") for line in found[1].splitlines() if "=" in line]
    return {name.strip(): value.strip() for name, _, value in lines}


@contextmanager
def pgbouncer(site: Site) -> Iterator[int]:
    """A pooler before the site's server, run by the server's own account; its port. Skips without it."""
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        pytest.skip("pgbouncer is not installed: apt-get install pgbouncer")
    port = free_port()
    server = conninfo_to_dict(site.home.postgres.conninfo())
    folder = site.home.postgres.home / "pgbouncer"
    folder.mkdir(mode=0o755)
    users = folder / "users.txt"
    users.write_text('"rubis_api" ""\n"rubis_worker" ""\n')
    options = {
        "listen_addr": "127.0.0.1",
        "listen_port": str(port),
        "unix_socket_dir": "",
        "auth_type": "trust",
        "auth_file": str(users),
        **settings(),
    }
    lines = [f"{name} = {value}" for name, value in options.items()]
    database = f"rubis = host={server['host']} port={server['port']} dbname={server['dbname']}"
    configuration = folder / "pgbouncer.ini"
    configuration.write_text("\n".join(["[databases]", database, "[pgbouncer]", *lines]) + "\n")
    log = site.folder / "pgbouncer.log"
    with log.open("wb") as output:
        process = site.home.postgres.account.popen([program, configuration], stdout=output, stderr=output)
    try:
        wait_for_port(port)
        yield port
    finally:
        process.kill()
        process.wait()


def test_behind_pgbouncer_in_transaction_mode(figures: Figures) -> None:
    """The whole flow works: asked, answered, settled, relanced, with few connections to the server."""
    with running_site(apis=0, workers=0) as site, pgbouncer(site) as port:
        for name, role in (("API_DATABASE_URL", "rubis_api"), ("WORKER_DATABASE_URL", "rubis_worker")):
            site.variables[name] = make_conninfo(host="127.0.0.1", port=port, user=role, dbname="rubis")
        site.variables["DB_PREPARED_STATEMENTS"] = "false"
        site.start(apis=2, workers=2)
        stack = Stack(site.database, site.peer, site.apis[0], site.workers[0], site.url)
        with Person(stack) as ana:
            proven(ana.cast)
            for _ in range(20):
                ana.issue()
            stack.a_minute_passes()
            until(lambda: len(asked(site)) == 20, site.workers[0].log, 30)
            assert_links_work(site)
            for number, question in enumerate(asked(site)):
                answer = "pending" if number % 2 else "paid"
                assert ana.browser.get(question.links[answer]).headers["location"].endswith(f"/{answer}")
            assert ana.rubis() == 10
            advance_to(
                site.database,
                site.database.admin.value(
                    "select max(next_look_at) from rubis.relance where status = 'scheduled'"
                ),
            )
            until(
                lambda: (
                    site.database.admin.value("select count(*) from rubis.relance where status = 'sent'")
                    == 10
                ),
                site.workers[0].log,
                30,
            )
        connections = site.database.admin.value(
            "select count(*) from pg_stat_activity where usename in ('rubis_api', 'rubis_worker')"
        )
        assert all(not worker.events("queue_lost") for worker in site.workers), site.workers[0].log()[-2000:]
        assert_rubis(site.database)
        assert_rules(site.database)
        figures.tell(check_ins=20, relances=10, connections_to_the_server=connections)
