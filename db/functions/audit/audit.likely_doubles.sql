-- Clients of an organization that look like one: the same address, or the same name. The user knows
-- whether they are.

create view audit.likely_doubles as
with named as (
  select c.organization_id, k.what, k.key, c.client_id, c.name, c.email
    from rubis.client as c
   cross join lateral (values
     ('address', rubis.key(c.email)), ('name', rubis.key(c.name))) as k (what, key)
   where c.merged_into_client_id is null and k.key is not null
)

select n.organization_id, 'same ' || n.what as what,
       array_agg(n.client_id order by n.client_id) as client_ids,
       array_agg(n.name::text order by n.client_id) as names,
       array_agg(n.email::text order by n.client_id) as emails,
       'if they are one: the user merges them, or set client.merged_into_client_id' as what_to_do
  from named as n
 group by n.organization_id, n.what, n.key
having count(*) > 1;

comment on view audit.likely_doubles is
  'Clients with the same address or the same name by rubis.key, none of them merged: perhaps one.';
