"""One of our processes as a real process, that a test may stop, suspend and kill."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tests.support.waiting import PATIENCE, until

_ROOT = Path(__file__).parents[2]


class Program:
    """`rubis <command>` with these variables, its log in a file. A context manager: killed at the end."""

    def __init__(
        self, command: str, environment: Mapping[str, str], folder: Path, before: str | None = None
    ) -> None:
        """`before` is Python that runs first, in the same process. `folder` holds no .env."""
        self.log_file = folder / f"{command}-{time.monotonic_ns()}.log"
        self._folder = folder
        self._environment = {**environment, "PYTHONPATH": str(_ROOT)}
        self._command = (
            [sys.executable, "-m", "app.cli", command]
            if before is None
            else [sys.executable, "-c", f"{before}\nfrom app.cli import main\nmain([{command!r}])"]
        )
        self._popen: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self.log_file.open("ab") as log:
            self._popen = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.alive:
            self.kill()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._running.poll() is None

    def kill(self) -> None:
        """SIGKILL."""
        self._running.kill()
        self._running.wait()

    def ask_to_stop(self) -> None:
        """SIGTERM."""
        self._running.terminate()

    def wait(self) -> int:
        """Wait for its end: its exit code."""
        return self._running.wait(PATIENCE)

    def suspend(self) -> None:
        """SIGSTOP: it does nothing until `resume`."""
        os.kill(self._running.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        os.kill(self._running.pid, signal.SIGCONT)

    def log(self) -> str:
        """All it has written."""
        return self.log_file.read_text()

    def events(self, name: str) -> list[dict[str, Any]]:
        """What it has logged under this name."""
        lines = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == name]

    def wait_for(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        """Return once it has logged this so many times."""
        return until(
            lambda: found if len(found := self.events(event)) >= count else None,
            lambda: f"no {event} in the log:\n{self.log()[-3000:]}",
        )

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        assert self._popen is not None
        return self._popen
