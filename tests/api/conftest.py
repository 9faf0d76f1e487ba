"""Fixtures of the API's tests.

`api` is shared by all: organizations keep the tests apart. `own_api` is a test's own,
`cast` and its `user` too.
"""

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog
from pytest_postgresql.executors import NoopExecutor

from app.core import logs
from app.core.settings import Settings
from tests.api.relancing import DUE
from tests.api.support import SECRETS, Account, Api, serving
from tests.support.cast import Cast
from tests.support.database import Database, Server
from tests.support.letters import calendar, proven
from tests.support.web_line import Http


@pytest.fixture(scope="session", autouse=True)
def written_logs() -> Iterator[io.StringIO]:
    """All that the servers of this run log. At its end: not one of the tokens and passwords used."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level, stderr = root.handlers, root.level, sys.stderr
    sys.stderr = stream
    try:
        logs.configure(Settings(_env_file=None))
    finally:
        sys.stderr = stderr
    # pytest looks at records on their way to its own handlers; ours must come on top of those.
    root.handlers = [*handlers, *root.handlers]
    yield stream
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    written = stream.getvalue()
    assert not [secret for secret in SECRETS if secret in written]


@pytest.fixture(scope="session")
def api(server: Server, template: NoopExecutor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server over a database that the tests share, each with organizations of its own."""
    folder: Path = tmp_path_factory.mktemp("api")
    with (
        server.empty_database("rubis_api_tests", template=str(template.template_dbname)) as _,
        ExitStack() as cleanup,
        serving(Database(server, "rubis_api_tests", cleanup, folder)) as running,
    ):
        yield running


@pytest.fixture
def ana(api: Api) -> Account:
    """A user of a new organization."""
    return api.register()


@pytest.fixture
def own_api(database: Database) -> Iterator[Api]:
    """A server over this test's own database, whose clock it may move."""
    with serving(database) as running:
        yield running


@pytest.fixture
def cast(own_api: Api) -> Iterator[Cast]:
    """An organization over HTTP, its user's address proven, the calendar filled, its clock standing still."""
    with Cast(Http(own_api.url, own_api.database), usual=DUE) as cast:
        calendar(cast)
        proven(cast)
        cast.dba("update rubis.access_token set expires_at = '3000-01-01'")
        yield cast


@pytest.fixture
def user(own_api: Api, cast: Cast) -> Account:
    """The cast's user, to send any request."""
    assert isinstance(cast.line, Http)
    return Account(own_api, cast.line.client, cast.email, cast.line.signed_in)
