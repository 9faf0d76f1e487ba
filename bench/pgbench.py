"""pgbench, from the wheel that has the server."""

import re
import subprocess
from pathlib import Path

from app.postgres.wheel import program_folder

_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_FAILED = re.compile(r"^number of failed transactions: ([0-9]+)", re.MULTILINE)
_THREADS = 2


def initialize(conninfo: str, rows: int) -> None:
    """Make pgbench's own tables, of at least so many accounts."""
    _run("--initialize", "--quiet", "--scale", str(-(-rows // 100_000)), conninfo)


def simple_update(conninfo: str, clients: int, transactions: int) -> float:
    """Transactions per second of the built-in simple-update; `transactions` in all."""
    return _rate("--skip-some-updates", *_load(clients, transactions), conninfo)


def custom(
    conninfo: str, script: str, clients: int, transactions: int, folder: Path, **variables: int
) -> float:
    """The same of a script. It may use the variable `each`: the transactions of one client."""
    file = folder / "script.pgbench"
    file.write_text(script)
    values = {"each": max(1, transactions // clients), **variables}
    defined = [part for name, value in values.items() for part in ("--define", f"{name}={value}")]
    return _rate("--file", str(file), *defined, *_load(clients, transactions), conninfo)


def _load(clients: int, transactions: int) -> list[str]:
    return [
        *("--no-vacuum", "--protocol", "prepared", "--client", str(clients)),
        *("--jobs", str(min(clients, _THREADS)), "--transactions", str(max(1, transactions // clients))),
    ]


def _rate(*args: str) -> float:
    printed = _run(*args)
    rate, failed = _TPS.search(printed), _FAILED.search(printed)
    if rate is None or failed is None or failed[1] != "0":
        message = f"pgbench did not do all its work:\n{printed}"
        raise RuntimeError(message)
    return float(rate[1])


def _run(*args: str) -> str:
    done = subprocess.run(
        [str(program_folder() / "pgbench"), *args], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        message = f"pgbench ended with code {done.returncode}:\n{done.stderr[-3000:]}"
        raise RuntimeError(message)
    return done.stdout
