-- A matter is sending as long as the mail that carries it is: the machine moves both at once.

create view audit.rule_sending_in_mail as
select t.organization_id, t.invoice_id, t.checkin_task_id, null::bigint as relance_id,
       'find out who wrote past the machine of mails; set it to scheduled, so that a tick asks'
         as remedy
from rubis.checkin_task as t
where t.status = 'sending'
  and not exists (
    select from rubis.mail_item as x
      join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
     where x.organization_id = t.organization_id and x.checkin_task_id = t.checkin_task_id
       and m.kind = 'questions' and m.status = 'sending' and x.attempt = m.attempts)
union all
select r.organization_id, r.invoice_id, null, r.relance_id,
       'find out who wrote past the machine of mails; a letter may have left: see '
         'audit.letter_invoices, then set it to unconfirmed or scheduled'
from rubis.relance as r
where r.status = 'sending'
  and not exists (
    select from rubis.mail_item as x
      join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
     where x.organization_id = r.organization_id and x.relance_id = r.relance_id
       and x.withdrawn_at is null and m.status = 'sending' and x.attempt = m.attempts);

comment on view audit.rule_sending_in_mail is
  'A question or relance that is sending is carried by the latest attempt of a mail that is '
  'sending.';
