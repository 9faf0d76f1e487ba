create or replace function rubis.invoice_acts(p_organization_id bigint, p_invoice_id bigint)
returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- List what a user can do with an invoice now: what the functions behind these acts refuse is not
-- among them. Which moves of the status are legal says rubis.state_transition.
--   Called by  api.show_invoice
declare
  v_invoice rubis.invoice;
  v_status text;
begin
  select i.* into strict v_invoice from rubis.invoice as i
   where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id;
  select t.status::text into v_status from rubis.checkin_task as t
   where t.organization_id = p_organization_id and t.invoice_id = p_invoice_id
   order by t.checkin_task_id desc limit 1;
  return array(
    select a.act
      from (
        select case s.to_status when 'paid' then 'pay' when 'cancelled' then 'cancel'
                 else 'reopen' end as act
          from rubis.state_transition as s
         where s.entity = 'invoice' and s.from_status = v_invoice.status
        union all
        select n.act from unnest(array['change', 'pause', 'ask_now']) as n (act)
         where v_invoice.status = 'open'
        union all
        select case when v_invoice.relances_off then 'include' else 'exclude' end
         where v_invoice.status = 'open'
        union all
        select 'answer'
         where v_invoice.status = 'open' and (
           rubis.takes_answer(v_status)
             or (rubis.said_paid(v_invoice) and v_status <> 'cancelled'))
        union all
        select 'resume' where v_invoice.paused_until is not null
        union all
        select 'undo'
         where rubis.answer_stands(
           rubis.last_answer(p_organization_id, p_invoice_id), v_invoice, true)) as a
     order by a.act);
end;
$$;
comment on function rubis.invoice_acts(bigint, bigint) is
  'What a user can do with an invoice now: answer, ask_now, cancel, change, exclude, include, '
  'pause, pay, reopen, resume, undo.';
