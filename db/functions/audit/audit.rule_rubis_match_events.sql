create view audit.rule_rubis_match_events as
select i.organization_id, i.invoice_id, i.status, r.rubis, e.earned, e.taken_back,
       'find out who wrote past the triggers; '
         'then add the rubis_entry that is missing, for its event' as remedy
from rubis.invoice as i
cross join lateral (
  select coalesce(sum(r.delta), 0) as rubis from rubis.rubis_entry as r
   where r.organization_id = i.organization_id and r.invoice_id = i.invoice_id
) as r
cross join lateral (
  select count(*) filter (where e.kind = 'invoice_paid') as earned,
         count(*) filter (where e.kind = 'invoice_reopened' and e.label = 'was paid') as taken_back
    from rubis.activity_event as e
   where e.organization_id = i.organization_id and e.invoice_id = i.invoice_id
) as e
where r.rubis <> case when i.is_sample then 0 else e.earned - e.taken_back end
   or r.rubis <> case when i.status = 'paid' and not i.is_sample then 1 else 0 end;

comment on view audit.rule_rubis_match_events is
  'The rubis of an invoice are its payments less those taken '
  'back: one if it is paid, else none, and never negative. A sample has none.';
