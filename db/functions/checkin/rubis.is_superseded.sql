create or replace function rubis.is_superseded(p_task rubis.checkin_task)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Has a newer question taken the place of this one? A failed check-in cannot be cancelled, but its mail may show old facts.
--   Called by  rubis.checkin_standing
  select exists (
    select from rubis.checkin_task as t
     where t.organization_id = p_task.organization_id and t.invoice_id = p_task.invoice_id
       and t.checkin_task_id > p_task.checkin_task_id);
$$;
comment on function rubis.is_superseded(rubis.checkin_task) is 'Whether the invoice has a newer check-in than this one.';
