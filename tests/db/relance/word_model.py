"""The owner's word, worked out in Python from what happened; no SQL function of the word is asked.

What happened are the mails that the worker began, with address, moment and fate, the links used, and
what everybody sees of an invoice: its facts, pauses and status, the answer to its last question.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.rows import DictRow

from tests.support.cast import Cast

A_DAY = timedelta(hours=24)
FACTS = ("client_id", "number", "due_on", "amount_cents", "currency")

SEEN = """
select i.invoice_id, i.status, i.client_id, i.number, i.due_on, i.amount_cents, i.currency,
       i.paused_until::text as paused, u.email, o.time_zone, o.question_valid_days,
       o.contradiction_seconds, rubis.clock() as now,
       t.checkin_task_id, t.status as question, t.answer, t.answered_at, t.answered_via,
       t.follows_checkin_task_id is not null as of_due_date
  from rubis.invoice as i
  join rubis.organization as o using (organization_id)
  join rubis.app_user as u on u.organization_id = i.organization_id and u.user_id = i.user_id
  left join lateral (
    select t.* from rubis.checkin_task as t
     where t.organization_id = i.organization_id and t.invoice_id = i.invoice_id
     order by t.checkin_task_id desc limit 1) as t on true
 where i.organization_id = %s
"""

CLIENTS = """
select c.client_id, lower(c.email) as email, c.paused_until::text as paused, o.time_zone, rubis.clock() as now
  from rubis.client as c
  join rubis.organization as o using (organization_id)
 where c.organization_id = %s
