create view audit.lock_order as
select o.place, o.table_name, o.why
from (values
  (1, 'import_draft', 'a draft is validated or discarded once: who holds it decides before client and invoice exist'),
  (2, 'organization', 'its quota is counted one relance at a time; its settings move what all its invoices wait for'),
  (3, 'client', 'changed, or found or made, before the invoice that names it'),
  (4, 'relance_plan', 'changed before the relances made from it'),
  (5, 'invoice', 'who holds it decides about its check-ins and relances'),
  (6, 'checkin_task', 'after its invoice: a click finds the task first, so it reads, then locks the invoice, then the task'),
  (7, 'relance', 'only ever moved because of an invoice, which its mover holds'),
  (8, 'app_user', 'last: a click proves the address; a tick, which waits for nobody, takes it first')
) as o (place, table_name, why)
order by o.place;

comment on view audit.lock_order is
  'The order in which rows are locked, for no key update, several of a table in key order. docs/dba.md says why.';
