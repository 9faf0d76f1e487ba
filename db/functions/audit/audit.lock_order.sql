-- The one list of the order of locks: db/functions/begin.sql reads it, and tests/rules compares
-- the functions with it.

create view audit.lock_order as
select o.place, o.table_name, o.why
from (values
  (1, 'agenda', 'held by a tick of its organization, and by nothing else'),
  (2, 'import_draft',
    'validated or discarded once: who holds it decides before client and invoice exist'),
  (3, 'relance_plan', 'its changed steps raise the organization''s schedule_version'),
  (4, 'organization',
    'its quota is counted by one letter at a time; its settings move what its invoices wait for'),
  (5, 'client', 'changed, or found or made, before the invoice that names it'),
  (6, 'invoice', 'who holds it decides about its check-ins and relances'),
  (7, 'checkin_task',
    'after its invoice: a click reads the check-in first, but locks the invoice before it'),
  (8, 'relance', 'moves only because of its invoice, which the mover holds'),
  (9, 'planning',
    'shared by who plans, held by who changes a client and plans again: who holds it waits for '
    'nothing more, so it may be shared at any place'),
  (10, 'mail',
    'after all that it may carry: its items are read without a lock, and again under their locks'),
  (11, 'app_user',
    'a click proves the address last; the tick takes it first, and skips rows that others hold'),
  (12, 'refresh_token', 'exchanged under the lock of its user')
) as o (place, table_name, why)
order by o.place;

comment on view audit.lock_order is
  'The order in which rows are locked, for no key update; several rows of a table in key order.';
comment on column audit.lock_order.why is 'Why it has this place, or what its holder decides.';
