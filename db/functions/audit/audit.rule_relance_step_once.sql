create view audit.rule_relance_step_once as
select r.organization_id, r.invoice_id, r.client_id, r.due_on, r.step, count(*) as relances,
       'find out who wrote past rubis.schedule_relance: the client had this step twice' as remedy
from rubis.relance as r
where r.status = 'sent'
group by r.organization_id, r.invoice_id, r.client_id, r.due_on, r.step
having count(*) > 1;

comment on view audit.rule_relance_step_once is
  'A step of a plan is sent once to a client for one term of an invoice, reopened or not.';
