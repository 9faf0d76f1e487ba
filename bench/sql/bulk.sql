-- What a user or a DBA says: the triggers do the rest. New invoices of all organizations, due on
-- the next thirty days.

insert into rubis.invoice (organization_id, client_id, user_id, number, issued_on, due_on,
  amount_cents)
select o.id, (o.id - 1) * %(clients)s + 1 + (i / %(organizations)s) %% %(clients)s, o.id, 'N-' || i,
       current_date, current_date + 1 + i %% 30, 10000 + i
  from generate_series(1, %(count)s) as i
 cross join lateral (select 1 + (i - 1) %% %(organizations)s) as o (id);
