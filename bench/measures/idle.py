"""What a stack costs that has nothing to do."""

import time
from pathlib import Path

import psutil
import psycopg

from app.core.address import conninfo
from bench.ground import Ground
from bench.programs import Meter, free_port, running
from bench.results import Row
from bench.sizes import Sizes

_SETTLE_SECONDS = 12.0
_TRANSACTIONS = "select xact_commit + xact_rollback from pg_stat_database where datname = 'rubis'"


def measure(ground: Ground, sizes: Sizes) -> list[Row]:
    """Two rows: processor time and transactions per minute of `rubis up`."""
    folder = ground.folder / "idle"
    folder.mkdir(mode=0o755)
    environment = {
        "RUBIS_DATA_DIR": str(folder),
        "PORT": str(free_port()),
        "WEB_URL": f"http://localhost:{free_port()}",
    }
    with running("app.cli", "up", environment=environment, folder=folder) as stack:
        stack.wait_for_text("Ctrl-C stops everything.")
        time.sleep(min(_SETTLE_SECONDS, sizes.idle_seconds))
        with psycopg.connect(conninfo(folder), autocommit=True) as session:
            meter, before, began = Meter(**_parts(stack.process)), _transactions(session), time.monotonic()
            time.sleep(sizes.idle_seconds)
            seconds, asked, elapsed = (
                meter.seconds(),
                _transactions(session) - before,
                time.monotonic() - began,
            )
    minutes = elapsed / 60
    shares = ", ".join(f"{name} {used / minutes:.2f} s" for name, used in seconds.items())
    return [
        Row(
            key="idle_cpu",
            measure="processor time per minute of an idle `rubis up`",
            unit="s/min",
            ours=sum(seconds.values()) / minutes,
            bound="at most",
            evidence=f"{shares}.",
        ),
        Row(
            key="idle_queries",
            measure="transactions per minute of an idle `rubis up`",
            unit="1/min",
            ours=max(0, asked - 1) / minutes,  # one is a look of ours
            bound="at most",
        ),
    ]


def _parts(stack: psutil.Process) -> dict[str, psutil.Process]:
    """The supervisor's children by what they are."""
    parts = {}
    for child in stack.children():
        command = child.cmdline()
        if Path(command[0]).name == "postgres":
            parts["PostgreSQL"] = child
        elif command[-1] in ("api", "worker", "web"):
            parts[command[-1]] = child
    return parts


def _transactions(session: psycopg.Connection[tuple[int]]) -> int:
    row = session.execute(_TRANSACTIONS).fetchone()
    assert row is not None
    return row[0]
