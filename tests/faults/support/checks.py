"""What must hold once the dust has settled."""

import re
from collections import Counter
from itertools import pairwise
from typing import Any

from app.core.security import token_hash
from tests.faults.support.clicks import Clickers
from tests.faults.support.site import HANDED_OVER, Site
from tests.support.database import Database
from tests.support.session import Session
from tests.support.smtp import Mail, Question

_NUMBER = re.compile(r"F-\d+-\d+")

_ASKED = """
select x.token_hash, x.organization_id, x.mail_id, x.attempt, x.checkin_task_id, a.attempted_at,
       a.accepted_at, a.failure_class, t.status, t.answer, i.status as invoice_status
  from rubis.mail_item as x
  join rubis.mail as m using (organization_id, mail_id)
  join rubis.mail_attempt as a using (organization_id, mail_id, attempt)
  join rubis.checkin_task as t
    on (t.organization_id, t.checkin_task_id) = (x.organization_id, x.checkin_task_id)
  join rubis.invoice as i on (i.organization_id, i.invoice_id) = (x.organization_id, x.invoice_id)
 where m.kind = 'questions'
 order by a.attempted_at, x.mail_id, x.attempt, x.position
"""
_WRITTEN = """
select r.organization_id, r.relance_id, r.status, a.message_id, a.failure_class, x.withdrawn_at, i.number
  from rubis.relance as r
  join rubis.mail_item as x using (organization_id, relance_id)
  join rubis.mail_attempt as a using (organization_id, mail_id, attempt)
  join rubis.invoice as i on (i.organization_id, i.invoice_id) = (r.organization_id, r.invoice_id)
 where r.step = 1
 order by x.mail_id, x.attempt, x.position
"""


def assert_rules(database: Database) -> None:
    """Every audit.rule_* is empty; the test's clock needs no card and no comment."""
    broken = {}
    for rule in database.admin.rows("select rule from audit.rules where violations > 0"):
        rows = database.admin.rows(f"select r::text as violation from audit.{rule['rule']} as r")
        violations = [row["violation"] for row in rows if "rubis.clock(" not in row["violation"]]
        if violations:
            broken[rule["rule"]] = violations[:5]
    assert broken == {}, broken


def assert_rubis(database: Database) -> int:
    """Every organization has as many rubis as it has paid invoices; returns how many in all."""
    rows = database.admin.rows(
        """
        select o.organization_id,
               (select count(*) from rubis.invoice as i
                 where i.organization_id = o.organization_id and i.status = 'paid') as paid,
               (select coalesce(sum(r.delta), 0) from rubis.rubis_entry as r
                 where r.organization_id = o.organization_id) as rubis
          from rubis.organization as o
        """
    )
    assert [row for row in rows if row["paid"] != row["rubis"]] == []
    return sum(int(row["rubis"]) for row in rows)


def checkin_mails(site: Site, recipient: str | None = None) -> list[Mail]:
    """What the peer has accepted that asks questions, of this recipient or of all."""
    return [mail for mail in site.peer.mails if mail.questions and recipient in (None, *mail.recipients)]


def asked(site: Site, recipient: str | None = None) -> list[Question]:
    """What these mails ask."""
    return [question for mail in checkin_mails(site, recipient) for question in mail.questions]


def assert_mailed(site: Site, tasks: int) -> dict[str, int]:
    """Every check-in was mailed, and mailed again only where it could not be known whether it had been.

    A mail asks what its attempt carried. Returns the figures.
    """
    rows = site.database.admin.rows(_ASKED)
    by_hash = {bytes(row["token_hash"]): row for row in rows}
    carried = Counter(_attempt(row) for row in rows)
    arrived: set[tuple[int, int, int]] = set()
    per_task: Counter[tuple[int, int]] = Counter()
    second_mails = 0
    for mail in checkin_mails(site):
        known = [by_hash.get(token_hash(question.token)) for question in mail.questions]
        asks = [row for row in known if row is not None]
        assert len(asks) == len(known), "a mail left whose token the database does not know"
        (attempt,) = {_attempt(row) for row in asks}
        assert len(asks) == carried[attempt], "a mail does not ask what its attempt carried"
        assert attempt not in arrived, "an attempt arrived twice"
        arrived.add(attempt)
        second_mails += any(per_task[_task(row)] for row in asks)
        per_task.update(map(_task, asks))
    assert len(per_task) == tasks, f"{len(per_task)} of {tasks} check-ins were mailed"
    lost = _lost_attempts(rows, arrived)
    second = per_task.total() - tasks
    doubled = arrived & lost
    assert second <= sum(carried[attempt] for attempt in doubled), (second, doubled)
    in_hand = HANDED_OVER * (
        site.kills.get("worker", 0)
        + len(site.workers) * (site.kills.get("postmaster", 0) + site.kills.get("backend", 0))
    )
    assert len(doubled) <= in_hand, (len(doubled), in_hand)
    return {
        "mails": len(arrived),
        "second mails": second_mails,
        "questions asked twice": second,
        "mails of unknown fate": len(lost),
    }


