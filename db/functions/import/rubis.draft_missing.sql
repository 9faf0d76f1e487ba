create or replace function rubis.draft_missing(p_draft jsonb)
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- What a draft, given as JSON, lacks of an invoice, in the order of its fields. The client's e-mail
-- may be missing; the currency has a default, and so has the due date, by the client's terms.
--   Called by  rubis.check_draft_complete, rubis.import_doubts, rubis.import_counts
  select coalesce(array_agg(f.field order by f.place), '{}')
    from unnest(array['number', 'client_name', 'issued_on', 'amount_cents'])
      with ordinality as f (field, place)
   where p_draft -> f.field = 'null';
$$;
comment on function rubis.draft_missing(jsonb) is
  'Which of number, client_name, issued_on and amount_cents are null in a draft.';
