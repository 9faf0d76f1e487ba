"""The worker's part in an organization's relances, on a clock that stands still."""

from typing import Any

from psycopg.types.json import Jsonb

from tests.api.support import Account, Api, invoice

NOW = "2026-03-02 09:00 UTC"
"""A Monday, 10:00 in Paris."""

DUE = {"issued_on": "2026-02-02", "due_on": "2026-03-02"}
"""An invoice that falls due that day: steps on Thursday 5 March, Thursday 12 March and Wednesday 1 April."""

FIRST, SECOND, THIRD = "2026-03-05T09:00:00Z", "2026-03-12T09:00:00Z", "2026-04-01T08:00:00Z"
"""When they leave: 10:00 in Paris, of which the last is in summer time."""


class Post:
    """An organization of its own with one user, whose address is proven, and the worker that sends for it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.clock = api.database.clock
        self.clock.set(NOW)
        self.admin = api.database.admin
        self.user = api.register()
        self.worker = api.database.worker()
        for year in range(2025, 2029):
            self.worker.call("worker.put_holidays", p_country="FR", p_year=year, p_holidays=Jsonb([]))
        self.admin.execute("update rubis.app_user set email_proven_at = rubis.clock()")
        self.admin.execute("update rubis.access_token set expires_at = 'infinity'")

    def pending(self, **changes: Any) -> int:
        """An invoice due today of which the user has said that it is still to be paid; its id."""
        answer = self.user.post("invoices", invoice(**(DUE | changes)))
        assert answer.status_code == 201, answer.text
        invoice_id: int = answer.json()["invoice_id"]
        said = self.user.post(f"invoices/{invoice_id}/checkin/answer", {"answer": "pending"})
        assert said.json()["outcome"] == "pending"
        return invoice_id

    def tick(self) -> None:
        """One turn of the worker's clock."""
        self.worker.call("worker.tick", p_worker="test:1", p_limit=500)

    def try_to_begin(self, relance_id: int) -> dict[str, Any]:
        """Begin to send a queued relance, whatever comes of it."""
        begun: dict[str, Any] = self.worker.call(
            "worker.begin_relance_send",
            p_organization_id=self.user.organization_id,
            p_relance_id=relance_id,
            p_message_id=f"<{relance_id}@rubis.test>",
        )
        return begun

    def begin(self, relance_id: int) -> int:
        """Begin to send a queued relance; the id of its letter's row."""
        mail_id: int = self.try_to_begin(relance_id)["relance_mail_id"]
        return mail_id

    def send(self, invoice_id: int, failure_class: str | None = None) -> int:
        """Send the relance ahead when it is due, or fail to; its id."""
        ahead = relances(self.user, invoice_id)["ahead"]
        self.clock.set(ahead["leaves_at"])
        self.tick()
        mail = {
            "p_organization_id": self.user.organization_id,
            "p_relance_mail_id": self.begin(ahead["relance_id"]),
        }
        if failure_class is None:
            self.worker.call("worker.finish_relance_send", **mail)
        else:
            failure = {"p_failure_class": failure_class, "p_failure_detail": "as the test has it"}
            self.worker.call("worker.fail_relance_send", **mail, **failure)
        relance_id: int = ahead["relance_id"]
        return relance_id


def relances(user: Account, invoice_id: int) -> dict[str, Any]:
    """What the API says of an invoice's relances."""
    answer = user.get(f"invoices/{invoice_id}/relances")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def kinds(user: Account, invoice_id: int) -> list[str]:
    """The kinds of its events, newest first."""
    return [event["kind"] for event in user.get(f"invoices/{invoice_id}/timeline").json()["items"]]
