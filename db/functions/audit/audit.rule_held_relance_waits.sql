-- A held relance is in no index that a tick reads, so what lifts its hold must schedule it.

create view audit.rule_held_relance_waits as
select r.organization_id, r.invoice_id, r.relance_id, r.hold_reason,
       'perform rubis.release_relance(organization_id, invoice_id), '
         'and find out what lifted the hold without it' as remedy
from rubis.relance as r
join rubis.invoice as i on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
join rubis.app_user as u on u.organization_id = i.organization_id and u.user_id = i.user_id
cross join lateral rubis.relance_verdict(r.organization_id, r.invoice_id, rubis.clock()) as v
cross join lateral (
  select t.status
    from rubis.checkin_task as t
   where t.organization_id = r.organization_id and t.invoice_id = r.invoice_id
   order by t.checkin_task_id desc limit 1
) as t
where r.status = 'held' and not u.release_due
  -- The verdict names the question last, so at night or on a Sunday it gives another reason.
  and case when r.hold_reason in ('owner_not_asked', 'owner_being_asked')
    then t.status in ('answered', 'expired')
    else v.verdict <> 'hold' end;

comment on view audit.rule_held_relance_waits is
  'A held relance waits for somebody to act. Once no act is needed it is scheduled again.';
