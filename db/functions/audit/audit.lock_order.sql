create view audit.lock_order as
select o.place, o.table_name, o.why
from (values
  (1, 'import_draft', 'a draft is validated or discarded once: who holds it decides before client and invoice exist'),
  (2, 'client', 'changed, or found or made, before the invoice that names it'),
  (3, 'relance_plan', 'read before the relances made from it'),
  (4, 'invoice', 'who holds it decides about its check-ins and relances'),
  (5, 'checkin_task', 'after its invoice: a click finds the task first, so it reads, then locks the invoice, then the task'),
  (6, 'relance', 'last: only ever moved because of an invoice')
) as o (place, table_name, why)
order by o.place;

comment on view audit.lock_order is
  'The order in which rows are locked, for no key update, several of a table in key order. docs/dba.md says why.';
