create or replace function rubis.reminders_after_pending(
  p_organization_id bigint, p_invoice_id bigint
)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Whether the client will be reminded if the user answers pending, as mails and pages announce it.
-- planned: yes. Otherwise what prevents it until a user acts: none (no relance is ahead), excluded,
-- no_address, paused. Another name of the client's address counts as the client.
--   Called by  api.look_at_checkin, rubis.user_mail_items
  select case
    when not exists (
      select from rubis.relance as r
       where r.organization_id = i.organization_id and r.invoice_id = i.invoice_id
         and r.status in ('scheduled', 'held', 'sending', 'unconfirmed')) then 'none'
    when i.relances_off or c.relances_off then 'excluded'
    when c.email is null then 'no_address'
    when greatest(i.paused_until, c.paused_until) = 'infinity' then 'paused'
    else 'planned' end
    from rubis.invoice as i
   cross join lateral rubis.reminded_client(i.organization_id, i.client_id) as c
   where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id;
$$;
comment on function rubis.reminders_after_pending(bigint, bigint) is
  'What an answer of pending leads to: planned, or why no relance follows: none, excluded, '
  'no_address, paused.';
