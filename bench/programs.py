"""Starting the processes of a measure, and how much processor each uses."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from app.postgres.guard import Guard

_ROOT = Path(__file__).resolve().parents[1]
_PATIENCE = 30.0
_STOP_SECONDS = 30.0


class ProgramError(RuntimeError):
    """A process of the measure did not start or ended early; the message has the end of what it wrote."""


class Program:
    """A running `python -m <module>`, with what it writes in a file."""

    def __init__(self, popen: "subprocess.Popen[bytes]", output: Path) -> None:
        self.process = psutil.Process(popen.pid)
        self._popen = popen
        self._output = output

    def output(self) -> str:
        """All it has written."""
        return self._output.read_text(errors="replace")

    def wait_for_port(self, port: int) -> None:
        """Return once it listens on this port of 127.0.0.1. Raises ProgramError."""
        deadline = time.monotonic() + _PATIENCE
        while not _listens(port):
            self._check(deadline, f"does not listen on port {port}")
            time.sleep(0.05)

    def wait_for_text(self, text: str) -> None:
        """Return once it has written this. Raises ProgramError."""
        deadline = time.monotonic() + _PATIENCE
        while text not in self.output():
            self._check(deadline, f"does not write {text!r}")
            time.sleep(0.05)

    def wait(self, seconds: float) -> None:
        """Return once it has ended well. Raises ProgramError."""
        try:
            code = self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        if code != 0:
            self._check(time.monotonic(), f"has not ended after {seconds} s")

    def check(self) -> None:
        """Raises ProgramError if it has ended."""
        self._check(time.monotonic() + 1, "")

    def _check(self, deadline: float, complaint: str) -> None:
        if (code := self._popen.poll()) is not None:
            complaint = f"ended with code {code}"
        elif time.monotonic() < deadline:
            return
        message = f"{self._output.stem} {complaint}:\n{self.output()[-3000:]}"
        raise ProgramError(message)


@contextmanager
def running(module: str, *args: str, environment: Mapping[str, str], folder: Path) -> Iterator[Program]:
    """`python -m module args`, asked to stop at the end; `folder` takes its output and holds no .env."""
    output = folder / f"{module}-{'-'.join(args[:1])}-{time.monotonic_ns()}.log"
    with ExitStack() as cleanup:
        guard = Guard()
        cleanup.callback(guard.release)
        with output.open("wb") as log:
            popen = subprocess.Popen(
                [sys.executable, "-m", module, *args],
                env=os.environ | environment | {"PYTHONPATH": str(_ROOT)},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        guard.watch(popen.pid, "TERM")
        cleanup.callback(_stop, popen)
        yield Program(popen, output)


def ask(module: str, request: str, folder: Path) -> str:
    """Run `python -m module` to its end with this on its standard input; its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
        cwd=folder,
        input=request,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        message = f"{module} ended with code {done.returncode}:\n{done.stderr[-3000:]}"
        raise ProgramError(message)
    return done.stdout


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Meter:
    """How busy named processes, each with its children, were since its making."""

    def __init__(self, **processes: psutil.Process) -> None:
        self._processes = processes
        self._before = {name: _seconds(process) for name, process in processes.items()}
        self._began = time.monotonic()

    def seconds(self) -> dict[str, float]:
        """Processor seconds by name."""
        return {name: _seconds(process) - self._before[name] for name, process in self._processes.items()}

    def each(self, count: int) -> str:
        """`API 0.61 ms (55%), PostgreSQL 0.74 ms (66%)`: for each of `count` things, and of one core."""
        elapsed = time.monotonic() - self._began
        return ", ".join(
            f"{name} {1000 * used / count:.2f} ms ({used / elapsed:.0%})"
            for name, used in self.seconds().items()
        )


def _seconds(process: psutil.Process) -> float:
    """Processor seconds of a process, its living children and those it has waited for."""
    total = 0.0
    for member in (process, *process.children(recursive=True)):
        try:
            times = member.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _stop(popen: "subprocess.Popen[bytes]") -> None:
    popen.terminate()
    try:
        popen.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()
