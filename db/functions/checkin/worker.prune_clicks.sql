create or replace function worker.prune_clicks(
  p_kept_days int, p_after timestamptz default null, p_limit int default 1000
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Forget clicks that changed nothing and repeat an earlier one, of p_kept_days ago and of invoices
-- settled before. The first of each item, way, answer and outcome stays: it says that a link was
-- used, and by what. Look at p_limit clicks from p_after on, in all organizations at once.
-- Its setting rubis.prunes lets it delete from a history that is append-only.
--   Called by  worker/chores.py
--   Writes     checkin_click
--   Raises     RB422
declare
  v_until timestamptz := rubis.kept_since(p_kept_days);
  v_piece jsonb;
begin
  perform set_config('rubis.prunes', 'checkin_click', true);
  with looked_at as materialized (
    select c.organization_id, c.checkin_click_id, c.clicked_at
      from rubis.checkin_click as c
     where c.outcome in ('already_answered', 'expired', 'confirm', 'unchanged')
       and c.clicked_at > coalesce(p_after, '-infinity') and c.clicked_at < v_until
     order by c.clicked_at
     fetch first p_limit rows with ties
  ), outdated as materialized (
    select c.organization_id, c.checkin_click_id
      from looked_at as l
      join rubis.checkin_click as c
        on c.organization_id = l.organization_id and c.checkin_click_id = l.checkin_click_id
      join rubis.mail_item as x
        on x.organization_id = c.organization_id and x.mail_id = c.mail_id
       and x.attempt = c.attempt and x.position = c.position
      join rubis.invoice as i
        on i.organization_id = x.organization_id and i.invoice_id = x.invoice_id
     where rubis.settled_before(i, v_until)
       and exists (
         select from rubis.checkin_click as f
          where f.organization_id = c.organization_id and f.mail_id = c.mail_id
            and f.attempt = c.attempt and f.position = c.position and f.via = c.via
            and f.outcome = c.outcome and f.answer is not distinct from c.answer
            and (f.clicked_at, f.checkin_click_id) < (c.clicked_at, c.checkin_click_id))
       for no key update of c skip locked
  ), clicks as (
    delete from rubis.checkin_click as c using outdated as o
     where c.organization_id = o.organization_id and c.checkin_click_id = o.checkin_click_id
    returning 1
  )
  select jsonb_build_object(
           'deleted', (select count(*) from clicks),
           'after', case when count(*) >= p_limit then max(l.clicked_at) end)
    into v_piece from looked_at as l;
  perform set_config('rubis.prunes', '', true);
  return v_piece;
end;
$$;
comment on function worker.prune_clicks(int, timestamptz, int) is
  'Delete clicks that changed nothing and repeat an earlier one, of invoices settled kept_days '
  'ago; looks at p_limit of them. {"deleted", "after"}: where the next piece begins, null after '
  'the last one. RB422.';
