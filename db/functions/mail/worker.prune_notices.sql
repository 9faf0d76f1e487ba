create or replace function worker.prune_notices(
  p_kept_days int, p_after timestamptz default null, p_limit int default 1000
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Forget mails that ended p_kept_days ago and are no invoice's history: those about an account,
-- notices of what was late unless one of its invoices is unsettled, and mails that carried nothing.
-- Look at p_limit mails from p_after on, in all organizations at once. What is told once stays, and
-- so does the last mail that was accepted.
--   Called by  worker/chores.py
--   Writes     mail_item, mail_attempt, mail
--   Raises     RB422
declare
  v_until timestamptz := least(
    rubis.kept_since(p_kept_days),
    coalesce(rubis.mail_accepted_before('infinity'), '-infinity'));
  v_piece jsonb;
begin
  with looked_at as materialized (
    select m.organization_id, m.mail_id, m.kind, m.data, m.ended_at
      from rubis.mail as m
     where (m.kind in (
         'verify_email', 'late_notice', 'reset_password', 'password_changed', 'change_email',
         'email_changing')
       or m.status in ('failed', 'cancelled'))
       and m.ended_at > coalesce(p_after, '-infinity') and m.ended_at < v_until
     order by m.ended_at
     fetch first p_limit rows with ties
  ), outdated as materialized (
    select m.organization_id, m.mail_id
      from looked_at as l
      join rubis.mail as m on m.organization_id = l.organization_id and m.mail_id = l.mail_id
     where l.kind not in ('said_paid', 'click_mode_advice')
       and not exists (
         select from rubis.mail_attempt as a
          where a.organization_id = l.organization_id and a.mail_id = l.mail_id
            and (l.kind in ('questions', 'letter', 'receipts')
              or coalesce(a.accepted_at, a.failed_at, a.attempted_at) >= v_until))
       and not exists (
         select from jsonb_array_elements_text(l.data -> 'invoices') as n (number)
           join rubis.invoice as i
             on i.organization_id = l.organization_id and i.status <> 'cancelled'
            and rubis.key(i.number) = rubis.key(n.number)
          where not rubis.settled_before(i, v_until))
       for no key update of m skip locked
  ), items as (
    delete from rubis.mail_item as x using outdated as o
     where x.organization_id = o.organization_id and x.mail_id = o.mail_id
  ), tries as (
    delete from rubis.mail_attempt as a using outdated as o
     where a.organization_id = o.organization_id and a.mail_id = o.mail_id
  ), mails as (
    delete from rubis.mail as m using outdated as o
     where m.organization_id = o.organization_id and m.mail_id = o.mail_id
    returning 1
  )
  select jsonb_build_object(
           'deleted', (select count(*) from mails),
           'after', case when count(*) >= p_limit then max(l.ended_at) end)
    into v_piece from looked_at as l;
  return v_piece;
end;
$$;
comment on function worker.prune_notices(int, timestamptz, int) is
  'Delete mails about an account, notices of what was late and mails that carried nothing, which '
  'ended kept_days ago; looks at p_limit mails. {"deleted", "after"}: where the next piece begins, '
  'null after the last one. RB422.';
