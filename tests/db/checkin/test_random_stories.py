"""Whatever users, DBAs, workers and clicks do, in any order, the books are right after every step."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg.rows import DictRow

from tests.support.cast import Cast
from tests.support.session import Session

DAY = timedelta(hours=24)
MINUTE = timedelta(seconds=60)
PAUSES = [{"seconds": 1}, {"minutes": 2}, {"minutes": 11}, {"hours": 5}, {"hours": 23}, {"days": 2}]
CLASSES = ["temporary", "refused", "operator", "unknown"]
ANSWERS = ["paid", "pending"]
REFUSALS = {
    "invoice__settled",
    "invoice__cancelled",
    "invoice__paid",
    "invoice__transition",
    "checkin_task__ended",
}
"""What a step may hear instead of having its way."""

BROKEN = """
with live as (
  select invoice_id, count(*) from rubis.checkin_task
   where status in ('scheduled', 'queued', 'sending', 'sent') group by invoice_id
), latest as (
  select distinct on (invoice_id) * from rubis.checkin_task order by invoice_id, checkin_task_id desc
), ahead as (
  select invoice_id, count(*), min(scheduled_at) filter (where status <> 'held') as at from rubis.relance
   where status in ('scheduled', 'held', 'queued', 'sending', 'unconfirmed') group by invoice_id
), books as (
  select invoice_id, sum(delta) as rubis from rubis.rubis_entry group by invoice_id
), told as (
  select invoice_id,
         count(*) filter (where kind = 'invoice_paid') - count(*) filter (where label = 'was paid') as rubis,
         (array_agg(kind order by activity_event_id desc) filter (
           where kind ~ '^invoice_(created|paid|cancelled|reopened)$'))[1] as last
    from rubis.activity_event group by invoice_id
), mails as (
  select checkin_task_id, count(*), max(accepted_at) as accepted_at,
         max(coalesce(accepted_at, attempted_at)) as mailed_at,
         bool_or(exists (
           select from rubis.checkin_click as k where k.checkin_mail_id = m.checkin_mail_id)) as used,
         (array_agg(accepted_at order by checkin_mail_id desc))[1] as latest_accepted_at,
         bool_or(accepted_at is null and failed_at is null) as in_the_air
    from rubis.checkin_mail as m group by checkin_task_id
)
select i.invoice_id, i.status, broken.rule
  from rubis.invoice as i
  left join live using (invoice_id)
  left join latest using (invoice_id)
  left join ahead using (invoice_id)
  left join books using (invoice_id)
  left join told using (invoice_id)
  left join mails using (checkin_task_id)
 cross join lateral (values
   ('at most one live check-in', coalesce(live.count, 0) <= 1),
   ('none on a settled invoice', i.status = 'open' or live.count is null),
   ('an open invoice was asked about last, not dropped', i.status <> 'open' or latest.status <> 'cancelled'),
   ('one relance ahead if open, none if settled', coalesce(ahead.count, 0) = (i.status = 'open')::int),
   ('the relance leaves the check-in a day',
     i.status <> 'open' or ahead.at is null or ahead.at >= latest.scheduled_at + interval '24 hours'),
   ('a rubis if paid, none if not', coalesce(books.rubis, 0) = (i.status = 'paid')::int),
   ('rubis as the events tell', coalesce(books.rubis, 0) = told.rubis),
   ('the status is what was told last', told.last = case i.status
     when 'open' then case when told.last = 'invoice_reopened' then told.last else 'invoice_created' end
     else 'invoice_' || i.status end),
   ('one mail per attempt', latest.attempts = coalesce(mails.count, 0)),
   ('open for 24 h after the last accepted mail',
     latest.status <> 'sent' or latest.expires_at = mails.accepted_at + interval '24 hours'
     -- Taken back while a mail was in the air: from its attempt.
     or (coalesce(latest.contradicted_at, latest.undone_at) is not null
       and latest.expires_at between coalesce(mails.accepted_at, '-infinity') + interval '24 hours'
         and mails.mailed_at + interval '24 hours')),
   ('sent by its own mail',
     latest.status <> 'sent' or mails.latest_accepted_at is not null
     or (coalesce(latest.contradicted_at, latest.undone_at) is not null and mails.used)),
   ('a mail in the air is being sent, or was overtaken',
     mails.in_the_air is not true or latest.status in ('sending', 'answered', 'cancelled')
     or coalesce(latest.contradicted_at, latest.undone_at) is not null)
 ) as broken (rule, holds)
 where not broken.holds
