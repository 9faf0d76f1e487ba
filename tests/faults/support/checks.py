"""What must hold once the dust has settled."""

from collections import Counter
from itertools import pairwise
from typing import Any

from app.core.security import token_hash
from tests.faults.support.clicks import Clickers
from tests.faults.support.site import CONCURRENCY, Site
from tests.support.database import Database
from tests.support.session import Session
from tests.support.smtp import Mail

_MAILS = """
select m.token_hash, m.organization_id, m.checkin_task_id, m.checkin_mail_id, m.attempted_at, m.accepted_at,
       m.failure_class, m.failed_at, t.status, t.answer, i.status as invoice_status
  from rubis.checkin_mail as m
  join rubis.checkin_task as t using (organization_id, checkin_task_id)
  join rubis.invoice as i using (organization_id, invoice_id)
 order by m.checkin_mail_id
"""


def assert_rules(database: Database) -> None:
    """Every audit.rule_* is empty; the test's clock needs no card and no comment."""
    broken = {}
    for rule in database.admin.rows("select rule from audit.rules where violations > 0"):
        rows = database.admin.rows(f"select r::text as violation from audit.{rule['rule']} as r")
        violations = [row["violation"] for row in rows if "rubis.clock(" not in row["violation"]]
        if violations:
            broken[rule["rule"]] = violations[:5]
    assert broken == {}


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
    """What the peer has accepted that asks a question, of this recipient or of all."""
    return [mail for mail in site.peer.mails if mail.links and recipient in (None, *mail.recipients)]


def assert_mailed(site: Site, tasks: int) -> dict[str, int]:
    """Every check-in was mailed, and mailed again only where it could not be known whether it had been.

    Returns the figures.
    """
    rows = {bytes(row["token_hash"]): row for row in site.database.admin.rows(_MAILS)}
    mails = checkin_mails(site)
    known = [rows.get(token_hash(mail.token)) for mail in mails]
    assert None not in known, "a mail left whose token the database does not know"
    attempts: dict[Any, list[dict[str, Any]]] = {}
    for row in rows.values():
        attempts.setdefault((row["organization_id"], row["checkin_task_id"]), []).append(row)
    per_task = Counter((row["organization_id"], row["checkin_task_id"]) for row in known if row is not None)
    assert len(per_task) == tasks, f"{len(per_task)} of {tasks} check-ins were mailed"
    accepted = {row["checkin_mail_id"] for row in known if row is not None}
    unknown = 0
    for task in attempts.values():
        for before, after in pairwise(task):
            # A slow worker may have told the fate after all, but later than the next attempt began.
            late = before["accepted_at"] is not None and before["accepted_at"] > after["attempted_at"]
            lost = late or before["failure_class"] == "unknown"
            unknown += lost
            assert lost or before["failure_class"] is not None, (before, after)
            assert lost or before["checkin_mail_id"] not in accepted, (before, after)
    second = len(mails) - tasks
    in_hand = CONCURRENCY * (
        site.kills.get("worker", 0)
        + len(site.workers) * (site.kills.get("postmaster", 0) + site.kills.get("backend", 0))
    )
    assert second <= unknown <= in_hand, (second, unknown, in_hand)
    return {"mails": len(mails), "second mails": second, "unknown": unknown}


def click(session: Session, token: str, answer: str) -> str:
    """What a click on this link would lead to now. Nothing is answered by this."""
    with session.connection.transaction(force_rollback=True):
        outcome: str = session.call(
            "api.answer_checkin", p_token_hash=token_hash(token), p_answer=answer, p_user_agent=None
        )
    return outcome


def assert_links_work(site: Site, recipient: str | None = None) -> int:
    """Either link of every mail answers or, once its question has an answer, says so. Returns how many."""
    session = site.database.api()
    rows = {bytes(row["token_hash"]): row for row in site.database.admin.rows(_MAILS)}
    mails = checkin_mails(site, recipient)
    for mail in mails:
        row = rows[token_hash(mail.token)]
        assert set(mail.links) == {"paid", "pending"}
        for answer in mail.links:
            outcome = click(session, mail.token, answer)
            if row["answer"] is None and row["invoice_status"] == "open":
                assert outcome == answer, (row, answer, outcome)
            else:
                assert outcome not in ("invalid", "expired"), (row, answer, outcome)
    session.connection.close()
    return 2 * len(mails)


def assert_clicks_stay(site: Site, clickers: Clickers) -> None:
    """What was acknowledged to a person is so: the answer stands, and paid has settled the invoice."""
    assert clickers.faults == []
    rows = {bytes(row["token_hash"]): row for row in site.database.admin.rows(_MAILS)}
    answers = {
        (bytes(row["token_hash"]), row["answer"], row["outcome"])
        for row in site.database.admin.rows(
            "select m.token_hash, k.answer, k.outcome from rubis.checkin_click as k"
            " join rubis.checkin_mail as m using (organization_id, checkin_mail_id)"
        )
    }
    for click in clickers.acknowledged:
        hashed = token_hash(click.mail.token)
        assert click.outcome in ("paid", "pending", "already_answered"), click
        assert (hashed, click.answer, click.outcome) in answers, click
        row = rows[hashed]
        assert row["status"] == "answered", click
        if click.outcome != "already_answered":
            assert row["answer"] == ("paid" if click.answer == "paid" else "still_pending"), click
            assert row["invoice_status"] == ("paid" if click.answer == "paid" else "open"), click


def assert_relanced(site: Site, relances: int) -> dict[str, int]:
    """Every relance that was due is sent or unconfirmed, and no client was written to twice.

    Returns the figures.
    """
    rows = site.database.admin.rows(
        """
        select r.relance_id, r.status, m.message_id, m.failure_class
          from rubis.relance as r join rubis.relance_mail as m using (organization_id, relance_id)
         where r.step = 1 order by m.relance_mail_id
        """
    )
    status = {row["relance_id"]: row["status"] for row in rows}
    assert Counter(status.values()).keys() <= {"sent", "unconfirmed"}, Counter(status.values())
    assert len(status) == relances, f"{len(status)} of {relances} relances were attempted"
    relance_of = {row["message_id"]: row["relance_id"] for row in rows}
    letters = [mail for mail in site.peer.mails if mail.recipients[0].endswith(".clients.test")]
    per_client = Counter(mail.recipients[0] for mail in letters)
    assert [client for client, count in per_client.items() if count > 1] == []
    per_relance = Counter(relance_of[str(mail.message["Message-ID"]).strip()] for mail in letters)
    sent = [relance for relance, state in status.items() if state == "sent"]
    assert [relance for relance in sent if per_relance[relance] != 1] == []
    unconfirmed = {relance for relance, state in status.items() if state == "unconfirmed"}
    assert unconfirmed <= {row["relance_id"] for row in rows if row["failure_class"] == "unknown"}
    return {
        "letters": len(letters),
        "sent": len(sent),
        "unconfirmed": len(unconfirmed),
        "of these delivered": sum(per_relance[relance] for relance in unconfirmed),
    }
