"""What must hold whatever happened, said a second time and otherwise than by the functions."""

from psycopg.rows import DictRow

from tests.support.cast import Cast

RULES = (
    *("rubis_match_events", "live_task_invoice_open", "one_live_task", "relance_ahead_invoice_open"),
    *("relance_owner_asked", "relance_spacing", "relance_step_once", "letter_moves_relance"),
    *("held_relance_waits", "mail_moves_task", "open_invoice_asked", "word_fresh"),
)

BROKEN = (
    " union all ".join(
        f"select '{rule}' as rule, to_jsonb(r) as facts from audit.rule_{rule} as r" for rule in RULES
    )
    + """
 union all
select 'more than one ahead', to_jsonb(array_agg(r.relance_id))
  from rubis.relance as r
 where r.status in ('scheduled', 'held', 'sending', 'unconfirmed')
 group by r.organization_id, r.invoice_id having count(*) > 1
 union all
select 'says neither when it leaves nor why it waits', to_jsonb(v)
  from audit.relance_verdict as v where v.leaves_at is null and v.reason is null
 union all
select 'leaves in the past', to_jsonb(v)
  from audit.relance_verdict as v where v.leaves_at < rubis.clock()
 union all
select 'held, but shown as leaving without a reason', to_jsonb(v)
  from audit.relance_verdict as v where v.status = 'held' and v.reason is null
 union all
select 'open, none ahead, and no reason for it', to_jsonb(i)
  from rubis.invoice as i
  left join lateral (
    select r.* from rubis.relance as r
     where r.organization_id = i.organization_id and r.invoice_id = i.invoice_id
     order by r.relance_id desc limit 1) as last on true
 where i.status = 'open' and not rubis.is_outdated(i.organization_id, i.invoice_id)
   and not exists (
     select from rubis.relance as r
      where r.organization_id = i.organization_id and r.invoice_id = i.invoice_id
        and r.status in ('scheduled', 'held', 'sending', 'unconfirmed'))
   and coalesce(last.status, '') <> 'failed'
   and coalesce(last.cancel_reason, '') <> 'address refused'
   and exists (
     select from rubis.relance_plan as p
       join rubis.relance_plan_step as s using (organization_id, relance_plan_id)
      where p.organization_id = i.organization_id and p.is_default
        and s.step > coalesce((
          select max(r.step) from rubis.relance as r
           where r.organization_id = i.organization_id and r.invoice_id = i.invoice_id
             and r.status = 'sent'), 0))
"""
)

FACTS = """
select i.status as invoice, i.relances_off or c.relances_off as off, c.email, u.email_proven_at,
       greatest(i.paused_until, c.paused_until)::text as paused_until,
       (rubis.clock() at time zone o.time_zone)::date as today,
       exists (select from rubis.public_holiday as h
                where h.calendar = o.calendar
                  and h.day = (rubis.clock() at time zone o.time_zone)::date) as holiday,
       (select h.weekend from rubis.holiday_calendar as h where h.calendar = o.calendar) as weekend,
       exists (select from rubis.mail_item as x
                 join rubis.mail_attempt as m using (organization_id, mail_id, attempt)
                 join rubis.relance as s using (organization_id, relance_id)
                where x.organization_id = i.organization_id and x.invoice_id = i.invoice_id
                  and s.client_id = i.client_id and x.mail_id is distinct from %s
                  and x.withdrawn_at is null
                  and m.failure_class is distinct from 'temporary'
                  and m.failure_class is distinct from 'operator'
                  and m.failure_class is distinct from 'refused'
                  and m.failure_class is distinct from 'withdrawn'
                  and coalesce(m.accepted_at, m.attempted_at) + interval '24 hours'
                    > rubis.clock()) as recent,
       exists (select from rubis.mail_attempt as m
                where m.organization_id = i.organization_id and m.mail_id is distinct from %s
                  and m.mail_id in (select x.mail_id from rubis.mail_item as x
                                     where x.relance_id is not null)
                  and lower(m.to_address) = lower(c.email)
                  and coalesce(m.failure_class, 'unknown') = 'unknown'
                  and (coalesce(m.accepted_at, m.attempted_at) at time zone o.time_zone)::date
                      + o.client_spacing_days
                    > (rubis.clock() at time zone o.time_zone)::date) as near,
       exists (select from rubis.relance as s
                where s.organization_id = r.organization_id and s.invoice_id = r.invoice_id
                  and s.client_id = i.client_id and s.step = r.step and s.status = 'sent'
                  and (s.sent_at at time zone o.time_zone)::date > i.due_on) as step_sent,
       exists (select from rubis.relance as s
                where s.organization_id = r.organization_id and s.invoice_id = r.invoice_id
                  and s.client_id = i.client_id and s.tone = 'formal_notice' and s.status = 'sent'
                  and (s.sent_at at time zone o.time_zone)::date + 8
                    >= (rubis.clock() at time zone o.time_zone)::date) as notice_running,
       r.client_id <> i.client_id as to_another_client,
       i.said_paid_at >= all (
         select coalesce(t.answered_at, '-infinity') from rubis.checkin_task as t
          where t.organization_id = i.organization_id and t.invoice_id = i.invoice_id) as said_paid
  from rubis.relance as r
  join rubis.invoice as i using (organization_id, invoice_id)
  join rubis.client as own on own.organization_id = i.organization_id and own.client_id = i.client_id
  join rubis.client as live
    on live.organization_id = own.organization_id
   and live.client_id = coalesce(own.merged_into_client_id, own.client_id)
 cross join lateral (
   select live.email, bool_or(n.relances_off) as relances_off, max(n.paused_until) as paused_until
     from rubis.client as n
    where n.organization_id = live.organization_id and n.merged_into_client_id is null
      and (n.client_id = live.client_id or lower(n.email) = lower(live.email))) as c
  join rubis.organization as o on o.organization_id = i.organization_id
  join rubis.app_user as u on u.organization_id = i.organization_id and u.user_id = i.user_id
 where r.organization_id = %s and r.relance_id = %s
"""