"""

Step = tuple[str, int, int]


class Play:
    """The steps: each takes two numbers that choose an invoice, an attempt, a class, a duration."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.invoices: list[int] = []
        self.attempts: list[DictRow] = []

    def steps(self) -> dict[str, Callable[[int, int], Any]]:
        """Every step by its name."""
        user, dba = self.cast.api, self.cast.update
        return {
            "issue": lambda a, b: self.issue(self.cast.invoice, a - b),
            "insert": lambda a, b: self.issue(self.cast.insert, a - b),
            "mark paid": lambda a, _: user("mark_invoice_paid", invoice_id=self.invoice(a)),
            "cancel": lambda a, _: user("cancel_invoice", invoice_id=self.invoice(a)),
            "set status": lambda a, b: dba(self.invoice(a), status=["open", "paid", "cancelled"][b % 3]),
            "move due date": lambda a, b: dba(self.invoice(a), due_on=self.today() + timedelta(days=b - 3)),
            "change amount": lambda a, b: dba(self.invoice(a), amount_cents=100 + b),
            "ask again": lambda a, _: user("ask_checkin_again", invoice_id=self.invoice(a)),
            "answer in the app": lambda a, b: user(
                "answer_invoice_checkin", invoice_id=self.invoice(a), answer=ANSWERS[b % 2]
            ),
            "click": self.click,
            "click both": self.click_both,
            "press": self.press,
            "tick": lambda a, _: self.cast.tick(limit=1 + a),
            "begin": lambda a, _: self.begin(self.invoice(a)),
            "finish": lambda a, _: self.end(a, self.cast.finish),
            "fail": lambda a, b: self.end(a, lambda begun: self.cast.fail(begun, CLASSES[b % 4])),
            "mail": lambda a, b: self.mail(self.invoice(a), b),
            "wait": lambda a, _: self.cast.clock.advance(**PAUSES[a % len(PAUSES)]),
            "lose the worker": lambda *_: self.lose_the_worker(),
            "settings": lambda a, b: self.cast.settings(
                checkin_time=f"{a:02}:30",
                time_zone=["Europe/Paris", "America/New_York", "Asia/Kolkata"][b % 3],
            ),
        }

    def today(self) -> date:
        """The day it is."""
        return self.cast.now().date()

    def issue(self, way: Callable[..., int], days: int) -> None:
        """Issue an invoice, due some days ago or ahead; three are enough."""
        if len(self.invoices) < 3:
            issued_on, due_on = self.today() - timedelta(days=30), self.today() + timedelta(days=days)
            self.invoices.append(way(issued_on=issued_on, due_on=due_on))

    def invoice(self, index: int) -> int:
        """One of the invoices, the first if there is none."""
        if not self.invoices:
            self.issue(self.cast.invoice, 0)
        return self.invoices[index % len(self.invoices)]

    def lose_the_worker(self) -> None:
        """Whatever was being mailed is given up."""
        self.cast.clock.advance(minutes=3)
        self.cast.tick()

    def end(self, index: int, report: Callable[[DictRow], None]) -> None:
        """Report how one of the last attempts ended, perhaps once more."""
        if self.attempts:
            report(self.attempts[-1 - index % min(len(self.attempts), 3)])

    def begin(self, invoice_id: int) -> None:
        """Begin to mail; it may be skipped."""
        begun = self.cast.begin(invoice_id)
        if begun["skip_reason"] is None:
            self.attempts.append(begun)

    def mail(self, invoice_id: int, chance: int) -> None:
        """Let a scheduled check-in fall due and begin; two times in three it is accepted."""
        if self.cast.task(invoice_id)["status"] == "scheduled":
            self.attempts.append(self.cast.sending(invoice_id))
            if chance % 3:
                self.cast.finish(self.attempts[-1])

    def click(self, a: int, b: int) -> None:
        """Click a link of one of the mails; the outcome is the one that the rows promise."""
        if self.attempts:
            token, answer = self.attempts[a % len(self.attempts)]["token"], ANSWERS[b % 2]
            expected = self.promised(token, answer)
            assert self.cast.click(token, answer) == expected

    def press(self, a: int, b: int) -> None:
        """Press a button of the page of one of the mails."""
        if self.attempts:
            token = self.attempts[a % len(self.attempts)]["token"]
            self.cast.undo(token) if b % 3 == 0 else self.cast.press(token, ANSWERS[b % 2])

    def click_both(self, a: int, b: int) -> None:
        """Follow both links of one of the mails."""
        self.click(a, b)
        self.click(a, b + 1)

    def promised(self, token: bytes, answer: str) -> str:
        """The outcome of a click, from the design's words."""
        facts = self.cast.session.row(
            "select t.status, i.status as invoice, coalesce(m.accepted_at, m.attempted_at) as born_at,"
            " coalesce(t.contradicted_at, t.undone_at) is not null as mistrusted,"
            " t.answered_at, t.answered_via, t.answer, i.paid_at, i.paid_via,"
            " exists (select from rubis.checkin_task as later where later.organization_id = t.organization_id"
            "  and later.invoice_id = t.invoice_id and later.checkin_task_id > t.checkin_task_id"
            "  and (later.status <> 'scheduled' or later.attempts > 0"
            "   or later.follows_checkin_task_id is distinct from t.checkin_task_id)) as asked_since,"
            " exists (select from rubis.checkin_task as later where later.organization_id = t.organization_id"
            "  and later.invoice_id = t.invoice_id and later.checkin_task_id > t.checkin_task_id)"
            " as superseded from rubis.checkin_mail as m"
            " join rubis.checkin_task as t using (organization_id, checkin_task_id)"
            " join rubis.invoice as i using (organization_id, invoice_id) where m.token_hash = %s",
            [token],
        )
        if facts["mistrusted"]:
            return "confirm"
        if facts["invoice"] != "open" or facts["status"] == "answered":
            at_once = facts["answered_via"] == "link" and self.cast.now() < facts["answered_at"] + MINUTE
            opposite = facts["answer"] != {"paid": "paid", "pending": "still_pending"}[answer]
            settled_it = (facts["paid_via"], facts["paid_at"]) == ("check-in", facts["answered_at"])
            in_force = settled_it if facts["answer"] == "paid" else facts["invoice"] == "open"
            stands = in_force and not facts["asked_since"]
            return "confirm" if at_once and opposite and stands else "already_answered"
        if facts["superseded"] or facts["status"] in ("cancelled", "expired"):
            return "expired"
        return answer if self.cast.now() < facts["born_at"] + DAY else "expired"

    def mail_what_is_due(self) -> None:
        """A worker without accidents mails whatever is live and not sent, though the jobs so far are lost."""
        unsent = ("scheduled", "queued", "sending")
        waiting = [
            invoice_id for invoice_id in self.invoices if self.cast.task(invoice_id)["status"] in unsent
        ]
        lost = {
            task["lease_expires_at"] for task in map(self.cast.task, waiting) if task["status"] == "queued"
        }
        for _ in range(60):
            if not any(self.cast.task(invoice_id)["status"] in unsent for invoice_id in waiting):
                break
            self.cast.tick()
            for invoice_id in waiting:
                task = self.cast.task(invoice_id)
                if task["status"] == "queued" and task["lease_expires_at"] not in lost:
                    self.cast.finish(self.cast.begin(invoice_id))
            # Not the tick's next_due_in: this cast has no worker for relances and notices, which stay due.
            tasks = [task for task in map(self.cast.task, waiting) if task["status"] in unsent]
            moments = [task["next_attempt_at"] or task["lease_expires_at"] for task in tasks]
            if moments:
                self.cast.clock.set(max(min(moments), self.cast.now()))
        assert {self.cast.task(invoice_id)["status"] for invoice_id in waiting} <= {"sent", "expired"}


