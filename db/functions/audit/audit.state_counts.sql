-- Apart from audit.state_map because it reads whole tables.

create view audit.state_counts as
select s.entity, s.status, s.number_of_rows
from (
  select 'import_draft' as entity, d.status, count(*) as number_of_rows
    from rubis.import_draft as d group by d.status
  union all
  select 'invoice', i.status, count(*) from rubis.invoice as i group by i.status
  union all
  select 'checkin_task', t.status, count(*) from rubis.checkin_task as t group by t.status
  union all
  select 'relance', r.status, count(*) from rubis.relance as r group by r.status
  union all
  select 'mail', m.status, count(*) from rubis.mail as m group by m.status
) as s
order by s.entity, s.status;

comment on view audit.state_counts is
  'How many rows of each entity are in each status, '
  'all organizations together. Reads whole tables.';
