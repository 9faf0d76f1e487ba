"""A small cast for tests in one transaction: a user, a worker and somebody who clicks, each as its role."""

import hashlib
from datetime import date
from typing import Any

from tests.support.session import Session

PASSWORD_HASH = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA"


def token_hash(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


def register(session: Session, name: str = "ada") -> bytes:
    """Register an organization and its user, as rubis_api; returns the hash of its access token."""
    access = token_hash(f"access of {name}")
    session.call(
        "api.register",
        p_email=f"{name}@example.test",
        p_password_hash=PASSWORD_HASH,
        p_full_name=name.title(),
        p_organization_name=f"{name.title()} & Co",
        p_locale="fr",
        p_access_token_hash=access,
        p_access_expires_in="30 days",
        p_refresh_token_hash=token_hash(f"refresh of {name}"),
        p_refresh_expires_in="30 days",
    )
    return access


class Story:
    """One organization in a `tx` session, which stays rubis_owner's between the calls."""

    def __init__(self, tx: Session, name: str = "ada") -> None:
        self.tx = tx
        self.mails = 0
        with tx.acting_as("rubis_api"):
            self.access = register(tx, name)
            me = self.api("get_me")
        self.organization_id: int = me["organization"]["organization_id"]
        self.user_id: int = me["user"]["user_id"]

    def api(self, function: str, **params: Any) -> Any:
        """Call api.<function> with this user's access token, as rubis_api."""
        with self.tx.acting_as("rubis_api"):
            return self.tx.call(f"api.{function}", p_access_token_hash=self.access, **params)

    def worker(self, function: str, **params: Any) -> Any:
        """Call worker.<function> as rubis_worker."""
        with self.tx.acting_as("rubis_worker"):
            return self.tx.call(f"worker.{function}", **params)

    def invoice(self, number: str = "2026-117", due_on: date = date(2026, 12, 2)) -> int:
        """Issue an invoice of 1,200 euros to Dupont."""
        document = self.api(
            "create_invoice",
            p_client_id=None,
            p_client_name="Dupont SARL",
            p_client_email="compta@dupont.example",
            p_number=number,
            p_issued_on=date(2026, 11, 2),
            p_due_on=due_on,
            p_amount_cents=120_000,
            p_currency="EUR",
        )
        return int(document["invoice_id"])

    def task(self, invoice_id: int) -> int:
        """The latest check-in of an invoice."""
        return int(
            self.tx.value(
                "select max(checkin_task_id) from rubis.checkin_task"
                " where organization_id = %s and invoice_id = %s",
                [self.organization_id, invoice_id],
            )
        )

    def make_due(self, invoice_id: int) -> None:
        """Bring the scheduled check-in of an invoice forward to now."""
        self.tx.execute(
            "update rubis.checkin_task set next_attempt_at = rubis.clock()"
            " where organization_id = %s and invoice_id = %s and status = 'scheduled'",
            [self.organization_id, invoice_id],
        )

    def begin(self, invoice_id: int) -> tuple[int, bytes]:
        """Tick and begin one mail; returns its checkin_mail_id and the hash of its token."""
        self.make_due(invoice_id)
        self.worker("tick", p_worker="test:1")
        self.mails += 1
        token = token_hash(f"mail {self.organization_id} {self.mails}")
        begun = self.worker(
            "begin_checkin_send",
            p_organization_id=self.organization_id,
            p_checkin_task_id=self.task(invoice_id),
            p_token_hash=token,
        )
        assert begun["skip_reason"] is None
        return int(begun["checkin_mail_id"]), token

    def finish(self, mail: int) -> None:
        """The mail is accepted."""
        message_id = f"<{mail}@rubis.test>"
        self.worker(
            "finish_checkin_send",
            p_organization_id=self.organization_id,
            p_checkin_mail_id=mail,
            p_message_id=message_id,
        )

    def fail(self, mail: int, failure_class: str, detail: str = "no") -> None:
        """The mail fails."""
        self.worker(
            "fail_checkin_send",
            p_organization_id=self.organization_id,
            p_checkin_mail_id=mail,
            p_failure_class=failure_class,
            p_failure_detail=detail,
        )

    def send(self, invoice_id: int) -> bytes:
        """Ask about an invoice, successfully; returns the hash of the token in the mail."""
        mail, token = self.begin(invoice_id)
        self.finish(mail)
        return token

    def click(self, token: bytes, answer: str) -> str:
        """Click a link; returns the outcome."""
        with self.tx.acting_as("rubis_api"):
            return str(
                self.tx.call(
                    "api.answer_checkin", p_token_hash=token, p_answer=answer, p_user_agent="a browser"
                )
            )

    def press(self, token: bytes, answer: str | None) -> str:
        """Press a button of the page: an answer, or None to take the one given back; returns the outcome."""
        given = {} if answer is None else {"p_answer": answer}
        function = "api.undo_checkin" if answer is None else "api.confirm_checkin"
        with self.tx.acting_as("rubis_api"):
            return str(self.tx.call(function, p_token_hash=token, **given, p_user_agent="a browser"))

    def receipt(self) -> bytes:
        """Mail the latest receipt that waits, once it may leave; returns the hash of the token in it."""
        mail = self.tx.value(
            "select max(user_mail_id) from rubis.user_mail"
            " where organization_id = %s and kind = 'answer_receipt' and status in ('scheduled', 'queued')",
            [self.organization_id],
        )
        self.worker("tick", p_worker="test:1")
        self.mails += 1
        token = token_hash(f"mail {self.organization_id} {self.mails}")
        named = {"p_organization_id": self.organization_id}
        begun = self.worker("begin_user_mail", **named, p_user_mail_id=mail, p_token_hash=token)
        self.worker(
            "finish_user_mail",
            **named,
            p_user_mail_attempt_id=begun["user_mail_attempt_id"],
            p_message_id=f"<receipt-{mail}@rubis.test>",
        )
        return token
