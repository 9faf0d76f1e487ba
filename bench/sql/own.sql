-- One organization more, after all others, with so many invoices of its own as two years leave
-- them: most paid, some cancelled, late ones answered pending, some asked about, the newest not yet
-- due. Its triggers write what belongs to them. Its user is signed in to the web app.

with organization as (
  insert into rubis.organization (name) values ('Organization of its own')
  returning organization_id
), app_user as (
  insert into rubis.app_user (organization_id, email, full_name, password_hash, email_proven_at)
  select o.organization_id, 'own@rubis.example', 'Camille Durand',
         '$argon2id$v=19$m=65536,t=3,p=4$' || repeat('A', 22) || '$' || repeat('A', 43),
         rubis.clock()
    from organization as o
  returning organization_id, user_id
)
insert into rubis.access_token (
  organization_id, user_id, session_id, token_hash, kind, expires_at)
select u.organization_id, u.user_id, gen_random_uuid(), sha256(%(token)s::bytea), 'web',
       rubis.clock() + interval '30 days'
  from app_user as u;

create temp table own on commit drop as
select max(t.organization_id) as organization_id, current_date as today
  from rubis.access_token as t where t.kind = 'web';

insert into rubis.client (organization_id, name, email, is_business, created_at)
select o.organization_id, 'Client ' || k,
       case when k %% 20 > 0 then format('client%%s@own.rubis.example', k) end, true,
       rubis.clock() - interval '2 years' + interval '1 hour' * k
  from own as o cross join generate_series(1, %(clients)s) as k;

insert into rubis.invoice (
  organization_id, client_id, number, issued_on, due_on, amount_cents, currency, created_at)
select o.organization_id, c.client_id, 'F-' || i, d.due_on - 30, d.due_on, 10000 + i * 97 %% 990000,
       case when i %% 50 = 0 then 'USD' else 'EUR' end,
       d.due_on - 30 + time '08:00' + interval '1 second' * i
  from own as o
 cross join generate_series(1, %(count)s) as i
 cross join lateral (select o.today - 700 + (i * 760::bigint / %(count)s)::int) as d (due_on)
  join (
    select k.organization_id, k.client_id, row_number() over (order by k.client_id) as place
      from rubis.client as k
      join own as w on w.organization_id = k.organization_id) as c
    on c.place = 1 + i * 7 %% %(clients)s;

update rubis.invoice as i
   set status = 'paid', paid_via = 'check-in',
       paid_at = least(i.due_on + (i.invoice_id %% 40)::int + time '10:00', rubis.clock())
  from own as o
 where i.organization_id = o.organization_id and i.due_on < o.today and i.invoice_id %% 5 > 0;

update rubis.invoice as i
   set status = 'cancelled'
  from own as o
 where i.organization_id = o.organization_id and i.due_on < o.today and i.invoice_id %% 100 = 0;

-- Of those that are left the newest are being asked about; pending was said of the others.
create temp table late on commit drop as
select i.organization_id, i.invoice_id, t.checkin_task_id,
       row_number() over (order by i.due_on desc, i.invoice_id desc) as place
  from own as o
  join rubis.invoice as i on i.organization_id = o.organization_id
  join rubis.checkin_task as t
    on t.organization_id = i.organization_id and t.invoice_id = i.invoice_id
 where i.status = 'open' and i.due_on < o.today;

select count(api.answer_invoice_checkin(sha256(%(token)s::bytea), l.invoice_id, 'pending'))
  from late as l where l.place > 25;

set local session_replication_role = replica;

update rubis.checkin_task as t
   set status = 'sent', sent_at = now() - interval '1 hour',
       expires_at = now() + interval '23 hours'
  from late as l
 where t.organization_id = l.organization_id and t.checkin_task_id = l.checkin_task_id
   and l.place <= 25;

with mail as (
  insert into rubis.mail (
    organization_id, kind, user_id, status, attempts, ended_at, created_at)
  select o.organization_id, 'questions', u.user_id, 'sent', 1, now() - interval '1 hour',
         now() - interval '1 hour'
    from own as o
    join rubis.app_user as u on u.organization_id = o.organization_id
  returning organization_id, mail_id
), attempt as (
  insert into rubis.mail_attempt (
    organization_id, mail_id, attempt, to_address, message_id, attempted_at, accepted_at)
  select m.organization_id, m.mail_id, 1, 'own@rubis.example', '<own@rubis.example>',
         now() - interval '1 hour', now() - interval '1 hour'
    from mail as m
)
insert into rubis.mail_item (
  organization_id, mail_id, attempt, position, invoice_id, checkin_task_id, token_hash)
select m.organization_id, m.mail_id, 1, l.place, l.invoice_id, l.checkin_task_id,
       sha256(('own' || l.place)::bytea)
  from mail as m cross join late as l
 where l.place <= 25;

insert into rubis.activity_event (organization_id, kind, invoice_id, checkin_task_id, occurred_at)
select l.organization_id, 'checkin_sent', l.invoice_id, l.checkin_task_id, now() - interval '1 hour'
  from late as l where l.place <= 25;
