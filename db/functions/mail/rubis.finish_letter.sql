create or replace function rubis.finish_letter(p_mail rubis.mail, p_attempt smallint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- The relances of an accepted letter have left, and the next ones are ahead. One that was thought
-- lost and is unconfirmed, scheduled again or cancelled by now is completed too; one that a later
-- attempt has in hand is left to that one.
--   Called by  rubis.finish_mail
--   Writes     relance, activity_event, by rubis.complete_relance
declare
  v_item record;
begin
  for v_item in
    select r as relance, (l.mail_id, l.attempt) = (p_mail.mail_id, p_attempt) as is_latest
      from rubis.mail_item as x
      join rubis.relance as r
        on r.organization_id = x.organization_id and r.relance_id = x.relance_id
     cross join lateral rubis.latest_attempt(x.organization_id, null, x.relance_id) as l
     where x.organization_id = p_mail.organization_id and x.mail_id = p_mail.mail_id
       and x.attempt = p_attempt and x.withdrawn_at is null
     order by x.position
  loop
    if (v_item.relance).status <> 'sent'
      and ((v_item.relance).status <> 'sending' or v_item.is_latest) then
      perform rubis.complete_relance(v_item.relance, rubis.clock(), 'relance_sent');
    end if;
  end loop;
end;
$$;
comment on function rubis.finish_letter(rubis.mail, smallint) is
  'Mark the relances of an accepted letter as sent, and schedule the next ones.';
