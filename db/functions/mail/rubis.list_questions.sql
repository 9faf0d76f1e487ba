create or replace function rubis.list_questions(
  p_mail rubis.mail, p_until timestamptz, p_takes text, p_limit int
)
returns bigint[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- List the questions that a mail to a user takes, most overdue first, without a lock. Of a thousand
-- and more only those that are due for longest are looked at.
--   Called by  rubis.begin_questions
  select coalesce(array_agg(l.checkin_task_id order by l.due_on, l.checkin_task_id), '{}')
    from (
      select d.checkin_task_id, i.due_on
        from (
          (select t.checkin_task_id, t.invoice_id from rubis.checkin_task as t
            where t.organization_id = p_mail.organization_id and t.status = 'scheduled'
              and t.scheduled_at <= p_until and p_takes = 'all'
            order by t.scheduled_at limit 1000)
          union
          (select t.checkin_task_id, t.invoice_id from rubis.checkin_task as t
            where t.organization_id = p_mail.organization_id and t.status = 'scheduled'
              and t.scheduled_at <= p_until and t.asked_by_hand and p_takes <> 'none'
            order by t.scheduled_at limit 1000)) as d
        -- offset 0: invoice by invoice, not all of the user's.
       cross join lateral (
         select i.due_on from rubis.invoice as i
          where i.organization_id = p_mail.organization_id and i.invoice_id = d.invoice_id
            and i.user_id = p_mail.user_id and i.status = 'open'
         offset 0) as i
       order by i.due_on, d.checkin_task_id
       limit p_limit) as l;
$$;
comment on function rubis.list_questions(rubis.mail, timestamptz, text, int) is
  'checkin_task_ids of at most p_limit questions due for the user of a mail, most overdue first.';
