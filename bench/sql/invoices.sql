-- Open invoices 1 to count, dealt out to the organizations in turn, with the rows that the product
-- keeps about them. Each block of four has asked_of_four whose check-in was mailed an hour ago, with
-- those of up to 24 other invoices; the others' are due (all a minute ago) or ahead.

set local session_replication_role = replica;
set local work_mem = '256MB';

insert into rubis.invoice (
  organization_id, invoice_id, client_id, user_id, number, issued_on, due_on, amount_cents,
    schedule_version, created_at)
overriding system value
select o.id, i, (o.id - 1) * %(clients)s + 1 + (i / %(organizations)s) %% %(clients)s, o.id,
       'B-' || i,
       current_date - 31,
       case when i %% 4 < %(asked_of_four)s or %(due)s then current_date - 1
         else current_date + 1 + (i / 4) %% 60 end,
       10000 + i %% 990000, v.schedule_version,
       now() - interval '31 days' + interval '29 days' * i / %(count)s
  from generate_series(1, %(count)s) as i
 cross join lateral (select 1 + (i - 1) %% %(organizations)s) as o (id)
  join rubis.organization as v on v.organization_id = o.id;

insert into rubis.checkin_task (
  organization_id, checkin_task_id, invoice_id, status, scheduled_at, sent_at, expires_at,
    created_at)
overriding system value
select i.organization_id, i.invoice_id, i.invoice_id, s.status,
       case s.status when 'sent' then now() - interval '1 hour' else s.at end,
       case s.status when 'sent' then now() - interval '1 hour' end,
       case s.status when 'sent' then now() + interval '23 hours' end,
       i.created_at
  from rubis.invoice as i
  join rubis.organization as o on o.organization_id = i.organization_id
 cross join lateral (
    select case when i.invoice_id %% 4 < %(asked_of_four)s then 'sent' else 'scheduled' end,
           case when %(due)s then now() - interval '1 minute'
             else (i.due_on + o.checkin_time) at time zone o.time_zone end
  ) as s (status, at);

create temp table asked on commit drop as
select t.organization_id, t.checkin_task_id, t.invoice_id, t.sent_at,
       (t.organization_id - 1) * (1 + %(count)s / %(organizations)s / 25) + 1 + (t.place - 1) / 25
         as mail_id,
       1 + (t.place - 1) %% 25 as position
  from (
    select k.organization_id, k.checkin_task_id, k.invoice_id, k.sent_at,
           row_number() over (partition by k.organization_id order by k.checkin_task_id) as place
      from rubis.checkin_task as k
     where k.status = 'sent') as t;

insert into rubis.mail (
  organization_id, mail_id, kind, user_id, status, attempts, ended_at, created_at)
overriding system value
select distinct a.organization_id, a.mail_id, 'questions', a.organization_id, 'sent', 1, a.sent_at,
       a.sent_at
  from asked as a;

insert into rubis.mail_attempt (
  organization_id, mail_id, attempt, to_address, message_id, attempted_at, accepted_at)
select m.organization_id, m.mail_id, 1, u.email, format('<%%s@rubis.example>', m.mail_id),
       m.ended_at, m.ended_at
  from rubis.mail as m
  join rubis.app_user as u on u.organization_id = m.organization_id and u.user_id = m.user_id;

insert into rubis.mail_item (
  organization_id, mail_id, attempt, position, invoice_id, checkin_task_id, token_hash)
select a.organization_id, a.mail_id, 1, a.position, a.invoice_id, a.checkin_task_id,
       sha256(lpad(a.checkin_task_id::text, 43, '0')::bytea)
  from asked as a;

insert into rubis.relance (
  organization_id, relance_id, invoice_id, client_id, due_on, relance_plan_id, step, days_after_due,
    tone, scheduled_at, next_look_at, created_at)
overriding system value
select i.organization_id, i.invoice_id, i.invoice_id, i.client_id, i.due_on, i.organization_id, 1,
       3, 'courteous', s.at,
       s.at, i.created_at
  from rubis.invoice as i
  join rubis.organization as o on o.organization_id = i.organization_id
 cross join lateral (
    select (greatest(i.due_on, current_date) + 3 + o.relance_time) at time zone o.time_zone)
           as s (at);

insert into rubis.activity_event (organization_id, activity_event_id, kind, invoice_id, occurred_at)
overriding system value
select i.organization_id, i.invoice_id, 'invoice_created', i.invoice_id, i.created_at
  from rubis.invoice as i;

insert into rubis.activity_event (organization_id, activity_event_id, kind, invoice_id,
  checkin_task_id, occurred_at)
overriding system value
select t.organization_id, %(count)s + t.checkin_task_id, 'checkin_sent', t.invoice_id,
       t.checkin_task_id, t.sent_at
  from rubis.checkin_task as t
 where t.status = 'sent';

select setval(pg_get_serial_sequence('rubis.invoice', 'invoice_id'), %(count)s),
       setval(pg_get_serial_sequence('rubis.checkin_task', 'checkin_task_id'), %(count)s),
       setval(pg_get_serial_sequence('rubis.mail', 'mail_id'), %(count)s + %(organizations)s),
       setval(pg_get_serial_sequence('rubis.relance', 'relance_id'), %(count)s),
       setval(pg_get_serial_sequence('rubis.activity_event', 'activity_event_id'), 2 * %(count)s);

update rubis.agenda as a
   set next_due_at = rubis.next_due_at(a.organization_id);
