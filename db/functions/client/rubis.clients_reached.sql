create or replace function rubis.clients_reached(
  p_organization_id bigint, p_client_ids bigint[], p_emails text[] default '{}'
)
returns bigint[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find whose invoices a change concerns: the live clients among these, those of these addresses,
-- and all that are merged into them.
--   Called by  rubis.client_effects, rubis.lock_client, rubis.clients_beside, rubis.begin_letter,
--              worker.confirm_letter, worker.fail_mail, api.merge_client, api.resume_client
  with live as (
    select c.client_id from rubis.client as c
     where c.organization_id = p_organization_id and c.merged_into_client_id is null
       and c.client_id = any (p_client_ids)
    union
    select c.client_id from rubis.client as c
     where c.organization_id = p_organization_id and c.merged_into_client_id is null
       and rubis.key(c.email) = any (array(
         select rubis.key(e.email) from unnest(p_emails) as e (email)))
  )
  select array(
    select l.client_id from live as l
    union
    select m.client_id from rubis.client as m
     where m.organization_id = p_organization_id
       and m.merged_into_client_id = any (array(select l.client_id from live as l)));
$$;
comment on function rubis.clients_reached(bigint, bigint[], text[]) is
  'The client_ids of live clients, by id or by address, and of all clients merged into them.';
