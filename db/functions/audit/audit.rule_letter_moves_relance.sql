-- A relance that the user confirmed (api.confirm_relance) is sent with a letter of unknown fate
-- instead of an accepted one.

create view audit.rule_letter_moves_relance as
select r.organization_id, r.invoice_id, r.relance_id, r.status,
       case r.status
         when 'sent' then 'find out who set it to sent: no letter of it can have arrived'
         when 'sending'
           then 'find out who wrote past worker.finish_mails; a tick makes it unconfirmed'
         else 'find out who wrote past rubis.fail_relance: unconfirmed is a letter of unknown '
           'fate, its user told' end as remedy
from rubis.relance as r
left join lateral (
  select l.accepted_at, case when l.withdrawn_at is null then l.failure_class else 'withdrawn' end
           as failure_class
    from audit.letter_invoices as l
   where l.organization_id = r.organization_id and l.relance_id = r.relance_id
   order by l.attempted_at desc, l.mail_id desc, l.attempt desc limit 1
) as latest on true
where (r.status = 'sent'
    and not exists (
      select from audit.letter_invoices as l
       where l.organization_id = r.organization_id and l.relance_id = r.relance_id
         and l.withdrawn_at is null
         and (l.accepted_at is not null or l.failure_class = 'unknown')))
   or (r.status = 'sending'
       and (latest.accepted_at is not null or latest.failure_class is not null))
   or (r.status = 'unconfirmed'
     and (latest.failure_class is distinct from 'unknown'
       or not exists (
         select from rubis.activity_event as e
          where e.organization_id = r.organization_id and e.invoice_id = r.invoice_id
            and e.kind = 'relance_unconfirmed')));

comment on view audit.rule_letter_moves_relance is
  'A relance is sent only if a letter of it may have arrived. It is unconfirmed, and its user '
  'told, only if the fate of its last letter is unknown.';