def test_the_books_are_right(cast: Cast) -> None:
    """After every step no rule is broken, every link answers as promised, and all that is due is mailed."""
    names = [*sorted(Play(cast).steps()), *("mail", "mail", "finish", "click", "wait")]
    numbers = st.integers(0, 7)
    scene = st.lists(st.tuples(st.sampled_from(names), numbers, numbers), max_size=16)

    @settings(
        max_examples=100,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(st.tuples(scene, scene, scene, scene))
    def plays(scenes: tuple[list[Step], ...]) -> None:
        with cast.session.connection.transaction(force_rollback=True):
            perform(Play(cast), [step for scene in scenes for step in scene])

    plays()


def perform(play: Play, steps: list[Step]) -> None:
    """Perform the steps, checking the books after each."""
    session = play.cast.session
    for name, a, b in steps:
        try:
            with session.connection.transaction():
                play.steps()[name](a, b)
        except psycopg.Error as error:
            if error.sqlstate != "RB409" or error.diag.constraint_name not in REFUSALS:
                raise
        assert broken(session) == [], f"after {name}"
    for attempt in play.attempts:
        with session.connection.transaction(force_rollback=True):
            promised = play.promised(attempt["token"], "pending")
            assert play.cast.click(attempt["token"], "pending") == promised
    play.mail_what_is_due()
    assert broken(session) == []


def broken(session: Session) -> list[DictRow]:
    """The rules that do not hold, invoice by invoice."""
    return session.rows(BROKEN)


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (
            "update rubis.invoice set status = 'paid', paid_at = now(), paid_via = 'app'",
            "a rubis if paid, none if not",
        ),
        ("update rubis.relance set scheduled_at = '2026-03-20'", "the relance leaves the check-in a day"),
        ("delete from rubis.relance", "one relance ahead if open, none if settled"),
        ("update rubis.checkin_task set attempts = 1", "one mail per attempt"),
        (
            """update rubis.checkin_task
                set status = 'cancelled', next_attempt_at = null, ended_at = now(), end_reason = 'test'""",
            "an open invoice was asked about last, not dropped",
        ),
        ("update rubis.activity_event set kind = 'invoice_paid'", "rubis as the events tell"),
    ],
)
def test_a_broken_rule_is_seen(cast: Cast, damage: str, rule: str) -> None:
    """The check above finds damage done behind the triggers."""
    cast.invoice()
    assert broken(cast.session) == []
    for table in ("invoice", "relance", "checkin_task", "activity_event"):
        cast.dba(f"alter table rubis.{table} disable trigger user")
    cast.dba(damage)
    assert rule in {row["rule"] for row in broken(cast.session)}
