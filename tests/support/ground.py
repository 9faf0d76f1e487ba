"""One organization whose invoices stand everywhere: played in, described, and put back as it was."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from psycopg.rows import DictRow

from tests.support.cast import Cast
from tests.support.letters import (
    begin_letter,
    calendar,
    fail_letter,
    finish_letter,
    pending,
    proven,
    queued_letter,
    until_queued,
)
from tests.support.line import Connections, Token
from tests.support.session import Session

_LONG_DUE = {"issued_on": "2026-02-02", "due_on": "2026-02-20"}
_LETTERS = ("letter ready", "letter sending", "letter unconfirmed")
_DUE_TODAY = {"issued_on": "2026-02-02", "due_on": "2026-03-03"}

_TABLES = """
select format('%I.%I', n.nspname, c.relname) as name,
       format('keep.%I', n.nspname || '_' || c.relname) as kept,
       (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute as a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
 where n.nspname in ('rubis', 'queue') and c.relkind = 'r'
   and c.relname not in ('schema_version', 'deployment', 'state_transition', 'holiday_calendar')
 order by 1
"""

# Everything but ids and tokens: time stands still, so moments compare too.
_STATE = {
    "organization": "select o.time_zone, o.checkin_time, o.question_valid_days from rubis.organization as o",
    "client": "select c.name, c.email, c.relances_off, c.paused_until, c.doubted_at, p.name as plan,"
    " m.name as merged_into from rubis.client as c"
    " left join rubis.relance_plan as p using (organization_id, relance_plan_id)"
    " left join rubis.client as m on m.client_id = c.merged_into_client_id",
    "plan": "select p.name, s.step, s.days_after_due, s.tone from rubis.relance_plan as p"
    " left join rubis.relance_plan_step as s using (organization_id, relance_plan_id)",
    "user": "select u.email, u.email_proven_at, u.release_due from rubis.app_user as u",
    "invoice": "select i.number, i.status, i.due_on, i.paid_via, i.paused_until, i.doubted_at, c.name"
    " from rubis.invoice as i join rubis.client as c using (organization_id, client_id)",
    "question": "select i.number, t.status, t.scheduled_at, t.answer, t.answered_via,"
    " t.expires_at, t.end_reason, t.receipt_at from rubis.checkin_task as t"
    " join rubis.invoice as i using (organization_id, invoice_id)",
    "relance": "select i.number, r.step, r.tone, r.days_after_due, r.status, r.scheduled_at,"
    " r.next_look_at, r.hold_reason, r.cancel_reason from rubis.relance as r"
    " join rubis.invoice as i using (organization_id, invoice_id)",
    "mail": "select m.kind, m.status, m.attempts, m.next_attempt_at, m.end_reason from rubis.mail as m",
    "item": "select m.kind, x.position, i.number, a.accepted_at, a.failure_class, x.withdrawn_at"
    " from rubis.mail_item as x join rubis.mail_attempt as a using (organization_id, mail_id, attempt)"
    " join rubis.mail as m using (organization_id, mail_id)"
    " left join rubis.invoice as i on i.organization_id = x.organization_id and i.invoice_id = x.invoice_id",
    "event": "select e.kind, e.label, i.number from rubis.activity_event as e"
    " left join rubis.invoice as i using (organization_id, invoice_id)",
    "rubis": "select i.number, r.delta from rubis.rubis_entry as r"
    " join rubis.invoice as i using (organization_id, invoice_id)",
    "click": "select k.outcome from rubis.checkin_click as k",
    "draft": "select d.number, d.status from rubis.import_draft as d",
}

_EVERYTHING = " union all ".join(
    f"select '{title}: ' || to_jsonb(r)::text as row from ({query}) as r" for title, query in _STATE.items()
)

State = list[str]


@dataclass
class Ground:
    """The invoices by name, what a worker has in hand of them, and the tokens in their mails."""

    cast: Cast
    ids: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    begun: dict[str, DictRow] = field(default_factory=dict)
    clients: dict[str, int] = field(default_factory=dict)
    plans: dict[str, int] = field(default_factory=dict)
    draft: dict[str, int] = field(default_factory=dict)
    _tables: list[DictRow] = field(default_factory=list)

    def keep(self) -> None:
        """Remember all rows."""
        admin = self.cast.session
        self._tables = admin.rows(_TABLES)
        admin.execute("create schema keep")
        for table in self._tables:
            admin.execute(f"create table {table['kept']} as select {table['columns']} from {table['name']}")

    def restore(self) -> None:
        """Put all rows back."""
        statements = ["set session_replication_role = replica"]
        statements += [f"delete from {table['name']}" for table in self._tables]
        statements += [
            f"insert into {t['name']} ({t['columns']}) overriding system value select * from {t['kept']}"
            for t in self._tables
        ]
        self.cast.session.execute("; ".join([*statements, "set session_replication_role = origin"]))


def state(session: Session) -> State:
    """Every row without its ids, as a text each."""
    return sorted(row["row"] for row in session.rows(_EVERYTHING))


def _colleague(cast: Cast) -> int:
    """A second user of the organization, with a proven address."""
    user_id: int = cast.dba(
        "insert into rubis.app_user (organization_id, email, full_name, password_hash, email_proven_at)"
        " select organization_id, 'colleague.' || email, 'Dominique Petit', password_hash, rubis.clock()"
        " from rubis.app_user where user_id = %s returning user_id",
        cast.user_id,
    )[0]["user_id"]
    return user_id


def lay(line: Connections) -> Ground:
    """An organization on a Tuesday, one client's invoices in every state, another client's beside them."""
    ground = Ground(Cast(line, contradiction_seconds=60))
    cast, ids = ground.cast, ground.ids
    calendar(cast)
    proven(cast)
    for name, days in (("Patient", 20), ("Spare", 9)):
        steps = cast.json([{"days_after_due": days, "tone": "firm"}])
        ground.plans[name] = cast.api("create_relance_plan", name=name, steps=steps)["relance_plan_id"]
    # Each to an address of its own, so each is a letter of its own.
    for name in _LETTERS:
        address = name.replace(" ", ".") + "@dupont.test"
        ids[name] = pending(cast, number=name, client_name=name, client_email=address, **_LONG_DUE)
    until_queued(cast, ids["letter ready"])
    for name in ("asked", "paid by link", "pending", "expiring"):
        ids[name], ground.tokens[name] = cast.asked(number=name, **_DUE_TODAY)
    ids["mailing"] = cast.invoice(number="mailing", **_DUE_TODAY)
    ground.begun["mailing"] = cast.sending(ids["mailing"])
    # A colleague's, for one mail of questions at a time is on its way to a person.
    ids["queued"] = cast.insert(number="queued", user_id=_colleague(cast), **_DUE_TODAY)
    cast.queue(ids["queued"])
    # From here on the clock stands, so no lease runs out.
    for name in _LETTERS:
        until_queued(cast, ids[name])
        assert queued_letter(cast, ids[name]) is not None
    for name in ("letter sending", "letter unconfirmed"):
        ground.begun[name] = begin_letter(cast, ids[name])
    fail_letter(cast, ground.begun["letter unconfirmed"], "unknown")
    cast.click(ground.tokens["paid by link"], "paid")
    cast.click(ground.tokens["pending"], "pending")
    for name in ("later", "paid", "paused"):
        ids[name] = cast.invoice(number=name)
    cast.api("mark_invoice_paid", invoice_id=ids["paid"])
    cast.api("pause_invoice", invoice_id=ids["paused"], until="2026-03-10", reason="promised")
    ids["due"] = cast.invoice(number="due", **_DUE_TODAY)
    other = {"client_name": "Durand SARL", "client_email": "compta@durand.test"}
    ids["other"] = cast.invoice(number="other", **other)
    ground.clients = {
        name: cast.row(ids[i])["client_id"] for name, i in (("Dupont", "asked"), ("Durand", "other"))
    }
    cast.api("pause_client", client_id=ground.clients["Durand"], until="2026-03-30", reason="promised")
    batch = cast.api(
        "create_import_batch",
        drafts=cast.json(
            [
                {
                    "number": "imported",
                    "client_name": "Dupont SARL",
                    "client_email": "compta@dupont.test",
                    "issued_on": "2026-03-01",
                    "due_on": "2026-03-20",
                    "amount_cents": 100,
                    "currency": "EUR",
                }
            ]
        ),
    )
    ground.draft = {
        "import_batch_id": batch["import_batch_id"],
        "import_draft_id": batch["drafts"][0]["import_draft_id"],
    }
    cast.dba(
        "update rubis.checkin_task set expires_at = rubis.clock() where invoice_id = %s", ids["expiring"]
    )
    ground.keep()
    return ground


Act = Callable[[Cast, Ground], Any]


def _api(function: str, invoice: str = "", client: str = "", **params: Any) -> Act:
    """What the user does to this invoice or client; values that are dicts or lists are jsonb."""

    def act(it: Cast, ground: Ground) -> Any:
        named = {
            key: it.json(value) if isinstance(value, dict | list) else value for key, value in params.items()
        }
        if invoice:
            named["invoice_id"] = ground.ids[invoice]
        if client:
            named["client_id"] = ground.clients[client]
        return it.api(function, **named)

    return act


def _plan(it: Cast, ground: Ground, plan: str) -> Any:
    changes = it.json({"relance_plan_id": ground.plans[plan]})
    return it.api("update_client", client_id=ground.clients["Dupont"], changes=changes)


def _merge(it: Cast, ground: Ground) -> Any:
    return it.api("merge_client", client_id=ground.clients["Durand"], into_client_id=ground.clients["Dupont"])


def _unconfirmed(function: str) -> Act:
    return lambda it, ground: it.api(
        function, relance_id=it.relance(ground.ids["letter unconfirmed"])["relance_id"]
    )


CHANGES: dict[str, Act] = {
    "the zone": _api("update_organization", changes={"time_zone": "Asia/Tokyo"}),
    "question_valid_days": _api("update_organization", changes={"question_valid_days": 3}),
    "the default plan": _api(
        "put_relance_plan", relance_plan_id=None, name=None, steps=[{"days_after_due": 14, "tone": "firm"}]
    ),
    "another plan": lambda it, ground: it.api(
        "put_relance_plan",
        relance_plan_id=ground.plans["Patient"],
        name=None,
        steps=it.json([{"days_after_due": 25, "tone": "firm"}]),
    ),
    "the client's plan": lambda it, ground: _plan(it, ground, "Patient"),
    "the client's plan to the one deleted": lambda it, ground: _plan(it, ground, "Spare"),
    "the plans, by one less": lambda it, ground: it.api(
        "delete_relance_plan", relance_plan_id=ground.plans["Spare"]
    ),
    "the client's address": _api("update_client", client="Dupont", changes={"email": "neu@dupont.test"}),
    "the client's exclusion": _api("update_client", client="Dupont", changes={"relances_off": True}),
    "the client's pause": _api("pause_client", client="Dupont", until="2026-03-12", reason="promised"),
    "the client, resumed": _api("resume_client", client="Durand"),
    "two clients into one": _merge,
    "the owner's address": lambda it, _: it.dba(
        "update rubis.app_user set email = 'new@atelier.test' where user_id = %s", it.user_id
    ),
    "the zone, by a DBA": lambda it, _: it.settings(time_zone="America/New_York"),
}
"""Acts that change what planning reads."""

PLANS: dict[str, Act] = {
    "issue": lambda it, _: it.invoice(number="new", client_name="Dupont SARL"),
    "issue, by a DBA": lambda it, ground: it.insert(number="new", client_id=ground.clients["Dupont"]),
    "validate a draft": lambda it, ground: it.api("validate_import_draft", **ground.draft),
    "move a due date": _api("update_invoice", "later", changes={"due_on": "2026-04-10"}),
    "change an amount asked about": _api("update_invoice", "asked", changes={"amount_cents": 5}),
    "give an invoice to another client": lambda it, ground: it.update(
        ground.ids["other"], client_id=ground.clients["Dupont"]
    ),
    "reopen": _api("reopen_invoice", "paid", reason="by mistake"),
    "reopen, by a DBA": lambda it, ground: it.update(ground.ids["paid"], status="open"),
    "pause": _api("pause_invoice", "later", until="2026-04-01", reason="promised"),
    "resume": _api("resume_invoice", "paused"),
    "resume, by a DBA": lambda it, ground: it.update(
        ground.ids["paused"], paused_until=None, pause_reason=None
    ),
    "ask again": _api("ask_checkin_again", "asked"),
    "answer in the app": _api("answer_invoice_checkin", "asked", answer="pending"),
    "click pending": lambda it, ground: it.click(ground.tokens["asked"], "pending"),
    "contradict paid": lambda it, ground: it.click(ground.tokens["paid by link"], "pending"),
    "contradict pending": lambda it, ground: it.click(ground.tokens["pending"], "paid"),
    "undo paid": lambda it, ground: it.undo(ground.tokens["paid by link"]),
    "tick": lambda it, _: it.tick(name="another worker"),
    "begin a letter": lambda it, ground: begin_letter(it, ground.ids["letter ready"]),
    "finish a letter": lambda it, ground: finish_letter(it, ground.begun["letter sending"]),
    "lose a letter": lambda it, ground: fail_letter(it, ground.begun["letter sending"], "unknown"),
    "retry a letter": lambda it, ground: fail_letter(it, ground.begun["letter sending"], "temporary"),
    "refuse a letter": lambda it, ground: fail_letter(it, ground.begun["letter sending"], "refused"),
    "confirm a letter": _unconfirmed("confirm_relance"),
    "resend a letter": _unconfirmed("resend_relance"),
}
"""Acts that plan."""

SETTLES: dict[str, Act] = {
    "mark paid": _api("mark_invoice_paid", "asked"),
    "mark paid what is planned": _api("mark_invoice_paid", "later"),
    "cancel": _api("cancel_invoice", "asked"),
    "click paid": lambda it, ground: it.click(ground.tokens["asked"], "paid"),
    "begin a question": lambda it, ground: it.begin(ground.ids["queued"]),
    "finish a question": lambda it, ground: it.finish(ground.begun["mailing"]),
    "fail a question": lambda it, ground: it.fail(ground.begun["mailing"], "temporary"),
}
"""Acts that settle, and those of the worker that mails questions."""
