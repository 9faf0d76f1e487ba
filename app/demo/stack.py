"""The stack that a demonstration runs on: `rubis up` as a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
import httpx

from app.core.settings import Settings
from app.demo.narration import DemoError
from app.postgres.guard import Guard

_READY_SECONDS = 60


@contextmanager
def running_stack(settings: Settings, http: httpx.Client) -> Iterator[None]:
    """Everything up and answering until the block ends; Ctrl-C ends the block. `http` calls the API."""
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
