"""Look for holes and faults in the functions as deployed: `make lint-sql`.

pgspot looks in every function for what a caller could exploit: an open search_path, a name without a schema.
plpgsql_check runs through every plpgsql function, and every trigger function with each of its tables, on
Debian's PostgreSQL 15: the oldest that Rubis supports, and the only one with a package of it. As root,
apt installs it; otherwise that half is skipped, and pgspot reads the functions from the embedded server.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from app.deploy.deployment import Release
from app.deploy.migrate import migrate
from app.postgres.embedded import EmbeddedPostgres

DEBIAN = Path("/usr/lib/postgresql/15")
PACKAGE = "postgresql-15-plpgsql-check"

# What pgspot must know of the deployment: `rubis migrate` refuses schemas that it did not make, so `create or
# replace` replaces only our functions; and the session that deploys has this search_path.
_PREAMBLE = "".join(f"create schema {name};\n" for name in ("rubis", "api", "worker", "audit", "queue"))
_PREAMBLE += "set search_path = pg_catalog, pg_temp;\n"

# Without the queue: Procrastinate's functions run with their caller's rights, and ours set search_path.
_FUNCTIONS: LiteralString = """
select p.oid::regprocedure::text, pg_get_functiondef(p.oid)
  from pg_proc as p
 where p.pronamespace = any (array['rubis', 'api', 'worker', 'audit']::regnamespace[])
   and p.prokind in ('f', 'p')
 order by 1
"""
_FINDINGS: LiteralString = """
select p.oid::regprocedure::text, f.lineno, f.level, concat_ws('; ', f.message, f.detail, f.hint, f.context)
  from pg_proc as p
  join pg_language as l on l.oid = p.prolang and l.lanname = 'plpgsql'
  left join (
    select distinct tgfoid, tgrelid, tgoldtable, tgnewtable from pg_trigger where not tgisinternal
  ) as t on t.tgfoid = p.oid
 cross join lateral public.plpgsql_check_function_tb(
   p.oid, coalesce(t.tgrelid, 0)::regclass, oldtable => t.tgoldtable, newtable => t.tgnewtable,
   fatal_errors => false, other_warnings => true, extra_warnings => true, performance_warnings => true,
   security_warnings => true, compatibility_warnings => true
 ) as f
 where p.pronamespace = any (array['rubis', 'api', 'worker', 'audit']::regnamespace[])
 order by 1, 2
"""


class DebianPostgres(EmbeddedPostgres):
    """The same server, of Debian's programs."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir, options={"fsync": "off"})
        self.bindir = DEBIAN / "bin"


def has_plpgsql_check() -> bool:
    """Whether plpgsql_check is there; installs it if it can."""
    library = DEBIAN / "lib" / "plpgsql_check.so"
    if not library.exists() and shutil.which("apt-get") is not None and os.geteuid() == 0:
        apt = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-qq", "--no-install-recommends", PACKAGE]):
            subprocess.run(["/usr/bin/apt-get", *command], env=apt, stdout=sys.stderr, check=False)
    return library.exists()


def pgspot(functions: list[tuple[str, str]], folder: Path) -> list[str]:
    """What pgspot finds, a line each."""
    files = {}
    for number, (signature, definition) in enumerate(functions):
        path = folder / f"{number}.sql"
        path.write_text(f"{_PREAMBLE}{definition.rstrip().rstrip(';')};\n")
        files[f"{path}: "] = signature
    printed = subprocess.run(
        [sys.executable, "-m", "pgspot", *(name.removesuffix(": ") for name in files)],
        check=False,
        capture_output=True,
        text=True,
    )
    findings, signature = [], ""
    for line in printed.stdout.splitlines():
        signature = files.get(line, signature)
        if line not in files and line.strip() and not line.strip().startswith(("Errors: ", "TOTAL: ")):
            findings.append(f"{signature}: {line.strip()}")
    if printed.returncode != 0 and not findings:
        findings = [printed.stderr or printed.stdout]
    return findings


def main() -> int:
    """Print what was found; the exit code."""
    complete = has_plpgsql_check()
    folder = Path(tempfile.mkdtemp(prefix="rubis-lint-"))
    folder.chmod(0o755)  # so that, as root, the server's account can reach it
    try:
        server = DebianPostgres(folder) if complete else EmbeddedPostgres(folder, options={"fsync": "off"})
        with server:
            migrate(server.conninfo(), Release())
            with psycopg.connect(server.conninfo()) as connection:
                functions: list[Any] = connection.execute(_FUNCTIONS).fetchall()
                findings = pgspot(functions, folder)
                if complete:
                    connection.execute("create extension plpgsql_check schema public")
                    rows = connection.execute(_FINDINGS).fetchall()
                    findings += [
                        f"{name} line {line}: {level}: {message}" for name, line, level, message in rows
                    ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(*findings, sep="\n", end="\n" if findings else "")
    if not complete:
        print(f"plpgsql_check was skipped: Debian's {PACKAGE} is not there, and apt cannot be run as root.")
    tools = "pgspot and plpgsql_check" if complete else "pgspot"
    print(f"{tools}: {len(functions)} functions, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