PREPARED = f"""
create or replace function pg_temp.broken() returns table (rule text, facts jsonb)
language plpgsql stable as $$ begin return query {BROKEN}; end $$
"""
"""A function keeps its plan, which costs a hundred times the execution, over the steps' savepoints."""


def prepare(cast: Cast) -> None:
    """What `broken` needs in a session."""
    cast.session.execute(PREPARED)


def broken(cast: Cast) -> list[DictRow]:
    """The rules that do not hold."""
    return cast.session.rows("select * from pg_temp.broken()")


def may_leave(cast: Cast, relance_id: int, in_hand: int | None = None) -> list[str]:
    """Why this relance must not leave now, whatever its owner said; empty if nothing forbids it.

    `in_hand` is the mail that is to carry it, if that was begun.
    """
    facts = cast.session.row(FACTS, [in_hand, in_hand, cast.organization_id, relance_id])
    reasons = {
        "not open": facts["invoice"] != "open",
        "excluded": facts["off"],
        "no address": facts["email"] is None,
        "unproven": facts["email_proven_at"] is None,
        "paused": facts["paused_until"] is not None and facts["paused_until"] >= str(facts["today"]),
        "too soon": facts["recent"],
        "too near another letter": facts["near"],
        "day off": facts["holiday"] or facts["today"].isoweekday() in facts["weekend"],
        "step sent": facts["step_sent"],
        "a formal notice runs": facts["notice_running"],
        "to another client": facts["to_another_client"],
        "said to be paid": facts["said_paid"],
    }
    return [reason for reason, applies in reasons.items() if applies]


WAITING = """
select r.relance_id, r.invoice_id, r.tone, i.due_on,
       rubis.is_outdated(r.organization_id, r.invoice_id) as outdated
  from rubis.mail as m
  join rubis.relance as r on r.organization_id = m.organization_id
  join rubis.invoice as i on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
  join rubis.client as own on own.organization_id = i.organization_id and own.client_id = i.client_id
  join rubis.client as c
    on c.organization_id = own.organization_id
   and c.client_id = coalesce(own.merged_into_client_id, own.client_id)
 where m.organization_id = %s and m.mail_id = %s and lower(c.email) = lower(m.address_key)
   and r.status = 'scheduled' and r.scheduled_at <= rubis.clock()
 order by i.due_on, r.invoice_id
"""


def waiting(cast: Cast, mail_id: int) -> list[DictRow]:
    """The relances that are due for the address of a letter, oldest due first."""
    return cast.session.rows(WAITING, [cast.organization_id, mail_id])


def together(relances: list[DictRow]) -> list[DictRow]:
    """Those of a letter's relances that may leave in it: a formal notice goes alone and first."""
    notices = [relance for relance in relances if relance["tone"] == "formal_notice"]
    return notices[:1] or relances


def unforgotten(cast: Cast) -> list[DictRow]:
    """What should have left once everybody had done what was theirs, and did not."""
    return cast.session.rows(
        "select r.* from rubis.relance as r where r.organization_id = %s"
        " and r.status in ('scheduled', 'held', 'sending', 'unconfirmed')",
        [cast.organization_id],
    )
