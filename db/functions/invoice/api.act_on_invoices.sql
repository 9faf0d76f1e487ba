create or replace function api.act_on_invoices(
  p_access_token_hash bytea, p_invoice_ids bigint[], p_act text, p_until date default null,
  p_reason text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Do one thing with many invoices, of which some may refuse it: mark_paid, pause (until a day, with
-- a reason), resume, exclude or include. What is so already counts as done.
--   Called by  app/api/routes/invoices.py, app/web/pages/invoices.py
--   Writes     invoice; the rest by its triggers
--   Raises     RB401, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_done bigint[];
  v_refused jsonb;
begin
  if p_act is null or p_act not in ('mark_paid', 'pause', 'resume', 'exclude', 'include') then
    raise exception using errcode = 'RB422', constraint = 'invoice__act', column = 'act',
      message = 'act must be mark_paid, pause, resume, exclude or include';
  elsif p_invoice_ids is null or cardinality(p_invoice_ids) not between 1 and 100 then
    raise exception using errcode = 'RB422', constraint = 'invoice__ids', column = 'invoice_ids',
      message = 'invoice_ids must be 1 to 100 invoices';
  elsif p_act = 'pause' then
    perform rubis.check_pause(v_actor.organization_id, p_until);
  end if;
  perform from rubis.invoice as i
    where i.organization_id = v_actor.organization_id and i.invoice_id = any (p_invoice_ids)
    order by i.invoice_id
      for no key update;
  select coalesce(array_agg(a.invoice_id order by a.invoice_id) filter (where a.refusal is null),
           '{}'),
         coalesce(jsonb_agg(
           jsonb_build_object('invoice_id', a.invoice_id, 'reason', a.refusal)
           order by a.invoice_id) filter (where a.refusal is not null), '[]')
    into v_done, v_refused
    from (
      select distinct g.invoice_id, case
               when i.invoice_id is null then 'invoice__missing'
               when i.is_sample and p_act = 'include' then 'invoice__sample'
               when i.status = 'open' or (i.status = 'paid' and p_act = 'mark_paid') then null
               when i.status = 'cancelled' then 'invoice__cancelled'
               else 'invoice__settled' end as refusal
        from unnest(p_invoice_ids) as g (invoice_id)
        left join rubis.invoice as i
          on i.organization_id = v_actor.organization_id and i.invoice_id = g.invoice_id) as a;
  if p_act = 'mark_paid' then
    update rubis.invoice as i set status = 'paid', paid_via = 'manual'
     where i.organization_id = v_actor.organization_id and i.invoice_id = any (v_done)
       and i.status = 'open';
  elsif p_act in ('pause', 'resume') then
    update rubis.invoice as i
       set paused_until = case when p_act = 'pause' then p_until end,
           pause_reason = case when p_act = 'pause' then p_reason end
     where i.organization_id = v_actor.organization_id and i.invoice_id = any (v_done);
  else
    update rubis.invoice as i set relances_off = p_act = 'exclude'
     where i.organization_id = v_actor.organization_id and i.invoice_id = any (v_done);
  end if;
  return jsonb_build_object('done', to_jsonb(v_done), 'refused', v_refused);
end;
$$;
comment on function api.act_on_invoices(bytea, bigint[], text, date, text) is
  'Mark paid, pause, resume, exclude or include up to 100 invoices: {done, refused}. RB401, RB422.';
