create or replace function rubis.next_relance_step(p_invoice rubis.invoice, p_after smallint)
returns rubis.relance_plan_step
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The step after p_after in the client's plan or, if it has none of its own, in the default one.
--   Called by  rubis.schedule_relance, rubis.relance_forecast
  select s.*
    from rubis.relance_plan as p
    join rubis.relance_plan_step as s on s.organization_id = p.organization_id and s.relance_plan_id = p.relance_plan_id
    join rubis.client as c on c.organization_id = p.organization_id and c.client_id = p_invoice.client_id
   where p.organization_id = p_invoice.organization_id
     and case when c.relance_plan_id is null then p.is_default else p.relance_plan_id = c.relance_plan_id end
     and s.step > p_after
   order by s.step limit 1;
$$;
comment on function rubis.next_relance_step(rubis.invoice, smallint) is
  'The first step after p_after (0: the first of all) in the plan of the invoice''s client; null if none is left.';
