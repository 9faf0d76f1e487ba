create view audit.rule_relance_spacing as
select m.organization_id, m.invoice_id, m.relance_id, m.relance_mail_id, m.attempted_at,
       earlier.attempted_at as earlier_at,
       'find out who wrote past worker.begin_relance_send: '
         'the client may have had two letters in a day' as remedy
from rubis.relance_mail as m
join rubis.relance as r on r.organization_id = m.organization_id and r.relance_id = m.relance_id
join rubis.relance_mail as earlier
  on earlier.organization_id = m.organization_id and earlier.invoice_id = m.invoice_id
    and earlier.relance_mail_id < m.relance_mail_id
    and (earlier.failure_class is null or earlier.failure_class = 'unknown')
    and earlier.attempted_at + interval '24 hours' > m.attempted_at
join rubis.relance as before
  on before.organization_id = earlier.organization_id and before.relance_id = earlier.relance_id
    and before.client_id = r.client_id;

comment on view audit.rule_relance_spacing is
  'No letter about an invoice left within 24 h of another that may have reached the same client.';
