create or replace function rubis.carry_relances(
  p_organization_id bigint, p_mail_id bigint, p_attempt smallint, p_letter jsonb
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Record what an attempt of a letter carries, with the word that each relance rests on, and mark
-- the relances as being sent. The caller holds them.
--   Called by  rubis.begin_letter
--   Writes     mail_item, relance
  insert into rubis.mail_item (
    organization_id, mail_id, attempt, position, invoice_id, relance_id, word_at, word_age_days,
    word_valid_days)
  select p_organization_id, p_mail_id, p_attempt, (l.item ->> 'position')::smallint, i.invoice_id,
         (l.item ->> 'relance_id')::bigint, word.at,
         (rubis.clock() at time zone o.time_zone)::date - (word.at at time zone o.time_zone)::date,
         o.question_valid_days
    from jsonb_array_elements(p_letter -> 'invoices') as l (item)
    join rubis.invoice as i
      on i.organization_id = p_organization_id
     and i.invoice_id = (l.item ->> 'invoice_id')::bigint
    join rubis.organization as o on o.organization_id = i.organization_id
   cross join lateral (select (rubis.last_word(i)).word_at) as word (at);
  update rubis.relance as r
     set status = 'sending', next_look_at = null
    from jsonb_array_elements(p_letter -> 'invoices') as l (item)
   where r.organization_id = p_organization_id
     and r.relance_id = (l.item ->> 'relance_id')::bigint;
$$;
comment on function rubis.carry_relances(bigint, bigint, smallint, jsonb) is
  'Record the items of a letter''s attempt and mark their relances as being sent.';
