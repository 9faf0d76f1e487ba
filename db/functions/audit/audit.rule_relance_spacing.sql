-- Each attempt keeps how many local days had to lie between its letter and the one before to the
-- address. The zone may have been changed since, so the rule counts the hours that so many days
-- have in any zone, though one day may have 23. Two letters are never in flight at once.

create view audit.rule_relance_spacing as
select m.organization_id, m.invoice_id, m.relance_id, m.mail_id, m.attempt, m.attempted_at,
       earlier.attempted_at as earlier_at,
       'find out who wrote past worker.begin_mails: the client may have had two letters in a day'
         as remedy
from audit.letter_invoices as m
join audit.letter_invoices as earlier
  on earlier.organization_id = m.organization_id and earlier.invoice_id = m.invoice_id
    and earlier.client_id = m.client_id and earlier.may_have_arrived
    and (earlier.mail_id, earlier.attempt) <> (m.mail_id, m.attempt)
    and earlier.attempted_at <= m.attempted_at
    and earlier.attempted_at + interval '24 hours' > m.attempted_at
union all
select distinct m.organization_id, null::bigint, null::bigint, m.mail_id, m.attempt,
       m.attempted_at, earlier.attempted_at,
       'find out who wrote past worker.begin_mails: two letters to one address left too near each '
         'other'
from audit.letter_invoices as m
join audit.letter_invoices as earlier
  on earlier.organization_id = m.organization_id and earlier.address_key = m.address_key
    and earlier.may_have_arrived and earlier.mail_id <> m.mail_id
    and earlier.attempted_at <= m.attempted_at
    and earlier.attempted_at
      + interval '24 hours' * (m.spacing_days - 1) - interval '1 hour' > m.attempted_at
where m.may_have_arrived
union all
select m.organization_id, null, null, m.mail_id, a.attempt, a.attempted_at, b.attempted_at,
       'find out who wrote past worker.begin_mails: two letters to one address are in flight at '
         'once'
from rubis.mail as m
join rubis.mail_attempt as a
  on a.organization_id = m.organization_id and a.mail_id = m.mail_id
join rubis.mail as n
  on n.organization_id = m.organization_id and n.address_key = m.address_key
    and n.kind = 'letter' and n.mail_id < m.mail_id
join rubis.mail_attempt as b
  on b.organization_id = n.organization_id and b.mail_id = n.mail_id
where m.kind = 'letter'
  and a.accepted_at is null and a.failed_at is null
  and b.accepted_at is null and b.failed_at is null;

comment on view audit.rule_relance_spacing is
  'No letter about an invoice left within 24 h of another that may have reached the same client, '
  'none within spacing_days of another to its address, and two to one address are never in flight '
  'at once.';
