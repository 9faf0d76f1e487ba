create or replace function rubis.relance_letter(
  p_organization_id bigint, p_relance_ids bigint[], p_at timestamptz default null
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The facts of the letter that carries these relances, and its address: the same for the preview
-- and for the mail. Its thread is that of the first letters about these invoices to their clients.
-- p_at: when it leaves; null is now.
--   Called by  api.preview_relance, rubis.begin_letter, worker.confirm_letter
  select rubis.letter_facts(
           p_organization_id,
           rubis.letter_matters(p_organization_id, (
             select jsonb_agg(jsonb_build_object(
                      'relance_id', r.relance_id, 'invoice_id', r.invoice_id, 'step', r.step,
                      'tone', r.tone))
               from rubis.relance as r
              where r.organization_id = p_organization_id
                and r.relance_id = any (p_relance_ids))),
           coalesce(p_at, rubis.clock()))
         || jsonb_build_object('thread', rubis.letter_thread(p_organization_id, p_relance_ids));
$$;
comment on function rubis.relance_letter(bigint, bigint[], timestamptz) is
  'The facts of the letter that carries some relances, as JSON, invoices oldest due first; null if '
  'there are none.';
