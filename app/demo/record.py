"""The database of a demonstration, as its owner: what it says of an invoice, and its rows moved in time."""

import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from app.core import address
from app.demo.narration import check, print_story
from app.deploy.deployment import DB_FOLDER

_RECORD_SECONDS = 30


class Record:
    """The files of db/demo, run on the embedded database of this data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def run(self, file: str, invoice_id: int | None = None) -> dict[str, Any]:
        """Run a file of db/demo; return its row, if it has one."""
        query = (DB_FOLDER / "demo" / f"{file}.sql").read_text().encode()
        conninfo = address.conninfo(self._data_dir)
        with psycopg.connect(conninfo, row_factory=dict_row, options="-c role=rubis_owner") as connection:
            cursor = connection.execute(query, None if invoice_id is None else {"invoice_id": invoice_id})
            return (cursor.fetchone() or {}) if cursor.description else {}

    def story(self, invoice_id: int) -> dict[str, Any]:
        """What the database says about an invoice, part by part."""
        return self.run("story", invoice_id)

    def wait_for(self, invoice_id: int, **expected: str) -> dict[str, Any]:
        """The story once it says this, for the worker records what it did; or as it is when time is up."""
        deadline = time.monotonic() + _RECORD_SECONDS
        while True:
            story = self.story(invoice_id)
            if expected.items() <= story.items() or time.monotonic() > deadline:
                return story
            time.sleep(0.1)

    def expect(self, invoice_id: int, **expected: str) -> None:
        """Compare what the database says, once the worker has recorded what it did."""
        story = self.wait_for(invoice_id, **expected)
        print_story(story)
        for part, value in expected.items():
            check(part, story[part], value)
