"""A guard process: when our process ends, even by `kill -9`, it stops what we started."""

import contextlib
import subprocess
from typing import Literal

# Reads "SIGNAL PID" lines until the kernel closes the other end of the pipe, also after `kill -9`.
# PostgreSQL is asked for its fast shutdown (INT) and never killed; the others get TERM and, 15 s later, KILL.
_SCRIPT = """
watched=
while read -r signal pid; do watched="$watched $signal:$pid"; done
for item in $watched; do kill -s "${item%%:*}" "${item#*:}"; done
sleep 15
for item in $watched; do
  if [ "${item%%:*}" = TERM ]; then kill -s KILL -- "-${item#*:}"; fi
done
"""


class Guard:
    """Stops the processes it watches when this process is gone without having called `release`."""

    def __init__(self) -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            text=True,
        )

    def watch(self, pid: int, signal: Literal["TERM", "INT"]) -> None:
        """Send this signal to this process if we die. A watched process must lead its own session."""
        assert self._shell.stdin is not None  # a pipe
        with contextlib.suppress(OSError):  # the guard itself was killed; the work goes on without it
            self._shell.stdin.write(f"{signal} {pid}\n")
            self._shell.stdin.flush()

    def release(self) -> None:
        """Stop watching: the watched processes have ended normally."""
        self._shell.kill()
        self._shell.wait()
        if self._shell.stdin is not None:
            with contextlib.suppress(OSError):
                self._shell.stdin.close()
