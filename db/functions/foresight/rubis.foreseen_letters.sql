create or replace function rubis.foreseen_letters(
  p_organization_id bigint, p_invoice_id bigint, p_until timestamptz, p_looks int
)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Foresee the letters of one invoice or of all (null), and the questions asked again before them:
-- those ahead by rubis.letter_ahead, the later steps by rubis.relance_forecast. One step for each
-- invoice of a letter. If an invoice is named, its relance that is held has a reason and no moment.
-- Of all, those that are looked at before p_until, p_looks letters at most: past `until` there may
-- be others.
--   Called by  rubis.foresee
declare
  v_relances rubis.relance[];
  v_relance rubis.relance;
  v_ahead record;
  v_steps jsonb := jsonb '[]';
  v_left jsonb := jsonb '{}';
  v_looks int := 0;
  v_until timestamptz;
begin
  if p_invoice_id is null then
    v_relances := array(
      select r from rubis.relance as r
       where r.organization_id = p_organization_id and r.status = 'scheduled'
         and r.next_look_at <= p_until
       order by r.next_look_at, r.relance_id limit 5 * p_looks);
  else
    v_relances := array(
      select r from rubis.relance as r
       where r.organization_id = p_organization_id and r.invoice_id = p_invoice_id
         and r.status in ('scheduled', 'held', 'sending', 'unconfirmed'));
  end if;
  foreach v_relance in array v_relances loop
    if v_looks = p_looks then
      v_until := v_relance.next_look_at;
      exit;
    elsif v_left ? v_relance.relance_id::text then
      -- It is in a letter that was looked at. Its own question is asked as planned.
      select (v_left ->> v_relance.relance_id::text)::timestamptz as leaves_at,
             null::text as reason,
             case when v_relance.next_look_at < v_relance.scheduled_at then
               v_relance.next_look_at end as asks_at,
             array[]::bigint[] as relance_ids
        into v_ahead;
    else
      v_ahead := rubis.letter_ahead(v_relance);
      v_looks := v_looks + 1;
    end if;
    v_steps := v_steps || rubis.foreseen_steps(v_relance, v_ahead.leaves_at, v_ahead.reason,
      v_ahead.asks_at, v_ahead.relance_ids);
    v_left := v_left || coalesce((
      select jsonb_object_agg(n.relance_id, v_ahead.leaves_at)
        from unnest(v_ahead.relance_ids) as n (relance_id)), '{}');
  end loop;
  if v_until is null and cardinality(v_relances) = 5 * p_looks then
    v_until := (v_relances[cardinality(v_relances)]).next_look_at;
  end if;
  return jsonb_build_object(
    'steps', v_steps, 'until', greatest(v_until, case when v_until is not null then
      rubis.clock() end));
end;
$$;
comment on function rubis.foreseen_letters(bigint, bigint, timestamptz, int) is
  'The letters of an invoice or of all, and the questions before them, as JSON: {steps: [{at, '
  'what, step, tone, invoice_id, reason}], until: up to when these are all, or null}.';
