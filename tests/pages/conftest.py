"""One busy organization, the app over it, and a real browser, for all that looks at pages."""

from collections.abc import Iterator

import pytest
from pytest_postgresql.executors import NoopExecutor

from tests.pages.place import Place
from tests.support.app import serving_app
from tests.support.busy import busy
from tests.support.database import Server
from tests.support.line import Connections
from tests.support.shared import shared_database
from tests.web.conftest import browser

__all__ = ["browser"]


@pytest.fixture(scope="session")
def place(
    server: Server, template: NoopExecutor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """Give the app over a database with one busy organization. Whoever changes it puts it back."""
    folder = tmp_path_factory.mktemp("pages")
    with (
        shared_database(server, template, "rubis_pages", folder) as database,
        busy(Connections(database)) as cast,
        serving_app(database) as app,
    ):
        yield Place(app, cast)
