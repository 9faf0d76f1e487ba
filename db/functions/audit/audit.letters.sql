-- The exact text of letters that left, as long as it is kept.

create view audit.letters as
select t.organization_id, t.mail_id, t.attempt, a.attempted_at, a.accepted_at, a.failure_class,
       a.to_address, i.invoice_ids, t.subject, t.body, t.kept_until
from rubis.letter_text as t
join rubis.mail_attempt as a
  on a.organization_id = t.organization_id and a.mail_id = t.mail_id and a.attempt = t.attempt
cross join lateral (
  select array_agg(x.invoice_id order by x.position) as invoice_ids
    from rubis.mail_item as x
   where x.organization_id = t.organization_id and x.mail_id = t.mail_id
     and x.attempt = t.attempt and x.withdrawn_at is null
) as i;

comment on view audit.letters is
  'The letters that left, or may have, word for word, until kept_until. Give organization_id.';
comment on column audit.letters.invoice_ids is 'What it is about, in the order of the letter.';
