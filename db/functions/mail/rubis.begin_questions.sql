create or replace function rubis.begin_questions(
  p_mail rubis.mail, p_message_id text, p_token_hashes bytea[], p_used int
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Begin a mail of questions: take what is due for the user, or will be within two minutes, so that
-- an evening's typing makes few mails. The most overdue stand first. A question that moved since it
-- was listed is left out, and so is one that is to be planned again and that another holds.
--   Called by  rubis.begin_mail
--   Writes     mail, mail_attempt, mail_item, checkin_task
declare
  v_organization_id bigint := p_mail.organization_id;
  v_until timestamptz := rubis.clock() + interval '2 minutes';
  v_room record;
  v_task_ids bigint[];
  v_invoice_ids bigint[];
  v_locked_ids bigint[];
  v_begun jsonb;
begin
  v_room := rubis.question_room(v_organization_id, p_mail.user_id);
  v_task_ids := rubis.list_questions(p_mail, v_until, v_room.takes, least(
    (select o.questions_per_mail::int from rubis.organization as o
      where o.organization_id = v_organization_id),
    cardinality(p_token_hashes) - p_used));
  v_invoice_ids := array(
    select t.invoice_id from rubis.checkin_task as t
     where t.organization_id = v_organization_id and t.checkin_task_id = any (v_task_ids));
  perform rubis.plan_up_to_date(v_organization_id, v_invoice_ids);
  with invoices as materialized (
    select i.invoice_id from rubis.invoice as i
     where i.organization_id = v_organization_id and i.invoice_id = any (v_invoice_ids)
       and i.status = 'open' and i.user_id = p_mail.user_id
       and i.schedule_version >= (
         select o.schedule_version from rubis.organization as o
          where o.organization_id = v_organization_id)
     order by i.invoice_id
       for no key update skip locked
  ), tasks as (
    select t.checkin_task_id from rubis.checkin_task as t
     where t.organization_id = v_organization_id and t.checkin_task_id = any (v_task_ids)
       and t.status = 'scheduled' and t.scheduled_at <= v_until
       and t.invoice_id in (select i.invoice_id from invoices as i)
     order by t.checkin_task_id
       for no key update skip locked
  )
  select array_agg(
           t.checkin_task_id order by array_position(v_task_ids, t.checkin_task_id::bigint))
    into v_locked_ids from tasks as t;
  if v_locked_ids is null then
    return jsonb_build_object(
      'skip_reason', 'no question is due', 'is_locked', cardinality(v_task_ids) > 0);
  end if;
  v_begun := rubis.begin_user_mail(
    p_mail, p_message_id, v_locked_ids, p_token_hashes, p_used);
  if v_begun ->> 'skip_reason' is null then
    update rubis.checkin_task as t
       set status = 'sending'
     where t.organization_id = v_organization_id and t.checkin_task_id = any (v_locked_ids);
  end if;
  return v_begun;
end;
$$;
comment on function rubis.begin_questions(rubis.mail, text, bytea[], int) is
  'Begin a mail of the questions due for a user: its head and items, or {skip_reason, is_locked}.';
