create or replace function rubis.changed_facts(p_old rubis.invoice, p_new rubis.invoice)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- List the columns in which two states of an invoice differ, without the status and what is set
-- with it: these have events of their own.
--   Called by  rubis.invoice_effects
  select coalesce(jsonb_object_agg(was.field, jsonb_build_array(was.value, became.value)), '{}')
    from jsonb_each(to_jsonb(p_old)) as was (field, value)
    join jsonb_each(to_jsonb(p_new)) as became (field, value) on became.field = was.field
   where was.value is distinct from became.value
     and was.field not in ('status', 'paid_at', 'paid_via', 'cancelled_at', 'doubted_at');
$$;
comment on function rubis.changed_facts(rubis.invoice, rubis.invoice) is
  'The changed columns as JSON: {column: [before, after]}.';
