"""Two organizations, and arguments with which each function of `api` can be called for the first of them."""

from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

import pytest

from tests.support.cast import Cast, populated
from tests.support.letters import correspond
from tests.support.line import PASSWORD_HASH, Line

TOKEN = "p_access_token_hash"
IDS = {
    "p_client_id": "client",
    "p_into_client_id": "client",
    "p_invoice_id": "invoice",
    "p_but_invoice_id": "invoice",
    "p_import_batch_id": "import_batch",
    "p_import_draft_id": "import_draft",
    "p_relance_id": "relance",
    "p_session_id": "session",
    "p_relance_plan_id": "relance_plan",
}
VALUES: dict[str, Any] = {
    "p_until": datetime.now(UTC).date() + timedelta(days=30),
    "p_from": None,
    "p_kind": None,
    "p_reason": "promised",
    "p_steps": [{"days_after_due": 4, "tone": "courteous"}],
    "p_limit": 50,
    "p_cursor": None,
    "p_view": "open",
    "p_sort": None,
    "p_act": "pause",
    "p_answer": "pending",
    "p_name": "Nouveau",
    "p_email": "nouveau@clients.test",
    "p_client_name": None,
    "p_client_email": None,
    "p_number": "N-1",
    "p_issued_on": date(2026, 3, 1),
    "p_due_on": date(2026, 4, 1),
    "p_amount_cents": 1,
    "p_currency": "EUR",
    "p_q": "A",
    "p_drafts": [{"number": "N-2"}],
    "p_device": "Firefox, Linux",
    "p_address": "192.0.2.1",
    "p_message": {"area": "account", "say": "saved"},
    "p_source": "factures.csv",
    "p_page": 1,
    "p_tone": "courteous",
    "p_locale": "fr",
    "p_opening": "Bonjour {client},",
    "p_request": None,
    "p_password_hash": PASSWORD_HASH,
    "p_new_password_hash": PASSWORD_HASH + "b",
    "p_wording": {"opening": "Bonjour {client},"},
}
CHANGES: dict[str, dict[str, Any]] = {
    "api.update_client": {"name": "Changé"},
    "api.update_import_draft": {"number": "N-3"},
    "api.update_invoice": {"amount_cents": 5},
    "api.update_me": {"full_name": "Changée"},
    "api.update_organization": {"name": "Changé"},
}


class World:
    """Two organizations with a row in every table."""

    def __init__(self, line: Line) -> None:
        self.session = line.reader
        self.mine = populated(line, "Atelier")
        self.other = populated(line, "Voisin")
        asked = {cast: self.newest(cast, "invoice") for cast in (self.mine, self.other)}
        for cast, name in ((self.mine, "Atelier"), (self.other, "Voisin")):
            correspond(cast, name)
        for cast, invoice_id in asked.items():
            cast.api("ask_checkin_again", invoice_id=invoice_id)
            cast.ask(invoice_id)
        self.tables = [
            row["relname"]
            for row in line.reader.rows(
                "select c.relname from pg_attribute as a join pg_class as c on c.oid = a.attrelid"
                " where c.relnamespace = 'rubis'::regnamespace and c.relkind = 'r'"
                " and a.attname = 'organization_id'"
            )
        ]

    def newest(self, owner: Cast, table: str) -> Any:
        """The id of an organization's newest row of this table."""
        if table == "session":
            return self.session_of(owner)
        newest: int = self.session.value(
            f"select max({table}_id) from rubis.{table} where organization_id = %s", [owner.organization_id]
        )
        return newest

    def session_of(self, owner: Cast) -> Any:
        """The newest session of an organization."""
        return self.session.value(
            "select session_id from rubis.access_token where organization_id = %s"
            " order by access_token_id desc limit 1",
            [owner.organization_id],
        )

    def oldest(self, owner: Cast, table: str) -> int:
        """The id of an organization's oldest row of this table."""
        oldest: int = self.session.value(
            f"select min({table}_id) from rubis.{table} where organization_id = %s", [owner.organization_id]
        )
        return oldest

    def arguments(self, function: str, foreign: tuple[str, ...] = ()) -> dict[str, Any]:
        """Arguments with which the call succeeds; those named in `foreign` are the other organization's."""
        filled: dict[str, Any] = {}
        for name in self.parameters(function):
            if name == TOKEN:
                filled[name] = self.mine.access
            elif name in IDS:
                owner = self.other if name in foreign else self.mine
                filled[name] = (self.oldest if name == "p_into_client_id" else self.newest)(owner, IDS[name])
            elif name == "p_invoice_ids":
                filled[name] = [self.newest(self.mine, "invoice")]
            elif name == "p_changes" and function in CHANGES:
                filled[name] = Cast.json(CHANGES[function])
            elif name in VALUES:
                value = VALUES[name]
                filled[name] = Cast.json(value) if isinstance(value, list | dict) else value
            else:
                pytest.fail(f"{function} has a parameter {name} that this test knows no value for")
        return filled

    def parameters(self, function: str) -> list[str]:
        """The names of a function's parameters."""
        names: list[str] = self.session.value(
            "select coalesce(proargnames[:pronargs], '{}') from pg_proc where oid = %s::regproc", [function]
        )
        return names

    def rows_of(self, owner: Cast) -> dict[str, list[Any]]:
        """Every row of an organization."""
        return {
            table: self.session.rows(
                f"select to_jsonb(t)::text as row from rubis.{table} as t"
                " where organization_id = %s order by 1",
                [owner.organization_id],
            )
            for table in self.tables
        }

    def call(self, function: str, arguments: dict[str, Any]) -> Any:
        """Call it as rubis_api."""
        with self.session.acting_as("rubis_api"):
            return self.session.call(function, **arguments)

    def shows_the_other(self, document: Any) -> list[Any]:
        """What a document has of the other organization: its ids under their names, its name in any text."""
        if isinstance(document, dict):
            found = [
                (key, value)
                for key, value in document.items()
                if key.endswith("_id") and isinstance(value, int) and value in self.ids_of_other(key)
            ]
            return found + list(chain.from_iterable(map(self.shows_the_other, document.values())))
        if isinstance(document, list):
            return list(chain.from_iterable(map(self.shows_the_other, document)))
        return (
            [document]
            if isinstance(document, str) and ("Voisin" in document or self.other.email in document)
            else []
        )

    def ids_of_other(self, key: str) -> set[int]:
        """The other organization's ids of this name."""
        table = {"user_id": "app_user"}.get(key, key.removesuffix("_id"))
        rows = self.session.rows(
            f"select {key} from rubis.{table} where organization_id = %s", [self.other.organization_id]
        )
        return {row[key] for row in rows}
