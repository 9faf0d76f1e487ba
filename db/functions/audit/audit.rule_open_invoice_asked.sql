create view audit.rule_open_invoice_asked as
select i.organization_id, i.invoice_id, i.due_on,
       'ask in the app (api.ask_checkin_again), and find out who wrote past the triggers' as remedy
from rubis.invoice as i
where i.status = 'open'
  and not exists (
    select from rubis.checkin_task as t
     where t.organization_id = i.organization_id and t.invoice_id = i.invoice_id);

comment on view audit.rule_open_invoice_asked is
  'Every open invoice has had at least one check-in.';
