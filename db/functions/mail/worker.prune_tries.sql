create or replace function worker.prune_tries(
  p_kept_days int, p_after timestamptz default null, p_limit int default 1000
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Forget tries to mail that surely failed, of mails that ended and invoices that were settled
-- p_kept_days ago. Look at p_limit tries from p_after on, in all organizations at once. These stay:
-- what may have arrived or was clicked, what a letter's word rests on, and what failed after the
-- last mail that was accepted, for readiness and outages read that.
--   Called by  worker/chores.py
--   Writes     mail_item, mail_attempt
--   Raises     RB422
declare
  v_until timestamptz := least(
    rubis.kept_since(p_kept_days),
    coalesce(rubis.mail_accepted_before('infinity'), '-infinity'));
  v_piece jsonb;
begin
  with looked_at as materialized (
    select a.organization_id, a.mail_id, a.attempt, a.failed_at, a.failure_class
      from rubis.mail_attempt as a
     where a.failure_class in ('temporary', 'operator', 'unknown', 'withdrawn')
       and a.failed_at > coalesce(p_after, '-infinity') and a.failed_at < v_until
     order by a.failed_at
     fetch first p_limit rows with ties
  ), outdated as materialized (
    select a.organization_id, a.mail_id, a.attempt
      from looked_at as l
      join rubis.mail_attempt as a
        on a.organization_id = l.organization_id and a.mail_id = l.mail_id
       and a.attempt = l.attempt
      join rubis.mail as m on m.organization_id = l.organization_id and m.mail_id = l.mail_id
     where l.failure_class <> 'unknown' and m.ended_at < v_until
       and not exists (
         select from rubis.mail_item as x
           join rubis.invoice as i
             on i.organization_id = x.organization_id and i.invoice_id = x.invoice_id
          where x.organization_id = l.organization_id and x.mail_id = l.mail_id
            and x.attempt = l.attempt
            and (
              not rubis.settled_before(i, v_until)
              or exists (
                select from rubis.checkin_click as k
                 where k.organization_id = x.organization_id and k.mail_id = x.mail_id
                   and k.attempt = x.attempt and k.position = x.position)
              or exists (
                select from rubis.mail_item as w
                 where w.organization_id = x.organization_id and w.invoice_id = x.invoice_id
                   and w.word_at = a.attempted_at)))
       for no key update of a skip locked
  ), items as (
    delete from rubis.mail_item as x using outdated as o
     where x.organization_id = o.organization_id and x.mail_id = o.mail_id
       and x.attempt = o.attempt
  ), tries as (
    delete from rubis.mail_attempt as a using outdated as o
     where a.organization_id = o.organization_id and a.mail_id = o.mail_id
       and a.attempt = o.attempt
    returning 1
  )
  select jsonb_build_object(
           'deleted', (select count(*) from tries),
           'after', case when count(*) >= p_limit then max(l.failed_at) end)
    into v_piece from looked_at as l;
  return v_piece;
end;
$$;
comment on function worker.prune_tries(int, timestamptz, int) is
  'Delete tries that failed, of mails and invoices that ended kept_days ago; looks at p_limit of '
  'them. {"deleted", "after"}: where the next piece begins, null after the last one. RB422.';
