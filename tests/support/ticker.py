"""A worker that ticks when a test says so, for all organizations of a database."""

from tests.support.actors import Worker
from tests.support.database import Database
from tests.support.line import Connections


class Ticker(Worker):
    """Ticks and begins mails over a connection of its own."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.admin)
        self.line = Connections(database)
