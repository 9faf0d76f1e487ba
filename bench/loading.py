"""Filling a database set by set, its triggers off: rows as the product would have left them."""

from pathlib import Path
from typing import Any, Literal

import psycopg

State = Literal["asked", "due", "mixed"]
"""asked: every check-in was mailed an hour ago and waits for its click. due: every check-in fell due a
minute ago and none was mailed. mixed: three in four are asked, the fourth is scheduled on one of the next
sixty days."""

CLIENTS_PER_ORGANIZATION = 10
_SQL = Path(__file__).parent / "sql"


def token(number: int) -> str:
    """The plain token of mail `number`: 43 characters, of which the database has the SHA-256."""
    return f"{number:043}"


def access_token(organization_id: int) -> str:
    """The plain access token of the organization's user."""
    return f"a{organization_id:042}"


def web_token() -> str:
    """The plain token in the cookie of the one user who is signed in to the web app."""
    return f"w{0:042}"


def load_organizations(session: psycopg.Connection[Any], count: int) -> None:
    """Organizations 1 to `count`, each with the default plan, a user of the same id, a token and clients."""
    run(session, "organizations", organizations=count, clients=CLIENTS_PER_ORGANIZATION)


def load_invoices(session: psycopg.Connection[Any], count: int, state: State) -> None:
    """Invoices 1 to `count`, dealt out to the organizations, with check-in, mail, relance and activity.

    Invoice, check-in, mail and relance have the same number; the tokens are those of `token`.
    """
    run(
        session,
        "invoices",
        count=count,
        organizations=_value(session, "select count(*) from rubis.organization"),
        clients=CLIENTS_PER_ORGANIZATION,
        asked_of_four={"asked": 4, "due": 0, "mixed": 3}[state],
        due=state == "due",
    )
    session.execute("vacuum (analyze)")
    session.execute("checkpoint")


def load_own(session: psycopg.Connection[Any], count: int, clients: int) -> int:
    """One organization more, of so many invoices and clients; `web_token` is its user's session. Its id."""
    run(session, "own", count=count, clients=clients, token=web_token())
    session.execute("vacuum (analyze)")
    session.execute("checkpoint")
    own: int = _value(session, "select max(o.organization_id) from rubis.organization as o")
    return own


def run(session: psycopg.Connection[Any], script: str, **values: Any) -> None:
    """Run all statements of a script of ours in one transaction."""
    with session.transaction():
        session.execute(script_text(script), values)


def script_text(name: str) -> bytes:
    """A script of ours, as the server takes it."""
    return (_SQL / f"{name}.sql").read_bytes()


def _value(session: psycopg.Connection[Any], query: str) -> Any:
    row = session.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]
