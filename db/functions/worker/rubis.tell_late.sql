create or replace function rubis.tell_late(
  p_began_at timestamptz, p_ended_at timestamptz, p_late rubis.late_invoice[]
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Send each user concerned one notice of what was late. A user who got one since the outage began
-- gets no second one, as when ticks and mail fail together.
--   Called by  rubis.note_tick_outage, rubis.note_mail_outage
--   Writes     mail
begin
  perform rubis.add_notice(
    late.organization_id, late.user_id, 'late_notice',
    jsonb_build_object('began_at', p_began_at, 'ended_at', p_ended_at, 'invoices', late.numbers))
    from (
      select i.organization_id, i.user_id, jsonb_agg(i.number order by i.invoice_id) as numbers
        from unnest(p_late) as l
        join rubis.invoice as i
          on i.organization_id = l.organization_id and i.invoice_id = l.invoice_id
       where i.status = 'open'
         and not exists (
           select from rubis.mail as m
            where m.organization_id = i.organization_id and m.user_id = i.user_id
              and m.kind = 'late_notice' and m.created_at >= p_began_at)
       group by i.organization_id, i.user_id) as late;
end;
$$;
comment on function rubis.tell_late(timestamptz, timestamptz, rubis.late_invoice[]) is
  'Mail each user concerned a notice that names the '
  'open invoices whose check-in or relance was late.';
