create or replace function rubis.relance_letter(
  p_organization_id bigint, p_relance_ids bigint[], p_at timestamptz default null
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The facts of the letter that carries these relances, and its address: the same for the preview
-- and for the mail. What is said once comes from the client of the invoice that is due longest. The
-- tone is the firmest of all. The law on late payment is cited only if it holds for every client of
-- the letter: France, between businesses. Its thread is that of the first letters about these
-- invoices to their clients. p_at: when it leaves; null is now.
--   Called by  api.preview_relance, rubis.begin_letter, worker.confirm_letter
  with invoice as (
    select row_number() over (order by i.due_on, i.invoice_id) as position,
           r.relance_id, r.step, r.tone, i.invoice_id, i.client_id, i.user_id, i.number,
           i.amount_cents, i.currency, i.issued_on, i.due_on, c.name as client_name, c.email,
           c.locale, c.is_business
      from rubis.relance as r
      join rubis.invoice as i
        on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
      join rubis.client as c
        on c.organization_id = i.organization_id
       and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
     where r.organization_id = p_organization_id and r.relance_id = any (p_relance_ids)
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
             array['courteous', 'firm', 'formal_notice'], l.tone::text))] as tone,
           jsonb_agg(jsonb_build_object(
             'position', l.position, 'relance_id', l.relance_id, 'invoice_id', l.invoice_id,
             'number', l.number, 'client_name', l.client_name, 'amount_cents', l.amount_cents,
             'currency', l.currency, 'issued_on', l.issued_on, 'due_on', l.due_on,
             'days_late', (coalesce(p_at, rubis.clock()) at time zone o.time_zone)::date - l.due_on,
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
    'late_penalty_rate', case when f.indemnity then o.late_penalty_rate end,
    'reply_to', (
      select jsonb_agg(jsonb_build_object('email', p.email, 'full_name', p.full_name)
               order by p.position) from person as p),
    'copy_to', case when o.letter_copies then (
      select jsonb_agg(p.email order by p.position) from person as p) else '[]' end,
    'thread', rubis.letter_thread(p_organization_id, p_relance_ids), 'invoices', f.invoices)
    from invoice as l
   cross join fact as f
    join rubis.organization as o on o.organization_id = p_organization_id
   where l.position = 1;
$$;
comment on function rubis.relance_letter(bigint, bigint[], timestamptz) is
  'The facts of the letter that carries some relances, as JSON, invoices oldest due first; null if '
  'there are none.';
