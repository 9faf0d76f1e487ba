"""`rubis demo`: the whole flow on an embedded database of its own, to look at or, with --once, to prove."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
import httpx

from app.core.settings import Settings
from app.demo.narration import DemoError
from app.demo.scenes import prove, show
from app.demo.stage import Stage
from app.postgres import embedded
from app.postgres.guard import Guard

_READY_SECONDS = 60


def run(settings: Settings, *, once: bool) -> None:
    """Start everything on a fresh data directory and show the flow.

    Without `once` it runs until Ctrl-C and prints what the user's clicks do. With `once` it clicks the links
    itself, and raises DemoError at the first difference from what it expects. It moves its rows and its
    database's clock in time, so it runs on an embedded database only: DATABASE_URL or PG_HOST is an error.
    """
    if not settings.embedded:
        raise DemoError(
            "the demonstration moves rows in time, so it runs on its own embedded database only:\n"
            "unset DATABASE_URL and PG_HOST"
        )
    data_dir = settings.rubis_data_dir / "demo"
    if embedded.is_running(data_dir):
        raise DemoError(f"a demonstration is already running on {data_dir}")
    shutil.rmtree(data_dir, ignore_errors=True)
    stage = Stage(settings.model_copy(update={"rubis_data_dir": data_dir}))
    with _running_stack(stage.settings, stage.user.http):
        if once:
            prove(stage)
        else:
            show(stage)


@contextmanager
def _running_stack(settings: Settings, http: httpx.Client) -> Iterator[None]:
    """`rubis up` in a process of its own until the block or Ctrl-C ends; `http` calls its API."""
    environment = os.environ | {
        "RUBIS_DATA_DIR": str(settings.rubis_data_dir),
        "MAIL_DRIVER": "file",
        "TICK_SECONDS": "0.2",
        "LOG_LEVEL": "warning",
    }
    click.echo("Starting PostgreSQL, the API, the worker and the pages ...")
    guard = Guard()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "app.cli", "up"],  # -P: no `app` of the current folder
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    guard.watch(process.pid, "TERM")
    try:
        _wait_until_ready(process, settings, http)
        yield
    except KeyboardInterrupt:
        click.echo("\nStopping.")
    finally:
        process.terminate()
        process.wait()
        guard.release()


def _wait_until_ready(process: subprocess.Popen[bytes], settings: Settings, http: httpx.Client) -> None:
    """Return when API, worker and pages answer."""
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DemoError(f"rubis up ended with code {process.returncode}; its message is above")
        try:
            ready = http.get("/readyz").json().get("status") == "ready"
            if ready and http.get(f"{settings.web_url}/healthz").is_success:
                return
        except (httpx.TransportError, json.JSONDecodeError):
            pass
        time.sleep(0.1)
    raise DemoError(f"the stack was not ready within {_READY_SECONDS} s")
