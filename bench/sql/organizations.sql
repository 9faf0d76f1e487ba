-- Organizations with what each needs to issue invoices; run on a database that has none, so that
-- ids count from 1.

insert into rubis.organization (name)
select 'Organization ' || k from generate_series(1, %(organizations)s) as k order by k;

insert into rubis.app_user (organization_id, email, full_name, password_hash, email_proven_at)
select o.organization_id, format('user%%s@rubis.example', o.organization_id), 'Camille Durand',
       '$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
       rubis.clock()
  from rubis.organization as o order by o.organization_id;

insert into rubis.access_token (organization_id, user_id, session_id, token_hash, expires_at)
select u.organization_id, u.user_id, gen_random_uuid(),
       sha256(('a' || lpad(u.organization_id::text, 42, '0'))::bytea),
         rubis.clock() + interval '30 days'
  from rubis.app_user as u order by u.user_id;

insert into rubis.client (organization_id, name, email, is_business)
select o.organization_id, 'Client ' || k, format('client%%s.%%s@rubis.example', o.organization_id,
       k), true
  from rubis.organization as o cross join generate_series(1, %(clients)s) as k
 order by o.organization_id, k;

-- invoices.sql computes these ids instead of joining for them.
do $$
begin
  assert not exists (select from rubis.app_user as u where u.user_id <> u.organization_id);
  assert not exists (
    select from rubis.client as c
     where (c.client_id - 1) / (select max(k.n) from (select count(*) as n from rubis.client
       as d group by d.organization_id) as k)
           <> c.organization_id - 1);
  assert not exists (select from rubis.relance_plan as p
    where p.relance_plan_id <> p.organization_id);
end;
$$;
