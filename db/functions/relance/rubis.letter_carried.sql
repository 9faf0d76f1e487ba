create or replace function rubis.letter_carried(p_relance rubis.relance)
returns bigint[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the relances that the latest letter of a relance carried and that stand as it does: in
-- flight, or unconfirmed.
--   Called by  rubis.letter_ahead
  select array_agg(distinct r.relance_id)
    from rubis.relance as r
   where r.organization_id = p_relance.organization_id
     and (r.relance_id = p_relance.relance_id
       or (r.status = p_relance.status and r.relance_id in (
         select x.relance_id
           from rubis.latest_attempt(p_relance.organization_id, null, p_relance.relance_id) as l
           join rubis.mail_item as x
             on x.organization_id = p_relance.organization_id and x.mail_id = l.mail_id
            and x.attempt = l.attempt
          where x.withdrawn_at is null)));
$$;
comment on function rubis.letter_carried(rubis.relance) is
  'The relances that the latest letter of a relance carried and that have its status.';
