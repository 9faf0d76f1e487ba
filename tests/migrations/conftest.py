"""A database nobody has migrated yet, and a release whose files a test may edit."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.deploy.deployment import Release
from tests.support.database import Server, copy_release, running_server
from tests.support.session import OpenSession, Session


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    """The superuser's connection string of an empty database."""
    with server.empty_database("rubis_migrations") as conninfo:
        yield conninfo


@pytest.fixture
def admin(empty: str, open_session: OpenSession) -> Session:
    """The superuser's session on it."""
    return open_session(empty)


@pytest.fixture
def release(tmp_path: Path) -> Release:
    """A copy of db/ to edit."""
    return copy_release(tmp_path / "db")


@pytest.fixture
def fresh_server() -> Iterator[Server]:
    """A server on which none of our roles exist: roles belong to the whole server."""
    with running_server(int(os.environ.get("RUBIS_TEST_POSTGRES", "18"))) as running:
        yield running
