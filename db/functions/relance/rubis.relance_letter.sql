create or replace function rubis.relance_letter(
  p_organization_id bigint, p_invoice_id bigint, p_step smallint, p_tone text
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The facts of a letter to the client, and its address: the same for the preview and for the mail.
-- Its thread is that of the letters to the same client.
--   Called by  api.preview_relance, worker.begin_relance_send, worker.confirm_relance_send
  select jsonb_build_object(
    'to_address', c.email, 'client_name', c.name, 'locale', coalesce(c.locale, o.locale),
    'organization_name', o.name, 'signature', o.signature, 'reply_to', u.email,
    'full_name', u.full_name,
    'number', i.number, 'amount_cents', i.amount_cents, 'currency', i.currency,
    'issued_on', i.issued_on, 'due_on', i.due_on, 'step', p_step, 'tone', p_tone,
    'late_penalty_rate', case when o.country = 'FR' and c.is_business then o.late_penalty_rate end,
    'indemnity', o.country = 'FR' and c.is_business,
    'first_message_id', (
      select m.message_id
        from rubis.relance_mail as m
        join rubis.relance as r
          on r.organization_id = m.organization_id and r.relance_id = m.relance_id
       where m.organization_id = i.organization_id and m.invoice_id = i.invoice_id
         and rubis.is_same_client(i.organization_id, r.client_id, i.client_id)
         and (m.accepted_at is not null or m.failure_class = 'unknown')
       order by m.relance_mail_id limit 1))
    from rubis.invoice as i
    join rubis.client as c
      on c.organization_id = i.organization_id
     and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
    join rubis.organization as o on o.organization_id = i.organization_id
    join rubis.app_user as u on u.organization_id = i.organization_id and u.user_id = i.user_id
   where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id;
$$;
comment on function rubis.relance_letter(bigint, bigint, smallint, text) is
  'The facts of a letter as JSON. late_penalty_rate and indemnity only where the law allows them: '
  'France, between businesses.';
