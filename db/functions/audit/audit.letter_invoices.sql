-- What the rules of letters read: each invoice of each attempt to send a letter.

create view audit.letter_invoices as
select x.organization_id, x.invoice_id, x.relance_id, x.mail_id, x.attempt, x.position,
       r.client_id, r.step, r.tone, m.address_key, a.to_address, a.message_id, a.spacing_days,
       a.attempted_at, a.accepted_at, a.failed_at, a.failure_class, x.withdrawn_at,
       x.withdrawn_at is null and (a.failure_class is null or a.failure_class = 'unknown')
         as may_have_arrived,
       x.word_at, x.word_age_days, x.word_valid_days
from rubis.mail_item as x
join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
join rubis.mail_attempt as a
  on a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt
join rubis.relance as r on r.organization_id = x.organization_id and r.relance_id = x.relance_id;

comment on view audit.letter_invoices is
  'One row per invoice of each attempt to send a letter: to whom, when, and its fate.';
comment on column audit.letter_invoices.may_have_arrived is
  'Accepted, in flight or of unknown fate, and not left out by the last word.';
