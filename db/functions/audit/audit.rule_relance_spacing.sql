-- How many days lay between two letters to one address is a setting that may have been changed
-- since; that the next one does not begin while one is in flight is not.

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
select m.organization_id, null, null, m.mail_id, a.attempt, a.attempted_at, b.attempted_at,
       'find out who wrote past worker.begin_mails: two letters to one address were in flight at '
         'once'
from rubis.mail as m
join rubis.mail_attempt as a
  on a.organization_id = m.organization_id and a.mail_id = m.mail_id
join rubis.mail as n
  on n.organization_id = m.organization_id and n.address_key = m.address_key
    and n.mail_id <> m.mail_id
join rubis.mail_attempt as b
  on b.organization_id = n.organization_id and b.mail_id = n.mail_id
    and b.attempted_at <= a.attempted_at
    and coalesce(b.accepted_at, b.failed_at, 'infinity') > a.attempted_at
where m.kind = 'letter';

comment on view audit.rule_relance_spacing is
  'No letter about an invoice left within 24 h of another that may have reached the same client, '
  'and none to an address while another was in flight.';