"""


@dataclass
class Mail:
    """One mail of a question, as the worker saw it leave."""

    question: int
    to: str
    begun_at: datetime
    at: datetime
    """When it was accepted; until then, when it was begun."""
    is_accepted: bool = False
    is_lost: bool = False
    """It surely reached no reader."""
    is_used: bool = False
    """A link of it was followed, or a button of its page pressed, and it counted or came too late."""


@dataclass
class Doubted:
    """An invoice or a client, and since when an earlier word about it counts no longer."""

    doubted_at: datetime | None = None

    def doubt(self, at: datetime) -> None:
        """What was said before counts no longer."""
        self.doubted_at = max(at, self.doubted_at or at)

    def compare_pause(self, before: DictRow, row: DictRow) -> None:
        """A pause that was changed or lifted ended then, or on its day if that was over."""
        end = pause_end(before["paused"], ZoneInfo(row["time_zone"]))
        if end is not None and before["paused"] != row["paused"]:
            self.doubt(min(row["now"], end))


@dataclass
class History(Doubted):
    """What happened to one invoice."""

    mails: dict[bytes, Mail] = field(default_factory=dict)
    """By the token in their links."""
    automatic: set[int] = field(default_factory=set)
    """Questions that no person asked for: a tick or a letter scheduled them."""

    def compare(self, before: DictRow, row: DictRow, *, automatic: bool) -> None:
        """Note what makes the word doubtful, and who asks."""
        asked_before = before["checkin_task_id"] == row["checkin_task_id"]
        if (
            (before["status"] != "open" and row["status"] == "open")
            or any(before[fact] != row[fact] for fact in FACTS)
            or (asked_before and before["answer"] and not row["answer"])
        ):
            self.doubt(row["now"])
        self.compare_pause(before, row)
        if automatic and not asked_before and not row["of_due_date"]:
            self.automatic.add(row["checkin_task_id"])


class WordModel:
    """Observes after each step; then says of each invoice why a letter must not rest on its word."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.histories: dict[int, History] = {}
        self.seen: dict[int, DictRow] = {}
        self.clients: dict[int, DictRow] = {}
        self.doubted: dict[int, Doubted] = {}

    def observe(self, *, automatic: bool = False) -> None:
        """See what has changed since the last look; `automatic` if no person did it."""
        for row in self.cast.session.rows(SEEN, [self.cast.organization_id]):
            invoice_id = row["invoice_id"]
            history = self.histories.setdefault(invoice_id, History())
            if before := self.seen.get(invoice_id):
                history.compare(before, row, automatic=automatic)
            self.seen[invoice_id] = row
        for row in self.cast.session.rows(CLIENTS, [self.cast.organization_id]):
            client_id = row["client_id"]
            doubted = self.doubted.setdefault(client_id, Doubted())
            if before := self.clients.get(client_id):
                doubted.compare_pause(before, row)
            self.clients[client_id] = row

    def mailed(self, begun: dict[str, Any]) -> None:
        """The worker begins a mail of questions: each is the last one of its invoice."""
        for item in begun["items"]:
            token = begun["tokens"][item["position"]]
            self.mailed_question(item["invoice_id"], token, begun["to_address"])

    def mailed_question(self, invoice_id: int, token: bytes, to_address: str) -> None:
        """The worker begins to mail the last question of this invoice."""
        question = self.seen[invoice_id]["checkin_task_id"]
        now = self.cast.now()
        history = self.histories[invoice_id]
        if question in history.automatic:
            close = [
                mail
                for mail in history.mails.values()
                if mail.question != question and not mail.is_lost and now - mail.begun_at < A_DAY
            ]
            assert close == [], f"a second question within 24 h at {now}: {close}"
        history.mails[token] = Mail(question, to_address, now, now)

    def reported(self, token: bytes, fate: str) -> None:
        """The worker says how it ended. The first acceptance stands."""
        mail = self.mail(token)
        if not mail.is_accepted:
            mail.is_accepted = fate == "accepted"
            mail.is_lost = fate not in ("accepted", "unknown")
            mail.at = self.cast.now() if mail.is_accepted else mail.at

    def clicked(self, token: bytes, outcome: str) -> None:
        """A link was followed, or a button pressed."""
        self.mail(token).is_used |= outcome in ("paid", "pending", "already_answered")

    def mail(self, token: bytes) -> Mail:
        """The mail with this token."""
        return next(h.mails[token] for h in self.histories.values() if token in h.mails)

    def asked_after(self, invoice_id: int, moment: datetime) -> list[datetime]:
        """When this invoice was asked about since, without anybody having asked for it."""
        history = self.histories[invoice_id]
        return [
            mail.begun_at
            for mail in history.mails.values()
            if mail.begun_at > moment and mail.question in history.automatic
        ]

    def doubts(self, row: DictRow, zone: ZoneInfo) -> Iterator[datetime | None]:
        """Of the invoice, and of each client with the address of its client."""
        yield self.histories[row["invoice_id"]].doubted_at
        yield pause_end(row["paused"], zone)
        email = self.clients[row["client_id"]]["email"]
        for client_id, client in self.clients.items():
            if client_id == row["client_id"] or (email is not None and client["email"] == email):
                yield self.doubted[client_id].doubted_at
                yield pause_end(client["paused"], zone)

    def stale(self, invoice_id: int) -> list[str]:
        """Why no letter may rest on the word of this invoice now; empty if one may."""
        now = self.cast.now()
        row = self.seen[invoice_id]
        if row["question"] not in ("answered", "expired"):
            return ["not asked"]
        history = self.histories[invoice_id]
        zone = ZoneInfo(row["time_zone"])
        mails = [m for m in history.mails.values() if m.question == row["checkin_task_id"]]
        arrived = [mail for mail in mails if not mail.is_lost]
        in_app = row["answered_via"] == "app"
        word_at = row["answered_at"] if in_app or not arrived else arrived[-1].at
        said_at = row["answered_at"] or word_at
        doubts = [at for at in self.doubts(row, zone) if at is not None and at <= now]
        reasons = {
            "link alive": any(not mail.is_used and mail.at + A_DAY > now for mail in mails),
            "may be contradicted": row["answered_via"] == "link"
            and row["answered_at"] + timedelta(seconds=row["contradiction_seconds"]) > now,
            "asked elsewhere": not in_app
            and arrived != []
            and arrived[-1].to.lower() != row["email"].lower(),
            "doubted": doubts != [] and said_at <= max(doubts),
            "before the due date": said_at.astimezone(zone).date() < row["due_on"],
            "old": (now.astimezone(zone).date() - word_at.astimezone(zone).date()).days
            > row["question_valid_days"],
        }
        return [reason for reason, applies in reasons.items() if applies]


def pause_end(until: str | None, zone: ZoneInfo) -> datetime | None:
    """The midnight after the last day of a pause; years ahead if it has no end, None if there is none."""
    if until is None:
        return None
    if until == "infinity":
        return datetime(9999, 1, 1, tzinfo=zone)
    return datetime.combine(date.fromisoformat(until) + timedelta(days=1), time(), zone)
