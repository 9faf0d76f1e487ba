create or replace function rubis.has_leftovers(p_organization_id bigint)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether a tick left something due that no mail on its way will take along: more than a piece
-- holds, or rows that another transaction held. Of each kind it looks at the first thousand; the
-- others have their turn when those are done.
--   Called by  rubis.next_due_at, rubis.wake_for_mails
  select exists (
    select from rubis.left_without_mail(
      array[p_organization_id], 'questions', rubis.clock(), 1000)
  ) or exists (
    select from rubis.left_without_mail(
      array[p_organization_id], 'receipts', rubis.clock(), 1000)
  ) or exists (
    select from rubis.checkin_task as t
     where t.organization_id = p_organization_id and t.status = 'sent'
       and t.expires_at <= rubis.clock()
  ) or exists (
    select from rubis.checkin_task as t
     where t.organization_id = p_organization_id and t.proof_due_at <= rubis.clock()
  ) or exists (
    select from rubis.relance as r
     where r.organization_id = p_organization_id and r.status = 'scheduled'
       and r.next_look_at <= rubis.clock()
  ) or exists (
    select from rubis.mail as m
     where m.organization_id = p_organization_id and m.status = 'scheduled'
       and m.next_attempt_at <= rubis.clock()
  ) or exists (
    select from rubis.app_user as u
     where u.organization_id = p_organization_id and u.release_due
  ) or rubis.has_outdated(p_organization_id);
$$;
comment on function rubis.has_leftovers(bigint) is
  'Whether something due in an organization is taken along by no mail on its way.';