def _attempt(row: dict[str, Any]) -> tuple[int, int, int]:
    return row["organization_id"], row["mail_id"], row["attempt"]


def _task(row: dict[str, Any]) -> tuple[int, int]:
    return row["organization_id"], row["checkin_task_id"]


def _lost_attempts(
    rows: list[dict[str, Any]], arrived: set[tuple[int, int, int]]
) -> set[tuple[int, int, int]]:
    """The attempts whose fate was unknown when a later one carried one of their questions.

    Any other attempt before a later one failed in a way that is known, and did not arrive.
    """
    attempts: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        attempts.setdefault(_task(row), []).append(row)
    lost = set()
    for task in attempts.values():
        for before, after in pairwise(task):
            # A slow worker may have told the fate after all, but later than the next attempt began.
            late = before["accepted_at"] is not None and before["accepted_at"] > after["attempted_at"]
            if late or before["failure_class"] == "unknown":
                lost.add(_attempt(before))
            else:
                assert before["failure_class"] is not None, (before, after)
                assert _attempt(before) not in arrived, (before, after)
    return lost


def click(session: Session, token: str, answer: str) -> str:
    """What a click on this link would lead to now. Nothing is answered by this."""
    with session.connection.transaction(force_rollback=True):
        outcome: str = session.call(
            "api.answer_checkin", p_token_hash=token_hash(token), p_answer=answer, p_user_agent=None
        )
    return outcome


def assert_links_work(site: Site, recipient: str | None = None) -> int:
    """Either link of every question answers or, once it has an answer, says so. Returns how many."""
    session = site.database.api()
    rows = {bytes(row["token_hash"]): row for row in site.database.admin.rows(_ASKED)}
    questions = asked(site, recipient)
    for question in questions:
        row = rows[token_hash(question.token)]
        assert set(question.links) == {"paid", "pending"}
        for answer in question.links:
            outcome = click(session, question.token, answer)
            if row["answer"] is None and row["invoice_status"] == "open":
                assert outcome == answer, (row, answer, outcome)
            else:
                assert outcome not in ("invalid", "expired"), (row, answer, outcome)
    session.connection.close()
    return 2 * len(questions)


def assert_clicks_stay(site: Site, clickers: Clickers) -> None:
    """What was acknowledged to a person is so: the answer stands, and paid has settled the invoice."""
    assert clickers.faults == []
    rows = {bytes(row["token_hash"]): row for row in site.database.admin.rows(_ASKED)}
    answers = {
        (bytes(row["token_hash"]), row["answer"], row["outcome"])
        for row in site.database.admin.rows(
            "select x.token_hash, k.answer, k.outcome from rubis.checkin_click as k"
            " join rubis.mail_item as x using (organization_id, mail_id, attempt, position)"
        )
    }
    for click in clickers.acknowledged:
        hashed = token_hash(click.question.token)
        assert click.outcome in ("paid", "pending", "already_answered"), click
        assert (hashed, click.answer, click.outcome) in answers, click
        row = rows[hashed]
        assert row["status"] == "answered", click
        if click.outcome != "already_answered":
            assert row["answer"] == ("paid" if click.answer == "paid" else "still_pending"), click
            assert row["invoice_status"] == ("paid" if click.answer == "paid" else "open"), click


def letters(site: Site) -> list[Mail]:
    """What the peer has accepted for the clients of a town."""
    return [mail for mail in site.peer.mails if mail.recipients[0].endswith(".clients.test")]


def assert_relanced(site: Site, relances: int) -> dict[str, int]:
    """Every relance that was due is sent or unconfirmed, and no client was written to twice.

    A letter names the invoices that its attempt carried. Returns the figures.
    """
    rows = site.database.admin.rows(_WRITTEN)
    status = {row["relance_id"]: row["status"] for row in rows}
    assert Counter(status.values()).keys() <= {"sent", "unconfirmed"}, Counter(status.values())
    assert len(status) == relances, f"{len(status)} of {relances} relances were attempted"
    carried: dict[str, dict[str, int]] = {}
    for row in rows:
        if row["withdrawn_at"] is None:
            carried.setdefault(row["message_id"], {})[row["number"]] = row["relance_id"]
    arrived = letters(site)
    per_client = Counter(mail.recipients[0] for mail in arrived)
    assert [client for client, count in per_client.items() if count > 1] == []
    per_relance: Counter[int] = Counter()
    for mail in arrived:
        about = carried[str(mail.message["Message-ID"]).strip()]
        assert set(_NUMBER.findall(mail.text)) == set(about), (mail.text, about)
        per_relance.update(about.values())
    sent = [relance for relance, state in status.items() if state == "sent"]
    assert [relance for relance in sent if per_relance[relance] != 1] == []
    unconfirmed = {relance for relance, state in status.items() if state == "unconfirmed"}
    assert unconfirmed <= {row["relance_id"] for row in rows if row["failure_class"] == "unknown"}
    return {
        "letters": len(arrived),
        "sent": len(sent),
        "unconfirmed": len(unconfirmed),
        "of these delivered": sum(per_relance[relance] for relance in unconfirmed),
    }
