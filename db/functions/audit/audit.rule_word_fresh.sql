-- The letter keeps the question that it rests on and for how many days that counted. The history
-- tells what made it doubtful: nothing may have, unless the owner answered afterwards.

create view audit.rule_word_fresh as
select m.organization_id, m.invoice_id, m.relance_id, m.mail_id, m.attempt, m.attempted_at,
       m.word_at,
       'find out who wrote past worker.begin_mails: '
         'the client may have paid before this letter' as remedy
from audit.letter_invoices as m
cross join lateral (
  select greatest(m.word_at, max(e.occurred_at)) as said_at
    from rubis.activity_event as e
   where e.organization_id = m.organization_id and e.invoice_id = m.invoice_id
     and e.kind = 'checkin_answered' and e.occurred_at <= m.attempted_at
) as w
-- A local day has at most 25 h, and the zone may have been changed since.
where m.attempted_at >= m.word_at + m.word_valid_days * interval '24 hours' + interval '49 hours'
   or not exists (
     select from rubis.checkin_task as t
       left join rubis.mail_item as x
         on x.organization_id = t.organization_id and x.checkin_task_id = t.checkin_task_id
       left join rubis.mail_attempt as c
         on c.organization_id = x.organization_id and c.mail_id = x.mail_id
           and c.attempt = x.attempt
      where t.organization_id = m.organization_id and t.invoice_id = m.invoice_id
        and m.word_at in (c.attempted_at, c.accepted_at, t.answered_at))
   and not exists (
     select from rubis.activity_event as e
      where e.organization_id = m.organization_id and e.invoice_id = m.invoice_id
        and e.kind = 'checkin_answered'
        and e.occurred_at between m.word_at and m.word_at + interval '1 second')
   or exists (
     select from rubis.activity_event as e
      where e.organization_id = m.organization_id and e.invoice_id = m.invoice_id
        and e.occurred_at > w.said_at and e.occurred_at <= m.attempted_at
        and (e.kind in ('invoice_reopened', 'checkin_contradicted', 'checkin_undone')
          or (e.kind = 'invoice_changed'
            and e.data ?| array['client_id', 'number', 'due_on', 'amount_cents', 'currency'])))
   or exists (
     select from rubis.activity_event as e
      where e.organization_id = m.organization_id and e.invoice_id = m.invoice_id
        and e.kind = 'relances_paused' and e.occurred_at <= m.attempted_at
        -- It ended nowhere on earth before, whatever the zone was then.
        and (coalesce((e.data ->> 'until')::date, 'infinity') + 1)::timestamp
          at time zone 'Pacific/Kiritimati' > w.said_at
        -- Another client of the same address may have another one since.
        and not starts_with(coalesce(e.label, ''), 'same address: ')
        and not exists (
          select from rubis.activity_event as later
           where later.organization_id = e.organization_id and later.invoice_id = e.invoice_id
             and later.activity_event_id > e.activity_event_id
             and later.occurred_at <= w.said_at
             and (
               (later.kind in ('relances_paused', 'relances_resumed')
                 and not starts_with(coalesce(later.label, ''), 'same address: ')
                 and starts_with(coalesce(later.label, ''), 'client: ')
                   = starts_with(coalesce(e.label, ''), 'client: '))
               -- A settled invoice, and that of another client, is not told of a client's pauses.
               or (starts_with(e.label, 'client: ')
                 and (later.kind = 'invoice_reopened'
                   or (later.kind = 'invoice_changed' and later.data ? 'client_id'))))));

comment on view audit.rule_word_fresh is
  'No letter left on a stale word: its question was mailed at most word_valid_days before, and '
  'nothing has made it doubtful since.';
