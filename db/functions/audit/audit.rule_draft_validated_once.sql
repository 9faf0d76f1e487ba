create view audit.rule_draft_validated_once as
select d.organization_id, d.import_draft_id, d.invoice_id,
       'find out who wrote past api.validate_import_draft; its issuer is who imported the batch'
         as remedy
from rubis.import_draft as d
join rubis.import_batch as b
  on b.organization_id = d.organization_id and b.import_batch_id = d.import_batch_id
join rubis.invoice as i on i.organization_id = d.organization_id and i.invoice_id = d.invoice_id
where i.user_id <> b.user_id or i.created_at < d.created_at;

comment on view audit.rule_draft_validated_once is
  'The invoice of a validated draft was made from it, for the user who imported it.';
