-- Each number is found through an index that starts with organization_id.

create view audit.organization_overview as
select o.organization_id, o.name::text as name, o.locale, o.time_zone, o.checkin_time, o.created_at,
       (select count(*) from rubis.app_user as u
         where u.organization_id = o.organization_id) as users,
       (select count(*) from rubis.client as c
         where c.organization_id = o.organization_id
           and c.merged_into_client_id is null) as clients,
       i.open_invoices, i.paid_invoices, i.paid_by_checkin, i.cancelled_invoices,
       t.live_checkins, t.answered_checkins, t.expired_checkins, t.failed_checkins,
       (select coalesce(sum(r.delta), 0) from rubis.rubis_entry as r
         where r.organization_id = o.organization_id) as rubis,
       (select max(e.occurred_at) from rubis.activity_event as e
         where e.organization_id = o.organization_id) as last_event_at
from rubis.organization as o
cross join lateral (
  select count(*) filter (where i.status = 'open') as open_invoices,
         count(*) filter (where i.status = 'paid') as paid_invoices,
         count(*) filter (where i.paid_via = 'check-in') as paid_by_checkin,
         count(*) filter (where i.status = 'cancelled') as cancelled_invoices
    from rubis.invoice as i
   where i.organization_id = o.organization_id
) as i
cross join lateral (
  select count(*) filter (
    where t.status in ('scheduled', 'held', 'sending', 'sent')) as live_checkins,
         count(*) filter (where t.status = 'answered') as answered_checkins,
         count(*) filter (where t.status = 'expired') as expired_checkins,
         count(*) filter (where t.status = 'failed') as failed_checkins
    from rubis.checkin_task as t
   where t.organization_id = o.organization_id
) as t
order by o.organization_id;

comment on view audit.organization_overview is
  'One row per organization: its settings and counts. Give organization_id where there are many.';
comment on column audit.organization_overview.paid_by_checkin is
  'Of paid_invoices, those settled by a click on a link.';
comment on column audit.organization_overview.rubis is 'The sum of its rubis_entry rows.';
