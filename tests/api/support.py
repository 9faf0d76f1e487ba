"""The API as its callers see it: a real uvicorn, a real PostgreSQL, and accounts to call it with."""

import itertools
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from psycopg.rows import DictRow

from app.api.main import create_server
from app.core.settings import Settings
from tests.support.actors import Worker
from tests.support.database import Database
from tests.support.line import Connections, Token
from tests.support.waiting import until

PASSWORD = "correct horse battery staple"
COOKIE = "rubis_refresh"
LINK_HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex"}
"""What every answer to a link of a mail has."""
SECRETS: set[str] = set()
"""Every token and password these tests have used; the logs must contain none."""

_serial = itertools.count(1)


@dataclass
class Api:
    """A running server."""

    url: str
    database: Database
    settings: Settings
    cleanup: ExitStack

    def client(self, **options: Any) -> httpx.Client:
        """A caller that follows no redirect."""
        return self.cleanup.enter_context(httpx.Client(base_url=self.url, timeout=30, **options))

    def register(self, **changes: Any) -> "Account":
        """A new organization with its user, signed in."""
        body = registration(**changes)
        client = self.client()
        answer = client.post("/api/v1/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        return Account(self, client, body["email"], answer.json())


@dataclass
class Account:
    """A user who is signed in; `get`, `post`, `put`, `patch` and `delete` are relative to /api/v1."""

    api: Api
    client: httpx.Client
    email: str
    session: dict[str, Any]
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.use(self.session)

    def use(self, session: dict[str, Any]) -> None:
        """Go on with this session's access token."""
        self.token = session["access_token"]
        SECRETS.update({self.token, *self.client.cookies.values()})
        self.client.headers["Authorization"] = f"Bearer {self.token}"

    @property
    def refresh_token(self) -> str:
        """What the cookie holds."""
        return str(self.client.cookies[COOKIE])

    @property
    def organization_id(self) -> int:
        return int(self.session["organization"]["organization_id"])

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.client.get(f"/api/v1/{path}", params=params)

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return self.client.post(f"/api/v1/{path}", **({} if body is None else {"json": body}))

    def patch(self, path: str, body: Any) -> httpx.Response:
        return self.client.patch(f"/api/v1/{path}", json=body)

    def put(self, path: str, body: Any) -> httpx.Response:
        return self.client.put(f"/api/v1/{path}", json=body)

    def delete(self, path: str) -> httpx.Response:
        return self.client.delete(f"/api/v1/{path}")

    def invoice(self, **changes: Any) -> dict[str, Any]:
        """An invoice just issued."""
        answer = self.post("invoices", invoice(**changes))
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def mailed_token(self, invoice_id: int) -> str:
        """The token of a check-in mail that the worker has sent just now for this invoice."""
        token = mail_checkin(self.api.database, self.organization_id, invoice_id)
        SECRETS.add(token.plain)
        return token.plain


def registration(**changes: Any) -> dict[str, Any]:
    """A body of auth/register with an e-mail that no user has."""
    body = {
        "email": f"ana{next(_serial)}.{secrets.token_hex(3)}@atelier.example",
        "password": PASSWORD,
        "full_name": "Ana Petit",
        "organization_name": "Atelier Petit",
        **changes,
    }
    SECRETS.add(body["password"])
    return body


def invoice(**changes: Any) -> dict[str, Any]:
    """A body of POST invoices with a number not used before."""
    body = {
        "client": {"name": "Dupont SARL", "email": "compta@dupont.example"},
        "number": f"F-{next(_serial)}",
        "issued_on": "2026-11-02",
        "due_on": "2030-12-02",
        "amount_cents": 120000,
        "currency": "EUR",
        **changes,
    }
    return {name: value for name, value in body.items() if value is not ...}


def relances(user: Account, invoice_id: int) -> dict[str, Any]:
    """What the API says of an invoice's relances."""
    answer = user.get(f"invoices/{invoice_id}/relances")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def kinds(user: Account, invoice_id: int) -> list[str]:
    """The kinds of its events, newest first."""
    return [event["kind"] for event in user.get(f"invoices/{invoice_id}/timeline").json()["items"]]


_SEND_ALONE = (
    (
        "insert into rubis.mail (organization_id, kind, user_id, next_attempt_at)"
        " select organization_id, 'questions', user_id, rubis.clock() from rubis.invoice"
        " where organization_id = %(organization_id)s and invoice_id = %(invoice_id)s"
    ),
    (
        "update rubis.mail set status = 'queued', next_attempt_at = null,"
        " lease_expires_at = rubis.clock() + interval '1 hour'"
        " where organization_id = %(organization_id)s and kind = 'questions' and status = 'scheduled'"
    ),
    (
        "update rubis.mail set status = 'sending', attempts = 1"
        " where organization_id = %(organization_id)s and kind = 'questions' and status = 'queued'"
    ),
    (
        "update rubis.checkin_task set status = 'sending'"
        " where organization_id = %(organization_id)s and checkin_task_id = %(checkin_task_id)s"
    ),
    (
        "with attempt as (insert into rubis.mail_attempt"
        " (organization_id, mail_id, attempt, to_address, message_id)"
        " select m.organization_id, m.mail_id, m.attempts, u.email, format('<%%s@rubis.test>', m.mail_id)"
        " from rubis.mail as m join rubis.app_user as u using (organization_id, user_id)"
        " where m.organization_id = %(organization_id)s and m.kind = 'questions' and m.status = 'sending'"
        " returning organization_id, mail_id, attempt)"
        " insert into rubis.mail_item"
        " (organization_id, mail_id, attempt, position, invoice_id, checkin_task_id, token_hash)"
        " select organization_id, mail_id, attempt, 1, %(invoice_id)s, %(checkin_task_id)s, %(token_hash)s"
        " from attempt"
    ),
)


def mail_checkin(database: Database, organization_id: int, invoice_id: int) -> Token:
    """Mail the check-in of one invoice, alone, as no worker would: before its day and past a day's number."""
    worker, token = Worker(database.admin), Token.new()
    worker.organization_id = organization_id
    task_id = worker.task(invoice_id)["checkin_task_id"]
    for statement in _SEND_ALONE:
        database.admin.execute(
            statement,
            {
                "organization_id": organization_id,
                "invoice_id": invoice_id,
                "checkin_task_id": task_id,
                "token_hash": token,
            },
        )
    with closing(Connections(database)) as worker.line:
        worker.finish(worker.mails(invoice_id)[-1])
    return token


def tick(database: Database, name: str = "test:1") -> None:
    """One round of the worker's ticks, of every organization."""
    worker = Worker(database.admin)
    with closing(Connections(database)) as worker.line:
        worker.tick(name=name)


def mail_notice(database: Database, organization_id: int, kind: str) -> DictRow:
    """Let the worker mail the latest notice of this kind at once; what it said, with its `token`."""
    worker = Worker(database.admin)
    worker.organization_id = organization_id
    mail = worker.notices(kind)[-1]
    database.admin.execute(
        "update rubis.mail set status = 'queued', next_attempt_at = null,"
        " lease_expires_at = rubis.clock() + interval '1 hour'"
        " where organization_id = %s and mail_id = %s",
        [organization_id, mail["mail_id"]],
    )
    with closing(Connections(database)) as worker.line:
        begun = worker.begin_mail(mail["mail_id"])
        worker.finish(begun)
    return {**begun, "token": begun["tokens"][1]}


@contextmanager
def serving(database: Database, port: int = 0, **changes: Any) -> Iterator[Api]:
    """The API over a database, in a thread, on a port, by default any; its limits of attempts out of the way.

    The tests share one address: what one of them tries in vain would else be counted against the next.
    """
    kinds = ("sign_in", "sign_in_pair", "sign_in_email", "invalid_token")
    unlimited = {f"limit_{kind}": "100000/minute" for kind in kinds}
    settings = database.settings(**{**unlimited, "db_pool_size": 5, **changes})
    with socket.create_server(("127.0.0.1", port)) as listener:
        server = create_server(settings)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="api")
        thread.start()
        try:
            until(lambda: server.started or not thread.is_alive(), "the API does not start", pause=0.01)
            assert server.started
            with ExitStack() as cleanup:
                yield Api(f"http://127.0.0.1:{listener.getsockname()[1]}", database, settings, cleanup)
        finally:
            server.should_exit = True
            thread.join()


def led_to(answer: httpx.Response, base: str, status: int = 302) -> str:
    """What stands behind this address in the one that a click leads to; asserts the rest of the answer."""
    assert answer.status_code == status, answer.text
    for name, value in LINK_HEADERS.items():
        assert answer.headers[name] == value
    found, _, last = answer.headers["location"].rpartition("/")
    assert found == base
    return last


def problem(
    answer: httpx.Response, status: int, reason: str | None = None, field: str | None = None
) -> dict[str, Any]:
    """Assert that an answer is this problem and return it."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["type"] == f"urn:rubis:problem:{body['reason']}"
    assert body["request_id"] == answer.headers["x-request-id"]
    if reason is not None:
        assert body["reason"] == reason, body
    if field is not None:
        assert field in [fault["field"] for fault in body["errors"]], body
    return body
