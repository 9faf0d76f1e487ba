"""`rubis` as processes, and what is left of them."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.support.ports import free_port
from tests.support.waiting import until


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended but was not waited for does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def processes_naming(text: str) -> dict[int, str]:
    """Every live process whose command line or environment contains this text: pid -> command line."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environment = (folder / "environ").read_bytes().decode(errors="replace")
                if text in command or text in environment:
                    found[int(folder.name)] = command.strip()
    return {pid: command for pid, command in found.items() if alive(pid)}


def rubis(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `rubis` to its end, in a folder without a .env."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *args],
        env=os.environ | {"PYTHONPATH": str(Path.cwd())} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd="/",
    )


class Up:
    """A running `rubis up`: its process, what it printed, where it answers."""

    def __init__(self, **environment: str) -> None:
        self.environment = {
            "PORT": str(free_port()),
            "WEB_URL": f"http://localhost:{free_port()}",
            "LOG_LEVEL": "warning",
            "PYTHONPATH": str(Path.cwd()),
            **environment,
        }
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "app.cli", "up"],
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return "\n".join(self.lines)

    def wait_until_ready(self) -> None:
        """Return once everything runs."""
        until(
            lambda: "Ctrl-C stops everything." in self.output or self.process.poll() is not None,
            lambda: self.output,
            90,
        )
        assert self.process.poll() is None, self.output

    def child(self, name: str) -> int:
        """The process id of `rubis api`, `worker` or `web`, or of the server (`postgres`)."""
        wanted = "/bin/postgres -D" if name == "postgres" else f"app.cli {name}"
        (pid,) = [pid for pid, command in self._descendants().items() if wanted in command]
        return pid

    def end(self, number: signal.Signals | None = None, seconds: float = 40) -> int:
        """Send a signal, wait for the end, return the exit code."""
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(seconds)
        self._reader.join(5)
        return code

    def _descendants(self) -> dict[int, str]:
        found = {}
        for pid in subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=True
        ).stdout.split():
            with contextlib.suppress(OSError):
                found[int(pid)] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            self.lines.extend(line.rstrip("\n") for line in self.process.stdout)


@contextlib.contextmanager
def running_up(**environment: str) -> Iterator[Up]:
    """`rubis up`, ready, and stopped at the end if it still runs."""
    up = Up(**environment)
    try:
        up.wait_until_ready()
        yield up
    finally:
        if up.process.poll() is None:
            up.end(signal.SIGTERM)
        up._reader.join(5)


def postmaster(data_dir: Path) -> int:
    """The process id of the embedded server in this data directory."""
    return int((data_dir / "postgres/cluster/postmaster.pid").read_text().split()[0])
