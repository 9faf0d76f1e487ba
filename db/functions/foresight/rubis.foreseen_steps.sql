create or replace function rubis.foreseen_steps(
  p_relance rubis.relance, p_leaves_at timestamptz, p_reason text, p_asks_at timestamptz,
  p_relance_ids bigint[]
)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- What comes of a relance ahead, as rubis.letter_ahead says of it: the question before it, the
-- relances that its letter carries, and the later steps of its invoice with theirs. A held one has
-- no later steps.
--   Called by  rubis.foreseen_letters
begin
  return (
    select coalesce(jsonb_agg(to_jsonb(s)), '[]')
      from (
        select greatest(p_asks_at, rubis.clock()) as at, 'question' as what,
               null::smallint as step, null::text as tone, p_relance.invoice_id,
               null::text as reason
         where p_asks_at is not null
        union all
        select p_leaves_at, 'letter', r.step, r.tone, r.invoice_id, p_reason
          from rubis.relance as r
         where r.organization_id = p_relance.organization_id
           and r.relance_id = any (p_relance_ids)
        union all
        select a.at, a.what, case a.what when 'letter' then f.step end,
               case a.what when 'letter' then f.tone end, p_relance.invoice_id, null
          from rubis.relance_forecast(p_relance, p_leaves_at, p_reason, p_asks_at) as f
         cross join lateral (
           values (f.asks_at, 'question'), (f.leaves_at, 'letter')) as a (at, what)
         where a.at is not null) as s);
end;
$$;
comment on function rubis.foreseen_steps(
  rubis.relance, timestamptz, text, timestamptz, bigint[]) is
  'The question before a relance ahead, its letter, and the later steps, as JSON: [{at, what, '
  'step, tone, invoice_id, reason}].';
