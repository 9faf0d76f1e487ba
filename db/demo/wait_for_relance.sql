-- Days pass, until a moment before the next step of the relance ahead of this invoice: the question
-- before it, or the letter.
update rubis_demo.clock as c
   set ahead = c.ahead + (r.next_look_at - interval '1 second' - rubis.clock())
  from rubis.relance as r
  join rubis.organization as o on o.organization_id = r.organization_id
 where r.invoice_id = %(invoice_id)s and r.status = 'scheduled'
returning to_char(r.next_look_at at time zone o.time_zone, 'YYYY-MM-DD HH24:MI') as next_at;
