"""Run PostgreSQL's programs as an account that is not root: they refuse to run as root.

As root, `setuid` is enough if that account can reach the data directory and the programs. It cannot reach a
clone under a folder that only root may enter (/root, `mktemp -d`). There setpriv(1) keeps the one capability
that lets a process pass through folders, so we change no permissions of folders that are not ours.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

# Bits of CapEff, from linux/capability.h; the weaker right first.
_PASSING_CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}


class UnreachableError(RuntimeError):
    """The account that is to run PostgreSQL can reach neither its data nor its programs."""


@dataclass(frozen=True)
class Account:
    """Who runs the server. `switch` is false when that is ourselves, because we are not root."""

    uid: int
    gid: int
    switch: bool
    prefix: tuple[str, ...] = field(default=())

    def popen(self, args: Sequence[str | Path], **kwargs: Any) -> subprocess.Popen[bytes]:
        """Start a program as this account, in a folder every account can enter, without our PG* variables."""
        if self.switch and not self.prefix:
            kwargs |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        kwargs.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen(
            [*self.prefix, *map(str, args)], cwd="/", env=_environment(os.environ), **kwargs
        )

    def run(self, args: Sequence[str | Path], output: IO[bytes] | int = subprocess.PIPE) -> tuple[int, str]:
        """Run a program to its end: (exit code, what it printed on both streams if `output` is a pipe)."""
        with self.popen(args, stdout=output, stderr=subprocess.STDOUT) as process:
            printed, _ = process.communicate()
        return process.returncode, (printed or b"").decode(errors="replace").strip()


def account_for(home: Path, programs: Path) -> Account:
    """Choose the account that owns `home` and runs `programs`. `home` need not exist, but its parent does.

    Not root: ourselves. Root: the owner of `home` or of its parent unless that is root, else `postgres`, else
    `nobody`. Raises UnreachableError when that account cannot get there and setpriv cannot help.
    """
    owner = (home if home.exists() else home.parent).stat().st_uid
    if os.geteuid() != 0:
        if home.exists() and owner != os.geteuid():
            message = f"{home} belongs to user {owner}: run as that user, or set RUBIS_DATA_DIR elsewhere."
            raise UnreachableError(message)
        return Account(os.geteuid(), os.getegid(), switch=False)
    plain = Account(owner, _group(owner), switch=True) if owner != 0 else _service_account()
    for candidate in [plain, *(_passing(plain, capability) for capability in _capabilities())]:
        if _reaches(candidate, home.parent, programs / "postgres"):
            return candidate
    message = (
        f"PostgreSQL does not run as root, and user {plain.uid} cannot reach {home.parent} or {programs}, "
        "nor does setpriv (util-linux) help. Run rubis as an ordinary user, or from another folder."
    )
    raise UnreachableError(message)


def _group(uid: int) -> int:
    """A user's own group; a number of the same value for a user without an entry, as in some containers."""
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return uid


def _service_account() -> Account:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, switch=True)
    message = (
        "PostgreSQL does not run as root, and there is no user `postgres` or `nobody`: run as another user."
    )
    raise UnreachableError(message)


def _capabilities() -> list[str]:
    """The capabilities we hold that let a process pass through folders; none without setpriv or off Linux."""
    status = Path("/proc/self/status")
    if shutil.which("setpriv") is None or not status.exists():
        return []
    effective = next(line for line in status.read_text().splitlines() if line.startswith("CapEff:"))
    held = int(effective.split()[1], 16)
    return [name for name, bit in _PASSING_CAPABILITIES.items() if held >> bit & 1]


def _passing(account: Account, capability: str) -> Account:
    prefix = (
        "setpriv",
        "--securebits=+no_setuid_fixup",  # without it access(2), which initdb uses, ignores capabilities
        *("--reuid", str(account.uid), "--regid", str(account.gid), "--clear-groups"),
        *(f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}"),
    )
    return Account(account.uid, account.gid, switch=True, prefix=prefix)


def _reaches(account: Account, folder: Path, program: Path) -> bool:
    code, _ = account.run(["/bin/sh", "-c", 'test -x "$1" && test -x "$2"', "sh", folder, program])
    return code == 0


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """The environment without our secrets and without PGDATA, PGPORT, ..., which change the server."""
    kept = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
    return {name: ours[name] for name in kept if name in ours}
