"""The embedded PostgreSQL started by root: it runs as another user."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from app.postgres.embedded import EmbeddedPostgres
from app.postgres.unprivileged import UnreachableError
from tests.support.database import FAST
from tests.support.processes import postmaster


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change to another account")
def test_the_server_that_root_starts_runs_as_another_user(tmp_path: Path) -> None:
    """The server works below a folder that only root may enter, and no permission of that folder changes."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    with EmbeddedPostgres(private / "var", options=FAST) as server:
        assert server.account.uid != 0
        assert Path(f"/proc/{postmaster(private / 'var')}").stat().st_uid == server.account.uid
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert private.stat().st_uid == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change to another account")
def test_root_is_told_that_the_server_does_not_run_as_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without setpriv, a data directory that only root may enter is refused with the reason."""
    tmp_path.chmod(0o700)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(UnreachableError, match="does not run as root"):
        EmbeddedPostgres(tmp_path / "var").start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's folder")
def test_the_server_that_root_starts_runs_as_the_owner_of_its_data(tmp_path: Path) -> None:
    """The server runs as the owner of its data directory, who can later run it without root."""
    data_dir = tmp_path / "var"
    data_dir.mkdir()
    os.chown(data_dir, 65534, 65534)
    with EmbeddedPostgres(data_dir, options=FAST) as server:
        assert server.account.uid == 65534
        assert (data_dir / "postgres").stat().st_uid == 65534
