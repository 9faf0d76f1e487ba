"""schemathesis over the whole OpenAPI document with all its checks, as somebody who is signed in.

Here with a fixed seed and the cases at the edges of every schema; `make schemathesis` goes on for SECONDS
with random values and sequences of calls, from a new seed each time.
"""

import os
import subprocess
import sysconfig
from pathlib import Path

from tests.api.operations import own
from tests.api.support import serving
from tests.support.database import Database

PROGRAM = Path(sysconfig.get_path("scripts")) / "schemathesis"
HOOKS = "tests.api.schemathesis_hooks"
ROOT = Path(__file__).parents[2]
SLOW = ("register", "login")
"""They hash a password for each case; tests/api/test_auth.py and test_fields.py know them better."""


def arguments(seconds: str | None) -> list[str]:
    """Briefly and always the same, or for so many seconds."""
    if seconds is not None:
        return ["--max-time", seconds]
    skipped = [part for name in SLOW for part in ("--exclude-operation-id", name)]
    return ["--phases", "coverage", "--seed", "1", *skipped]


def test_no_answer_is_other_than_documented(database: Database, tmp_path: Path) -> None:
    """No 5xx, no status, header or body that the document does not have; afterwards every rule holds."""
    config = tmp_path / "schemathesis.toml"
    config.write_text("")
    with serving(database, limit_invalid_token="100000/minute", access_token_ttl_minutes=600) as api:
        account = api.register()
        own(account)
        finished = subprocess.run(
            [
                *(PROGRAM, "--config-file", config, "run", f"{api.url}/openapi.json"),
                *("--header", f"Authorization: Bearer {account.token}"),
                *("--checks", "all", "--exclude-checks", "positive_data_acceptance"),
                *("--max-redirects", "1", "--continue-on-failure", "--no-color"),
                *arguments(os.environ.get("SCHEMATHESIS_SECONDS")),
            ],
            cwd=tmp_path,
            env={**os.environ, "SCHEMATHESIS_HOOKS": HOOKS, "PYTHONPATH": str(ROOT)},
            check=False,
            capture_output=True,
            text=True,
        )
    assert finished.returncode == 0, finished.stdout[-20000:] + finished.stderr[-2000:]
    assert "Tested: " in finished.stdout
    rules = database.auditor().rows("select rule, violations from audit.rules where violations > 0")
    assert rules == []
