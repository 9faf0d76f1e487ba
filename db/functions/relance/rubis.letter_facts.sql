create or replace function rubis.letter_facts(
  p_organization_id bigint, p_matters jsonb, p_at timestamptz
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The facts of a letter about these matters of rubis.letter_matters, but its thread: the same for
-- every preview and for the mail. What is said once comes from the client of the invoice that is
-- due longest. The tone is the firmest of all; the organization's own words for it go with it. The
-- law on late payment is cited only if it holds for every client of the letter: France, between
-- businesses.
--   Called by  rubis.relance_letter, api.preview_letters
  with invoice as (
    select row_number() over (order by m.due_on, m.invoice_id) as position, m.*
      from jsonb_to_recordset(p_matters) as m (
        relance_id bigint, step int, tone text, invoice_id bigint, user_id bigint, number text,
        amount_cents bigint, currency text, issued_on date, due_on date, client_name text,
        email text, locale text, is_business boolean)
  ),
  person as (
    select u.email, u.full_name, min(l.position) as position
      from invoice as l
      join rubis.app_user as u on u.organization_id = p_organization_id and u.user_id = l.user_id
     group by u.user_id, u.email, u.full_name
  ),
  fact as (
    select o.country = 'FR' and bool_and(l.is_business) as indemnity,
           (array['courteous', 'firm', 'formal_notice'])[max(array_position(
             array['courteous', 'firm', 'formal_notice'], l.tone))] as tone,
           jsonb_agg(jsonb_build_object(
             'position', l.position, 'relance_id', l.relance_id, 'invoice_id', l.invoice_id,
             'number', l.number, 'client_name', l.client_name, 'amount_cents', l.amount_cents,
             'currency', l.currency, 'issued_on', l.issued_on, 'due_on', l.due_on,
             'days_late', (p_at at time zone o.time_zone)::date - l.due_on,
             'step', l.step, 'tone', l.tone) order by l.position) as invoices
      from invoice as l
     cross join rubis.organization as o
     where o.organization_id = p_organization_id
     group by o.organization_id
  )
  select jsonb_build_object(
    'organization_id', o.organization_id, 'kind', 'letter', 'to_address', l.email,
    'client_name', l.client_name, 'locale', coalesce(l.locale, o.locale),
    'organization_name', o.name, 'time_zone', o.time_zone, 'mail_format', o.mail_format,
    'signature', o.signature, 'tone', f.tone, 'indemnity', f.indemnity,
    'wording', rubis.find_wording(p_organization_id, f.tone, coalesce(l.locale, o.locale)),
    'late_penalty_rate', case when f.indemnity then o.late_penalty_rate end,
    'reply_to', (
      select jsonb_agg(jsonb_build_object('email', p.email, 'full_name', p.full_name)
               order by p.position) from person as p),
    'copy_to', case when o.letter_copies then (
      select jsonb_agg(p.email order by p.position) from person as p) else '[]' end,
    'invoices', f.invoices)
    from invoice as l
   cross join fact as f
    join rubis.organization as o on o.organization_id = p_organization_id
   where l.position = 1;
$$;
comment on function rubis.letter_facts(bigint, jsonb, timestamptz) is
  'The facts of a letter that leaves at a moment, as JSON, invoices oldest due first; null if it '
  'has none.';
